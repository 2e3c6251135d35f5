"""A way to the API server on which things go wrong: answers of its own, requests and answers that get lost, and nobody there."""

import http.client
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from tests.cluster.conftest import Lab
from tests.cluster.injector import Silent, certify
from tests.cluster.server import Server, kubeconfig


class Answer(NamedTuple):
    """An answer that the API server never gave."""

    status: int
    headers: dict[str, str] = {}
    body: bytes = b""


Fault = Answer | Literal["request lost", "answer lost"] | None

Faults = Callable[[str], Fault]
"""What goes wrong with the next patch of an object, by its name."""


class Faulty(Lab):
    """A cluster at the end of that way: the faults of patches, and of their dry runs, and the names of objects that were to be patched.

    While it ``is_gone`` nothing gets through.
    """

    def __init__(self, folder: Path, server: Server, address: str) -> None:
        super().__init__(folder, server)
        self.address = address
        self.faults: Faults = lambda _name: None
        self.rehearsal: Faults = lambda _name: None
        self.patches: list[str] = []
        self.is_gone = False

    def kubeconfig(self, user: str = "admin") -> str:
        """The path of a user's kubeconfig that leads here."""
        path = self.folder / f"faulty-{user}.kubeconfig"
        path.write_text(kubeconfig(self.address, str(self.folder / "proxy.crt"), f"lab-{user}"))
        return str(path)


@contextmanager
def astray(lab: Lab) -> Iterator[Faulty]:
    """Stand between the command and a live API server."""
    assert lab.server
    certify(lab.folder, "proxy")
    server = Silent(("127.0.0.1", 0), _Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(lab.folder / "proxy.crt", lab.folder / "proxy.key")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    _Handler.lab = faulty = Faulty(lab.folder, lab.server, f"https://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield faulty
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lab: Faulty

    def do_GET(self) -> None:
        self._handle()

    def do_PATCH(self) -> None:
        self._handle()

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
        path, _, query = self.path.partition("?")
        fault = self._fault(path.rpartition("/")[2], is_rehearsal="dryRun" in query)
        if isinstance(fault, Answer):
            self._answer(fault)
        elif fault == "request lost":
            self.close_connection = True
        else:
            answer = self._forwarded(body)
            if fault == "answer lost":
                self.close_connection = True
            else:
                self._answer(answer)

    def _fault(self, name: str, *, is_rehearsal: bool) -> Fault:
        if self.lab.is_gone:
            return "request lost"
        if self.command != "PATCH":
            return None
        if is_rehearsal:
            return self.lab.rehearsal(name)
        self.lab.patches.append(name)
        return self.lab.faults(name)

    def _forwarded(self, body: bytes | None) -> Answer:
        assert self.lab.server
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(urlsplit(self.lab.server.address).netloc, context=trusting)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length", "accept-encoding")}
        connection.request(self.command, self.path, body, kept)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return Answer(response.status, {"Content-Type": response.headers.get("Content-Type", "")}, content)

    def _answer(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name http.server calls
        """Say nothing."""
