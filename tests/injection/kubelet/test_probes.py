"""Probes that reach a proxy as they are: which of a pod's containers are told of."""

from typing import Any

import pytest

from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.injection.kubelet.probes import inspect_probes
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Object
from tests.injection.scenes import cluster, event, pod, template

RESET = 'Readiness probe failed: Get "http://10.0.0.9:{}/": read: connection reset by peer'
RUNNING: dict[str, Any] = {"running": {}}
WAITING: dict[str, Any] = {"waiting": {"reason": "CrashLoopBackOff"}}
PORT = 8080


def found(status: dict[str, Any], *events: Object, annotations: dict[str, str] | None = None) -> list[Any]:
    """The outcome and the state of each step about a pod whose one container has a probe and a status."""
    container = {"name": "cart", "image": "cart:1", "readinessProbe": {"httpGet": {"port": PORT}}}
    made = pod(template(annotations=annotations, containers=[container]), injected=True, states={"cart": status})
    assert isinstance(made, Pod)
    return [(step.outcome, step.args.get("state")) for step in inspect_probes(cluster(made, *events), made)]


@pytest.mark.parametrize(
    ("is_ready", "restarts", "state", "said"),
    [
        (True, 0, RUNNING, None),
        (True, 1, RUNNING, None),
        (True, 2, RUNNING, "restarted 2 times"),
        (False, 0, RUNNING, "not ready"),
        (False, 1, RUNNING, "restarted 1 times"),
        (False, 0, WAITING, None),
        (False, 1, WAITING, None),
        (False, 2, WAITING, "restarted 2 times"),
    ],
)
def test_a_container_that_is_not_well_may_be_so_by_its_probe(
    is_ready: bool, restarts: int, state: dict[str, Any], said: str | None
) -> None:
    """One restart alone happens for many reasons, and what does not run has another one to be not ready."""
    status = {"ready": is_ready, "restartCount": restarts, "state": state}

    assert found(status) == ([(checks.PROBES_DIRECT, said)] if said else [])


@pytest.mark.parametrize(
    ("message", "is_closed"),
    [
        (RESET.format(PORT), True),
        (f'Readiness probe failed: Get "http://10.0.0.9:{PORT}/": EOF', True),
        (f"error reading server preface: {PORT} :{PORT}", True),
        (f"Readiness probe failed: HTTP probe failed with statuscode: 500 :{PORT}", False),
        (RESET.format(9090), False),
    ],
)
def test_kubelet_says_that_the_proxy_closed_the_connection(message: str, is_closed: bool) -> None:
    """Of the port that is probed, and as its events word it."""
    outcome = checks.PROBES_CLOSED if is_closed else checks.PROBES_DIRECT
    status = {"ready": False, "restartCount": 0, "state": RUNNING}

    assert [item for item, _ in found(status, event("Unhealthy", message))] == [outcome]
    assert [item for item, _ in found(status, event("Failed", message))] == [checks.PROBES_DIRECT]


def test_a_healthy_container_has_no_complaint() -> None:
    """An event of the time before it was ready says nothing of now; after a restart it does."""
    closed = event("Unhealthy", RESET.format(PORT))

    assert found({"ready": True, "restartCount": 0}, closed) == []
    assert [item for item, _ in found({"ready": True, "restartCount": 1}, closed)] == [checks.PROBES_CLOSED]


def test_a_port_that_passes_the_proxy_by_is_not_in_question() -> None:
    """Excluded from redirection, a probe reaches its container."""
    status = {"ready": False, "restartCount": 3, "state": RUNNING}

    assert found(status, annotations={"traffic.sidecar.istio.io/excludeInboundPorts": str(PORT)}) == []
    assert found(status, annotations={"traffic.sidecar.istio.io/excludeInboundPorts": "9090"}) != []
