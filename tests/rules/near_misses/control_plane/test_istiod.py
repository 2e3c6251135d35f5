"""What the rules about istiod and its budget say of objects that differ in one thing."""

import pytest

from kubectl_meshfix.mesh.answers import Answers, Proxy
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.control_plane import (
    eviction_forbidden,
    istiod_not_ready,
)
from tests.rules.near_misses.scenes import Change, example, said

NOON = "2026-03-01T12:00:00Z"

# ---------------------------------------------------------------- MF909

OWNER = "{apiVersion: apps/v1, kind: Deployment, name: istiod, controller: true}"


def istiod(conditions: str, ready: int = 1, replicas: int = 2) -> str:
    """An istiod with conditions, and pods of two versions of which one is ready."""
    return f"""
apiVersion: apps/v1
kind: Deployment
metadata:
  name: istiod
  namespace: istio-system
  labels: {{app: istiod, istio.io/rev: default}}
  creationTimestamp: "2026-03-01T11:55:00Z"
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: istiod}}}}
  template:
    metadata: {{labels: {{app: istiod}}}}
    spec: {{containers: [{{name: discovery, image: "istio/pilot:1.31.0"}}]}}
status: {{replicas: {replicas}, readyReplicas: {ready}, conditions: [{conditions}]}}
---
apiVersion: v1
kind: Pod
metadata: {{name: old, namespace: istio-system, ownerReferences: [{OWNER}]}}
spec: {{containers: [{{name: discovery, image: "istio/pilot:1.30.0"}}]}}
---
apiVersion: v1
kind: Pod
metadata: {{name: new, namespace: istio-system, ownerReferences: [{OWNER}]}}
spec: {{containers: [{{name: discovery, image: "istio/pilot:1.31.0"}}]}}
"""


AVAILABLE = "{type: Available, status: 'True'}"
LATE = "{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded}"


@pytest.mark.parametrize(
    ("conditions", "is_told"),
    [
        (f"{AVAILABLE}, {LATE}", True),
        (f"{AVAILABLE}, {LATE.replace('ProgressDeadlineExceeded', 'NewReplicaSetAvailable')}", False),
        (f"{AVAILABLE}, {LATE.replace('Progressing', 'Made')}", False),
        (AVAILABLE, False),
    ],
)
def test_a_rollout_hangs_by_one_condition(conditions: str, is_told: bool) -> None:
    """It is the one about progress, with the reason of a deadline; others stand beside it."""
    found = said(istiod_not_ready.RULE, istiod(conditions), live=True, at=NOON)
    assert [row.path for row in found] == (["/spec/template"] if is_told else [])


@pytest.mark.parametrize(
    ("changes", "effect"),
    [
        ((), "Its pods are of versions 1.30.0 and 1.31.0."),
        ((("pilot:1.30.0", "pilot"),), "Its old pods go on."),
        ((('name: discovery, image: "istio/pilot:1.30.0', 'name: agent, image: "vendor/agent:7'),), "Its old pods go on."),
    ],
)
def test_versions_are_those_of_istiods_own_containers(changes: tuple[Change, ...], effect: str) -> None:
    """An image without a tag has no version, and a container of another name none of istiod's."""
    (found,) = said(istiod_not_ready.RULE, istiod(LATE), *changes, live=True, at=NOON)
    assert found.message == f"The rollout of this istiod hangs: its new pods do not become ready. {effect}"


@pytest.mark.parametrize(("made", "count"), [("11:55:01", 0), ("11:55:00", 1)])
def test_an_istiod_has_five_minutes_to_start(made: str, count: int) -> None:
    """After exactly five minutes it is late."""
    assert len(said(istiod_not_ready.RULE, istiod(AVAILABLE, ready=0), ("11:55:00", made), live=True, at=NOON)) == count


PROXY = """
---
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop, annotations: {sidecar.istio.io/status: '{"revision": "default"}'}}
spec: {containers: [{name: cart}, {name: istio-proxy, image: "istio/proxyv2:1.31.0"}]}
status: {phase: Running, podIP: 10.0.0.7, conditions: [{type: Ready, status: "True"}]}
"""


@pytest.mark.parametrize(
    ("more", "whose"),
    [
        (PROXY, ["1 pod has its proxy"]),
        (PROXY + PROXY.replace("name: cart, namespace", "name: web, namespace"), ["2 pods have its proxies"]),
        (PROXY.replace('"default"', '"canary"'), []),
    ],
)
def test_an_istiod_at_zero_is_missed_by_its_own_proxies(more: str, whose: list[str]) -> None:
    """Those of another revision have their own."""
    found = said(istiod_not_ready.RULE, istiod(AVAILABLE, ready=0, replicas=0) + more, live=True, at=NOON)
    assert [row.message.partition(". ")[0] for row in found] == [f"This istiod is scaled to 0, and {which}" for which in whose]


def test_an_istiod_that_leaves_proxies_is_told_once() -> None:
    """Where proxies were asked, and say that they are connected to none, the rule about them says it."""
    text = istiod(AVAILABLE, ready=0) + PROXY
    cart = Ref(api_version="v1", kind="Pod", namespace="shop", name="cart")
    asked = Answers(is_every_istiod=True, proxies=(Proxy(pod=cart, is_connected=False),))
    assert len(said(istiod_not_ready.RULE, text, live=True, at=NOON)) == 1
    assert not said(istiod_not_ready.RULE, text, live=True, at=NOON, answers=asked)


# ---------------------------------------------------------------- MF910

BUDGET = example(eviction_forbidden.RULE)


@pytest.mark.parametrize(("line", "count"), [("  replicas: 1\n", 1), ("  replicas: 0\n", 0), ("", 0)])
def test_pods_that_nobody_counts_are_evicted_by_nobody(line: str, count: int) -> None:
    """A Deployment that leaves its number to an autoscaler may have several."""
    assert len(said(eviction_forbidden.RULE, BUDGET, ("  replicas: 1\n", line))) == count
