"""A small API server: lists of what it is given, by the plural of their kind, and single objects of them."""

import contextlib
import json
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ISTIO = ("networking.istio.io",)
"""The API group that a cluster with Istio has."""

Objects = Mapping[str, Sequence[Mapping[str, Any]]]


@contextlib.contextmanager
def serving(
    folder: Path, objects: Objects, *, groups: Sequence[str] = ISTIO, forbidden: Collection[str] = (), namespace: str = ""
) -> Iterator[str]:
    """Serve, and give the path of a kubeconfig whose context "lab" leads there. Objects are as the API has them.

    ``forbidden`` are plurals of kinds that may not be read.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer a list, an object, discovery, or the version."""
            url = urlsplit(self.path)
            if set(url.path.split("/")) & set(forbidden):
                self._send(403, {"kind": "Status", "reason": "Forbidden", "message": "not for you", "code": 403})
                return
            found = answer_of(url.path.strip("/").split("/"), parse_qs(url.query), objects, groups)
            self._send(200 if found else 404, found or {"kind": "Status", "reason": "NotFound", "message": "not found"})

        def _send(self, code: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield write_kubeconfig(folder, server.server_address[1], namespace)
    finally:
        server.shutdown()
        server.server_close()


def write_kubeconfig(folder: Path, port: int, namespace: str = "") -> str:
    """The path of a kubeconfig whose context "lab" leads to a port of this machine."""
    context = {"cluster": "lab", "user": "", **({"namespace": namespace} if namespace else {})}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "lab", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "contexts": [{"name": "lab", "context": context}],
        "current-context": "lab",
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(document))
    return str(path)


def answer_of(path: list[str], query: Mapping[str, list[str]], objects: Objects, groups: Sequence[str]) -> dict[str, Any] | None:
    """What an API server with these objects has at a path; None where there is nothing."""
    match path:
        case ["version"]:
            return {"gitVersion": "v1.33.1"}
        case ["apis"]:
            builtin = ("apps", "batch", "admissionregistration.k8s.io")
            return {"groups": [{"name": name, "versions": [{"version": "v1"}]} for name in (*builtin, *groups)]}
        case ["api", _, *rest] | ["apis", _, _, *rest]:
            namespace, rest = (rest[1], rest[2:]) if rest[0] == "namespaces" and len(rest) > 2 else ("", rest)
        case _:
            return None
    found = [item for item in objects.get(rest[0], ()) if namespace in ("", item["metadata"].get("namespace"))]
    if len(rest) > 1:
        return next((dict(item) for item in found if item["metadata"]["name"] == rest[1]), None)
    _, _, name = query.get("fieldSelector", [""])[0].partition("metadata.name=")
    found = [item for item in found if item["metadata"]["name"] == name] if name else found
    wanted = dict(pair.split("=") for pair in query.get("labelSelector", [""])[0].split(",") if pair)
    return {"metadata": {}, "items": [item for item in found if wanted.items() <= item["metadata"].get("labels", {}).items()]}
