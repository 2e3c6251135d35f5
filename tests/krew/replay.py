"""A server that gives the answers of a recorded kube-apiserver again, over TLS."""

import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import yaml

Question = tuple[str, tuple[tuple[str, str], ...]]


@contextmanager
def playing(recording: Path, certificate: Path, key: Path, authorization: str) -> Iterator[str]:
    """The address of a server that answers each GET as it was answered first; 401 without ``authorization``."""
    answers = _answers(recording)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = answers.get(_question(self.path), (404, b"{}"))
            if self.headers.get("Authorization") != authorization:
                status, body = 401, b"{}"
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    certificate, key = folder / "server.crt", folder / "server.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=it"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


def _question(uri: str) -> Question:
    parts = urlsplit(uri)
    return parts.path, tuple(sorted(parse_qsl(parts.query)))


def _answers(recording: Path) -> dict[Question, tuple[int, bytes]]:
    rows = yaml.load(recording.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["interactions"]
    found: dict[Question, tuple[int, bytes]] = {}
    for row in rows:
        if row["request"]["method"] == "GET":
            answer = (row["response"]["status"]["code"], json.dumps(row["response"]["body"]).encode())
            found.setdefault(_question(row["request"]["uri"]), answer)
    return found
