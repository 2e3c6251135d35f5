"""A WebSocket to an API server: the same credentials, certificates and proxies as any other request, and the same errors."""

import base64
import hashlib
import socket
from pathlib import Path
from typing import Any

import pytest

from kubectl_meshfix.errors import ApiError, ForbiddenError, SourceError
from kubectl_meshfix.sources.api.connection import Connection, connect
from kubectl_meshfix.sources.api.kubeconfig import ClusterOptions
from tests.sources.api.test_connection import (
    Certificates,
    Reply,
    Request,
    Script,
    Serve,
    certificates,
    kubeconfig,
    login_plugin,
    needs_openssl,
    serve,
    status,
    surroundings,
    to,
)

__all__ = ["certificates", "serve", "surroundings"]

HELLO = b"\x82\x05hello"
"""A message."""


def greeting(request: Request) -> Reply:
    """Opens the WebSocket and says hello."""
    key = request.values("sec-websocket-key")[0].encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    headers = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key).digest()).decode()),
        ("Sec-WebSocket-Protocol", request.values("sec-websocket-protocol")[0]),
    ]
    return Reply(101, HELLO, headers)


def only(token: str) -> Script:
    """Greets who shows ``token``."""
    return lambda request: (
        greeting(request) if request.values("authorization") == [f"Bearer {token}"] else status(401, "Unauthorized", "Unauthorized")
    )


def first_message(connection: Connection) -> bytes:
    """What the server says first."""
    found = connection.upgrade("/talk", [("ports", "15014")], "v4.channel.k8s.io", 5.0)
    _, message = found.recv_data()
    found.shutdown()  # type: ignore[no-untyped-call]
    return bytes(message)


@needs_openssl
def test_a_plugins_token_is_renewed_on_a_401(serve: Serve, certificates: Certificates, tmp_path: Path) -> None:
    """The request goes over TLS with the plugin's token; where that is refused, the plugin runs once more."""
    user = login_plugin(tmp_path, {"token": "stale"}, {"token": "fresh"}, {"token": "wrong"})
    server = serve(only("fresh"), tls=certificates.server())
    path = kubeconfig(tmp_path, server.url, user, **{"certificate-authority": certificates.path("ca.crt")})

    assert first_message(connect(ClusterOptions(kubeconfig=path))) == b"hello"
    assert [(request.method, request.path) for request in server.requests] == [("GET", "/talk?ports=15014")] * 2
    assert (tmp_path / "runs").read_text() == "run\n" * 2


@needs_openssl
def test_a_plugin_does_not_run_again_for_what_is_not_allowed(serve: Serve, certificates: Certificates, tmp_path: Path) -> None:
    """Another token is one of the same user."""
    server = serve(lambda _: status(403, "Forbidden", "no"), tls=certificates.server())
    path = kubeconfig(
        tmp_path, server.url, login_plugin(tmp_path, {"token": "a"}), **{"certificate-authority": certificates.path("ca.crt")}
    )

    with pytest.raises(ForbiddenError):
        first_message(connect(ClusterOptions(kubeconfig=path)))
    assert len(server.requests) == 1
    assert (tmp_path / "runs").read_text() == "run\n"


@needs_openssl
def test_an_expired_token_is_not_tried(serve: Serve, certificates: Certificates, tmp_path: Path) -> None:
    """The plugin is asked for another first."""
    user = login_plugin(tmp_path, {"token": "old", "expirationTimestamp": "2020-01-01T00:00:00Z"}, {"token": "fresh"})
    server = serve(only("fresh"), tls=certificates.server())
    path = kubeconfig(tmp_path, server.url, user, **{"certificate-authority": certificates.path("ca.crt")})

    assert first_message(connect(ClusterOptions(kubeconfig=path))) == b"hello"
    assert len(server.requests) == 1


@pytest.mark.parametrize("secret", ["", "me:p%40ss@"])
def test_a_plain_server_is_reached_through_a_tunnel_too(serve: Serve, tmp_path: Path, secret: str) -> None:
    """A proxy passes on requests, and a WebSocket is none; who asks is told to the proxy alone."""
    server, proxy = serve(greeting), serve(lambda _: Reply(500))
    path = kubeconfig(tmp_path, server.url, {}, **{"proxy-url": proxy.url.replace("http://", f"http://{secret}")})

    assert first_message(connect(ClusterOptions(kubeconfig=path))) == b"hello"
    assert [(request.method, request.path) for request in proxy.requests] == [("CONNECT", server.url.removeprefix("http://"))]
    assert proxy.requests[0].values("proxy-authorization") == (["Basic bWU6cEBzcw=="] if secret else [])
    assert [request.path for request in server.requests] == ["/talk?ports=15014"]
    assert server.requests[0].values("proxy-authorization") == []


@needs_openssl
def test_a_client_certificate_is_shown_through_a_proxy(serve: Serve, certificates: Certificates, tmp_path: Path) -> None:
    """A tunnel of the kubeconfig's proxy leads to the server, which sees the user's certificate and trusts in it."""
    server, proxy = serve(greeting, tls=certificates.server()), serve(lambda _: Reply())
    user = {"client-certificate": certificates.path("client-jane.crt"), "client-key": certificates.path("client-jane.key")}
    cluster: dict[str, Any] = {"certificate-authority": certificates.path("ca.crt"), "proxy-url": proxy.url}
    path = kubeconfig(tmp_path, server.url, user, **cluster)

    assert first_message(connect(ClusterOptions(kubeconfig=path))) == b"hello"
    assert [request.method for request in proxy.requests] == ["CONNECT"]
    assert [request.client for request in server.requests] == ["jane"]


@needs_openssl
def test_a_server_that_is_not_trusted_gets_nothing(serve: Serve, certificates: Certificates) -> None:
    """A certificate of an unknown authority ends it before anything is sent."""
    server = serve(greeting, tls=certificates.server())

    with pytest.raises(SourceError, match="signed by an authority that this kubeconfig does not trust"):
        first_message(to(server))
    assert server.requests == []


def test_a_connection_is_probed_while_nothing_is_said(serve: Serve) -> None:
    """One that a firewall forgot ends within a minute, on systems that can."""
    found = to(serve(greeting)).upgrade("/talk", (), "v4.channel.k8s.io", 5.0)
    tcp: Any = found.sock
    options = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
    there = {name: value for name, value in options.items() if hasattr(socket, name)}

    assert tcp.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert tcp.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert {name: tcp.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in there} == there
    found.shutdown()  # type: ignore[no-untyped-call]


def test_headers_are_those_of_any_request(serve: Serve) -> None:
    """Who is impersonated is told in UTF-8, and no compression and no origin is spoken of."""
    server = serve(greeting)

    first_message(to(server, as_user="jané", as_groups=("a", "b")))

    (request,) = server.requests
    assert request.values("impersonate-user")[0].encode("latin-1").decode() == "jané"
    assert request.values("impersonate-group") == ["a", "b"]
    assert request.values("sec-websocket-protocol") == ["v4.channel.k8s.io"]
    assert (request.values("origin"), request.values("accept-encoding")) == ([], [])


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (status(403, "Forbidden", 'pods "x" is forbidden: User "jane" cannot get'), ForbiddenError, "cannot get"),
        (status(400, "BadRequest", "pod x does not have a host assigned"), ApiError, "does not have a host assigned"),
        (status(404, "NotFound", 'pods "x" not found'), ApiError, "does not serve /talk"),
        (Reply(302, b"", [("Location", "http://127.0.0.1:1/login")]), SourceError, "does not open a WebSocket"),
        (Reply(200, b"<html>", [("Content-Type", "text/html")]), SourceError, "answers with HTML"),
        (Reply(body=b"drop"), SourceError, "WebSocket|broke|closed"),
        (status(401, "Unauthorized", "Unauthorized"), SourceError, "asks for credentials, and none were sent"),
    ],
)
def test_a_refusal_is_a_sentence(serve: Serve, reply: Reply, error: type[Exception], words: str) -> None:
    """Whatever is answered in place of a WebSocket is the error that any other request would give; nothing is followed or repeated."""
    server = serve(lambda _: reply)

    with pytest.raises(error, match=words):
        first_message(to(server))
    assert len(server.requests) == 1


def test_a_redirect_leads_nowhere(serve: Serve) -> None:
    """Another server would get what is meant for this one."""
    other = serve(greeting)
    server = serve(lambda _: Reply(302, b"", [("Location", other.url.replace("http:", "ws:"))]))

    with pytest.raises(SourceError, match="does not open a WebSocket"):
        first_message(to(server))
    assert other.requests == []
