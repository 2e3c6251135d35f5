"""Quotas: quantities as the API server reads them, and what a new pod needs of them."""

from decimal import Decimal

import pytest

from kubectl_meshfix.injection.quota import quantity, without_room
from kubectl_meshfix.mesh.workloads import Workload, workload
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import decoded
from tests.injection.scenes import cluster, deployment


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", "2"),
        (3, "3"),
        (0.5, "0.5"),
        ("250m", "0.25"),
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("1Gi", "1073741824"),
        ("128Mi", "134217728"),
        ("1k", "1000"),
        ("2M", "2000000"),
        ("1e3", "1000"),
        ("3G", "3000000000"),
        ("4T", "4000000000000"),
        ("5P", "5000000000000000"),
        ("12E", "12000000000000000000"),
        ("1Ki", "1024"),
        ("2Ti", "2199023255552"),
        ("1Pi", "1125899906842624"),
        ("1Ei", "1152921504606846976"),
        ("5u", "0.000005"),
        ("7n", "0.000000007"),
    ],
)
def test_quantities_are_read_as_the_api_server_does(text: str | float, number: str) -> None:
    """Decimal and binary suffixes, and exponents."""
    assert quantity(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "a lot", "1Q", "1 Gi"])
def test_what_is_no_quantity_is_none(text: str) -> None:
    """Other text has no value."""
    assert quantity(text) is None


def quota(name: str, hard: str, used: str) -> Object:
    """A ResourceQuota of the shop for one resource."""
    status = {"hard": {name: hard}, "used": {name: used}}
    return decoded({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "shop"}, "status": status})


def made(kind: str = "Deployment") -> Workload:
    """A workload of the shop."""
    raw = {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "cart", "namespace": "shop"}, "spec": {"template": {"spec": {}}}}
    found = workload(deployment() if kind == "Deployment" else decoded(raw))
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "hard", "used", "kind", "adds_proxy", "has_room"),
    [
        ("requests.cpu", "200m", "100m", "Deployment", True, True),
        ("requests.cpu", "199m", "100m", "Deployment", True, False),
        ("requests.cpu", "199m", "100m", "Deployment", False, True),
        ("limits.memory", "2Gi", "1Gi", "StatefulSet", True, True),
        ("limits.memory", "2Gi", "1025Mi", "StatefulSet", True, False),
        ("pods", "2", "2", "Deployment", False, False),
        ("pods", "2", "2", "StatefulSet", True, True),
        ("pods", "2", "2", "DaemonSet", True, True),
        ("count/pods", "3", "2", "Deployment", False, True),
        ("requests.cpu", "100m", "200m", "Deployment", False, True),
        ("pods", "lots", "2", "Deployment", False, True),
        ("pods", "2", "some", "Deployment", False, True),
        ("cpu", "199m", "100m", "Deployment", True, False),
        ("memory", "255Mi", "128Mi", "Deployment", True, False),
        ("memory", "256Mi", "128Mi", "Deployment", True, True),
        ("requests.memory", "255Mi", "128Mi", "Deployment", True, False),
        ("limits.cpu", "2999m", "1", "Deployment", True, False),
        ("limits.cpu", "3", "1", "Deployment", True, True),
        ("persistentvolumeclaims", "1", "1", "Deployment", True, True),
    ],
)
def test_a_new_pod_needs_room(name: str, hard: str, used: str, kind: str, *, adds_proxy: bool, has_room: bool) -> None:
    """A proxy comes on top of what a pod had; pods that are deleted first leave their own room, and a Deployment needs one pod more."""
    found = without_room(cluster(quota(name, hard, used)), made(kind), adds_proxy=adds_proxy)

    assert (found is None) is has_room
    assert found is None or f"{name} (used: {used} of {hard})" in found


def test_nothing_is_used_of_what_is_not_listed_as_used() -> None:
    """A quota whose status says only what it allows has all of it left; the first resource that has no room is named."""
    status = {"hard": {"count/pods": "1", "pods": "0"}}
    fresh = decoded({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "shop"}, "status": status})

    found = without_room(cluster(fresh), made(), adds_proxy=False)

    assert found == "ResourceQuota shop/q has no room for another pod's pods (used: None of 0)"
