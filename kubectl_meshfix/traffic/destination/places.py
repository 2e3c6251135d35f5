"""The host and port that a route names, as the proxy knows them."""

from typing import NamedTuple

import msgspec

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.absence import is_unregistered
from kubectl_meshfix.traffic.checks import cluster as check
from kubectl_meshfix.traffic.client.view import View
from kubectl_meshfix.traffic.destinations import cluster_name, known_to_http, port_with_cluster
from kubectl_meshfix.traffic.registry import Entry, Port, registry
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Plane
from kubectl_meshfix.traffic.terms.routes import Target


class Place(NamedTuple):
    """What a target names: a host that the proxy knows, and one of its ports."""

    entry: Entry
    port: Port


def place_of(mesh: Mesh, view: View, target: Target, called: int, *, is_l4: bool) -> Steps[Place | Failure | Unknown]:
    """The host and port of a target (`pilot/pkg/networking/core/route/route.go GetDestinationCluster`).

    A sidecar's HTTP routes know the hosts alone that have the port that was called; gateways and TCP routes know all.
    """
    if not target.host:
        yield step(check.UNUSABLE, target.at)
        return Failure.NO_CLUSTER
    knows_all = is_l4 or view.party.plane in (Plane.GATEWAY, Plane.WAYPOINT)
    entry = view.entry(target.host)
    known = entry if knows_all else known_to_http(entry, called)
    name = cluster_name(target.host, known, target.port, called)
    if entry and entry.is_alias:
        if name.host == target.host:
            yield step(check.LOST, target.at, host=target.host, port=called)
            return Failure.NO_CLUSTER
        yield step(check.RESOLVED, Where(entry.resource, "/spec/externalName"), host=target.host, target=name.host)
        entry = view.entry(name.host)
        entry = None if entry and entry.is_alias else entry
        target = msgspec.structs.replace(target, host=name.host)
    if entry is None:
        return (yield from _absent(mesh, view, target))
    yield step(check.IN_SCOPE, Where(entry.resource), host=entry.host, resource=str(entry.resource))
    port = port_with_cluster(entry, name.port)
    if port is None:
        ports = ", ".join(str(item.number) for item in entry.ports) or "none"
        yield step(check.MISSING if target.port else check.MISSING_OF_CALL, target.at, host=entry.host, port=name.port, ports=ports)
        return Failure.NO_CLUSTER
    told = check.OF_ROUTE if target.port else check.ONLY_ONE if name.is_only and name.port != called else check.OF_CALL
    yield step(told, target.at or Where(entry.resource), port=name.port)
    return Place(entry, port)


def _absent(mesh: Mesh, view: View, target: Target) -> Steps[Failure | Unknown]:
    """Why a proxy does not know a host."""
    others = registry(mesh).exact.get(target.host, ())
    if others:
        yield step(check.HIDDEN, target.at or Where(others[0].resource), host=target.host, resource=str(others[0].resource))
        return Failure.NO_CLUSTER
    meant = [
        host for end in (hosts.CLUSTER_DOMAIN, f"svc.{hosts.CLUSTER_DOMAIN}") if (host := f"{target.host}.{end}") in registry(mesh).exact
    ]
    if meant:
        yield step(check.NOT_IN_FULL, target.at, host=target.host, meant=meant[0])
        return Failure.NO_CLUSTER
    asker = mesh.find(target.at.resource) if target.at else None
    if is_unregistered(mesh, target.host, asker.namespace if asker else view.party.namespace, asker):
        yield step(check.UNREGISTERED, target.at, host=target.host)
        return Failure.NO_CLUSTER
    kind = UnknownKind.UNREADABLE if mesh.live else UnknownKind.NOT_IN_FILES
    unknown = Unknown(kind=kind, of=target.host, settled_by=f"the Service or ServiceEntry of {target.host}")
    yield step(check.NOT_READ, target.at, unknown=unknown, host=target.host)
    return unknown
