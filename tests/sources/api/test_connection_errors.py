"""Why no answer came, in words, for the exceptions that urllib3 and the sockets below it raise."""

import errno
import http.client
import socket
import ssl
import zlib
from typing import Any

import pytest
from urllib3 import exceptions
from urllib3.connection import HTTPConnection

from kubectl_meshfix.sources.api.connection_errors import unreachable
from kubectl_meshfix.sources.api.kubeconfig import Kubeconfig
from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster, User

SERVER = "https://api.example:6443"
POOL: Any = None
CONNECTION = HTTPConnection("api.example")


def kubeconfig(timeout: float | None = None, name: str = "") -> Kubeconfig:
    """A kubeconfig of one server."""
    cluster = Cluster(server=SERVER, tls_server_name=name)
    return Kubeconfig(context="blue", namespace="shop", cluster=cluster, user_name="me", user=User(), timeout=timeout)


def refused(number: int, message: str = "") -> ssl.SSLCertVerificationError:
    """A certificate that was not accepted."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = number, message
    return error


def tls(reason: str) -> ssl.SSLError:
    """A failed handshake, as Python tells it."""
    error = ssl.SSLError(1, f"[SSL: {reason}] {reason.lower()} (_ssl.c:1006)")
    error.reason = reason
    return error


def nameless() -> ssl.SSLError:
    """A failed handshake of which OpenSSL names no reason."""
    error: Any = ssl.SSLError(1, "x")
    error.reason = None
    return error  # type: ignore[no-any-return]


REFUSED = OSError(errno.ECONNREFUSED, "Connection refused")
UNREACHABLE = OSError(errno.ENETUNREACH, "Network is unreachable")


def wrapped(cause: Exception | None = None, context: Exception | None = None) -> Exception:
    """An error that another led to: said to be its cause, or met on the way."""
    error = ValueError("wrapped")
    error.__cause__, error.__context__ = cause, context
    return error


@pytest.mark.parametrize(
    ("error", "words", "dropped"),
    [
        (
            exceptions.ProxyError("p", OSError(errno.ECONNREFUSED, "Connection refused")),
            f"The proxy for {SERVER} refuses the request: connection refused.",
            False,
        ),
        (
            exceptions.NameResolutionError("api.example", CONNECTION, socket.gaierror(-2, "unknown")),
            f"The host name of the API server {SERVER} cannot be resolved.",
            False,
        ),
        (exceptions.ConnectTimeoutError(CONNECTION, "x"), f"The API server {SERVER} did not accept a connection in time.", False),
        (exceptions.ReadTimeoutError(POOL, "/", "x"), f"The API server {SERVER} accepted a connection and sent no answer.", False),
        (TimeoutError(), f"The API server {SERVER} accepted a connection and sent no answer.", False),
        (exceptions.DecodeError("x"), f"The answer of {SERVER} is damaged: it cannot be decompressed.", False),
        (zlib.error("x"), f"The answer of {SERVER} is damaged: it cannot be decompressed.", False),
        (exceptions.ProtocolError("x", http.client.IncompleteRead(b"")), f"The answer of {SERVER} is incomplete.", True),
        (exceptions.ProtocolError("x", http.client.RemoteDisconnected("")), f"{SERVER} closed the connection without an answer.", True),
        (exceptions.ProtocolError("x", http.client.BadStatusLine("x")), f"The server at {SERVER} does not speak HTTP.", False),
        (
            exceptions.ProtocolError("x", OSError(errno.ECONNRESET, "Connection reset by peer")),
            f"The connection to {SERVER} broke: x",
            True,
        ),
        (
            ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
            f"The connection to {SERVER} broke: connection reset by peer.",
            True,
        ),
        (ConnectionResetError(), f"The connection to {SERVER} broke: ConnectionResetError.", True),
        (ssl.SSLError(), f"The TLS handshake with {SERVER} failed: SSLError.", False),
        (exceptions.SSLError(), f"The TLS handshake with {SERVER} failed: SSLError.", False),
        (nameless(), f"The TLS handshake with {SERVER} failed: x.", False),
        (tls("PEER_DID_NOT_RETURN_A_CERTIFICATE"), f"The TLS handshake with {SERVER} failed: peer did not return a certificate.", False),
        (ssl.SSLEOFError(8, "EOF"), f"The connection to {SERVER} broke during the TLS handshake.", True),
        (refused(10), f"The certificate of {SERVER} has expired.", False),
        (refused(9), f"The certificate of {SERVER} is not valid yet.", False),
        *(
            (refused(number), f"The certificate of {SERVER} is signed by an authority that this kubeconfig does not trust.", False)
            for number in (2, 18, 19, 20, 21)
        ),
        *((refused(number), f"The certificate of {SERVER} is not valid for 'api.example'.", False) for number in (62, 63, 64)),
        (refused(23, "certificate revoked"), f"The certificate of {SERVER} is not accepted: certificate revoked.", False),
        (
            tls("TLSV13_ALERT_CERTIFICATE_REQUIRED"),
            f"The API server {SERVER} refuses the client certificate: tlsv13 alert certificate required.",
            False,
        ),
        (tls("TLSV1_ALERT_INTERNAL_ERROR"), f"The TLS handshake with {SERVER} failed: tlsv1 alert internal error.", False),
        *(
            (tls(reason), f"The server at {SERVER} does not speak TLS.", False)
            for reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
        ),
        (exceptions.SSLError(tls("HTTP_REQUEST")), f"The server at {SERVER} does not speak TLS.", False),
        (ValueError("(something: strange.)"), f"The request to {SERVER} failed: strange.", False),
        (ValueError(), f"The request to {SERVER} failed: ValueError.", False),
    ],
)
def test_each_failure_has_its_sentence(error: Exception, words: str, dropped: bool) -> None:
    """With the server's address, in the system's own words where it has some, and a hint what to do; a broken connection is one."""
    found = unreachable(error, kubeconfig())

    assert found.message.startswith(words)
    assert found.message.endswith(".")
    assert found.hint
    assert found.dropped is dropped


def test_a_timeout_that_was_asked_for_is_named() -> None:
    """The seconds of the flag, as they were written."""
    found = unreachable(exceptions.ReadTimeoutError(POOL, "/", "x"), kubeconfig(timeout=2.5))

    assert found.message == f"The API server {SERVER} did not answer within the 2.5 s of --request-timeout."


def test_the_name_that_was_asked_for_is_the_one_that_is_not_valid() -> None:
    """That of --tls-server-name where it is given."""
    assert "'other.example'" in unreachable(refused(62), kubeconfig(name="other.example")).message


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "network is unreachable"),
        (OSError("no number"), "no number"),
        (OSError(99999, "a number that nobody knows"), "a number that nobody knows"),
        (OSError(), "OSError"),
        (socket.gaierror(-3, "Temporary failure in name resolution"), "temporary failure in name resolution"),
        (OSError(errno.ECONNRESET, ""), "ConnectionResetError"),
        (tls("BAD_SIGNATURE"), "TLS: bad signature"),
        (nameless(), "x"),
        (wrapped(cause=REFUSED), "connection refused"),
        (wrapped(context=REFUSED), "connection refused"),
        (wrapped(cause=REFUSED, context=UNREACHABLE), "connection refused"),
        (wrapped(cause=wrapped(context=UNREACHABLE)), "network is unreachable"),
        (wrapped(), "wrapped"),
    ],
)
def test_a_cause_is_told_in_the_systems_own_words(cause: Exception, words: str) -> None:
    """Without its number; where it has none, or no words, what there is."""
    assert unreachable(exceptions.ProxyError("p", cause), kubeconfig()).message == f"The proxy for {SERVER} refuses the request: {words}."
