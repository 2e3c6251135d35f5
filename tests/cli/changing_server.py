"""A small API server that also patches and tries: objects with a version each, and a say in every answer it gives."""

import contextlib
import copy
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec

from kubectl_meshfix.documents.patch import Operation, PatchConflictError, patched
from tests.cli.api_server import ISTIO, answer_of, write_kubeconfig


class Asked(NamedTuple):
    """One request: what it was, whether it changes something, and how many there were before it."""

    method: str
    path: str
    counts: bool
    number: int

    @property
    def is_of_one(self) -> bool:
        """Whether it is about one object that can be changed."""
        return self.path.rpartition("/")[0].endswith(("/services", "/deployments", "/pods"))


class Answer(NamedTuple):
    """What the server says."""

    status: int
    body: bytes
    content_type: str = "application/json"


Say = Callable[[Asked, Answer], Answer]
"""The answer that is given in the place of the right one. What the request does is done."""


class Changing:
    """The objects by the plural of their kind, the answer to the next requests, and how many changes were made."""

    def __init__(self, objects: dict[str, Sequence[dict[str, Any]]]) -> None:
        self.objects = {plural: [_kept(item, plural, at) for at, item in enumerate(items)] for plural, items in objects.items()}
        self.say: Say = lambda _asked, answer: answer
        self.changes = 0
        self.kubeconfig = ""
        self._asked = 0
        self._lock = threading.Lock()

    def begin(self, say: Say) -> None:
        """Count requests from 0 again, and answer them so."""
        self.say, self._asked, self.changes = say, 0, 0

    def content(self) -> dict[str, Any]:
        """Every object, without its version."""
        found = copy.deepcopy(self.objects)
        for item in (item for items in found.values() for item in items):
            item["metadata"].pop("resourceVersion")
        return found

    def move(self, plural: str, name: str) -> None:
        """Give an object another version, as a controller does that writes its status."""
        item = next(item for item in self.objects[plural] if item["metadata"]["name"] == name)
        item["metadata"]["resourceVersion"] = str(int(item["metadata"]["resourceVersion"]) + 1)

    @property
    def asked(self) -> int:
        """How many requests there were."""
        return self._asked

    def handle(self, method: str, target: str, body: bytes) -> Answer:
        """One request."""
        url = urlsplit(target)
        query = parse_qs(url.query)
        with self._lock:
            number, self._asked = self._asked, self._asked + 1
            counts = method == "PATCH" and "dryRun" not in query
            status, document = self._done(method, url.path.strip("/").split("/"), query, body, counts=counts)
        return self.say(Asked(method, url.path, counts, number), Answer(status, json.dumps(document).encode()))

    def _done(self, method: str, path: list[str], query: dict[str, list[str]], body: bytes, *, counts: bool) -> tuple[int, Any]:
        if method == "POST":
            pod = json.loads(body)
            pod["metadata"]["name"] = pod["metadata"]["generateName"] + "x"
            return 201, pod
        found = answer_of(path, query, self.objects, ISTIO)
        if found is None:
            return 404, {"kind": "Status", "reason": "NotFound", "message": "not found", "code": 404}
        if method == "PATCH":
            item = next(item for item in self.objects[path[-2]] if item["metadata"]["uid"] == found["metadata"]["uid"])
            try:
                found = patched(item, msgspec.json.decode(body, type=list[Operation]))
            except PatchConflictError as error:
                return 422, {"kind": "Status", "reason": "Invalid", "message": error.message, "code": 422}
            if counts:
                self.changes += 1
                found["metadata"]["resourceVersion"] = str(int(found["metadata"]["resourceVersion"]) + 1)
                item.clear()
                item.update(found)
        return 200, found


def _kept(item: dict[str, Any], plural: str, at: int) -> dict[str, Any]:
    return {**item, "metadata": {**item["metadata"], "uid": f"{plural}-{at}", "resourceVersion": "1"}}


@contextlib.contextmanager
def changing(folder: Path, objects: dict[str, Sequence[dict[str, Any]]]) -> Iterator[Changing]:
    """Serve; ``kubeconfig`` leads there."""
    cluster = Changing(objects)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            answer = cluster.handle(self.command, self.path, self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_PATCH = do_POST = _handle  # noqa: N815 -- the names http.server calls

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    cluster.kubeconfig = write_kubeconfig(folder, server.server_address[1])
    try:
        yield cluster
    finally:
        server.shutdown()
        server.server_close()
