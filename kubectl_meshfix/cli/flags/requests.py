"""The flags of a request, with curl's names where curl has them."""

from typing import Annotated

import typer

from kubectl_meshfix.resources.meta import Struct


class RequestFlags(Struct, frozen=True):
    """What a request says beside its URL."""

    method: Annotated[
        str, typer.Option("-X", "--request", help="The method. Default: GET, and POST for gRPC.", metavar="METHOD", show_default=False)
    ] = ""
    header: Annotated[list[str] | None, typer.Option("-H", "--header", help="A header; repeat for more.", metavar="NAME: VALUE")] = None
    http_version: Annotated[
        str, typer.Option("--http", help="The version of HTTP: 1.0, 1.1 or 2. Default: 1.1, and 2 for gRPC.", metavar="VERSION")
    ] = ""
    sni: Annotated[str, typer.Option("--sni", help="The server name of the caller's own TLS, if not the URL's host.", metavar="HOST")] = ""
    principal: Annotated[
        str,
        typer.Option("--principal", help="The identity that a caller outside presents: cluster.local/ns/NAME/sa/NAME.", metavar="NAME"),
    ] = ""
    jwt_claims: Annotated[
        str,
        typer.Option(
            "--jwt-claims", help="The claims of a valid token, as JSON or a file of it. Never the token itself.", metavar="CLAIMS"
        ),
    ] = ""
    source_ip: Annotated[str, typer.Option("--source-ip", help="The caller's address, for policies with ipBlocks.", metavar="IP")] = ""
