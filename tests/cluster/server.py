"""A real kube-apiserver for a test: etcd and the server on loopback, from KUBEBUILDER_ASSETS (envtest's convention)."""

import json
import os
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from kubectl_meshfix.resources.kinds import KINDS

USERS = "lab-admin,admin,1,system:masters\nlab-viewer,viewer,2,viewers\nlab-nobody,nobody,3,\n"
"""Tokens: an administrator, and two users without any role."""


def assets() -> Path | None:
    """The folder with etcd, kube-apiserver and kubectl; None where there is none, and recordings take its place."""
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    return Path(folder) if folder else None


class Server:
    """A running API server: its folder holds a kubeconfig a user, ``admin.kubeconfig`` and so on."""

    def __init__(self, binaries: Path, folder: Path, address: str) -> None:
        self.binaries, self.folder, self.address = binaries, folder, address

    def kubeconfig(self, user: str = "admin") -> Path:
        """A user's kubeconfig, written once: several programs may read it at the same time."""
        path = self.folder / f"{user}.kubeconfig"
        if not path.exists():
            path.write_text(kubeconfig(self.address, str(self.folder / "certs" / "apiserver.crt"), f"lab-{user}"))
        return path

    def kubectl(self, *arguments: str, text: str = "") -> str:
        """What kubectl prints, as the administrator."""
        done = self._kubectl(arguments, text)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def try_kubectl(self, *arguments: str) -> str:
        """What kubectl says against it; empty where it succeeds."""
        return self._kubectl(arguments, "").stderr

    def _kubectl(self, arguments: Sequence[str], text: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.binaries / "kubectl"), "--kubeconfig", str(self.kubeconfig()), *arguments]
        return subprocess.run(command, input=text, text=True, check=False, capture_output=True)

    def load(self, *paths: Path) -> None:
        """Create or update the objects of manifests."""
        self.kubectl("apply", "--server-side", "--force-conflicts", *(word for path in paths for word in ("-f", str(path))))


def kubeconfig(address: str, authority: str, token: str) -> str:
    """A kubeconfig of one user."""
    cluster = {"server": address} | ({"certificate-authority": authority} if authority else {})
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "lab", "cluster": cluster}],
            "users": [{"name": "user", "user": {"token": token}}],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "user"}}],
            "current-context": "lab",
        }
    )


@contextmanager
def running(binaries: Path, folder: Path) -> Iterator[Server]:
    """Start etcd and kube-apiserver, wait until they are ready, stop them afterwards."""
    etcd_port, peer_port, api_port = free_port(), free_port(), free_port()
    (folder / "tokens.csv").write_text(USERS)
    subprocess.run(["openssl", "genrsa", "-out", str(folder / "sa.key"), "2048"], check=True, capture_output=True)
    etcd = [
        *(str(binaries / "etcd"), "--data-dir", str(folder / "etcd"), "--unsafe-no-fsync", "--log-level", "error"),
        *("--listen-client-urls", f"http://127.0.0.1:{etcd_port}", "--advertise-client-urls", f"http://127.0.0.1:{etcd_port}"),
        *("--listen-peer-urls", f"http://127.0.0.1:{peer_port}", "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer_port}"),
        *("--initial-cluster", f"default=http://127.0.0.1:{peer_port}"),
    ]
    server = [
        *(str(binaries / "kube-apiserver"), "--etcd-servers", f"http://127.0.0.1:{etcd_port}", "--secure-port", str(api_port)),
        *("--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1", "--service-cluster-ip-range", "10.0.0.0/16"),
        *("--cert-dir", str(folder / "certs"), "--token-auth-file", str(folder / "tokens.csv"), "--authorization-mode", "RBAC"),
        *("--service-account-key-file", str(folder / "sa.key"), "--service-account-signing-key-file", str(folder / "sa.key")),
        *("--service-account-issuer", "https://kubernetes.default.svc", "--disable-admission-plugins", "ServiceAccount"),
    ]
    log = (folder / "server.log").open("wb")
    processes = [subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL) for command in (etcd, server)]
    try:
        started = Server(binaries, folder, f"https://127.0.0.1:{api_port}")
        _await(started)
        started.kubectl("apply", "--server-side", "-f", "-", text=definitions())
        started.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
        yield started
    finally:
        for process in processes:  # a server that is asked to stop waits a minute for its watchers, and nothing of it is kept
            process.kill()
        for process in processes:
            process.wait()
        log.close()


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _await(server: Server) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    request = urllib.request.Request(f"{server.address}/readyz", headers={"Authorization": "Bearer lab-admin"})
    for _ in range(240):
        with suppress(OSError), urllib.request.urlopen(request, context=context, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.25)
    raise RuntimeError((server.folder / "server.log").read_text()[-2000:])


def definitions() -> str:
    """CustomResourceDefinitions that take anything, for every kind that does not come with the server."""
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    items = []
    for kind in (kind for kind in KINDS if not kind.builtin):
        versions = [
            {"name": version, "served": True, "storage": version == kind.versions[0], "schema": {"openAPIV3Schema": anything}}
            for version in kind.versions
        ]
        names = {"plural": kind.plural, "singular": kind.singular, "kind": kind.kind, "listKind": f"{kind.kind}List"}
        annotations = {"api-approved.kubernetes.io": "unapproved, for tests"} if kind.group.endswith("k8s.io") else {}
        items.append(
            {
                "apiVersion": "apiextensions.k8s.io/v1",
                "kind": "CustomResourceDefinition",
                "metadata": {"name": kind.resource, "annotations": annotations},
                "spec": {"group": kind.group, "scope": "Namespaced", "names": names, "versions": versions},
            }
        )
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
