"""What belongs to a target on a cluster: who made it, the pods it made, and what happened to them."""

from collections.abc import Collection, Sequence

from kubectl_meshfix.injection.apiserver import format_requirement
from kubectl_meshfix.injection.kubelet import newest_controller, newest_pods
from kubectl_meshfix.mesh.selectors import requirements
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import LabelSelector, Object
from kubectl_meshfix.sources.reader import Reader

PODS = 5
"""Of so many pods of a workload the events are read."""

_MAKERS = {
    kinds.DEPLOYMENT: kinds.REPLICA_SET,
    kinds.ROLLOUT: kinds.REPLICA_SET,
    kinds.DEPLOYMENT_CONFIG: kinds.REPLICATION_CONTROLLER,
    kinds.CRON_JOB: kinds.JOB,
}
"""What stands between a workload and its pods."""


def read_related(reader: Reader, obj: Object) -> None:
    """Read the makers and the pods of one target, and the events about them."""
    if isinstance(obj, Pod):
        read_owners(reader, obj)
        _events(reader, [obj])
        return
    made = workload(obj)
    if made is None:
        return
    if made.kind in _MAKERS:
        reader.list(_MAKERS[made.kind], obj.namespace, labels=_selector(obj))
    maker = newest_controller(Mesh(reader.objects.values(), live=True), made)
    reader.list(kinds.POD, obj.namespace, labels=_selector(maker))
    pods = newest_pods(Mesh(reader.objects.values(), live=True), made)
    troubled = sorted(pods, key=lambda pod: (pod.is_ready, pod.name))[:PODS]
    _events(reader, [obj, *([maker] if maker is not obj else []), *troubled])


def read_related_to_many(reader: Reader, wanted: Collection[Kind], namespace: str | None) -> None:
    """Read the makers and pods of many targets, list by list; no events, of which there would be too many."""
    makers = sorted(set(wanted) - {kinds.POD, kinds.NAMESPACE}, key=lambda kind: kind.plural)
    for kind in makers:
        if kind in _MAKERS:
            reader.list(_MAKERS[kind], namespace)
    if makers and kinds.POD not in wanted:
        reader.list(kinds.POD, namespace)


def read_owners(reader: Reader, obj: Object) -> None:
    """Read what made an object, what made that, and so on."""
    for _ in range(5):
        controller = obj.metadata.controller
        if controller is None:
            return
        kind = kinds.of(controller.api_version, controller.kind)
        above = reader.get(kind, controller.name, obj.namespace) if kind in kinds.TEMPLATED else None
        if above is None:
            return
        obj = above


def _events(reader: Reader, about: Sequence[Object]) -> None:
    for obj in about:
        reader.list(kinds.EVENT, obj.namespace, fields=f"involvedObject.kind={obj.kind},involvedObject.name={obj.name}")


def _selector(obj: Object) -> str:
    """An object's selector as the API takes it; empty where it has none."""
    found = getattr(getattr(obj, "spec", None), "selector", None)
    match found:
        case LabelSelector():
            return ",".join(map(format_requirement, requirements(found)))
        case dict():
            return ",".join(f"{key}={value}" for key, value in found.items())
        case _:
            return ""
