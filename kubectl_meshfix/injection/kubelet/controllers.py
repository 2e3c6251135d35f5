"""From a workload to the pods of its newest generation, and to what its makers say of those that could not be created."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kubectl_meshfix.chain.steps import Step, Where, step
from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Event, Pod
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Condition, Object, Ref
from kubectl_meshfix.resources.workloads import CronJobSpec, DaemonSet, ReplicaSet, StatefulSet, WorkloadSpec

INPUTS: tuple[Kind, ...] = (kinds.POD, kinds.EVENT, kinds.REPLICA_SET, kinds.REPLICATION_CONTROLLER, kinds.JOB)
"""Kinds that tell what became of a workload's pods."""

_REVISION = "deployment.kubernetes.io/revision"
_CREATING = "FailedCreate"


class Failure(msgspec.Struct, frozen=True):
    """A pod that could not be created: the words for it, where they stand, and whether that is the state of things now."""

    message: str
    source: str
    at: Ref
    current: bool


def newest_controller(mesh: Mesh, workload: Workload) -> Object:
    """What makes the workload's newest pods: its last ReplicaSet, ReplicationController or Job, else itself."""
    return max(_made(mesh, workload), key=_age, default=workload.object)


def newest_pods(mesh: Mesh, workload: Workload) -> tuple[Pod, ...]:
    """The pods of the newest generation; all pods where its maker was not read."""
    if workload.is_pod:
        pod = mesh.get(Pod, workload.namespace, workload.name)
        return (pod,) if pod else ()
    controller = newest_controller(mesh, workload)
    pods = mesh.pods_of(workload)
    if controller is workload.object:
        return pods
    return tuple(pod for pod in pods if _controller(pod) == (controller.namespace, controller.kind, controller.name))


def find_failure(mesh: Mesh, workload: Workload) -> Failure | None:
    """Why the newest pod could not be created. Conditions outlive events, which are gone after an hour.

    A Deployment's own condition is a copy that may be of an older ReplicaSet; it counts where no ReplicaSet was read. An event is over
    where a younger pod is there, so it counts only where pods were read.
    """
    controller = newest_controller(mesh, workload)
    for condition in _conditions(controller):
        if condition.type == "ReplicaFailure" and condition.status == "True" and condition.reason == _CREATING:
            return Failure(condition.message, f"condition ReplicaFailure of {controller.ref}", controller.ref, current=True)
    told = (event for ref in {controller.ref, workload.ref} for event in events(mesh, ref) if event.reason == _CREATING)
    newest = max(told, key=lambda event: event.seen_at, default=None)
    if newest is None:
        return None
    later = any((pod.metadata.creation_timestamp or "") > newest.seen_at for pod in newest_pods(mesh, workload))
    source = f"event {newest.reason} of {newest.involved_object.kind} {newest.namespace}/{newest.involved_object.name}"
    is_known = not mesh.live or mesh.knows(kinds.POD, workload.namespace)
    return Failure(newest.message, source, newest.ref, current=is_known and not later and not _has_all_pods(controller))


def _has_all_pods(controller: Object) -> bool:
    """Whether a controller has as many pods as it wants, so that an event of the last hour tells of what is over."""
    match controller:
        case StatefulSet(spec=spec, status=status) | ReplicaSet(spec=spec, status=status):
            return status.replicas >= (1 if spec.replicas is None else spec.replicas)
        case DaemonSet(status=status):
            return 0 < status.desired_number_scheduled <= status.current_number_scheduled
    return False


def shows_failure(mesh: Mesh, workload: Workload) -> bool:
    """Whether files tell that a pod could not be created: they are the picture of a cluster then, and no manifests for one."""
    return not mesh.live and find_failure(mesh, workload) is not None


def explain_absence(workload: Workload) -> Step | None:
    """Why there need be no pods; None where there should be some."""
    at, name = Where(resource=workload.ref, path="/spec"), str(workload.ref)
    match workload.object.spec if hasattr(workload.object, "spec") else None:
        case WorkloadSpec(replicas=0):
            return step(checks.SCALED_TO_NOTHING, at, workload=name)
        case WorkloadSpec(suspend=True) | CronJobSpec(suspend=True):
            return step(checks.SUSPENDED, at, workload=name)
        case CronJobSpec():
            return step(checks.NO_JOB, at, workload=name)
    return None


def events(mesh: Mesh, ref: Ref) -> tuple[Event, ...]:
    """The events about an object."""
    index = mesh.cached("events by object", _by_object)
    return index.get((ref.kind, ref.namespace or "", ref.name), ())


def _by_object(mesh: Mesh) -> dict[tuple[str, str, str], tuple[Event, ...]]:
    index: dict[tuple[str, str, str], tuple[Event, ...]] = {}
    for event in mesh.all(Event):
        about = event.involved_object
        key = (about.kind, event.namespace, about.name)  # the API server lets an event speak of its own namespace only
        index[key] = (*index.get(key, ()), event)
    return index


def _made(mesh: Mesh, workload: Workload) -> Iterable[Object]:
    """What stands between the workload and its pods."""
    between = _BETWEEN.get(workload.kind)
    if between is None:
        return ()
    mesh.require(between)
    index = mesh.cached(f"{between.resource} by controller", lambda _: grouped(mesh.all(between.struct), _controller))
    return index.get((workload.namespace, workload.object.kind, workload.name), ())


_BETWEEN: Mapping[Kind, Kind] = {
    kinds.DEPLOYMENT: kinds.REPLICA_SET,
    kinds.ROLLOUT: kinds.REPLICA_SET,
    kinds.DEPLOYMENT_CONFIG: kinds.REPLICATION_CONTROLLER,
    kinds.CRON_JOB: kinds.JOB,
}


def _controller(obj: Object) -> tuple[str, str, str]:
    controller = obj.metadata.controller
    return (obj.namespace, controller.kind, controller.name) if controller else ("", "", "")


def _age(obj: Object) -> tuple[int, str]:
    revision = obj.metadata.annotations.get(_REVISION, "")
    return int(revision) if revision.isdecimal() else 0, obj.metadata.creation_timestamp or ""


def _conditions(obj: Object) -> Iterator[Condition]:
    status = getattr(obj, "status", None)
    yield from getattr(status, "conditions", ())
