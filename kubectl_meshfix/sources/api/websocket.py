"""A WebSocket to an API server (RFC 6455), for the few requests that HTTP cannot carry. Import it where one is opened."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from websocket import WebSocket, WebSocketBadStatusException, WebSocketException

from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.sources.api.api_errors import UnreachableError
from kubectl_meshfix.sources.api.connection_errors import unreachable
from kubectl_meshfix.sources.api.credentials import Credentials
from kubectl_meshfix.sources.api.http import open_socket
from kubectl_meshfix.sources.api.kubeconfig import Kubeconfig


def open_websocket(  # noqa: PLR0913, PLR0917
    kubeconfig: Kubeconfig,
    credentials: Credentials,
    environ: Mapping[str, str],
    target: str,
    headers: Sequence[tuple[str, str]],
    protocol: str,
    timeout: float,
) -> WebSocket | Response:
    """The open WebSocket, or the answer of a server that does not open one. No redirect is followed.

    Raises UnreachableError where no answer came, and SourceError for unusable certificates and proxies.
    """
    server = urlsplit(kubeconfig.cluster.server)
    lines = [f"{name}: {_as_utf8(value)}" for name, value in headers if name != "Accept-Encoding"]
    if credentials.authorization:
        lines.append(f"Authorization: {credentials.authorization}")
    found = open_socket(kubeconfig, credentials, environ, timeout)
    socket = WebSocket()
    try:
        socket.connect(  # type: ignore[no-untyped-call]
            f"ws://{server.netloc}{server.path}{target}",
            socket=found,
            host=server.netloc,
            header=lines,
            subprotocols=[protocol],
            suppress_origin=True,
            redirect_limit=0,
        )
    except WebSocketBadStatusException as refusal:
        found.close()
        names = {name.lower(): value for name, value in (refusal.resp_headers or {}).items()}
        return Response(refusal.status_code, names, refusal.resp_body or b"")
    except OSError as error:
        found.close()
        raise unreachable(error, kubeconfig) from error
    except WebSocketException as error:
        found.close()
        message = f"{kubeconfig.cluster.server} does not open a WebSocket."
        raise UnreachableError(message, "A proxy in front of the API server may not let WebSockets through.") from error
    return socket


def _as_utf8(value: str) -> str:
    """What ``request_headers`` has put into Latin-1 for http.client; here the text is encoded as it is."""
    return value.encode("latin-1").decode()
