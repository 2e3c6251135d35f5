"""A connection behaves as kubectl's does: held against real sockets, certificates and, where it is there, kubectl itself."""

import contextlib
import gzip
import http.server
import os
import random
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import vcr

from kubectl_meshfix import __version__
from kubectl_meshfix.errors import ApiError, ForbiddenError, SourceError, UsageError
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.sources.api import http as wire
from kubectl_meshfix.sources.api.connection import Connection, connect
from kubectl_meshfix.sources.api.kubeconfig import ClusterOptions
from kubectl_meshfix.sources.http_get import getter

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")

DROP, TRUNCATE = b"drop", b"truncate"


@dataclass
class Request:
    """What a client sent. ``headers`` are the lines as they came; ``client`` is the common name of its certificate."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    client: str

    def values(self, name: str) -> list[str]:
        """The values of a header, a line each."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class Reply:
    """What a server sends; ``body`` may be DROP (the connection closes unanswered) or TRUNCATE (half-way)."""

    status: int = 200
    body: bytes = b"{}"
    headers: Sequence[tuple[str, str]] = ()
    after: float = 0.0


Script = Callable[[Request], Reply]


@dataclass
class Loopback:
    """A server on 127.0.0.1 and everything it was asked."""

    url: str
    requests: list[Request] = field(default_factory=list)


class Handler(http.server.BaseHTTPRequestHandler):
    """Records and replies."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    script: Script
    loopback: Loopback

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""

    def handle_any(self) -> None:
        """Any verb."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        peer = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        subject: Any = (peer or {}).get("subject", ())
        client = dict(pair for part in subject for pair in part).get("commonName", "")
        request = Request(self.command, self.path, self.headers.items(), body, client)
        self.loopback.requests.append(request)
        reply = type(self).script(request)
        threading.Event().wait(reply.after)
        if reply.body in (DROP, TRUNCATE):
            if reply.body == TRUNCATE:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers or [("Content-Type", "application/json")]:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(reply.body)

    def do_CONNECT(self) -> None:
        """A tunnel, as an HTTP proxy makes one."""
        self.loopback.requests.append(Request(self.command, self.path, self.headers.items(), b"", ""))
        self.close_connection = True
        with socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2]))) as target:
            self.connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            threading.Thread(target=pump, args=(target, self.connection), daemon=True).start()
            pump(self.connection, target)

    do_GET = do_PATCH = handle_any  # noqa: N815


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Everything from one socket to the other."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)


class Server(http.server.ThreadingHTTPServer):
    """Does not wait for, or complain about, clients that went away."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing."""


Serve = Callable[..., Loopback]


@pytest.fixture
def serve(request: pytest.FixtureRequest) -> Iterator[Serve]:
    """Starts loopback servers: ``serve(script)``, or ``serve(script, tls=context)`` for https."""
    with contextlib.ExitStack() as stack:

        def start(script: Script, tls: ssl.SSLContext | None = None) -> Loopback:
            loopback = Loopback("")
            handler = type("Scripted", (Handler,), {"script": staticmethod(script), "loopback": loopback})
            server = stack.enter_context(Server(("127.0.0.1", 0), handler))
            if tls is not None:
                server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            loopback.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
            stack.callback(server.shutdown)
            return loopback

        yield start


@dataclass
class Certificates:
    """A folder of PEM files: ca, server, expired, elsewhere, client-jane and client-renewed, each .crt and .key."""

    folder: Path

    def path(self, name: str) -> str:
        """The file's path."""
        return str(self.folder / name)

    def text(self, name: str) -> str:
        """The file's PEM."""
        return (self.folder / name).read_text()

    def server(self, name: str = "server") -> ssl.SSLContext:
        """A server's context that asks for client certificates and does without."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(f"{name}.crt"), self.path(f"{name}.key"))
        context.load_verify_locations(self.path("ca.crt"))
        context.verify_mode = ssl.CERT_OPTIONAL
        return context


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Made by openssl, as an authority without key usage, which a strict OpenSSL refuses and Go accepts."""
    folder = tmp_path_factory.mktemp("pki")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test-ca", "-days", "2")
    for name, alternative, days in (
        ("server", "IP:127.0.0.1,DNS:api.test", "2"),
        ("expired", "IP:127.0.0.1", "-1"),
        ("elsewhere", "DNS:elsewhere.test", "2"),
        ("client-jane", "DNS:jane", "2"),
        ("client-renewed", "DNS:renewed", "2"),
    ):
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name.removeprefix('client-')}")
        (folder / f"{name}.ext").write_text(f"subjectAltName={alternative}")
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", days, "-extfile", f"{name}.ext")
        openssl("x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.crt", *signed)
    return Certificates(folder)


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No kubeconfig and no proxy but a test's own."""
    for name in ("KUBECONFIG", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the connection would have slept between tries."""
    slept: list[float] = []
    monkeypatch.setattr("kubectl_meshfix.sources.api.connection.time.sleep", slept.append)
    return slept


def to(server: Loopback, **options: Any) -> Connection:
    """A connection by flags alone."""
    return connect(ClusterOptions(server=server.url, **options))


def kubeconfig(tmp_path: Path, server: str, user: dict[str, Any], **cluster: Any) -> str:
    """A kubeconfig of one context."""
    path = tmp_path / "kubeconfig"
    entries = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "jane"}}],
        "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "jane", "user": user}],
    }
    path.write_bytes(msgspec.json.encode(entries))
    return str(path)


def status(code: int, reason: str, message: str, details: dict[str, Any] | None = None) -> Reply:
    """A metav1.Status as an API server sends it."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason, "code": code}
    return Reply(code, msgspec.json.encode({**body, "details": details or {}}))


def in_turn(*replies: Reply) -> Script:
    """One reply after the other, the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def test_a_request_goes_out_as_it_was_asked_for(serve: Serve) -> None:
    """Method, path below the server's prefix, encoded query, body and content type arrive; the answer comes back raw."""
    server = serve(lambda _: Reply(201, b'{"a": 1}', [("Content-Type", "application/json"), ("X-Two", "a"), ("X-Two", "b")]))
    connection = connect(ClusterOptions(server=f"{server.url}/k8s/clusters/c-1/", namespace="shop"))
    api: Api = connection
    answer = api.request(
        "PATCH", "/api/v1/pods/x", [("dryRun", "All"), ("fieldManager", "a b&c")], body=b"[]", content_type="x/y", accept="z"
    )
    sent = server.requests[0]

    assert (answer.status, answer.body, answer.headers["x-two"], answer.missing) == (201, b'{"a": 1}', "a, b", False)
    assert (sent.method, sent.body) == ("PATCH", b"[]")
    assert sent.path == "/k8s/clusters/c-1/api/v1/pods/x?dryRun=All&fieldManager=a%20b%26c"
    assert (sent.values("content-type"), sent.values("accept")) == (["x/y"], ["z"])
    assert sent.values("user-agent") == [f"kubectl-meshfix/{__version__}"]
    assert (connection.server, connection.context, connection.namespace) == (f"{server.url}/k8s/clusters/c-1", "", "shop")


def test_json_is_spoken_where_nothing_else_is_asked_for(serve: Serve) -> None:
    """In both directions; a request without a body says nothing of one."""
    server = serve(lambda _: Reply())
    connection = to(server)
    connection.get("/a")
    connection.request("PATCH", "/b", body=b"{}")

    assert [(request.values("accept"), request.values("content-type")) for request in server.requests] == [
        (["application/json"], []),
        (["application/json"], ["application/json"]),
    ]


@pytest.mark.parametrize(("is_off", "encoding"), [(False, "gzip"), (True, "identity")])
def test_compression_may_be_done_without(serve: Serve, is_off: bool, encoding: str) -> None:
    """It is asked for by its name."""
    server = serve(lambda _: Reply())
    to(server, disable_compression=is_off).get("/")

    assert server.requests[0].values("accept-encoding") == [encoding]


def test_the_key_of_an_extra_is_escaped_as_a_headers_name(serve: Serve) -> None:
    """What may stand in one stays, all else does not (`headerKeyEscape`)."""
    server = serve(lambda _: Reply())
    to(server, as_user="jane", as_user_extra=("a!#$&'*+-.^_`|~9/%: é=x",)).get("/")

    assert server.requests[0].values("Impersonate-Extra-a!#$&'*+-.^_`|~9%2F%25%3A%20%C3%A9") == ["x"]


def test_every_impersonated_group_is_a_line_of_its_own(serve: Serve) -> None:
    """Groups and extra values are repeated headers, keys are escaped and values are UTF-8, as client-go sends them."""
    server = serve(lambda _: Reply())
    extra = ("scopes=a", "scopes=b,c", "example.com/reason=Gründe")
    to(server, as_user="jané", as_uid="7", as_groups=("dev", "ops"), as_user_extra=extra).get("/")
    sent = server.requests[0]

    assert sent.values("Impersonate-User") == ["jané".encode().decode("latin-1")]
    assert sent.values("Impersonate-Uid") == ["7"]
    assert sent.values("Impersonate-Group") == ["dev", "ops"]
    assert sent.values("Impersonate-Extra-scopes") == ["a", "b,c"]
    assert sent.values("Impersonate-Extra-example.com%2Freason") == ["Gründe".encode().decode("latin-1")]


def test_answers_may_be_compressed_and_never_look_it(serve: Serve) -> None:
    """Gzip is asked for and undone, and neither happens with --disable-compression."""

    def script(request: Request) -> Reply:
        zipped = request.values("accept-encoding") == ["gzip"]
        return Reply(200, gzip.compress(b'{"z": 1}'), [("Content-Encoding", "gzip")]) if zipped else Reply(200, b'{"z": 2}')

    server = serve(script)

    assert to(server).get("/").body == b'{"z": 1}'
    assert to(server, disable_compression=True).get("/").body == b'{"z": 2}'


def test_an_answer_that_does_not_decompress_is_an_error(serve: Serve) -> None:
    """Damaged compression is one sentence with a way out."""
    server = serve(lambda _: Reply(200, b"\x1f\x8bnot gzip", [("Content-Encoding", "gzip")]))

    with pytest.raises(SourceError, match="cannot be decompressed") as caught:
        to(server).get("/")
    assert "--disable-compression" in caught.value.hint


def test_warnings_are_kept_once_each_and_the_servers_clock_is_read(serve: Serve) -> None:
    """Texts of code 299, several to a line and escaped, are collected in order without repeats; Date is the server's time."""
    lines = [("Warning", '299 - "old \\"v1\\"", 299 - "second"'), ("Warning", '299 - "second"'), ("Warning", '199 - "other"')]
    server = serve(lambda _: Reply(headers=lines))
    connection = to(server)
    connection.get("/")
    connection.get("/")

    assert connection.warnings == ('old "v1"', "second")
    assert connection.server_time is not None
    assert abs((datetime.now(UTC) - connection.server_time).total_seconds()) < 10
    assert datetime.fromisoformat(connection.taken_at or "") == connection.server_time


@pytest.mark.parametrize(
    ("replies", "tries", "waits"),
    [
        ([Reply(429, headers=[("Retry-After", "2")]), Reply()], 2, [2.0]),
        ([Reply(503, headers=[("Retry-After", "1")]), Reply(500, headers=[("Retry-After", "3")]), Reply()], 3, [1.0, 3.0]),
        ([Reply(body=DROP), Reply(body=TRUNCATE), Reply()], 3, None),
        ([Reply(503), Reply()], 2, None),
        ([Reply(429, headers=[("Retry-After", "10")]), Reply()], 2, [10.0]),
        ([Reply(429, headers=[("Retry-After", "Mon, 01 Jan 2035 00:00:00 GMT")]), Reply()], 2, None),
        ([Reply(200, headers=[("Retry-After", "2")]), Reply(500)], 1, []),
    ],
)
def test_a_read_is_tried_again_while_the_server_is_busy(
    serve: Serve, naps: list[float], replies: list[Reply], tries: int, waits: list[float] | None
) -> None:
    """429, 503, a named time and a broken connection lead to another try, after the time the server named."""
    server = serve(in_turn(*replies))

    assert to(server).get("/").body == b"{}"
    assert len(server.requests) == tries
    assert naps == waits or (waits is None and all(0 < nap < 2 for nap in naps))


def test_each_wait_is_twice_as_long(serve: Serve, naps: list[float]) -> None:
    """And a little more or less, so that not all who failed come back at once."""
    random.seed(7)
    chance = random.Random(7)
    to(serve(in_turn(Reply(body=DROP), Reply(503), Reply()))).get("/")

    assert naps == pytest.approx([0.4 * chance.uniform(0.75, 1.25), 0.8 * chance.uniform(0.75, 1.25)])


@pytest.mark.parametrize(
    ("method", "reply", "tries"),
    [
        ("GET", status(429, "TooManyRequests", "slow down"), 3),
        ("PATCH", status(429, "TooManyRequests", "slow down"), 3),
        ("GET", Reply(429, headers=[("Retry-After", "11")]), 1),
        ("GET", Reply(499, headers=[("Retry-After", "1")]), 1),
        ("PATCH", Reply(500, headers=[("Retry-After", "1")]), 3),
        ("PATCH", Reply(503), 1),
        ("GET", Reply(500), 1),
        ("PATCH", Reply(body=DROP), 1),
        ("GET", Reply(body=DROP), 3),
    ],
)
def test_trying_again_has_an_end(serve: Serve, naps: list[float], method: str, reply: Reply, tries: int) -> None:
    """Three tries at most, none after a long wait, and no write is repeated that may have happened."""
    server = serve(lambda _: reply)

    with pytest.raises(SourceError):
        to(server).request(method, "/", body=b"{}" if method == "PATCH" else None)
    assert len(server.requests) == tries


@pytest.mark.parametrize(
    ("reply", "kind", "message"),
    [
        (status(409, "Conflict", "the object has been modified"), ApiError, "the object has been modified."),
        (status(403, "Forbidden", 'User "x" cannot list pods'), ForbiddenError, 'User "x" cannot list pods.'),
        (Reply(502, b"<html>", [("Content-Type", "text/html")]), ApiError, "The server answered 502 (Bad Gateway)."),
        (Reply(500, b"boom\nmore", [("Content-Type", "text/plain")]), ApiError, "The server answered 500 (Internal Server Error): boom."),
        (Reply(400, b"HTTP request to an HTTPS server", [("X", "y")]), ApiError, "400 (Bad Request): HTTP request to an HTTPS server."),
        (Reply(200, b"<html>", [("Content-Type", "text/html; charset=utf-8")]), SourceError, "answers with HTML"),
        (Reply(404, b"<html>", [("Content-Type", "text/html")]), SourceError, "answers with HTML"),
        (Reply(302, b"", [("Location", "https://login")]), SourceError, "redirects to https://login."),
        (status(401, "Unauthorized", "Unauthorized"), SourceError, "asks for credentials, and none were sent."),
    ],
)
def test_a_refusal_is_the_servers_own_words(serve: Serve, reply: Reply, kind: type[SourceError], message: str) -> None:
    """A Status gives its message; anything else is told apart as far as it can be."""
    with pytest.raises(SourceError) as caught:
        to(serve(lambda _: reply)).get("/")

    assert type(caught.value) is kind
    assert message in caught.value.message


def test_a_refusals_details_can_be_acted_on(serve: Serve) -> None:
    """Status code, reason and causes of an invalid object are there for a program."""
    causes = {"causes": [{"field": "spec", "message": "wrong"}]}
    with pytest.raises(ApiError) as caught:
        to(serve(lambda _: status(422, "Invalid", "spec: wrong", causes))).get("/")

    assert (caught.value.status, caught.value.reason, caught.value.details) == (422, "Invalid", causes)


def test_what_is_not_there_is_an_answer(serve: Serve) -> None:
    """A 404 for an object is returned, and says that it is one."""
    answer = to(serve(lambda _: status(404, "NotFound", "gone"))).get("/")

    assert (answer.status, answer.missing) == (404, True)


def test_threads_share_a_connection(serve: Serve) -> None:
    """Sixteen requests side by side each get their own answer."""
    server = serve(lambda request: Reply(200, request.path.encode(), after=0.02))
    connection = to(server)
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda number: connection.get(f"/{number}").body, range(16)))

    assert bodies == [f"/{number}".encode() for number in range(16)]


@pytest.mark.parametrize("reply", [Reply(after=0.6), Reply(200, b"x" * 10, after=0.6)])
def test_a_request_timeout_is_kept(serve: Serve, reply: Reply) -> None:
    """A silent server ends the run after --request-timeout, with the flag's name in the message."""
    started = time.monotonic()
    with pytest.raises(SourceError, match=r"did not answer within the 0\.2 s of --request-timeout"):
        to(serve(lambda _: reply), request_timeout="200ms").get("/")

    assert time.monotonic() - started < 0.5


def test_a_slow_answer_counts_as_late_too() -> None:
    """The timeout covers the whole answer, not each piece of it: a drip of bytes does not stretch it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            with contextlib.suppress(OSError), listener.accept()[0] as client:
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                for _ in range(20):
                    client.sendall(b" ")
                    time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(SourceError, match="--request-timeout"):
            connect(ClusterOptions(server=url, request_timeout="300ms")).get("/")


@needs_openssl
def test_a_server_that_never_shakes_hands_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any timeout of the user's, a port that accepts and says nothing still is an answer."""
    monkeypatch.setattr(wire, "CONNECT_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(SourceError, match="accepted a connection and sent no answer"):
            connect(ClusterOptions(server=url)).get("/")


def test_nobody_there_is_said_plainly() -> None:
    """A closed port and an unknown name are sentences with the address and what to check."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(SourceError) as caught:
        connect(ClusterOptions(server=f"https://127.0.0.1:{port}")).get("/")
    assert caught.value.message == f"The API server https://127.0.0.1:{port} cannot be reached: connection refused."
    assert "VPN" in caught.value.hint

    with pytest.raises(SourceError, match=r"The host name of the API server https://no-such\.invalid cannot be resolved\."):
        connect(ClusterOptions(server="https://no-such.invalid")).get("/")


@needs_openssl
@pytest.mark.parametrize(
    ("served", "options", "message", "hint"),
    [
        ("server", {}, "is signed by an authority that this kubeconfig does not trust.", "--certificate-authority"),
        ("expired", {"certificate_authority": "ca.crt"}, "has expired.", "Renew it"),
        ("elsewhere", {"certificate_authority": "ca.crt"}, "is not valid for '127.0.0.1'.", "--tls-server-name"),
        ("server", {"certificate_authority": "ca.crt", "tls_server_name": "x.test"}, "is not valid for 'x.test'.", "--tls-server-name"),
    ],
)
def test_a_certificate_that_does_not_fit_says_why(  # noqa: PLR0917
    serve: Serve, certificates: Certificates, served: str, options: dict[str, str], message: str, hint: str
) -> None:
    """Unknown authority, expiry and a wrong name are three sentences with three ways out."""
    server = serve(lambda _: Reply(), tls=certificates.server(served))
    files = {key: certificates.path(value) if value == "ca.crt" else value for key, value in options.items()}
    with pytest.raises(SourceError) as caught:
        to(server, **files).get("/")

    assert caught.value.message.startswith(f"The certificate of {server.url} ")
    assert message in caught.value.message
    assert hint in caught.value.hint


@needs_openssl
@pytest.mark.parametrize(
    ("served", "options"),
    [
        ("server", {"certificate_authority": "ca.crt"}),
        ("elsewhere", {"certificate_authority": "ca.crt", "tls_server_name": "elsewhere.test"}),
        ("server", {"certificate_authority": "server.crt"}),
        ("expired", {"insecure_skip_tls_verify": True}),
    ],
)
def test_a_certificate_is_trusted_as_kubectl_trusts_it(
    serve: Serve, certificates: Certificates, served: str, options: dict[str, Any]
) -> None:
    """A CA without key usage, another name by --tls-server-name, the server's own certificate as anchor, and none at all."""
    server = serve(lambda _: Reply(), tls=certificates.server(served))
    files = {key: certificates.path(value) if str(value).endswith(".crt") else value for key, value in options.items()}

    assert to(server, **files).get("/").status == 200


@needs_openssl
def test_the_wrong_scheme_is_noticed_either_way(serve: Serve, certificates: Certificates) -> None:
    """Https to a plain port says so; unusable PEM is refused before anything is sent."""
    plain = serve(lambda _: Reply())
    with pytest.raises(SourceError, match="does not speak TLS"):
        connect(ClusterOptions(server=plain.url.replace("http:", "https:"))).get("/")

    server = serve(lambda _: Reply(), tls=certificates.server())
    with pytest.raises(SourceError, match=r"The certificate authority .*ca\.key is not a PEM certificate"):
        to(server, certificate_authority=certificates.path("ca.key"))
    with pytest.raises(SourceError, match="do not belong together"):
        to(server, client_certificate=certificates.path("server.crt"), client_key=certificates.path("ca.key"))


def login_plugin(tmp_path: Path, *statuses: dict[str, str]) -> dict[str, Any]:
    """A user whose plugin prints the next of ``statuses`` each time it runs, and counts in ``runs``."""
    for number, content in enumerate(statuses, 1):
        credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": content}
        (tmp_path / f"credential-{number}").write_bytes(msgspec.json.encode(credential))
    script = tmp_path / "login"
    count = f"echo run >> {tmp_path}/runs; n=$(wc -l < {tmp_path}/runs)"
    last = len(statuses)
    script.write_text(f"#!/bin/sh\n{count}\nexec cat {tmp_path}/credential-$((n > {last} ? {last} : n))\n")
    script.chmod(0o755)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(script), "interactiveMode": "Never"}}


def only(token: str) -> Script:
    """Lets in who shows ``token``."""
    return lambda request: (
        Reply() if request.values("authorization") == [f"Bearer {token}"] else status(401, "Unauthorized", "Unauthorized")
    )


@needs_openssl
def test_a_plugins_token_is_renewed_once_on_a_401(serve: Serve, certificates: Certificates, tmp_path: Path) -> None:
    """Eight threads find the first token refused: the plugin runs once more, not eight times, and all get their answer."""
    user = login_plugin(tmp_path, {"token": "stale"}, {"token": "fresh"}, {"token": "wrong"})
    server = serve(only("fresh"), tls=certificates.server())
    path = kubeconfig(tmp_path, server.url, user, **{"certificate-authority": certificates.path("ca.crt")})
    connection = connect(ClusterOptions(kubeconfig=path))
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: connection.get("/").status, range(8)))

    assert statuses == [200] * 8
    assert (tmp_path / "runs").read_text() == "run\n" * 2


@needs_openssl
def test_credentials_that_stay_refused_end_the_run(serve: Serve, certificates: Certificates, tmp_path: Path) -> None:
    """After one renewal a 401 is final, and says whose credentials they were and who gave them; a fixed token is not retried."""
    server = serve(only("none"), tls=certificates.server())
    authority = {"certificate-authority": certificates.path("ca.crt")}
    path = kubeconfig(tmp_path, server.url, login_plugin(tmp_path, {"token": "a"}), **authority)
    with pytest.raises(SourceError) as caught:
        connect(ClusterOptions(kubeconfig=path)).get("/")
    assert f"of the user 'jane', also after the plugin '{tmp_path}/login' ran again" in caught.value.message
    assert len(server.requests) == 2

    path = kubeconfig(tmp_path, server.url, {"token": "hunter2"}, **authority)
    with pytest.raises(SourceError) as caught:
        connect(ClusterOptions(kubeconfig=path)).get("/")
    assert "rejected the credentials of the user 'jane'" in caught.value.message
    assert "hunter2" not in caught.value.message
    assert len(server.requests) == 3


@needs_openssl
def test_expired_credentials_are_renewed_before_they_are_used(serve: Serve, certificates: Certificates, tmp_path: Path) -> None:
    """A token whose time is over is not even tried."""
    user = login_plugin(tmp_path, {"token": "old", "expirationTimestamp": "2020-01-01T00:00:00Z"}, {"token": "fresh"})
    server = serve(only("fresh"), tls=certificates.server())
    path = kubeconfig(tmp_path, server.url, user, **{"certificate-authority": certificates.path("ca.crt")})

    assert connect(ClusterOptions(kubeconfig=path)).get("/").status == 200
    assert len(server.requests) == 1


@needs_openssl
def test_client_certificates_come_from_files_data_and_plugins(serve: Serve, certificates: Certificates, tmp_path: Path) -> None:
    """The server sees the certificate of the flag, of the kubeconfig's data, and the plugin's, also after it was renewed."""

    def script(request: Request) -> Reply:
        return Reply() if request.client != "jane" or "/first" not in request.path else status(401, "Unauthorized", "Unauthorized")

    server = serve(script, tls=certificates.server())
    authority = {"certificate-authority": certificates.path("ca.crt")}
    pair = {"client_certificate": certificates.path("client-jane.crt"), "client_key": certificates.path("client-jane.key")}
    to(server, certificate_authority=certificates.path("ca.crt"), **pair).get("/flags")
    user: dict[str, Any] = {
        "client-certificate-data": certificates.text("client-jane.crt").encode(),
        "client-key-data": certificates.text("client-jane.key").encode(),
    }
    connect(ClusterOptions(kubeconfig=kubeconfig(tmp_path, server.url, user, **authority))).get("/data")
    issued = [
        {"clientCertificateData": certificates.text(f"client-{name}.crt"), "clientKeyData": certificates.text(f"client-{name}.key")}
        for name in ("jane", "renewed")
    ]
    path = kubeconfig(tmp_path, server.url, login_plugin(tmp_path, *issued), **authority)
    connect(ClusterOptions(kubeconfig=path)).get("/first")

    assert [(request.path, request.client) for request in server.requests] == [
        ("/flags", "jane"),
        ("/data", "jane"),
        ("/first", "jane"),
        ("/first", "renewed"),
    ]
    assert not list(Path(os.environ.get("TMPDIR", "/tmp")).glob("kubectl-meshfix-*"))


@pytest.mark.parametrize("origin", ["environment", "kubeconfig"])
def test_a_proxy_is_used_with_its_password_kept_apart(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    """A request for elsewhere goes to the proxy of the scheme's variable or of proxy-url, with the credentials in a header."""
    proxy = serve(lambda _: Reply())
    url = proxy.url.replace("http://", "http://me:p%40ss@")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    cluster = {"proxy-url": url} if origin == "kubeconfig" else {}
    monkeypatch.setenv("NO_PROXY" if cluster else "http_proxy", "api.test" if cluster else url)
    connect(ClusterOptions(kubeconfig=kubeconfig(tmp_path, "http://api.test:8080", {}, **cluster))).get("/version")

    assert proxy.requests[0].path == "http://api.test:8080/version"
    assert proxy.requests[0].values("proxy-authorization") == ["Basic bWU6cEBzcw=="]


@needs_openssl
def test_tls_goes_through_a_proxy_untouched(serve: Serve, certificates: Certificates, tmp_path: Path) -> None:
    """Through a tunnel the server's certificate is checked for the server, and the proxy sees no token."""
    server, proxy = serve(only("t"), tls=certificates.server()), serve(lambda _: Reply())
    cluster = {"certificate-authority": certificates.path("ca.crt"), "tls-server-name": "api.test", "proxy-url": proxy.url}
    path = kubeconfig(tmp_path, server.url, {"token": "t"}, **cluster)

    assert connect(ClusterOptions(kubeconfig=path)).get("/").status == 200
    assert [request.method for request in proxy.requests] == ["CONNECT"]
    assert "Bearer" not in str(proxy.requests)


@contextlib.contextmanager
def saying(sent: bytes) -> Iterator[str]:
    """The address of a server that answers everything with these bytes, and closes the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    with listener.accept()[0] as client:
                        client.recv(65536)
                        client.sendall(sent)

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (b"SSH-2.0-OpenSSH\r\n", "does not speak HTTP."),
        (b"", "closed the connection without an answer."),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "is incomplete."),
    ],
)
def test_an_answer_that_is_none_is_described(naps: list[float], sent: bytes, message: str) -> None:
    """Another protocol, silence and half an answer are told apart, without a traceback's words."""
    with saying(sent) as url, pytest.raises(SourceError) as caught:
        connect(ClusterOptions(server=url)).get("/")

    assert message in caught.value.message
    assert "'" not in caught.value.message


def test_no_flag_can_smuggle_a_header(serve: Serve) -> None:
    """A line break in a token or a group is refused before anything is sent, and the token is not shown."""
    with pytest.raises(SourceError) as caught:
        connect(ClusterOptions(server="https://127.0.0.1:1", token="hunter2\r\nX: y"))
    assert "hunter2" not in caught.value.message
    with pytest.raises(UsageError, match="control character"):
        connect(ClusterOptions(server="https://127.0.0.1:1", as_user="jane", as_groups=("a\nImpersonate-User: root",)))


def test_a_proxy_that_is_not_there_is_told_from_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed proxy port blames the proxy, without its password."""
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter2@127.0.0.1:1")
    with pytest.raises(SourceError) as caught:
        connect(ClusterOptions(server="https://api.test")).get("/")

    assert caught.value.message == "The proxy for https://api.test refuses the request: connection refused."


@needs_openssl
@needs_kubectl
@pytest.mark.parametrize(
    ("scheme", "options"),
    [
        ("http", {"token": "t", "as_user": "jane"}),
        ("https", {"token": "t", "as_user": "jane", "as_groups": ("dev", "a,b"), "as_uid": "7"}),
        ("https", {"client_certificate": "client-jane.crt", "client_key": "client-jane.key"}),
    ],
)
def test_kubectl_sends_the_same(serve: Serve, certificates: Certificates, scheme: str, options: dict[str, Any]) -> None:
    """For the same flags, kubectl and we show the same certificate, Authorization and Impersonate lines, over TLS and without."""
    server = serve(lambda _: Reply(), tls=certificates.server() if scheme == "https" else None)
    options = {key: certificates.path(value) if str(value).startswith("client-") else value for key, value in options.items()}
    if scheme == "https":
        options["certificate_authority"] = certificates.path("ca.crt")
    spelled = {"as_user": "as", "as_groups": "as-group"}
    flags = [
        f"--{spelled.get(key, key.replace('_', '-'))}={value}"
        for key, values in options.items()
        for value in (values if isinstance(values, tuple) else (values,))
    ]
    subprocess.run(["kubectl", f"--server={server.url}", *flags, "get", "--raw", "/probe"], check=True, capture_output=True, timeout=20)
    to(server, **options).get("/probe")
    theirs, ours = (request for request in server.requests if request.path == "/probe")

    for name in ("Authorization", "Impersonate-User", "Impersonate-Uid", "Impersonate-Group", "Accept-Encoding"):
        assert ours.values(name) == theirs.values(name)
    assert ours.client == theirs.client


def test_a_recording_stands_in_for_the_server(serve: Serve, tmp_path: Path) -> None:
    """What vcrpy recorded is answered without a server, decompressed, with its status and its warnings."""
    headers = [("Content-Encoding", "gzip"), ("Warning", '299 - "old"')]
    server = serve(in_turn(Reply(200, gzip.compress(b'{"a": 1}'), headers), status(403, "Forbidden", "no")))
    cassette = vcr.VCR(decode_compressed_response=True, record_mode="none")
    for mode in ("once", "none"):
        with cassette.use_cassette(str(tmp_path / "cassette.yaml"), record_mode=mode):
            connection = to(server)
            assert connection.get("/a").body == b'{"a": 1}'
            assert connection.warnings == ("old",)
            with pytest.raises(ForbiddenError, match="no"):
                connection.get("/b")

    assert len(server.requests) == 2


def test_a_plain_question_names_a_certificate_that_is_not_accepted(serve: Serve, certificates: Certificates) -> None:
    """Nobody vouches for the authority that signed it; the words are those of the check, not of the library."""
    server = serve(lambda _: Reply(), tls=certificates.server())

    with pytest.raises(SourceError, match=r"^its certificate is not accepted: .*(issuer|self-signed)"):
        getter(server.url, 100, {})("/", ())
