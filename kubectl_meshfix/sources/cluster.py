"""A live cluster: one paged list a kind, kinds side by side, JSON decoded as it comes."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.errors import ApiError, ForbiddenError, SourceError
from kubectl_meshfix.mesh.control_plane import is_injector
from kubectl_meshfix.mesh.coverage import COMPLETE, Coverage, Refused
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.problems import Problem
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import ReportSource, Unread
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration, WebhookConfiguration
from kubectl_meshfix.resources.api import NOT_JSON
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.sources import control_plane_objects
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.object_lists import Progress, list_objects, no_progress
from kubectl_meshfix.sources.secret_names import read_secrets
from kubectl_meshfix.traffic.credentials.missing import wanted as needed_secrets

PARALLEL_REQUESTS = 6
"""Kinds that are listed at the same time."""

MANY = frozenset({kinds.POD, kinds.REPLICA_SET, kinds.JOB, kinds.REPLICATION_CONTROLLER, kinds.EVENT, kinds.RESOURCE_QUOTA})
"""Kinds of which a run for one namespace reads only that namespace; of the others a namespace may depend on any."""

SELECTED = {kinds.EVENT: "reason=FailedCreate"}
"""Field selectors of kinds of which only some objects say something: the events about pods that could not be created."""


BUILT_IN = frozenset({"", "apps", "batch", "discovery.k8s.io", "admissionregistration.k8s.io"})
"""API groups that every API server has, so that a list it does not know is not one that is not installed."""


class Gathered(msgspec.Struct, frozen=True):
    """One kind's objects, how much of it they are, and what did not decode; ``served`` is whether the cluster knows the kind.

    ``is_chosen`` are the objects of a kind that were asked for and no others.
    """

    kind: Kind
    objects: list[Object]
    coverage: Coverage
    problems: list[Problem]
    served: bool = True
    is_chosen: bool = False


def read_cluster(
    connection: Connection,
    wanted: Iterable[Kind],
    *,
    namespace: str | None,
    local: Collection[str] = (),
    progress: Progress = no_progress,
) -> Snapshot:
    """Read kinds from a cluster; ``namespace`` None means all of them.

    A kind that may not be listed cluster-wide is read in the ``local`` namespaces (else in the one, or the context's); what stays
    forbidden is part of the snapshot's coverage. Raises SourceError when the server cannot be reached or nothing at all may be read.
    """
    served = _served_versions(connection)
    places = sorted(local) or [namespace or connection.namespace]
    wanted = set(wanted)
    rows = [kind for kind in kinds.KINDS if kind in wanted and kind is not kinds.CONFIG_MAP and not kind.by_name]
    with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
        jobs = [pool.submit(_gather, connection, kind, served, _attempts(kind, namespace, places), progress) for kind in rows]
        try:
            gathered = [job.result() for job in jobs]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    reasons = [row.coverage.reason for row in gathered if row.served]
    if reasons and all(reasons):
        raise SourceError(
            f"You may not read anything in {connection.context or connection.server}: {reasons[0]}.",
            "Ask for a role with get and list on the kinds of docs/rbac.md, or use another context.",
        )
    if kinds.CONFIG_MAP in wanted:
        gathered += _of_control_planes(connection, gathered, whole_endpoints=kinds.ENDPOINT_SLICE in rows)
    mesh = Mesh(
        (obj for row in gathered for obj in row.objects),
        live=True,
        coverage={row.kind: row.coverage for row in gathered if not row.coverage.is_complete},
        taken_at=connection.taken_at,
        problems=(problem for row in gathered for problem in row.problems),
    )
    if kinds.SECRET in wanted:
        secrets = Gathered(kinds.SECRET, *read_secrets(connection, needed_secrets(mesh, namespace)), [], is_chosen=True)
        gathered.append(secrets)
        mesh = mesh.with_named(kinds.SECRET, secrets.objects, secrets.coverage)
    source = ReportSource(kind="cluster", context=connection.context, server=connection.server)
    return Snapshot(
        meshes=Meshes([mesh]),
        source=source,
        unreadable=tuple(_unread(gathered, namespace)),
        not_served=frozenset(row.kind for row in gathered if not row.served),
        has_istio=_has_istio(served, gathered),
    )


def _of_control_planes(connection: Connection, gathered: Iterable[Gathered], *, whole_endpoints: bool) -> Iterator[Gathered]:
    """What is read by name, once it is known which istiods there are."""
    configurations = [obj for row in gathered for obj in row.objects if isinstance(obj, WebhookConfiguration)]
    yield Gathered(kinds.CONFIG_MAP, *control_plane_objects.read_config_maps(connection, configurations), [])
    if not whole_endpoints:
        yield Gathered(kinds.ENDPOINT_SLICE, *control_plane_objects.read_endpoints(connection, configurations), [], is_chosen=True)


def _has_istio(served: dict[str, set[str]] | None, gathered: Iterable[Gathered]) -> bool:
    """Whether there may be an Istio: one of its kinds, a webhook of an injector, or no way to know."""
    if served is None or any(group.endswith(".istio.io") for group in served):
        return True
    webhooks = next((row for row in gathered if row.kind is kinds.MUTATING_WEBHOOK_CONFIGURATION), None)
    if webhooks is None or not webhooks.coverage.is_complete:
        return True
    configurations = (obj for obj in webhooks.objects if isinstance(obj, MutatingWebhookConfiguration))
    return any(is_injector(webhook) for configuration in configurations for webhook in configuration.webhooks)


def _unread(gathered: Iterable[Gathered], namespace: str | None) -> Iterator[Unread]:
    for row in sorted(gathered, key=lambda row: row.kind.resource):
        is_as_asked = row.is_chosen or (row.kind in MANY and row.coverage.namespaces == frozenset([namespace or ""]))
        if row.coverage.reason:
            yield Unread(kind=row.kind.resource, reason=row.coverage.reason)
        elif row.coverage.refused:
            yield Unread(kind=row.kind.resource, reason=_together(row.coverage.refused))
        elif row.coverage.namespaces is not None and not is_as_asked:
            yield Unread(
                kind=row.kind.resource, reason=f"only read in {', '.join(sorted(row.coverage.namespaces))}; listing all is forbidden"
            )


def _together(refused: Sequence[Refused]) -> str:
    first, *others = refused
    return f"{first.reason}; and {len(others)} more" if others else first.reason


# ---------------------------------------------------------------- one kind


class _Group(msgspec.Struct):
    name: str
    versions: list[dict[str, str]]


class _Groups(msgspec.Struct):
    groups: list[_Group]


def _served_versions(connection: Connection) -> dict[str, set[str]] | None:
    """API groups and their versions; None where discovery is forbidden."""
    try:
        body = connection.get("/apis").body
    except ForbiddenError:
        return None
    try:
        return {group.name: {row["version"] for row in group.versions} for group in msgspec.json.decode(body, type=_Groups).groups}
    except (*NOT_JSON, KeyError) as error:
        raise SourceError(f"{connection.server} does not answer like a Kubernetes API server.", "Check the server's address.") from error


def _attempts(kind: Kind, namespace: str | None, local: Sequence[str]) -> Sequence[Sequence[str | None]]:
    """The namespaces to list a kind in, None being all of them, and those to go on with where that is forbidden."""
    if not kind.namespaced:
        return [[None]]
    return [local] if kind in MANY and namespace else [[None], local]


def _gather(
    connection: Connection,
    kind: Kind,
    served: dict[str, set[str]] | None,
    attempts: Sequence[Sequence[str | None]],
    progress: Progress,
) -> Gathered:
    """A kind in the newest version that there is of it: a group's versions are those of any of its kinds."""
    found = Gathered(kind, [], COMPLETE, [], served=False)
    for version in _versions(kind, served):
        for places in attempts:
            found = _listed(connection, kind, version, places, progress)
            if not found.coverage.reason:
                break
        if found.served:
            break
    return found


def _listed(connection: Connection, kind: Kind, version: str, places: Sequence[str | None], progress: Progress) -> Gathered:
    """A kind in some namespaces, None being all of them, as far as it may be read."""
    objects: list[Object] = []
    problems: list[Problem] = []
    read: list[str | None] = []
    refusal = ""
    for where in places:
        try:
            listed, misfits = list_objects(connection, kind, version, where, progress, fields=SELECTED.get(kind, ""))
        except ForbiddenError as error:
            refusal = _forbidden(error)
        except ApiError as error:
            if error.status != 404:
                raise
            if kind.group in BUILT_IN:
                return Gathered(kind, [], Coverage(reason="the server knows no such kind, though every API server has it"), [])
            return Gathered(kind, [], COMPLETE, [], served=False)
        else:
            objects, problems = objects + listed, problems + misfits
            read.append(where)
    if not read:
        return Gathered(kind, [], Coverage(reason=refusal), [])
    return Gathered(kind, objects, COMPLETE if None in read else Coverage(namespaces=frozenset(filter(None, read))), problems)


def _versions(kind: Kind, served: dict[str, set[str]] | None) -> Sequence[str]:
    if not kind.group or served is None:
        return kind.versions
    return [version for version in kind.versions if version in served.get(kind.group, set())]


def _forbidden(error: ForbiddenError) -> str:
    return error.message.rstrip(".")
