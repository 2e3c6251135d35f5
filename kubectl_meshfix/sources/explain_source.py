"""What ``explain`` reads of a cluster: the targets, what made them and became of them, and the way to their injector. Little else."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.injection.chain import INPUTS
from kubectl_meshfix.injection.intent import Marked
from kubectl_meshfix.injection.labels import DATAPLANE_MODE
from kubectl_meshfix.injection.proxy import is_redirected
from kubectl_meshfix.injection.subjects import KINDS, LEADING, no_namespace, not_found
from kubectl_meshfix.mesh.control_plane import SYSTEM_NAMESPACE
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import named_by
from kubectl_meshfix.mesh.workloads import workload
from kubectl_meshfix.report import ReportSource, Unread
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration
from kubectl_meshfix.resources.core import Namespace, Pod, Service
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.scope import NamedTarget
from kubectl_meshfix.sources import cluster, control_plane_objects
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.object_lists import Progress, no_progress
from kubectl_meshfix.sources.object_names import list_names
from kubectl_meshfix.sources.reader import Reader
from kubectl_meshfix.sources.related_objects import read_owners, read_related, read_related_to_many

MAKERS = (kinds.DEPLOYMENT, kinds.STATEFUL_SET, kinds.DAEMON_SET)
"""What may be behind a Service that has no pods."""

FEW = 20
"""So many targets get their makers and events looked up one by one; a table of more has no room for them."""


def read_targets(
    connection: Connection,
    wanted: Sequence[NamedTarget],
    *,
    namespace: str | None,
    labels: str = "",
    progress: Progress = no_progress,
) -> Snapshot:
    """The targets and what decides on them; ``namespace`` None means all.

    What may not be read is part of the snapshot's coverage, and the chain says what follows from that. Raises UsageError for a name
    that is not there, SourceError where the server cannot be reached.
    """
    reader = Reader(connection, progress)
    named = [obj for item in wanted for obj in _targets(reader, item, namespace, labels)]
    services = [obj for obj in named if isinstance(obj, Service)]
    targets = [obj for obj in named if not isinstance(obj, Service)] + [obj for item in services for obj in _behind(reader, item)]
    if not named:
        _must_exist(reader, namespace)
    if len(targets) <= FEW:
        for obj in targets:
            read_related(reader, obj)
    else:
        read_related_to_many(reader, {kinds.of_object(obj) for obj in targets}, namespace)
    names = {obj.name if isinstance(obj, Namespace) else obj.namespace for obj in targets}
    return _snapshot(connection, reader, names)


def read_environment(
    connection: Connection, namespaces: Iterable[str], beside: Sequence[Object], progress: Progress = no_progress
) -> Snapshot:
    """What of a cluster decides on new pods of some namespaces. The objects ``beside`` it may name waypoints too."""
    return _snapshot(connection, Reader(connection, progress), namespaces, beside)


def _snapshot(connection: Connection, reader: Reader, namespaces: Iterable[str], beside: Sequence[Object] = ()) -> Snapshot:
    names = {name for name in namespaces if name}
    _environment(reader, names)
    _waypoints(reader, names, beside)
    mesh = Mesh(
        reader.objects.values(),
        live=True,
        coverage={kind: reader.coverage(kind) for kind in (*INPUTS, *KINDS)},
        taken_at=connection.taken_at,
    )
    source = ReportSource(kind="cluster", context=connection.context, server=connection.server)
    unreadable = tuple(
        Unread(kind=kind.resource, reason=reason) for kind, reason in sorted(reader.refused.items(), key=lambda row: row[0].resource)
    )
    return Snapshot(meshes=Meshes([mesh]), source=source, unreadable=unreadable)


def _targets(reader: Reader, wanted: NamedTarget, namespace: str | None, labels: str) -> list[Object]:
    found: list[Object] = []
    for kind in wanted.kinds:
        if kind not in LEADING:
            continue
        where = namespace if kind.namespaced else None
        if wanted.name is None:
            found += reader.list(kind, where, labels=labels)
        elif where or not kind.namespaced:
            found += filter(None, [reader.get(kind, wanted.name, where, required=True)])
        else:
            found += reader.list(kind, None, fields=f"metadata.name={wanted.name}")
    able = [kind for kind in wanted.kinds if kind in LEADING]
    if wanted.name is not None and not found and able:
        _must_exist(reader, namespace if able[0].namespaced else None)
        raise not_found(able[0], wanted.name, namespace, list_names(reader.connection, able[0], namespace if able[0].namespaced else None))
    return found


def _behind(reader: Reader, service: Service) -> list[Object]:
    """What made the pods that a Service selects; where it selects none, the workloads that may be behind it one day."""
    if not service.spec.selector:
        return []
    labels = ",".join(f"{key}={value}" for key, value in service.spec.selector.items())
    pods = [obj for obj in reader.list(kinds.POD, service.namespace, labels=labels) if isinstance(obj, Pod)]
    if not pods:
        return [obj for kind in MAKERS for obj in reader.list(kind, service.namespace)]
    for pod in {pod.metadata.controller.name if pod.metadata.controller else pod.name: pod for pod in pods}.values():
        read_owners(reader, pod)
    mesh = Mesh(reader.objects.values(), live=True)
    return list({owner.ref.key: owner for owner in map(mesh.owner, pods)}.values())


def _must_exist(reader: Reader, namespace: str | None) -> None:
    """Raise UsageError for a namespace that is not there, as far as that may be known."""
    if namespace and not reader.get(kinds.NAMESPACE, namespace, None) and reader.coverage(kinds.NAMESPACE).reason == "":
        raise no_namespace(namespace, list_names(reader.connection, kinds.NAMESPACE, None))


def _environment(reader: Reader, namespaces: Iterable[str]) -> None:
    """Namespaces, webhooks, nodes, and every istiod that a webhook calls."""
    names = sorted(namespaces)
    first: list[Callable[[], object]] = [
        partial(reader.list, kinds.MUTATING_WEBHOOK_CONFIGURATION),
        partial(reader.list, kinds.NODE),
    ]
    if len(names) > FEW:
        first.append(partial(reader.list, kinds.NAMESPACE))
        first.append(partial(reader.list, kinds.RESOURCE_QUOTA))
    else:
        first += [partial(reader.get, kinds.NAMESPACE, name, None) for name in names]
        first += [partial(reader.list, kinds.RESOURCE_QUOTA, name) for name in names]
    with ThreadPoolExecutor(cluster.PARALLEL_REQUESTS) as pool:
        _await(pool, first)
        configurations = [obj for obj in reader.objects.values() if isinstance(obj, MutatingWebhookConfiguration)]
        _await(pool, _of_control_planes(reader, configurations))


def _waypoints(reader: Reader, namespaces: Iterable[str], beside: Sequence[Object]) -> None:
    """The waypoints that labels name for pods in ambient, and the Services in front of these pods; nothing where there is no ambient."""
    found = (*reader.objects.values(), *beside)
    ambient = {place for obj in found if (place := _place(obj)) in namespaces and any(_is_ambient(marks) for marks in _marks(obj))}
    for namespace in _few(ambient):
        reader.list(kinds.SERVICE, namespace)
    inside = (obj for obj in (*reader.objects.values(), *beside) if _place(obj) in ambient)
    named = {name.namespace for obj in inside for marks in _marks(obj) if (name := named_by(marks.labels, _place(obj)))}
    for namespace in _few(named):
        reader.list(kinds.KUBERNETES_GATEWAY, namespace)


def _few(namespaces: set[str]) -> Sequence[str | None]:
    """Namespaces to ask for one by one, or None, which is all of them in one request."""
    return sorted(namespaces) if len(namespaces) <= FEW else [None]


def _place(obj: Object) -> str:
    return obj.name if isinstance(obj, Namespace) else obj.namespace


def _marks(obj: Object) -> tuple[Marked, ...]:
    """What an object says of itself, and of the pods that it makes."""
    made = workload(obj)
    return (obj.metadata, *((made,) if made else ()))


def _is_ambient(marks: Marked) -> bool:
    return marks.labels.get(DATAPLANE_MODE) == "ambient" or is_redirected(marks.annotations)


def _of_control_planes(reader: Reader, configurations: Sequence[MutatingWebhookConfiguration]) -> list[Callable[[], object]]:
    services = control_plane_objects.backends(configurations)
    requests: list[Callable[[], object]] = []
    for namespace in sorted({SYSTEM_NAMESPACE, *(namespace for namespace, _ in services)}):
        requests += [
            partial(reader.list, kinds.DEPLOYMENT, namespace, labels="app=istiod"),
            partial(reader.list, kinds.POD, namespace, labels="app=istiod"),
        ]
    for namespace, name in services:
        label = f"kubernetes.io/service-name={name}"
        requests += [
            partial(reader.get, kinds.SERVICE, name, namespace),
            partial(reader.list, kinds.ENDPOINT_SLICE, namespace, labels=label),
        ]
    requests += [
        partial(reader.get, kinds.CONFIG_MAP, name, namespace)
        for namespace, name in sorted(control_plane_objects.config_map_names(configurations))
    ]
    return requests


def _await(pool: ThreadPoolExecutor, requests: Iterable[Callable[[], object]]) -> None:
    for job in [pool.submit(request) for request in requests]:
        job.result()
