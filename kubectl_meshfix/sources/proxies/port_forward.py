"""GET from a pod's own loopback address, over the port-forward of the API server.

The protocol is `v4.channel.k8s.io` (`k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go`): the first byte of a message is its
channel, 0 for data and 1 for an error in words; the first message of each is the port. No side can say that it has sent all, so HTTP's
own length ends an answer.
"""

import http.client
import io
import socket
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from websocket import ABNF, WebSocketConnectionClosedException, WebSocketException

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.proxies.questions import Question

if TYPE_CHECKING:
    from websocket import WebSocket

    from kubectl_meshfix.sources.api.connection import Connection

PROTOCOL = "v4.channel.k8s.io"
DATA, ERROR = 0, 1

_BROKEN = "the connection broke before the answer was complete"


def get(connection: "Connection", pod: Ref, question: Question) -> bytes:
    """The body of a 200. Raises SourceError with half a sentence where there is none, and as ``Connection.request`` where it is refused.

    Needs `create` on pods/portforward, and `get`, which is what a WebSocket's first request is (`pkg/registry/core/pod/rest`).
    """
    end = time.monotonic() + question.seconds
    path = f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/portforward"
    channel = connection.upgrade(path, [("ports", str(question.port))], PROTOCOL, question.seconds)
    # A read that gets a byte now and then never times out by itself.
    alarm = threading.Timer(max(0.0, end - time.monotonic()), _cut, [channel])
    alarm.daemon = True
    alarm.start()
    try:
        query = f"?{urlencode(question.query)}" if question.query else ""
        lines = f"GET {question.path}{query} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        channel.send_binary(bytes([DATA]) + lines.encode())
        return _answer(channel, question)
    except (WebSocketException, http.client.HTTPException, OSError, SourceError) as error:
        raise SourceError(_why(error, question, is_late=time.monotonic() >= end)) from error
    finally:
        alarm.cancel()
        channel.shutdown()  # type: ignore[no-untyped-call]


def _answer(channel: "WebSocket", question: Question) -> bytes:
    answer = http.client.HTTPResponse(_AsSocket(channel, question.port))  # type: ignore[arg-type]
    answer.begin()
    if answer.status != 200:
        raise SourceError(f"port {question.port} answers with HTTP {answer.status}")
    body = answer.read(question.largest + 1)
    if len(body) > question.largest:
        raise SourceError(f"its answer is longer than {question.largest} bytes")
    if answer.length:
        raise SourceError(_BROKEN)
    return body


def _cut(channel: "WebSocket") -> None:
    if channel.sock is not None:
        channel.sock.shutdown(socket.SHUT_RDWR)


def _why(error: Exception, question: Question, *, is_late: bool) -> str:
    match error:
        case _ if is_late:
            return f"it did not answer within {question.seconds:g} s"
        case SourceError():
            return error.message
        case WebSocketConnectionClosedException() | http.client.RemoteDisconnected() | http.client.IncompleteRead():
            return _BROKEN
        case http.client.HTTPException():
            return f"what answers at port {question.port} does not speak HTTP"
        case _:
            return f"the connection broke: {error}"


def _refused(words: str, port: int) -> str:
    """What the container runtime says, without its own addresses and names."""
    if "connection refused" in words:
        return f"nothing listens on port {port}"
    return f"port {port} cannot be reached: {words.strip().rpartition(': ')[2]}"


class _AsSocket:
    """What http.client reads an answer from."""

    def __init__(self, channel: "WebSocket", port: int) -> None:
        self._stream = _Stream(channel, port)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._stream)


class _Stream(io.RawIOBase):
    """The data channel as bytes. An error in words ends it as a SourceError."""

    def __init__(self, channel: "WebSocket", port: int) -> None:
        self._channel, self._port, self._left = channel, port, b""
        self._opened: set[int] = set()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._left:
            try:
                frame, message = self._channel.recv_data()
            except WebSocketConnectionClosedException:
                return 0
            if frame == ABNF.OPCODE_CLOSE:
                return 0
            kind, rest = message[0] if message else -1, message[1:]
            if kind not in self._opened:
                self._opened.add(kind)  # the port, as two bytes
            elif kind == DATA:
                self._left = rest
            elif kind == ERROR and rest:
                raise SourceError(_refused(rest.decode(errors="replace"), self._port))
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count
