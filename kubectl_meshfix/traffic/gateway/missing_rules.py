"""DestinationRules with subsets that gateways route to, and do not find."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.absence import is_unplaced
from kubectl_meshfix.traffic.client.following import gateways_alone
from kubectl_meshfix.traffic.destination.destination_rules import full_host
from kubectl_meshfix.traffic.destination.subsets import home_of, is_defined, undefined
from kubectl_meshfix.traffic.route.routed import Routed, routed


class MissingGateway(msgspec.Struct, frozen=True):
    """A VirtualService that routes to a subset at gateways alone, the namespaces of their pods, and that of the host."""

    by: Ref
    subset: str
    namespaces: frozenset[str]
    home: str


def missing_gateways(mesh: Mesh, rule: DestinationRule) -> Iterator[MissingGateway]:
    """The routes to a rule's subsets at gateways whose pods use no rule that defines the subset, as far as nothing says so of the route."""
    host = full_host(rule)
    by_subset = _by_subset(mesh, host) if rule.spec.subsets else {}
    rows = sorted(row for name in {item.name for item in rule.spec.subsets if item.name} for row in by_subset.get(name, ()))
    for _, row in rows:
        virtual_service = mesh.find(row.by)
        if not isinstance(virtual_service, VirtualService):
            continue
        pods = gateways_alone(mesh, virtual_service)
        if not pods or rule.namespace in pods:
            continue
        home = home_of(mesh, host, virtual_service.namespace)
        is_missed = not is_defined(mesh, host, pods, home, row.subset)
        if is_missed and not is_unplaced(mesh, rule.namespace, *pods) and not undefined(mesh, virtual_service, host, row.subset):
            yield MissingGateway(row.by, row.subset, pods, home)


def _by_subset(mesh: Mesh, host: str) -> Mapping[str, Sequence[tuple[int, Routed]]]:
    """The routes to subsets of a host at gateways, by the subset, each with its position among all routes to the host."""
    memo: dict[str, dict[str, list[tuple[int, Routed]]]] = mesh.memo("routes to subsets")
    if host not in memo:
        memo[host] = {}
        for row in enumerate(routed(mesh, host)):
            if row[1].at_gateway:
                memo[host].setdefault(row[1].subset, []).append(row)
    return memo[host]
