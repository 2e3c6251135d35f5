"""``trace``: what happens to one request, before anybody sends it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.asking import ProxiesOnTheWay
from kubectl_meshfix.cli.flags.fitting import must_suit_source
from kubectl_meshfix.cli.flags.formats.traces import TraceFormat
from kubectl_meshfix.cli.flags.manner import MannerFlags
from kubectl_meshfix.cli.flags.options import ConnectionFlags, SourceFlags
from kubectl_meshfix.cli.flags.repeating import of_connection, of_request, of_source
from kubectl_meshfix.cli.flags.requests import RequestFlags
from kubectl_meshfix.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from kubectl_meshfix.cli.work.tracing import Traced

_HINT = "For example: kubectl meshfix trace deploy/cart http://catalog.shop/items"


def trace(
    connection: ConnectionFlags,
    where: SourceFlags,
    manner: MannerFlags,
    asked: RequestFlags,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FROM URL",
            help="Who calls (deploy/NAME, pod/NAME, gateway/NAME, NAMESPACE/SERVICEACCOUNT, outside), and what: http://…, https://…, "
            "grpc://…, or HOST:PORT for TCP. With --matrix: the kinds of callers.",
        ),
    ] = None,
    matrix: Annotated[
        bool,
        typer.Option("--matrix", help="Trace from each workload to each Service, and show who reaches whom.", show_default=False),
    ] = False,
    proxies: ProxiesOnTheWay = "",
    output: Annotated[TraceFormat, typer.Option("-o", "--output", help="Output format.")] = TraceFormat.TREE,
) -> None:
    """Say what happens to a request: which objects decide on its way, and what the caller gets.

    No request is sent. Predicts from the objects of the current context, or from manifests with -f; with -f and --context, from manifests
    as if they were applied to that cluster.

    The exit code is 0 if the request arrives, 1 if it does not or may not, 2 for errors.
    """
    from kubectl_meshfix.cli.work.naming import named  # noqa: PLC0415 -- asking for help reads no file

    manner.begin()
    _, where = named("trace", (), where)
    must_suit_source(connection, where)
    if where.selector and not matrix:
        raise UsageError("-l chooses callers for --matrix.", "Leave it out, or add --matrix.")
    if proxies and (matrix or where.filename):
        raise UsageError("--proxies asks the proxies of a cluster about one request.", "Leave out --proxies, or -f and --matrix.")
    if matrix:
        from kubectl_meshfix.cli.work.matrices import answer_matrix  # noqa: PLC0415 -- few runs want one

        everyone = answer_matrix(words or (), connection, where, asked, output, manner.screen())
        raise typer.Exit(ExitCode.OK if everyone else ExitCode.FINDINGS)
    if len(words or ()) != 2:
        raise UsageError("trace takes two words: who calls, and the URL.", _HINT)
    caller, url = words or ("", "")
    found = _traced(caller, url, connection, where, asked, proxies=proxies)
    commands = _commands(found, [url, *of_request(asked)], [*of_source(where), *of_connection(connection)])
    console.answer(_rendered(found, commands, output, manner))
    raise typer.Exit(ExitCode.OK if all(item.trace.arrives for item in found) else ExitCode.FINDINGS)


def _traced(
    caller: str, url: str, connection: ConnectionFlags, where: SourceFlags, asked: RequestFlags, *, proxies: str
) -> "Sequence[Traced]":
    from kubectl_meshfix.cli.work.asking import wanted_proxies  # noqa: PLC0415
    from kubectl_meshfix.cli.work.tracing import read, traces  # noqa: PLC0415 -- asking for help loads no rule
    from kubectl_meshfix.traffic.trace.callers import parse_caller  # noqa: PLC0415
    from kubectl_meshfix.traffic.trace.urls import parse_request  # noqa: PLC0415

    name, wanted = parse_caller(caller), wanted_proxies(proxies, alone=False)
    request = parse_request(
        url,
        method=asked.method,
        headers=asked.header or (),
        version=asked.http_version,
        sni=asked.sni,
        principal=asked.principal,
        claims=_claims(asked.jwt_claims),
        source_ip=asked.source_ip,
    )
    source, namespace = read(connection, where)
    return traces(source, name, request, namespace, proxies=wanted)


def _claims(text: str) -> str:
    """Claims as they stand in the flag, or in the file that it names."""
    if not text or text.lstrip().startswith("{"):
        return text
    path = Path(text)
    try:
        if not path.is_file():
            return text
    except (OSError, ValueError):
        return text
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UsageError("The file of --jwt-claims cannot be read as text.", "Name a JSON file, or write the claims themselves.") from error


def _commands(found: "Sequence[Traced]", asked: Sequence[str], flags: Sequence[str]) -> Sequence[Sequence[str]]:
    from kubectl_meshfix.cli.work.tracing import advice  # noqa: PLC0415

    return [advice(item, flags, asked) for item in found]


def _rendered(found: "Sequence[Traced]", commands: Sequence[Sequence[str]], output: TraceFormat, manner: MannerFlags) -> str:
    from kubectl_meshfix.render.text import machine  # noqa: PLC0415
    from kubectl_meshfix.render.trace import document, mermaid, terminal  # noqa: PLC0415

    rows = [(item.trace, item.findings, lines) for item, lines in zip(found, commands, strict=True)]
    match output:
        case TraceFormat.JSON:
            return machine.as_json(document.document(rows))
        case TraceFormat.YAML:
            return machine.as_yaml(document.document(rows))
        case TraceFormat.MERMAID:
            return mermaid.mermaid([item.trace for item in found])
        case TraceFormat.HTML:
            from kubectl_meshfix.cli.environment import now  # noqa: PLC0415
            from kubectl_meshfix.render.trace import html  # noqa: PLC0415

            return html.html(rows, f"{now():%Y-%m-%d %H:%M} UTC")
        case TraceFormat.TREE:
            parts = [
                f"{item.beside}:\n" * (len(found) > 1)
                + terminal.tree(*row[:2], () if manner.quiet else row[2], manner.screen(), verbose=manner.verbose > 0)
                for item, row in zip(found, rows, strict=True)
            ]
            return "\n".join(parts)
