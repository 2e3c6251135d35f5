"""From flags to a snapshot: files or a cluster, and which namespace the run is about."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix import scope
from kubectl_meshfix.cli import progress
from kubectl_meshfix.cli.console import warn
from kubectl_meshfix.cli.flags.connecting import connected
from kubectl_meshfix.cli.flags.options import ConnectionFlags, SelectionFlags
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.mesh.control_plane import control_planes, tags
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import Diagnosis, Report
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.resources.names import NAMESPACE_NAMES, can_name_a_namespace

if TYPE_CHECKING:
    from kubectl_meshfix.sources.api.connection import Connection as Cluster
    from kubectl_meshfix.sources.kustomize.environments import Kustomized


class Source(Struct, frozen=True):
    """What was read, and what is left of its source for a target. ``namespace`` is the one that a run is about, None for all.

    ``files`` are the meshes of manifests alone, and ``live`` is the cluster, where they are laid over one.
    """

    snapshot: Snapshot
    files: Meshes | None = None
    live: Snapshot | None = None
    manifests: Manifests | None = None
    api: "Cluster | None" = None
    namespace: str | None = None
    environments: "Kustomized | None" = None

    def without_doubtful(self, report: Report) -> Report:
        """The report without what a build could prove wrong that was not made."""
        environments = self.environments
        if environments is None:
            return report

        def is_certain(row: Diagnosis) -> bool:
            return not environments.could_be_wrong(row.code, row.resource, row.location.file if row.location else "")

        return msgspec.structs.replace(report, findings=tuple(filter(is_certain, report.findings)))


def of_files(selection: SelectionFlags, *, default_namespace: str = "") -> Source:
    """Read the manifests of -f, and build kustomizations. Raises MeshfixError, also for a namespace of which they hold nothing.

    ``default_namespace`` is for documents that name none, where -n names none either.
    """
    from kubectl_meshfix.sources import files  # noqa: PLC0415 -- a cluster run never parses YAML

    if selection.namespace and not can_name_a_namespace(selection.namespace):
        raise UsageError(f"{selection.namespace!a} cannot be the name of a namespace.", NAMESPACE_NAMES)

    read = files.read_files(
        selection.filename or (),
        recursive=selection.recursive,
        namespace=selection.namespace or default_namespace,
        ignore=not selection.no_ignore,
        helm=selection.helm,
    )
    namespace = None if selection.all_namespaces else selection.namespace or None
    if namespace:
        scope.must_be_in_files(read.snapshot.meshes, namespace)
    return Source(snapshot=read.snapshot, manifests=read.manifests, namespace=namespace, environments=read.environments)


def of_cluster(connection: ConnectionFlags, selection: SelectionFlags, wanted: set[kinds.Kind], shown: scope.FindingFilter) -> Source:
    """Read the kinds that are ``wanted`` of a cluster. Raises MeshfixError, also where there is no Istio or no such namespace."""
    from kubectl_meshfix.sources import cluster  # noqa: PLC0415 -- a run on files never imports the client

    api = connected(connection, selection.namespace)
    namespace = None if selection.all_namespaces else api.namespace
    read_in = namespace if not namespace or all(kind.namespaced for kind in _kinds(shown.targets)) else _only_namespace(shown.targets)
    with progress.reading() as tell:
        snapshot = cluster.read_cluster(api, wanted, namespace=read_in, progress=tell)
    for text in api.warnings:
        warn(text)
    place = place_of(api)
    if shown.mesh_only and not snapshot.has_istio:
        raise no_istio(place)
    if missing := next((target for target in shown.targets if snapshot.not_served.issuperset(target.kinds)), None):
        raise UsageError(f"{missing.kinds[0].resource} is not installed in {place}.", "Check the kind and the context.")
    if read_in:
        scope.must_exist(snapshot.mesh, read_in)
    return Source(snapshot=snapshot, api=api, namespace=namespace)


def place_of(api: "Cluster") -> str:
    """What a person calls a cluster."""
    return f"context {api.context}" if api.context else api.server


def no_istio(place: str) -> UsageError:
    """The error for a cluster in which nothing can be in a mesh."""
    return UsageError(
        f"There is no Istio in {place} (no injector webhook, no istio.io kinds): nothing is in a mesh.",
        "Wrong context? Choose one with --context. To check every object anyway: --scope all.",
    )


def _kinds(targets: Sequence[scope.NamedTarget]) -> set[kinds.Kind]:
    return {kind for target in targets for kind in target.kinds}


def _only_namespace(targets: Sequence[scope.NamedTarget]) -> str | None:
    """The Namespace that was named and nothing else; None where everything has to be read."""
    names = {target.name if target.kinds == (kinds.NAMESPACE,) else None for target in targets}
    return names.pop() if len(names) == 1 else None


def must_have_revision(mesh: Mesh, revision: str) -> None:
    """Raise UsageError for a revision that no control plane of the cluster has: no workload would be looked at."""
    known = [plane.revision for plane in control_planes(mesh)]
    if known and revision not in known:
        pointed = tags(mesh).get(revision)
        hint = f"{revision} is a tag: --revision {pointed}" if pointed else f"The revisions of this cluster: {', '.join(known)}."
        raise UsageError(f'There is no control plane of revision "{revision}".', hint)
