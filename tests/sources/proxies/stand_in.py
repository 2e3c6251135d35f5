"""A stand-in API server on loopback: lists of objects, pods that are reached by pods/proxy, and port-forward over a real WebSocket.

It speaks what a kubelet speaks (`k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go`), and notes every request.
"""

import base64
import hashlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from kubectl_meshfix.resources import kinds
from kubectl_meshfix.sources.api.cluster_options import ClusterOptions
from kubectl_meshfix.sources.api.connection import Connection, connect

ANSWERS = Path(__file__).parents[2] / "recordings" / "proxies"
"""What a real istiod 1.31 and its proxies answered."""

SILENT = b"silent"
"""In place of an answer: none ever comes."""

CUT = b"cut"
"""In place of an answer: the connection breaks."""

Port = Callable[[str], bytes | tuple[int, bytes]]
"""What a port of a pod answers to a path with its query: a body, or a status and a body."""


class StandIn:
    """The server's state. ``pods`` are ports by ``namespace/name:port``; ``refused`` are resources that may not be read."""

    def __init__(self) -> None:
        self.address = ""
        self.pods: dict[str, Port] = {}
        self.objects: list[Mapping[str, Any]] = []
        self.refused: set[str] = set()
        self.requests: list[str] = []
        self.delay = 0.0
        self.forwarding: Callable[[WebSocketEnd, bytes | tuple[int, bytes]], None] = answer_whole
        self.is_over = threading.Event()

    def connection(self) -> Connection:
        """A connection to it."""
        return connect(ClusterOptions(server=self.address, kubeconfig="/dev/null"), {})

    def kubeconfig(self, folder: Path) -> str:
        """A kubeconfig that leads to it."""
        path = folder / "stand-in.kubeconfig"
        entries = {
            "clusters": [{"name": "lab", "cluster": {"server": self.address}}],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": ""}}],
        }
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "lab", "users": [], **entries}))
        return str(path)


class WebSocketEnd:
    """The server's end of a WebSocket."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self._handler = handler

    def send(self, channel: int, data: bytes) -> None:
        """One message."""
        message = bytes([channel]) + data
        head = bytes([0x82]) + (bytes([len(message)]) if len(message) < 126 else b"\x7f" + struct.pack(">Q", len(message)))
        self._handler.wfile.write(head + message)

    def send_empty(self) -> None:
        """A message without a channel."""
        self._handler.wfile.write(b"\x82\x00")

    def close(self) -> None:
        """Say that it is over."""
        self._handler.wfile.write(b"\x88\x02\x03\xe8")

    def reset(self) -> None:
        """Break off without a word."""
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._handler.connection.close()

    def receive(self) -> bytes:
        """The payload of a message."""
        length = self._handler.rfile.read(2)[1] & 0x7F
        if length >= 126:
            length = int.from_bytes(self._handler.rfile.read(2 if length == 126 else 8), "big")
        mask = self._handler.rfile.read(4)
        return bytes(byte ^ mask[at % 4] for at, byte in enumerate(self._handler.rfile.read(length)))


def answer_whole(end: WebSocketEnd, found: bytes | tuple[int, bytes]) -> None:
    """An HTTP answer in messages of at most 1000 bytes, as a kubelet cuts a stream anywhere."""
    status, body = found if isinstance(found, tuple) else (200, found)
    text = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body
    for at in range(0, len(text), 1000):
        end.send(0, text[at : at + 1000])


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """A server for as long as it is needed."""
    state = StandIn()

    class Handler(_Handler):
        lab = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    lab: StandIn

    def log_message(self, *words: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, urlsplit(self.path).query
        self.lab.requests.append(f"{self.command} {unquote(self.path)}")
        time.sleep(self.lab.delay)
        found = re.fullmatch(r"/api/v1/namespaces/([^/]+)/pods/([^/:]+)(?::(\d+))?/(proxy|portforward)(/.*)?", path)
        if not found:
            self._list(path)
        elif f"pods/{found[4]}" in self.lab.refused:
            verb = f'User "jane" cannot get resource "pods/{found[4]}" in API group "" in the namespace "{found[1]}"'
            self._status(403, f'pods "{found[2]}" is forbidden: {verb}')
        elif found[4] == "portforward":
            self._forward(f"{found[1]}/{found[2]}:{query.removeprefix('ports=')}")
        else:
            self._proxy(f"{found[1]}/{found[2]}:{found[3]}", f"{found[5]}?{query}")

    def _list(self, path: str) -> None:
        if path == "/apis":
            groups: dict[str, set[str]] = {}
            for row in kinds.KINDS:
                if row.group:
                    groups.setdefault(row.group, set()).update(row.versions)
            versions = [{"name": group, "versions": [{"version": one} for one in sorted(found)]} for group, found in groups.items()]
            return self._send(200, json.dumps({"kind": "APIGroupList", "groups": versions}).encode(), "application/json")
        found = re.fullmatch(r"/(?:api/v1|apis/([^/]+)/[^/]+)(?:/namespaces/([^/]+))?/([^/]+)(?:/([^/]+))?", path)
        named = (row for row in kinds.KINDS if found and (row.group, row.plural) == (found[1] or "", found[3]))
        kind = next(named, None)
        if not found or not kind:
            return self._status(404, "the server could not find the requested resource")
        if kind.plural in self.lab.refused:
            return self._status(
                403, f'{kind.plural} is forbidden: User "jane" cannot list resource "{kind.plural}" in API group "{kind.group}"'
            )
        items = [item for item in self.lab.objects if item["kind"] == kind.kind and _is_in(item, found[2], found[4])]
        if found[4]:
            return self._send(200, json.dumps(items[0]).encode(), "application/json") if items else self._status(404, "not found")
        return self._send(200, json.dumps({"kind": f"{kind.kind}List", "metadata": {}, "items": items}).encode(), "application/json")

    def _proxy(self, place: str, target: str) -> None:
        if place not in self.lab.pods:
            return self._status(503, "error trying to reach service: dial tcp 10.244.0.9:15020: connect: connection refused")
        found = self.lab.pods[place](target)
        if found == SILENT:
            self.lab.is_over.wait(30)
        elif found == CUT:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nistio_build")
            self.close_connection = True
        else:
            status, body = found if isinstance(found, tuple) else (200, found)
            self._send(status, body, "text/plain")
        return None

    def _forward(self, place: str) -> None:
        key = self.headers["Sec-WebSocket-Key"].encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key).digest()).decode())
        self.send_header("Sec-WebSocket-Protocol", self.headers["Sec-WebSocket-Protocol"])
        self.end_headers()
        end = WebSocketEnd(self)
        port = struct.pack("<H", int(place.rpartition(":")[2]))
        end.send(0, port)
        end.send(1, port)
        request = end.receive()
        target = request[1:].decode().split(" ")[1]
        self.lab.requests[-1] += f" → {request[1:].decode().split(' ')[0]} {target}"
        if place in self.lab.pods:
            found = self.lab.pods[place](target)
            if found == SILENT:
                self.lab.is_over.wait(30)
            elif found != CUT:
                self.lab.forwarding(end, found)
        else:
            end.send(1, b'error forwarding port 15000 to pod 97be, uid : failed to connect to localhost:15000 inside namespace "97be": '
                        b"IPv4: dial tcp4 127.0.0.1:15000: connect: connection refused ")  # fmt: skip
        self.close_connection = True

    def _status(self, code: int, message: str) -> None:
        reason = {403: "Forbidden", 404: "NotFound", 503: "ServiceUnavailable"}[code]
        body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason, "code": code}
        self._send(code, json.dumps(body, separators=(",", ":")).encode(), "application/json")

    def _send(self, code: int, body: bytes, content_type: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _is_in(item: Mapping[str, Any], namespace: str | None, name: str | None) -> bool:
    metadata = item["metadata"]
    return namespace in (None, metadata.get("namespace")) and name in (None, metadata["name"])


def proxied_pod(name: str, namespace: str = "shop", app: str = "", env: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """A running pod with a sidecar."""
    container = {"name": "istio-proxy", "image": "docker.io/istio/proxyv2:1.31.0", "env": list(env)}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": app or name}},
        "spec": {"containers": [{"name": "app", "image": "app"}, container]},
        "status": {"phase": "Running", "podIP": "10.244.0.9", "conditions": [{"type": "Ready", "status": "True"}]},
    }


def istiod_pod(name: str = "istiod-1", *, is_ready: bool = True) -> dict[str, Any]:
    """An istiod's pod."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "istio-system", "labels": {"app": "istiod"}},
        "spec": {"containers": [{"name": "discovery", "image": "docker.io/istio/pilot:1.31.0"}]},
        "status": {
            "phase": "Running",
            "podIP": "10.244.0.2",
            "conditions": [{"type": "Ready", "status": "True" if is_ready else "False"}],
        },
    }


def istiod_deployment() -> dict[str, Any]:
    """An istiod's Deployment."""
    template = {"metadata": {"labels": {"app": "istiod"}}, "spec": istiod_pod()["spec"]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "istiod", "namespace": "istio-system"},
        "spec": {"template": template},
    }
