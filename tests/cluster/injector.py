"""A small injector for tests: a TLS server of our own that answers as istiod does, or fails in the ways that istiod can."""

import base64
import json
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

INJECT = "sidecar.istio.io/inject"
IGNORED = ("kube-system", "kube-public", "kube-node-lease", "local-path-storage")
SLOW = 2.5
"""Seconds that the path /slow takes."""


class Injector:
    """The server: ``address`` to call, ``authority`` in PEM to trust, ``config`` to decide by, which a test may change."""

    def __init__(self, address: str, authority: str, stranger: str) -> None:
        self.address, self.authority, self.stranger = address, authority, stranger
        self.config: Mapping[str, Any] = {"policy": "enabled"}

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The response to an admission request, in the order of `injectRequired`."""
        pod, reply = request["object"], {"uid": request["uid"], "allowed": True}
        if not self._wants(pod, request["namespace"]):
            return reply
        annotations = pod["metadata"].get("annotations", {})
        mode = annotations.get("sidecar.istio.io/interceptionMode", "REDIRECT")
        if mode not in ("REDIRECT", "TPROXY", "NONE"):
            message = f"invalid value '{mode}' for annotation 'sidecar.istio.io/interceptionMode': interceptionMode invalid"
            return {**reply, "allowed": False, "status": {"message": message}}
        status = {"sidecar.istio.io/status": '{"containers":["istio-proxy"],"revision":"default"}'}
        patch = [
            {"op": "add", "path": "/metadata/annotations", "value": {**annotations, **status}},
            {"op": "add", "path": "/spec/containers/-", "value": {"name": "istio-proxy", "image": "proxyv2:1.30.0"}},
        ]
        return {**reply, "patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(patch).encode()).decode()}

    def _wants(self, pod: Mapping[str, Any], namespace: str) -> bool:
        if pod["spec"].get("hostNetwork") or namespace in IGNORED:
            return False
        labels, annotations = pod["metadata"].get("labels", {}), pod["metadata"].get("annotations", {})
        word = labels[INJECT] if INJECT in labels else annotations.get(INJECT)
        choice = {"true": True, "false": False}.get(word)
        if choice is None and any(_selects(item, labels) for item in self.config.get("neverInjectSelector", [])):
            choice = False
        elif choice is None and any(_selects(item, labels) for item in self.config.get("alwaysInjectSelector", [])):
            choice = True
        policy = self.config["policy"]
        return policy in ("enabled", "disabled") and (choice if choice is not None else policy == "enabled")


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Label selectors with matchLabels and Exists; an empty one selects nothing."""
    wanted, present = selector.get("matchLabels", {}), [item["key"] for item in selector.get("matchExpressions", [])]
    return bool(wanted or present) and wanted.items() <= labels.items() and set(present) <= labels.keys()


@contextmanager
def serving(folder: Path) -> Iterator[Injector]:
    """Run the server on loopback. Its paths: /inject, /slow, /broken (HTTP 500), /nonsense (no AdmissionReview)."""
    for name in ("injector", "stranger"):
        certify(folder, name)
    server = Silent(("127.0.0.1", 0), _Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "injector.crt", folder / "injector.key")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    texts = ((folder / f"{name}.crt").read_text() for name in ("injector", "stranger"))
    _Handler.injector = injector = Injector(f"https://127.0.0.1:{server.server_port}", *texts)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield injector
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


AUTHORITY = """
[ca]
default_ca = here
[here]
dir = FOLDER
database = $dir/NAME.index
rand_serial = yes
new_certs_dir = $dir
default_md = sha256
policy = any
[any]
commonName = supplied
[extensions]
basicConstraints = critical,CA:TRUE
subjectAltName = IP:127.0.0.1
"""


def certify(folder: Path, name: str) -> None:
    """A certificate for loopback that signs itself, valid from 2020 on: recordings are played back at a time of their own."""
    (folder / f"{name}.index").touch()
    (folder / f"{name}.cnf").write_text(AUTHORITY.replace("FOLDER", str(folder)).replace("NAME", name))
    key, request, certificate = (str(folder / f"{name}.{kind}") for kind in ("key", "csr", "crt"))
    ask = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request]
    sign = ["openssl", "ca", "-batch", "-notext", "-selfsign", "-config", str(folder / f"{name}.cnf"), "-extensions", "extensions"]
    sign += ["-keyfile", key, "-in", request, "-out", certificate, "-startdate", "20200101000000Z", "-enddate", "21200101000000Z"]
    for command in (ask, sign):
        subprocess.run(command, check=True, capture_output=True)


class Silent(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: callers that do not trust us, or wait no longer, hang up."""


class _Handler(BaseHTTPRequestHandler):
    injector: Injector

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["request"]
        path = self.path.partition("?")[0]
        if path == "/slow":
            time.sleep(SLOW)
        if path == "/broken":
            self.send_error(500)
            return
        review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": self.injector.answer(request)}
        body = b"<html>" if path == "/nonsense" else json.dumps(review).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name http.server calls
        """Say nothing."""
