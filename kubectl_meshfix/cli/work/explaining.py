"""From flags to explanations: which source, which targets."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from kubectl_meshfix import scope
from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.cli import progress
from kubectl_meshfix.cli.console import warn
from kubectl_meshfix.cli.flags.connecting import connected
from kubectl_meshfix.cli.flags.options import ConnectionFlags, ExplainSourceFlags
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.errors import SourceError, UsageError
from kubectl_meshfix.injection.chain import explain
from kubectl_meshfix.injection.creation import create_pod
from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.injection.subjects import Subject, chosen, subject
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.render.text.terminal import safe_line
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.resources.meta import Key, LabelSelector, Object


def explanations(words: Sequence[str], connection: ConnectionFlags, where: ExplainSourceFlags, *, probe: bool) -> list[Explanation]:
    """Explain what the flags name. Raises MeshfixError."""
    wanted = scope.parse_targets(words)
    labels = scope.parse_labels(where.selector)
    if where.filename:
        return _of_files(wanted, labels, connection, where, probe=probe)
    if where.cluster_context or where.recursive:
        raise UsageError("--cluster-context and -R need -f.", "Name manifests with -f, or use --context to choose a cluster.")
    if not wanted:
        raise UsageError(
            "Name what to explain: pod/NAME, deploy/NAME, ns/NAME, pods, ….", "With -f, all workloads of the files are explained."
        )
    snapshot, api, namespace = _cluster(wanted, connection, where)
    subjects = [subject(snapshot.mesh, obj) for obj in _chosen(snapshot.meshes, wanted, labels, namespace)]
    if not subjects:
        _must_be_readable(wanted, snapshot, namespace)
    found = [explain(snapshot.mesh, item) for item in subjects]
    return [_probed(api, snapshot.mesh, *pair) for pair in zip(subjects, found, strict=True)] if probe else found


def _must_be_readable(wanted: Sequence[scope.NamedTarget], snapshot: Snapshot, namespace: str | None) -> None:
    """Raise SourceError where there may be targets that could not be listed: that is not "none"."""
    unread = {kind.resource for item in wanted for kind in item.kinds if not snapshot.mesh.knows(kind, namespace or "")}
    for gap in snapshot.unreadable:
        if gap.kind in unread:
            raise SourceError(f"You may not list {gap.kind}: {gap.reason}.", "Ask for the role of explain (docs/rbac.md).")


def nothing(words: Sequence[str], where: ExplainSourceFlags) -> str:
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
    where: ExplainSourceFlags,
    *,
    probe: bool,
) -> list[Explanation]:
    from kubectl_meshfix.sources import files  # noqa: PLC0415 -- a cluster run never parses YAML

    snapshot, manifests = files.read_manifests(
        where.filename or (), recursive=where.recursive, namespace=where.namespace, ignore=not where.no_ignore
    )
    namespace = where.namespace if where.namespace and not where.all_namespaces else None
    if namespace:
        scope.must_be_in_files(snapshot.meshes, namespace)
    objects = _chosen(snapshot.meshes, wanted, labels, namespace, may_be_many=where.all_namespaces)
    if not where.cluster_context:
        return _told_apart([row for obj in objects for row in _in_surroundings(snapshot, obj)], snapshot)
    found: list[Explanation] = []
    for mesh in snapshot.meshes:
        own = [obj for obj in objects if snapshot.meshes.mesh_of(obj.ref) is mesh]
        if not own:
            continue
        there, api = _environment(mesh, {subject(mesh, obj).namespace for obj in own}, connection, where.cluster_context)
        subjects = [subject(there.mesh, obj, from_manifest=True) for obj in own]
        rows = [explain(there.mesh, item) for item in subjects]
        found += [_probed(api, there.mesh, *pair, manifests) for pair in zip(subjects, rows, strict=True)] if probe else rows
    return _told_apart(found, snapshot)


def _in_surroundings(snapshot: Snapshot, obj: Object) -> Iterator[Explanation]:
    """What becomes of an object beside each of the copies that it may be applied with, as far as that differs."""
    seen: list[Explanation] = []
    for mesh in snapshot.meshes.holding(obj.ref):
        found = explain(mesh, subject(mesh, obj))
        if found not in seen:
            seen.append(found)
            yield msgspec.structs.replace(found, beside=mesh.place) if len(snapshot.meshes.holding(obj.ref)) > 1 else found


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


def _chosen(
    meshes: Meshes, wanted: Sequence[scope.NamedTarget], labels: LabelSelector | None, namespace: str | None, *, may_be_many: bool = True
) -> list[Object]:
    """The targets, every copy of them; all workloads where nothing is named.

    Raises UsageError where a name is not there, or there in more than one namespace.
    """
    found: dict[Key, Object] = {}
    for item in wanted:
        meant = _named(meshes, item, labels, namespace)
        places = sorted({obj.namespace for obj in meant.values()})
        if item.name and not may_be_many and len(places) > 1:
            raise UsageError(
                f"{item.name} is in several namespaces: {', '.join(places)}.", "Choose one with -n, or explain all of them with -A."
            )
        found |= meant
    if not wanted:
        found = {item.ref.key: item.object for mesh in meshes for item in mesh.workloads if namespace in (None, item.namespace)}
        if not found:
            raise UsageError("There is nothing to explain: no workload was found.", "Check the files, -n and -l.")
    return list(found.values())


def _named(meshes: Meshes, item: scope.NamedTarget, labels: LabelSelector | None, namespace: str | None) -> dict[Key, Object]:
    """The objects that one word names. Raises UsageError where no mesh has one; of several errors, that of a mesh with the name."""
    found: dict[Key, Object] = {}
    errors: list[tuple[bool, UsageError]] = []
    for mesh in meshes:
        try:
            found |= {obj.ref.key: obj for obj in chosen(mesh, item.kinds, item.name, namespace=namespace, labels=labels)}
        except UsageError as error:
            errors.append((any(obj.name == item.name for kind in item.kinds for obj in mesh.all(kind.struct)), error))
    if not found and len(errors) == len(meshes):
        raise max(errors, key=lambda row: row[0])[1]
    return found


def _cluster(
    wanted: Sequence[scope.NamedTarget], connection: ConnectionFlags, where: ExplainSourceFlags
) -> tuple[Snapshot, Api, str | None]:
    from kubectl_meshfix.sources import explain_source  # noqa: PLC0415 -- a run on files never imports the client

    api = connected(connection, where.namespace)
    namespace = None if where.all_namespaces else api.namespace
    with progress.reading() as tell:
        snapshot = explain_source.read_targets(api, wanted, namespace=namespace, labels=where.selector, progress=tell)
    _tell(api.warnings, snapshot)
    return snapshot, api, namespace


def _environment(mesh: Mesh, namespaces: Iterable[str], connection: ConnectionFlags, context: str) -> tuple[Snapshot, Api]:
    from kubectl_meshfix.sources import explain_source  # noqa: PLC0415

    api = connected(dataclasses.replace(connection, context=context))
    with progress.reading() as tell:
        snapshot = explain_source.read_environment(api, mesh, namespaces, tell)
    _tell(api.warnings, snapshot)
    return snapshot, api


def _tell(warnings: Iterable[str], snapshot: Snapshot) -> None:
    for text in warnings:
        warn(text)
    if snapshot.unreadable:
        warn(
            f"You may not read {', '.join(gap.kind for gap in snapshot.unreadable)}. Checks that need them are marked with a question mark."
        )


def _probed(api: Api, mesh: Mesh, item: Subject, found: Explanation, manifests: Manifests | None = None) -> Explanation:
    from kubectl_meshfix.sources.probe import manifest_of, probe  # noqa: PLC0415

    expected = answer(create_pod(mesh, item.namespace, item.template)).result
    path = item.workload.template_path if item.workload else ""
    return msgspec.structs.replace(found, probe=probe(api, manifest_of(api, item, manifests), path, item.namespace, expected))
