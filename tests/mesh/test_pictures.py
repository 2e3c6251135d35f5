"""Files are a picture of a cluster where they hold what only a cluster says."""

import json
from typing import Any

import pytest

from kubectl_meshfix.mesh.pictures import is_pictured, was_made
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.sources.manifest_meshes import from_texts

OWNER = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart", "controller": True}


def mesh_of(*objects: dict[str, Any]) -> Mesh:
    """Files with these objects."""
    return from_texts({"x.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})})[0].mesh


def obj(kind: str, name: str, status: dict[str, Any] | None = None, **metadata: Any) -> dict[str, Any]:
    """A Deployment, a ReplicaSet or a Pod."""
    version = "v1" if kind == "Pod" else "apps/v1"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "shop", **metadata}, "status": status or {}}


@pytest.mark.parametrize(
    ("made", "exists"),
    [
        (obj("Deployment", "cart"), False),
        (obj("Deployment", "cart", uid="u"), True),
        (obj("Deployment", "cart", {"replicas": 1}), True),
        (obj("ReplicaSet", "cart-1", ownerReferences=[OWNER]), True),
        (obj("Pod", "cart-1"), False),
        (obj("Pod", "cart-1", {"phase": "Running"}), True),
    ],
)
def test_a_uid_an_owner_or_a_status_shows_that_it_exists(made: dict[str, Any], exists: bool) -> None:
    """An empty status is what a manifest may have too."""
    (found,) = mesh_of(made).objects

    assert was_made(found) is exists


def test_a_workload_is_pictured_by_what_it_made() -> None:
    """A Deployment without any of it, beside its ReplicaSet or its pod; not beside somebody else's."""
    cart, other = obj("Deployment", "cart"), obj("Deployment", "other")
    owner = {**OWNER, "kind": "ReplicaSet", "name": "cart-1"}
    replica_set, pod = obj("ReplicaSet", "cart-1", ownerReferences=[OWNER]), obj("Pod", "cart-1-x", ownerReferences=[owner])

    for beside in ((replica_set,), (replica_set, pod)):
        mesh = mesh_of(cart, other, *beside)
        assert {item.name: is_pictured(mesh, item) for item in mesh.workloads} == {"cart": True, "other": False}
    assert not any(is_pictured(mesh, item) for mesh in (mesh_of(cart, other),) for item in mesh.workloads)
