"""Which DaemonSets are Istio's agents, and where they are missing."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.node_agents import is_agent, is_cni, is_ztunnel, lacking
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.workloads import DaemonSet
from tests.injection.installations import decoded

CNI = {"k8s-app": "istio-cni-node"}
INSTALLER: list[dict[str, Any]] = [{"name": "helper"}, {"name": "install-cni"}]
PROXY: list[dict[str, Any]] = [{"name": "helper"}, {"name": "istio-proxy", "args": ["proxy", "ztunnel"]}]


def daemons(labels: dict[str, str], containers: list[dict[str, Any]], kind: str = "DaemonSet") -> Any:
    """A DaemonSet whose pods get labels."""
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    metadata = {"name": "agent", "namespace": "istio-system"}
    return decoded({"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": {"template": template}})


@pytest.mark.parametrize(
    ("labels", "containers", "cni", "ztunnel"),
    [
        (CNI, INSTALLER, True, False),
        ({"app.kubernetes.io/name": "istio-cni"}, INSTALLER, True, False),
        ({"k8s-app": "calico-node"}, INSTALLER, False, False),
        (CNI, [{"name": "helper"}], False, False),
        (CNI, [], False, False),
        ({"app": "ztunnel"}, PROXY, False, True),
        ({"app.kubernetes.io/name": "ztunnel"}, PROXY, False, True),
        ({"app": "other"}, PROXY, False, False),
        ({"app": "ztunnel"}, INSTALLER, False, False),
        ({"app": "ztunnel"}, [], False, False),
    ],
)
def test_an_agent_is_known_by_a_label_and_its_container(
    labels: dict[str, str], containers: list[dict[str, Any]], cni: bool, ztunnel: bool
) -> None:
    """Whatever containers stand beside it; either alone may be anybody's, and what is no DaemonSet is no agent."""
    item = daemons(labels, containers)

    assert (is_cni(item), is_ztunnel(item), is_agent(item)) == (cni, ztunnel, cni or ztunnel)
    assert not is_agent(daemons(labels, containers, "Deployment"))


AGENT: DaemonSet = daemons(CNI, INSTALLER)
OWN = ({"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent", "controller": True},)
OLD, YOUNG = "2026-03-01T11:55:00Z", "2026-03-01T11:55:01Z"


def pod(name: str, namespace: str, node: str, *, ready: bool = False, made: str | None = OLD, own: bool = False, phase: str = "") -> Pod:
    """A pod on a node, or on none yet; the agent's ``own`` or another."""
    metadata = {"name": name, "namespace": namespace, "creationTimestamp": made, "ownerReferences": OWN if own else ()}
    status = {"phase": phase, "conditions": [{"type": "Ready", "status": str(ready)}]}
    found = decoded({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"nodeName": node}, "status": status})
    assert isinstance(found, Pod)
    return found


def agents(node: str, **of: Any) -> Pod:
    """The agent's own pod."""
    return pod(f"agent-{node}", "istio-system", node, **{"own": True, **of})


def cart(name: str, node: str, phase: str = "Running") -> Pod:
    """A pod that needs the agent."""
    return pod(name, "shop", node, phase=phase)


def missing(*own: Pod, needing: tuple[Pod, ...] = (cart("a", "n1"),), live: bool = True, coverage: Coverage | None = None) -> Any:
    """Where the agent is missing at noon, by node the names of the pods; None where nothing is said."""
    mesh = Mesh(
        [AGENT, *own, *needing],
        live=live,
        taken_at="2026-03-01T12:00:00Z",
        coverage={kinds.POD: coverage} if coverage else {},
    )
    found = lacking(mesh, AGENT, needing)
    if found is None:
        return None
    assert found.agent is AGENT
    return {node: tuple(item.name for item in pods) for node, pods in found.nodes.items()}


@pytest.mark.parametrize(
    ("own", "nodes"),
    [
        ((), ["n1"]),
        ((agents("n1"),), ["n1"]),
        ((agents("n1", ready=True),), []),
        ((agents("n1", made=YOUNG),), []),
        ((agents("n1", made=None),), ["n1"]),
        ((agents("n1", ready=True, own=False),), ["n1"]),
        ((agents("n2", ready=True),), ["n1"]),
        ((agents("n1"), agents("n2", ready=True)), ["n1"]),
        ((agents("", ready=True),), ["n1"]),
    ],
)
def test_a_node_is_served_by_a_ready_pod_of_the_agents_own(own: tuple[Pod, ...], nodes: list[str]) -> None:
    """One that is younger than five minutes may still start; at five minutes it should have."""
    assert missing(*own) == (dict.fromkeys(nodes, ("a",)) or None)


def test_running_pods_are_told_by_their_nodes() -> None:
    """Those that ended, or are on no node yet, need no agent."""
    needing = (cart("b", "n2"), cart("a", "n1"), cart("c", "n1"), cart("done", "n1", "Succeeded"), cart("waiting", ""))
    found = missing(needing=needing)

    assert found == {"n1": ("a", "c"), "n2": ("b",)}
    assert list(found) == ["n1", "n2"]


def test_without_the_agents_pods_nothing_is_said() -> None:
    """Files hold none, and a cluster may not show them; where one is there, the others are too."""
    unread = Coverage(reason="forbidden")

    assert missing(live=False) is None
    assert missing(coverage=unread) is None
    assert missing(agents("n2"), live=False) == {"n1": ("a",)}
    assert missing(agents(""), live=False) is None
