"""From a workload to its newest pods, and to what its makers say of those that could not be created."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.injection.kubelet.controllers import events, find_failure, newest_controller, newest_pods
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import as_workload, decoded
from tests.injection.scenes import HOUR_AGO, NOW, cluster, deployment, event, pod, replica_set, template

LATER = "2026-03-01T12:00:01Z"
REASON, MESSAGE = "FailedCreate", "exceeded quota"
SET = event(REASON, MESSAGE, kind="ReplicaSet", name="cart-1")


def changed(obj: Object, part: str, **values: Any) -> Object:
    """The object with other values in one of its parts."""
    raw = json.loads(msgspec.json.encode(obj))
    return decoded({**raw, part: {**raw.get(part, {}), **values}})


def current(mesh: Mesh, workload: Object) -> bool | None:
    """Whether the failure of a workload is the state of things now; None where there is none."""
    found = find_failure(mesh, as_workload(workload))
    return found.current if found else None


@pytest.mark.parametrize(
    ("objects", "now"),
    [
        ((SET,), True),
        ((SET, pod(made=HOUR_AGO)), True),
        ((SET, pod(made=NOW)), True),
        ((SET, pod(made=LATER)), False),
        ((SET, event(REASON, "older", kind="ReplicaSet", name="cart-1", seen=HOUR_AGO)), True),
        ((event(REASON, MESSAGE, kind="Deployment", name="cart"),), True),
        ((event(REASON, MESSAGE, kind="ReplicaSet", name="cart-2"),), None),
        ((event("ScalingReplicaSet", MESSAGE, kind="ReplicaSet", name="cart-1"),), None),
    ],
)
def test_an_event_is_over_where_a_younger_pod_is_there(objects: tuple[Object, ...], now: bool | None) -> None:
    """A pod of the same second may be the one before; an event counts of the newest ReplicaSet and of the workload itself."""
    assert current(cluster(deployment(), replica_set(), *objects), deployment()) is now


@pytest.mark.parametrize(
    ("replicas", "wanted", "now"), [(0, 1, True), (1, 1, False), (2, 1, False), (0, None, True), (1, None, False), (0, 0, False)]
)
@pytest.mark.parametrize("kind", ["ReplicaSet", "StatefulSet"])
def test_an_event_is_over_where_all_pods_are_there(kind: str, replicas: int, wanted: int | None, now: bool) -> None:
    """A StatefulSet without a number wants one pod."""
    spec = {"template": template()} if wanted is None else {"template": template(), "replicas": wanted}
    made = {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "cart", "namespace": "shop"},
        "spec": spec,
        "status": {"replicas": replicas},
    }
    obj = decoded(made)

    assert current(cluster(obj, event(REASON, MESSAGE, kind=kind, name="cart")), obj) is now


@pytest.mark.parametrize(("wanted", "there", "now"), [(0, 0, True), (2, 1, True), (2, 2, False), (2, 3, False)])
def test_a_daemon_set_has_a_pod_for_each_node(wanted: int, there: int, now: bool) -> None:
    """Where no node is wanted, nothing is known to be over."""
    status = {"desiredNumberScheduled": wanted, "currentNumberScheduled": there}
    raw = {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "cart", "namespace": "shop"}}
    obj = decoded({**raw, "spec": {"template": template()}, "status": status})

    assert current(cluster(obj, event(REASON, MESSAGE, kind="DaemonSet", name="cart")), obj) is now


def test_where_pods_were_not_read_an_event_may_be_over() -> None:
    """On a cluster that hides pods nobody knows; files with an event are the picture of a cluster, pods or none."""
    objects = (deployment(), replica_set(), SET)

    assert current(cluster(*objects, coverage={kinds.POD: Coverage(reason="forbidden")}), deployment()) is False
    assert current(Mesh(objects), deployment()) is True


@pytest.mark.parametrize(
    ("condition", "now"),
    [
        ({}, True),
        ({"status": "False"}, None),
        ({"type": "Available"}, None),
        ({"reason": "FailedDelete"}, None),
    ],
)
def test_a_condition_counts_whatever_the_pods(condition: dict[str, str], now: bool | None) -> None:
    """ReplicaFailure, true, for FailedCreate; it is not over before it is gone."""
    rows = [{"type": "ReplicaFailure", "status": "True", "reason": REASON, "message": MESSAGE, **condition}]
    failing = changed(replica_set(), "status", conditions=rows)

    assert current(cluster(deployment(), failing, pod(made=LATER)), deployment()) is now


def test_the_newest_generation_is_of_the_highest_revision() -> None:
    """Tenth comes after ninth, a number before none, and of two without a number the younger."""
    ninth, tenth = replica_set(revision=9, name="cart-9"), replica_set(revision=10, name="cart-10")
    older = changed(ninth, "metadata", annotations={}, creationTimestamp=HOUR_AGO)
    younger = changed(tenth, "metadata", annotations={}, creationTimestamp=NOW)
    workload = as_workload(deployment())

    assert newest_controller(cluster(deployment(), tenth, ninth), workload) is tenth
    assert newest_controller(cluster(deployment(), ninth, younger), workload) is ninth
    assert newest_controller(cluster(deployment(), older, younger), workload) is younger
    assert newest_controller(cluster(deployment()), workload) == deployment()


def test_the_newest_pods_are_those_of_the_newest_generation() -> None:
    """Of a Deployment the pods of its last ReplicaSet; a bare pod is its own; where no ReplicaSet was read, all of them."""
    old = changed(pod(owner=("ReplicaSet", "cart-0")), "metadata", name="cart-0-x")
    objects = (deployment(), replica_set(revision=1, name="cart-0"), replica_set(revision=2), pod(), old)
    bare = pod(owner=None)

    assert newest_pods(cluster(*objects), as_workload(deployment())) == (pod(),)
    assert newest_pods(cluster(bare), as_workload(bare)) == (bare,)
    assert newest_pods(cluster(), as_workload(bare)) == ()


def test_events_are_found_by_their_object() -> None:
    """An event that names no namespace of its object is about one of its own namespace."""
    nameless = changed(SET, "involvedObject", namespace="")

    assert events(cluster(nameless), replica_set().ref) == (nameless,)
    assert events(cluster(nameless), deployment().ref) == ()


def test_a_pod_without_a_time_is_not_younger() -> None:
    """Nothing says that it was made after the event, so the event counts."""
    timeless = changed(pod(), "metadata", creationTimestamp=None)

    assert current(cluster(deployment(), replica_set(), SET, timeless), deployment()) is True


def test_a_job_never_has_all_pods() -> None:
    """Its pods come and go: an event of it counts until it is gone."""
    spec = {"template": template(restartPolicy="Never")}
    job = decoded({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "cart", "namespace": "shop"}, "spec": spec})

    assert current(cluster(job, event(REASON, MESSAGE, kind="Job", name="cart")), job) is True
