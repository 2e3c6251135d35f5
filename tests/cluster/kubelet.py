"""The parts of a cluster that make pods run: the real kube-controller-manager, and a kubelet as small as it can be."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from kubectl_meshfix.cli.flags.connecting import connected
from kubectl_meshfix.cli.flags.options import ConnectionFlags
from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.resources.api import Api
from tests.cluster.server import Server

NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "tiny", "labels": {"kubernetes.io/hostname": "tiny"}},
    "status": {"conditions": [{"type": "Ready", "status": "True"}], "allocatable": {"pods": "110"}},
}

MERGE = "application/merge-patch+json"

Healthy = Callable[[Mapping[str, Any]], bool]
"""Whether a pod, as JSON, becomes ready."""


@contextmanager
def controlled(server: Server, is_healthy: Healthy = lambda _pod: True) -> Iterator[None]:
    """Controllers at work, and pods that run as soon as they are there: each is bound, made ready if it is healthy, and let go."""
    server.kubectl("create", "-f", "-", text=json.dumps(NODE))
    command = [str(server.binaries / "kube-controller-manager"), "--kubeconfig", str(server.kubeconfig()), "--leader-elect=false"]
    command += ["--secure-port=0", f"--service-account-private-key-file={server.folder / 'sa.key'}"]
    log = (server.folder / "controllers.log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    over = threading.Event()
    api = connected(ConnectionFlags(kubeconfig=str(server.kubeconfig())))
    thread = threading.Thread(target=_run, args=(api, is_healthy, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=10)
        process.terminate()
        process.wait(timeout=20)
        log.close()


def _run(api: Api, is_healthy: Healthy, over: threading.Event) -> None:
    while not over.wait(0.3):
        with suppress(SourceError):
            for pod in json.loads(api.get("/api/v1/pods").body)["items"]:
                with suppress(SourceError):  # somebody else was faster
                    _step(api, pod, is_healthy)


def _step(api: Api, pod: Mapping[str, Any], is_healthy: Healthy) -> None:
    path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"
    if "deletionTimestamp" in pod["metadata"]:
        api.request("DELETE", path, [("gracePeriodSeconds", "0")])
    elif "nodeName" not in pod["spec"]:
        binding = {"metadata": {"name": pod["metadata"]["name"]}, "target": {"kind": "Node", "name": "tiny"}}
        api.request("POST", f"{path}/binding", body=json.dumps({"apiVersion": "v1", "kind": "Binding", **binding}).encode())
    elif pod["status"].get("phase") != "Running":
        ready = {"type": "Ready", "status": str(is_healthy(pod)), "lastTransitionTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        status = {"status": {"phase": "Running", "conditions": [ready]}}
        api.request("PATCH", f"{path}/status", body=json.dumps(status).encode(), content_type=MERGE)
