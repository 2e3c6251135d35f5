"""What a server accepts is the oldest policy of the narrowest level that sets a mode."""

from typing import Any

import msgspec
import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import PeerAuthentication
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic.peer_authentication import accepted
from tests.traffic.objects import make, mesh_config

LABELS = {"app": "cart", "version": "v1"}


def policy(mode: str, name: str = "default", namespace: str = "shop", *, made: str = "", app: str = "", **spec: Any) -> PeerAuthentication:
    """A policy; ``app`` selects pods by their label."""
    selector: dict[str, Any] = {"selector": {"matchLabels": {"app": app}}} if app else {}
    obj: PeerAuthentication = make(PeerAuthentication, name, namespace, mtls={"mode": mode} if mode else None, **selector, **spec)
    return msgspec.structs.replace(obj, metadata=msgspec.structs.replace(obj.metadata, creation_timestamp=made or None))


def mode(*objects: Object, port: int | None = None, namespace: str = "shop") -> str:
    """The mode for the pods of the cart."""
    found = accepted(Mesh(objects, live=True), namespace, LABELS, port)
    assert found
    return found.mode


MESH = policy("STRICT", namespace="istio-system")


@pytest.mark.parametrize(
    ("objects", "wanted"),
    [
        ((), "PERMISSIVE"),
        ((MESH,), "STRICT"),
        ((MESH, policy("PERMISSIVE")), "PERMISSIVE"),
        ((MESH, policy("UNSET")), "STRICT"),
        ((MESH, policy("")), "STRICT"),
        ((MESH, policy("", selector={"matchLabels": {}})), "STRICT"),
        ((MESH, policy("PERMISSIVE"), policy("STRICT", "cart", app="cart")), "STRICT"),
        ((policy("STRICT", "other", app="other"),), "PERMISSIVE"),
        ((policy("STRICT", "elsewhere", "web"),), "PERMISSIVE"),
        ((policy("STRICT", "cart", "istio-system", app="cart"),), "PERMISSIVE"),
        ((MESH, policy("DISABLE", "cart", app="cart")), "DISABLE"),
        ((policy("STRICT", namespace="roots"), mesh_config("rootNamespace: roots")), "STRICT"),
        ((policy("STRICT", "b", made="2026-01-01T00:00:00Z"), policy("PERMISSIVE", "a", made="2026-01-02T00:00:00Z")), "STRICT"),
        ((policy("STRICT", "b"), policy("PERMISSIVE", "a")), "PERMISSIVE"),
    ],
)
def test_levels(objects: tuple[Object, ...], wanted: str) -> None:
    """Mesh, namespace and workload; UNSET takes the level above; of two on one level the older counts, else the first by name."""
    assert mode(*objects) == wanted


def test_ports_are_the_workloads() -> None:
    """Only the workload's policy names ports, by the container port's number; one that is UNSET has the workload's own mode."""
    ports = {"8080": {"mode": "PERMISSIVE"}, "9090": {"mode": "UNSET"}}
    own = policy("STRICT", "cart", app="cart", portLevelMtls=ports)

    assert [mode(own, port=port) for port in (None, 8080, 9090, 7070)] == ["STRICT", "PERMISSIVE", "STRICT", "STRICT"]
    assert mode(policy("STRICT", portLevelMtls=ports), port=8080) == "STRICT"
    found = accepted(Mesh([own], live=True), "shop", LABELS, 8080)
    assert found
    assert found.path == "/spec/portLevelMtls/8080/mode"


def test_what_was_not_read_may_decide() -> None:
    """Where the root namespace's policies, or the namespace's own, were not read, nobody knows."""
    for namespaces in (frozenset({"shop"}), frozenset({"istio-system"})):
        mesh = Mesh([MESH], live=True, coverage={kinds.PEER_AUTHENTICATION: Coverage(namespaces=namespaces)})
        assert accepted(mesh, "shop", LABELS) is None


def test_the_root_namespaces_own_pods() -> None:
    """They have the mesh's mode, and no selector there counts."""
    own = policy("PERMISSIVE", "cart", "istio-system", app="cart")

    assert mode(MESH, own, namespace="istio-system") == "STRICT"
