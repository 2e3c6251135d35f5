"""From flags to explanations: which source, which targets."""

import dataclasses
from collections.abc import Iterable, Sequence

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
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.render.text.terminal import safe_line
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.resources.meta import LabelSelector, Object


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
    subjects = _subjects(snapshot.mesh, wanted, labels, namespace)
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
        place = " in these files"
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

    snapshot, manifests = files.read_manifests(where.filename or (), recursive=where.recursive, namespace=where.namespace)
    namespace = where.namespace if where.namespace and not where.all_namespaces else None
    subjects = _subjects(snapshot.mesh, wanted, labels, namespace, may_be_many=where.all_namespaces)
    if not where.cluster_context:
        return [explain(snapshot.mesh, item) for item in subjects]
    there, api = _environment(snapshot.mesh, subjects, connection, where.cluster_context)
    subjects = [subject(there.mesh, item.object, from_manifest=True) for item in subjects]
    found = [explain(there.mesh, item) for item in subjects]
    return [_probed(api, there.mesh, *pair, manifests) for pair in zip(subjects, found, strict=True)] if probe else found


def _subjects(
    mesh: Mesh, wanted: Sequence[scope.NamedTarget], labels: LabelSelector | None, namespace: str | None, *, may_be_many: bool = True
) -> list[Subject]:
    """The targets in a mesh; all workloads where nothing is named. Raises UsageError where a name is not there, or there more than once."""
    found: dict[tuple[str, str, str, str], Object] = {}
    for item in wanted:
        meant = list(chosen(mesh, item.kinds, item.name, namespace=namespace, labels=labels))
        places = sorted({obj.namespace for obj in meant})
        if item.name and not may_be_many and len(places) > 1:
            raise UsageError(
                f"{item.name} is in several namespaces: {', '.join(places)}.", "Choose one with -n, or explain all of them with -A."
            )
        found |= {obj.ref.key: obj for obj in meant}
    if not wanted:
        found = {item.ref.key: item.object for item in mesh.workloads if namespace in (None, item.namespace)}
        if not found:
            raise UsageError("There is nothing to explain: no workload was found.", "Check the files, -n and -l.")
    return [subject(mesh, obj) for obj in found.values()]


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


def _environment(mesh: Mesh, subjects: Iterable[Subject], connection: ConnectionFlags, context: str) -> tuple[Snapshot, Api]:
    from kubectl_meshfix.sources import explain_source  # noqa: PLC0415

    api = connected(dataclasses.replace(connection, context=context))
    with progress.reading() as tell:
        snapshot = explain_source.read_environment(api, mesh, {item.namespace for item in subjects}, tell)
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
