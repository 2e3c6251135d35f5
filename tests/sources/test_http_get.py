"""Plain questions to a server that a person named."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.sources import http_get
from kubectl_meshfix.sources.http_get import getter


@contextmanager
def answering(body: bytes, status: int = 200, **headers: str) -> Iterator[tuple[str, list[Any]]]:
    """A server with one answer: its address, and the requests that it has heard."""
    heard: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append((self.path, self.headers))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_server_without_a_word_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system has no words for is told in ours; what it has is told in its own."""
    monkeypatch.setattr(http_get, "SILENCE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(SourceError, match=r"^it does not answer$"):
            getter(address, 100, {})("/", ())
    with pytest.raises(SourceError, match=r"^connection refused$"):
        getter(address, 100, {})("/", ())


@pytest.mark.parametrize(("size", "is_taken"), [(0, True), (99, True), (100, True), (101, False), (1000, False)])
def test_an_answer_may_be_as_long_as_is_allowed(size: int, is_taken: bool) -> None:
    """To the last byte, and not one more."""
    with answering(b"x" * size) as (address, _):
        ask = getter(f"http://{address}", 100, {})
        if is_taken:
            assert ask("/", ()) == b"x" * size
        else:
            with pytest.raises(SourceError, match="longer than 100 bytes"):
                ask("/", ())


@pytest.mark.parametrize(
    ("status", "body", "is_taken"),
    [(299, b"x", True), (300, b"x", False), (302, b"x", False), (500, b"x", False), (422, b'{"status":"error"}', True)],
)
def test_only_success_or_a_told_error_is_an_answer(status: int, body: bytes, is_taken: bool) -> None:
    """No redirect is followed; an error that Prometheus tells in its own words is one to read."""
    with answering(body, status, Location="http://127.0.0.1:1/") as (address, heard):
        if is_taken:
            assert getter(f"http://{address}", 100, {})("/", ()) == body
        else:
            with pytest.raises(SourceError, match=f"HTTP {status}"):
                getter(f"http://{address}", 100, {})("/", ())
        assert len(heard) == 1


def test_credentials_of_the_address_are_sent_and_not_in_the_path() -> None:
    """Decoded, as a header, below the path of the address; without credentials there is no such header."""
    with answering(b"x") as (address, heard):
        getter(f"http://me:p%40ss@{address}/prom/", 100, {})("/api", [("query", "a b")])
        getter(f"http://{address}", 100, {})("/api", ())

    assert heard[0][0] == "/prom/api?query=a%20b"
    assert heard[0][1]["Authorization"] == "Basic bWU6cEBzcw=="
    assert "Authorization" not in heard[1][1]


def test_the_last_cause_is_told() -> None:
    """As the system says it in small letters; what has no words of the system is told as it is."""

    def caused(error: BaseException, cause: BaseException | None = None, context: BaseException | None = None) -> BaseException:
        error.__cause__, error.__context__ = cause, context
        return error

    refused = ConnectionRefusedError(111, "Connection refused")
    rows = [
        (refused, "connection refused"),
        (caused(ValueError("a"), refused), "connection refused"),
        (caused(ValueError("a"), None, refused), "connection refused"),
        (caused(ValueError("a"), refused, ValueError("b")), "connection refused"),
        (caused(ValueError("a"), caused(ValueError("b"), None, refused)), "connection refused"),
        (ValueError("a"), "a"),
        (OSError("a"), "a"),
        (TimeoutError(), "it does not answer"),
        (TimeoutError(110, "Connection timed out"), "connection timed out"),
    ]

    assert [http_get._plain(error) for error, _ in rows] == [words for _, words in rows]
