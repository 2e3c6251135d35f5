"""From flags to explanations: which source, which targets."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix import scope
from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.cli.flags.connecting import kubeconfig
from kubectl_meshfix.cli.flags.fitting import names_cluster
from kubectl_meshfix.cli.flags.options import ConnectionFlags, SourceFlags
from kubectl_meshfix.cli.work.asking import Wanted, with_answers
from kubectl_meshfix.cli.work.explain_reading import read_environment, read_targets
from kubectl_meshfix.cli.work.explain_targets import chosen_objects
from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.errors import SourceError, UsageError
from kubectl_meshfix.injection.chain import explain
from kubectl_meshfix.injection.creation import create_pod
from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.injection.kubelet import newest_pods
from kubectl_meshfix.injection.proxy import running_proxies
from kubectl_meshfix.injection.subjects import Subject, subject
from kubectl_meshfix.mesh.control_plane import root_namespace
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.overlay import laid_over
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.render.text.terminal import safe_line
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.resources.meta import LabelSelector, Object
from kubectl_meshfix.traffic.in_force.explained import with_causes

if TYPE_CHECKING:
    from kubectl_meshfix.sources.api.connection import Connection
    from kubectl_meshfix.sources.files import Read


def explanations(
    words: Sequence[str], connection: ConnectionFlags, where: SourceFlags, *, probe: bool, proxies: Wanted | None = None
) -> list[Explanation]:
    """Explain what the flags name; with ``proxies``, istiods and the proxies of what is explained are asked. Raises MeshfixError."""
    wanted = scope.parse_targets(words)
    labels = scope.parse_labels(where.selector)
    if where.filename:
        return _of_files(wanted, labels, connection, where, probe=probe)
    if not wanted:
        raise UsageError(
            "Name what to explain: pod/NAME, deploy/NAME, ns/NAME, or a kind.",
            "All Deployments: kubectl meshfix explain deploy -A. With -f, all workloads of the files are explained.",
        )
    snapshot, api, namespace = read_targets(wanted, connection, where)
    subjects = [subject(snapshot.mesh, obj) for obj in chosen_objects(snapshot.meshes, wanted, labels, namespace)]
    if not subjects:
        _must_be_readable(wanted, snapshot, namespace)
    mesh = _asked(snapshot, api, subjects, proxies) if proxies else snapshot.mesh
    found = [explain(mesh, item) for item in subjects]
    found = with_causes(mesh, found) if proxies else found
    return [_probed(api, mesh, *pair) for pair in zip(subjects, found, strict=True)] if probe else found


def _asked(snapshot: Snapshot, api: "Connection", subjects: Sequence[Subject], proxies: Wanted) -> Mesh:
    """The mesh with what istiods and the proxies of the explained pods say; nobody is asked where no pod runs one.

    Where one refuses something, the EnvoyFilters that may have made it are read as well, as far as that is allowed.
    """
    from kubectl_meshfix.sources.reader import Reader  # noqa: PLC0415 -- few runs ask

    mesh = snapshot.mesh
    named = {pod.ref.key for item in subjects if item.workload and item.is_observed for pod in newest_pods(mesh, item.workload)}
    everyone = tuple(pod for pod in running_proxies(mesh) if pod.ref.key in named)
    if not everyone:
        return mesh
    mesh = with_answers(snapshot.meshes, proxies, lambda: api, everyone).first
    explained = {(pod.namespace, pod.name) for pod in everyone}
    refusing = {item.namespace for item in mesh.answers.connected if (item.namespace, item.name) in explained and item.has_refused}
    if not refusing:
        return mesh
    reader = Reader(api)
    for namespace in sorted({root_namespace(mesh), *refusing}):
        reader.list(kinds.ENVOY_FILTER, namespace)
    return mesh.with_changed(reader.objects.values())


def _must_be_readable(wanted: Sequence[scope.NamedTarget], snapshot: Snapshot, namespace: str | None) -> None:
    """Raise SourceError where there may be targets that could not be listed: that is not "none"."""
    unread = {kind.resource for item in wanted for kind in item.kinds if not snapshot.mesh.knows(kind, namespace or "")}
    for gap in snapshot.unreadable:
        if gap.kind in unread:
            raise SourceError(f"You may not list {gap.kind}: {gap.reason}.", "Ask for the role of explain (docs/rbac.md).")


def nothing(words: Sequence[str], where: SourceFlags) -> str:
    """``No pods in namespace shop.``: the answer where kinds were named of which there is no object, in kubectl's manner."""
    kinds = " or ".join(dict.fromkeys(kind.plural for item in scope.parse_targets(words) for kind in item.kinds))
    labels = f" with the labels {where.selector}" if where.selector else ""
    if where.filename:
        place = f" in namespace {where.namespace} of these files" if where.namespace and not where.all_namespaces else " in these files"
    else:
        place = "" if where.all_namespaces else f" in namespace {where.namespace}" if where.namespace else " in the context's namespace"
    return safe_line(f"No {kinds}{labels}{place}.")


def _of_files(
    wanted: Sequence[scope.NamedTarget],
    labels: LabelSelector | None,
    connection: ConnectionFlags,
    where: SourceFlags,
    *,
    probe: bool,
) -> list[Explanation]:
    from kubectl_meshfix.sources import files  # noqa: PLC0415 -- a cluster run never parses YAML

    chosen_cluster = kubeconfig(connection, where.namespace) if names_cluster(connection) else None
    read = files.read_files(
        where.filename or (),
        recursive=where.recursive,
        namespace=chosen_cluster.namespace if chosen_cluster else where.namespace,
        ignore=not where.no_ignore,
        helm=where.helm,
    )
    snapshot = read.snapshot
    namespace = where.namespace if where.namespace and not where.all_namespaces else None
    if namespace:
        scope.must_be_in_files(snapshot.meshes, namespace)
    objects = chosen_objects(snapshot.meshes, wanted, labels, namespace, may_be_many=where.all_namespaces)
    if not chosen_cluster:
        return _told_apart([row for obj in objects for row, *_ in _in_surroundings(snapshot.meshes, obj)], snapshot)
    places = {obj.name if isinstance(obj, Namespace) else obj.namespace for obj in objects}
    live, api = read_environment(places, chosen_cluster, [obj for mesh in snapshot.meshes for obj in mesh.objects])
    meshes = laid_over(snapshot.meshes, live.mesh)
    rows = [row for obj in objects for row in _in_surroundings(meshes, meshes.find(obj.ref) or obj, from_manifest=True)]
    if not probe:
        return _told_apart([found for found, *_ in rows], snapshot)
    return _told_apart([_probed(api, mesh, item, found, read) for found, mesh, item in rows], snapshot)


def _in_surroundings(meshes: Meshes, obj: Object, *, from_manifest: bool = False) -> Iterator[tuple[Explanation, Mesh, Subject]]:
    """What becomes of an object beside each of the copies that it may be applied with, as far as that differs."""
    seen: list[Explanation] = []
    for mesh in meshes.holding(obj.ref):
        item = subject(mesh, obj, from_manifest=from_manifest)
        found = explain(mesh, item)
        if found not in seen:
            seen.append(found)
            yield msgspec.structs.replace(found, beside=mesh.place) if len(meshes.holding(obj.ref)) > 1 else found, mesh, item


def _told_apart(found: Sequence[Explanation], snapshot: Snapshot) -> list[Explanation]:
    """The explanations, with the place of each target where several of one name were explained."""
    times = Counter(str(item.target) for item in found)
    same = Counter(item.target for item in found)
    return [
        msgspec.structs.replace(
            item,
            location=snapshot.locate(item.target, "") if times[str(item.target)] > 1 else None,
            beside=item.beside if same[item.target] > 1 else None,
        )
        for item in found
    ]


def _probed(api: Api, mesh: Mesh, item: Subject, found: Explanation, read: "Read | None" = None) -> Explanation:
    """The explanation with what the API server makes of the pod, as the cluster has it, a file says it, or kustomize builds it."""
    from kubectl_meshfix.sources.probe import manifest_of, probe  # noqa: PLC0415

    expected = answer(create_pod(mesh, item.namespace, item.template)).result
    path = item.workload.template_path if item.workload else ""
    part = read.environments.parts.get(item.ref) if read and read.environments else None
    manifest = part.built.value if part and item.workload else manifest_of(api, item, read.manifests if read else None)
    return msgspec.structs.replace(found, probe=probe(api, manifest, path, item.namespace, expected))
