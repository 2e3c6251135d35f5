"""Waiting for what becomes of a change: real controllers, and pods that a kubelet of our own makes ready. Live only."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.cluster.conftest import Lab
from tests.cluster.kubelet import controlled
from tests.cluster.server import Server, assets
from tests.cluster.test_loop import run

BINARIES = assets()

pytestmark = pytest.mark.skipif(
    BINARIES is None or not (BINARIES / "kube-controller-manager").exists(), reason="needs a kube-controller-manager in KUBEBUILDER_ASSETS"
)

APPLY = ("apply", "-n", "shop", "--scope", "all", "--select", "MF201", "--restart", "--unsafe", "--yes", "--wait")


def is_healthy(pod: Mapping[str, Any]) -> bool:
    """All pods but those that say otherwise once they have a label app."""
    return "sick" not in pod["metadata"].get("annotations", {}) or "app" not in pod["metadata"]["labels"]


@pytest.fixture
def shop(lab: Lab) -> Iterator[Server]:
    """A namespace in a cluster whose controllers work."""
    assert lab.server
    with controlled(lab.server, is_healthy):
        lab.server.kubectl("create", "namespace", "shop")
        yield lab.server


def make(server: Server, kind: str, name: str, annotations: Mapping[str, str] | None = None, **spec: Any) -> None:
    """A workload whose pods lack the label app, with all of its pods there."""
    labels = {"run": name}
    template = {
        "metadata": {"labels": labels, "annotations": annotations or {}},
        "spec": {"containers": [{"name": "app", "image": "app:1"}], "terminationGracePeriodSeconds": 0},
    }
    workload = {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec}
        | ({"serviceName": "x"} if kind == "StatefulSet" else {}),
    }
    server.kubectl("create", "-f", "-", text=json.dumps(workload))
    if (spec.get("updateStrategy") or {}).get("type") != "OnDelete":
        server.kubectl("rollout", "status", f"{kind}/{name}", "-n", "shop", "--timeout=150s")


def pods(server: Server, label: str) -> int:
    """How many pods have a label."""
    return len(json.loads(server.kubectl("get", "pods", "-n", "shop", "-l", label, "-o", "json"))["items"])


def test_done_is_when_the_new_pods_are_there(lab: Lab, shop: Server) -> None:
    """Each kind is followed until its new pods are ready and the findings are gone, a partition as far as it goes; undo the same way."""
    make(shop, "Deployment", "web", replicas=3)
    make(shop, "StatefulSet", "db", replicas=2)
    make(shop, "StatefulSet", "half", replicas=3, updateStrategy={"rollingUpdate": {"partition": 2}})
    make(shop, "DaemonSet", "agent")

    code, _, said = run(lab, *APPLY, "--timeout", "90s")

    assert code == 0, said
    for name in ("deployment.apps/web", "statefulset.apps/db", "daemonset.apps/agent"):
        assert f"{name} in shop: rolled out" in said
        assert f"{name} in shop: MF201 is gone" in said
    assert "statefulset.apps/half in shop: rolled out, except for 2 pods that its partition excludes" in said
    assert pods(shop, "app") == 7

    code, _, said = run(lab, "undo", "--yes", "--wait")

    assert code == 0, said
    assert said.count("rolled out") == 4
    assert pods(shop, "app") == 0


def test_what_does_not_go_on_is_not_waited_for(lab: Lab, shop: Server) -> None:
    """A paused rollout and pods that wait for somebody to delete them are said at once, and count as not rolled out."""
    make(shop, "Deployment", "web")
    shop.kubectl("rollout", "pause", "deployment/web", "-n", "shop")
    make(shop, "StatefulSet", "db", updateStrategy={"type": "OnDelete"})

    code, _, said = run(lab, *APPLY, "--timeout", "0")

    assert code == 1, said
    assert "deployment.apps/web in shop is not rolled out: its rollout is paused" in said
    assert "statefulset.apps/db in shop is not rolled out: its update strategy is OnDelete" in said


def test_pods_that_do_not_come_up(lab: Lab, shop: Server) -> None:
    """After the progress deadline the rollout has failed, for the controller's reason; before it, patience ends with its state."""
    make(shop, "Deployment", "slow", {"sick": "yes"}, progressDeadlineSeconds=600)
    make(shop, "Deployment", "web", {"sick": "yes"}, progressDeadlineSeconds=4)

    code, _, said = run(lab, *APPLY, "--timeout", "12s")

    assert code == 1, said
    assert 'deployment.apps/web in shop is not rolled out: its rollout has exceeded its progress deadline: ReplicaSet "web-' in said
    assert "deployment.apps/slow in shop is not rolled out: 1 old pod still exists" in said
    assert "kubectl meshfix explain deployment/slow -n shop" in said


LIMITS = {
    "apiVersion": "v1",
    "kind": "LimitRange",
    "metadata": {"name": "large", "namespace": "shop"},
    "spec": {"limits": [{"type": "Pod", "min": {"cpu": "1"}}]},
}


def test_pods_that_are_refused(lab: Lab, shop: Server) -> None:
    """Where the API server refuses the new pods, which nobody could foresee, its reason is said while there is still time."""
    make(shop, "Deployment", "web", replicas=2)
    shop.kubectl("create", "-f", "-", text=json.dumps(LIMITS))

    code, _, said = run(lab, *APPLY, "--timeout", "20s")

    assert code == 1, said
    assert "minimum cpu usage per Pod is 1" in said


def test_pods_that_would_be_refused(lab: Lab, shop: Server) -> None:
    """Where a quota has no room for another pod, nothing is rolled out in the first place."""
    make(shop, "Deployment", "web", replicas=2)
    shop.kubectl("create", "quota", "none", "-n", "shop", "--hard=pods=2")
    shop.kubectl("wait", "quota/none", "-n", "shop", "--for=jsonpath={.status.used.pods}=2", "--timeout=60s")

    code, _, said = run(lab, *APPLY)

    assert code == 0, said
    assert "There is nothing to change." in said
    assert "ResourceQuota shop/none has no room for another pod's pods (used: 2 of 2)" in " ".join(said.split())
