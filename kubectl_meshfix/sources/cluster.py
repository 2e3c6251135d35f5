"""A live cluster: one paged list a kind, kinds side by side, JSON decoded as it comes."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from typing import NamedTuple

import msgspec

from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.errors import ApiError, ForbiddenError, SourceError
from kubectl_meshfix.mesh.control_plane import DEFAULT_REVISION, SYSTEM_NAMESPACE, config_map_name, is_injector, serving_revision
from kubectl_meshfix.mesh.coverage import COMPLETE, Coverage
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.problems import Problem
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import ReportSource, Unread
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration
from kubectl_meshfix.resources.api import NOT_JSON, decode_object
from kubectl_meshfix.resources.core import ConfigMap
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.decode import Misfit, decode
from kubectl_meshfix.sources.object_lists import Progress, list_objects, no_progress

PARALLEL_REQUESTS = 6
"""Kinds that are listed at the same time."""

MANY = frozenset({kinds.POD, kinds.REPLICA_SET, kinds.JOB, kinds.REPLICATION_CONTROLLER})
"""Kinds of which a run for one namespace reads only that namespace; of the others a namespace may depend on any."""


BUILT_IN = frozenset({"", "apps", "batch", "discovery.k8s.io", "admissionregistration.k8s.io"})
"""API groups that every API server has, so that a list it does not know is not one that is not installed."""


class Gathered(NamedTuple):
    """One kind's objects, how much of it they are, and what did not decode; ``served`` is whether the cluster knows the kind."""

    kind: Kind
    objects: list[Object]
    coverage: Coverage
    problems: list[Problem]
    served: bool = True


def read_cluster(connection: Connection, wanted: Iterable[Kind], *, namespace: str | None, progress: Progress = no_progress) -> Snapshot:
    """Read kinds from a cluster; ``namespace`` None means all of them.

    A kind that may not be listed cluster-wide is read in the namespace (or the context's); what stays forbidden is part
    of the snapshot's coverage. Raises SourceError when the server cannot be reached or nothing at all may be read.
    """
    served = _served_versions(connection)
    rows = [kind for kind in kinds.KINDS if kind in set(wanted) and kind is not kinds.CONFIG_MAP]
    with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
        jobs = [pool.submit(_gather, connection, kind, served, namespace, progress) for kind in rows]
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
    if kinds.CONFIG_MAP in set(wanted):
        configurations = [obj for row in gathered for obj in row.objects if isinstance(obj, MutatingWebhookConfiguration)]
        gathered.append(_config_maps(connection, configurations))
    mesh = Mesh(
        (obj for row in gathered for obj in row.objects),
        live=True,
        coverage={row.kind: row.coverage for row in gathered if not row.coverage.is_complete},
        taken_at=connection.server_time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if connection.server_time else None,
        problems=(problem for row in gathered for problem in row.problems),
    )
    source = ReportSource(kind="cluster", context=connection.context, server=connection.server)
    return Snapshot(
        meshes=Meshes([mesh]),
        source=source,
        unreadable=tuple(_unread(gathered)),
        not_served=frozenset(row.kind for row in gathered if not row.served),
        has_istio=_has_istio(served, gathered),
    )


def _has_istio(served: dict[str, set[str]] | None, gathered: Iterable[Gathered]) -> bool:
    """Whether there may be an Istio: one of its kinds, a webhook of an injector, or no way to know."""
    if served is None or any(group.endswith(".istio.io") for group in served):
        return True
    webhooks = next((row for row in gathered if row.kind is kinds.MUTATING_WEBHOOK_CONFIGURATION), None)
    if webhooks is None or not webhooks.coverage.is_complete:
        return True
    configurations = (obj for obj in webhooks.objects if isinstance(obj, MutatingWebhookConfiguration))
    return any(is_injector(webhook) for configuration in configurations for webhook in configuration.webhooks)


def _unread(gathered: Iterable[Gathered]) -> Iterator[Unread]:
    for row in sorted(gathered, key=lambda row: row.kind.resource):
        if row.coverage.reason:
            yield Unread(kind=row.kind.resource, reason=row.coverage.reason)
        elif row.coverage.namespaces is not None and row.kind not in MANY:
            yield Unread(
                kind=row.kind.resource, reason=f"only read in {', '.join(sorted(row.coverage.namespaces))}; listing all is forbidden"
            )


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


def _gather(connection: Connection, kind: Kind, served: dict[str, set[str]] | None, namespace: str | None, progress: Progress) -> Gathered:
    version = _version(kind, served)
    if version is None:
        return Gathered(kind, [], COMPLETE, [], served=False)
    local = namespace or connection.namespace
    attempts = [None, local] if kind.namespaced and not (kind in MANY and namespace) else [namespace if kind.namespaced else None]
    refusal = ""
    for where in attempts:
        try:
            objects, problems = list_objects(connection, kind, version, where, progress)
        except ForbiddenError as error:
            refusal = _forbidden(error)
        except ApiError as error:
            if error.status != 404:
                raise
            if kind.group in BUILT_IN:
                return Gathered(kind, [], Coverage(reason="the server knows no such kind, though every API server has it"), [])
            return Gathered(kind, [], COMPLETE, [], served=False)
        else:
            return Gathered(kind, objects, COMPLETE if where is None else Coverage(namespaces=frozenset({where})), problems)
    return Gathered(kind, [], Coverage(reason=refusal), [])


def _version(kind: Kind, served: dict[str, set[str]] | None) -> str | None:
    if not kind.group or served is None:
        return kind.versions[0]
    return next((version for version in kind.versions if version in served.get(kind.group, set())), None)


def _forbidden(error: ForbiddenError) -> str:
    return error.message.rstrip(".")


# ---------------------------------------------------------------- ConfigMaps, by name


def config_map_names(configurations: Iterable[MutatingWebhookConfiguration]) -> Iterator[tuple[str, str]]:
    """Namespace and name of the ConfigMaps that the istiods behind these webhooks read; those of a plain install in any case."""
    places = {(SYSTEM_NAMESPACE, DEFAULT_REVISION)}
    for configuration in configurations:
        for webhook in filter(is_injector, configuration.webhooks):
            service = webhook.client_config.service
            places.add((service.namespace if service else SYSTEM_NAMESPACE, serving_revision(configuration, webhook)))
    for namespace, revision in sorted(places):
        for name in ("istio", "istio-sidecar-injector"):
            yield namespace, config_map_name(name, revision)


def _config_maps(connection: Connection, configurations: Iterable[MutatingWebhookConfiguration]) -> Gathered:
    """The mesh's and the injector's ConfigMaps of each revision; no others are asked for."""
    found: list[Object] = []
    refusals: list[str] = []
    for namespace, name in config_map_names(configurations):
        try:
            answer = connection.get(f"/api/v1/namespaces/{namespace}/configmaps/{name}")
        except ForbiddenError as error:
            refusals.append(_forbidden(error))
            continue
        if not answer.missing:
            decoded = decode(decode_object(answer.body, "ConfigMap", name), ConfigMap)
            if not isinstance(decoded, Misfit):
                found.append(decoded)
    coverage = Coverage(reason=refusals[0]) if refusals and not found else COMPLETE
    return Gathered(kinds.CONFIG_MAP, found, coverage, [])
