"""Who uses a DestinationRule: proxies of its own namespace, else all, where it is beside its host or in the root namespace."""

from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.hosts import WorkloadEntry
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.absence import is_unplaced, may_hold_gateways
from kubectl_meshfix.traffic.destination.destination_rules import full_host
from kubectl_meshfix.traffic.export_to import HERE
from kubectl_meshfix.traffic.registry import registry
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS, workloads_of

if TYPE_CHECKING:
    from kubectl_meshfix.traffic.terms.parties import Party


class Unfollowed(msgspec.Struct, frozen=True):
    """A rule that no proxy uses. ``homes`` are the namespaces of its host; in files that lack the pods it is not ``is_certain``."""

    homes: tuple[str, ...]
    is_certain: bool


def unfollowed(mesh: Mesh, rule: DestinationRule) -> Unfollowed | None:
    """Why no proxy looks where a rule is; None where one does, or may.

    A proxy looks for rules of a host in its own namespace, the host's and the root namespace (`pilot/pkg/model/push_context.go
    destinationRule`). Who has a wildcard for a host is not asked: it may cover hosts of any namespace.
    """
    host, own = full_host(rule), rule.namespace
    homes = {entry.namespace for entry in registry(mesh).exact.get(host, ())}
    if found := hosts.service_of(host):
        homes.add(found[1])
    roots = {control_plane.root_namespace(mesh), *(plane.mesh_config.root_namespace for plane in control_plane.control_planes(mesh))}
    if not homes or host.startswith("*") or own in homes | roots or is_unplaced(mesh, own, *homes):
        return None
    state = has_proxies(mesh, own)
    if state or (state is None and (mesh.live or may_hold_gateways(own))):
        return None
    return Unfollowed(tuple(sorted(homes)), state is False)


def has_proxies(mesh: Mesh, namespace: str) -> bool | None:
    """Whether pods of a namespace use DestinationRules: those with a sidecar, gateways, waypoints and machines; None where nobody knows.

    Files speak for namespaces of which they hold a workload. ztunnel uses no DestinationRule.
    """
    memo = mesh.memo("namespaces with proxies")
    if namespace not in memo:
        memo[namespace] = _has_proxies(mesh, namespace)
    found: bool | None = memo[namespace]
    return found


def has_sidecars(mesh: Mesh, exports: frozenset[str], own: str) -> bool:
    """Whether a pod with a sidecar is known in one of the namespaces of an ``exportTo``; everywhere where it names none."""
    memo = mesh.memo("namespaces with sidecars")
    if "all" not in memo:
        memo["all"] = {item.namespace for item in mesh.workloads if _planes(mesh, item) == {True}}
    names = {own if name == HERE else name for name in exports}
    return bool(memo["all"]) if not names or "*" in names else not names.isdisjoint(memo["all"])


def _has_proxies(mesh: Mesh, namespace: str) -> bool | None:
    if mesh.within(KubernetesGateway, namespace):
        return True
    if mesh.within(WorkloadEntry, namespace):
        return True
    workloads = workloads_of(mesh, namespace)
    states = [{party.has_envoy for party in _parties(mesh, workload)} for workload in workloads]
    if any(state == {True} for state in states):
        return True
    is_known = all(state == {False} for state in states)
    if mesh.live:
        return False if is_known and all(mesh.knows(kind, namespace) for kind in (*WORKLOADS, kinds.KUBERNETES_GATEWAY)) else None
    return False if is_known and workloads and all(mesh.holds_all(kind, namespace) for kind in WORKLOADS) else None


def _planes(mesh: Mesh, workload: Workload) -> set[bool]:
    from kubectl_meshfix.traffic.terms.parties import Plane  # noqa: PLC0415 -- as below

    return {party.plane is Plane.SIDECAR for party in _parties(mesh, workload)}


def _parties(mesh: Mesh, workload: Workload) -> "list[Party]":
    from kubectl_meshfix.traffic.parties import parties_of  # noqa: PLC0415 -- most rules are beside their host

    return [found.value for found in answer(parties_of(mesh, workload))]
