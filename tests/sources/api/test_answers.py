"""An answer is whole, as long as it may be, and as it was before it was compressed."""

import gzip
import socket
import zlib
from pathlib import Path

import pytest

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.sources.api.connection import connect
from kubectl_meshfix.sources.api.kubeconfig import ClusterOptions
from tests.sources.api.test_connection import (
    Certificates,
    Reply,
    Serve,
    certificates,
    kubeconfig,
    login_plugin,
    needs_openssl,
    only,
    saying,
    serve,
    surroundings,
    to,
)

__all__ = ["certificates", "serve", "surroundings"]

ZIPPED = [("Content-Encoding", "gzip")]
SHORT = gzip.compress(b"x", mtime=0)
TEXT = b"0123456789" * 300
BLOCKS = zlib.compressobj(wbits=31)
SLOWLY_ZIPPED = BLOCKS.compress(TEXT) + BLOCKS.flush(zlib.Z_SYNC_FLUSH) + BLOCKS.flush()
"""The last block holds nothing, as Go's writer leaves it."""


@pytest.mark.parametrize(
    ("body", "headers"),
    [(TEXT, [("X", "y")]), (gzip.compress(TEXT), ZIPPED), (SLOWLY_ZIPPED, ZIPPED)],
    ids=["plain", "zipped", "zipped in blocks"],
)
def test_an_answer_may_be_as_long_as_is_allowed(serve: Serve, body: bytes, headers: list[tuple[str, str]]) -> None:
    """The bytes that come out count, and one more than is allowed is too many; a connection without bounds takes any number."""
    connection = to(serve(lambda _: Reply(200, body, headers)))

    assert connection.get("/").body == TEXT
    assert connection.bounded(0).get("/").body == TEXT
    assert connection.bounded(3000).get("/").body == TEXT
    with pytest.raises(SourceError, match="the answer is too long"):
        connection.bounded(2999).get("/")


def test_what_becomes_long_is_not_unpacked(serve: Serve) -> None:
    """Few bytes may stand for many."""
    body = gzip.compress(b"a" * 1_000_000)
    connection = to(serve(lambda _: Reply(200, body, ZIPPED)))

    assert len(connection.bounded(1_000_000).get("/").body) == 1_000_000
    with pytest.raises(SourceError, match="the answer is too long"):
        connection.bounded(999_999).get("/")


@pytest.mark.parametrize(
    ("body", "headers", "found"),
    [
        (SHORT, [("X", "y")], SHORT),
        (b"x", ZIPPED, b"x"),
        (SHORT, ZIPPED, b"x"),
        (SHORT, [("Content-Encoding", "br")], SHORT),
    ],
    ids=["no header", "not zipped", "zipped", "another header"],
)
def test_what_says_that_it_is_zipped_and_is_gets_unpacked(serve: Serve, body: bytes, headers: list[tuple[str, str]], found: bytes) -> None:
    """A file of gzip is an answer like any other."""
    assert to(serve(lambda _: Reply(200, body, headers))).get("/").body == found


def test_half_of_what_was_zipped_is_damaged(serve: Serve) -> None:
    """Although all that came could be unpacked."""
    body = gzip.compress(b'{"a": 1}')[:-6]

    with pytest.raises(SourceError, match="is damaged: it cannot be decompressed"):
        to(serve(lambda _: Reply(200, body, ZIPPED))).get("/")


@needs_openssl
def test_a_bounded_connection_has_the_same_credentials(serve: Serve, certificates: Certificates, tmp_path: Path) -> None:
    """The plugin does not run once more for it."""
    server = serve(only("t"), tls=certificates.server())
    user = login_plugin(tmp_path, {"token": "t"}, {"token": "other"})
    path = kubeconfig(tmp_path, server.url, user, **{"certificate-authority": certificates.path("ca.crt")})

    assert connect(ClusterOptions(kubeconfig=path)).bounded(10).get("/").status == 200
    assert (tmp_path / "runs").read_text() == "run\n"


@pytest.mark.parametrize(
    ("flag", "seconds", "patience"), [("0", None, None), ("0", 2.0, 2.0), ("5s", None, 5.0), ("5s", 2.0, 2.0), ("1s", 2.0, 1.0)]
)
def test_a_bounded_connection_is_as_patient_as_the_less_patient_one(flag: str, seconds: float | None, patience: float | None) -> None:
    """Of --request-timeout and its own seconds the fewer count."""
    connection = connect(ClusterOptions(server="http://127.0.0.1:1", request_timeout=flag))

    assert connection.bounded(10, seconds=seconds).kubeconfig.timeout == patience


@pytest.mark.parametrize("tries", [1, 2])
def test_a_bounded_connection_tries_as_often_as_it_may(serve: Serve, monkeypatch: pytest.MonkeyPatch, tries: int) -> None:
    """The server is busy all the time."""
    monkeypatch.setattr("kubectl_meshfix.sources.api.connection.time.sleep", lambda _: None)
    server = serve(lambda _: Reply(503))

    with pytest.raises(SourceError):
        to(server).bounded(10, tries=tries).get("/")
    assert len(server.requests) == tries


def test_a_system_that_cannot_probe_connects_all_the_same(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every system has every one of the options of a socket."""
    monkeypatch.delattr(socket, "TCP_KEEPIDLE", raising=False)

    assert to(serve(lambda _: Reply())).get("/").status == 200


def test_a_refused_websocket_needs_no_words() -> None:
    """A refusal without headers and without a body is one."""
    with saying(b"HTTP/1.1 500 Internal Server Error\r\n\r\n") as url, pytest.raises(SourceError) as caught:
        connect(ClusterOptions(server=url)).upgrade("/talk", (), "v4.channel.k8s.io", 2.0)

    assert caught.value.message == "The server answered 500 (Internal Server Error)."
