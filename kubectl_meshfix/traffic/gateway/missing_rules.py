"""DestinationRules with subsets that gateways route to, and do not find."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.absence import is_unplaced
from kubectl_meshfix.traffic.client.following import gateways_alone
from kubectl_meshfix.traffic.destination.destination_rules import full_host, rules_in_force
from kubectl_meshfix.traffic.destination.subsets import defines, home_of, undefined
from kubectl_meshfix.traffic.route.routed import routed


class MissingGateway(msgspec.Struct, frozen=True):
    """A VirtualService that routes to a subset at gateways alone, the namespaces of their pods, and that of the host."""

    by: Ref
    subset: str
    namespaces: frozenset[str]
    home: str


def missing_gateways(mesh: Mesh, rule: DestinationRule) -> Iterator[MissingGateway]:
    """The routes to a rule's subsets at gateways whose pods use no rule that defines the subset, as far as nothing says so of the route."""
    host = full_host(rule)
    for row in routed(mesh, host) if rule.spec.subsets else ():
        virtual_service = mesh.find(row.by)
        if not row.subset or not isinstance(virtual_service, VirtualService) or not defines(mesh, rule, row.subset):
            continue
        pods = gateways_alone(mesh, virtual_service)
        home = home_of(mesh, host, virtual_service.namespace)
        found = [other for namespace in pods for other in rules_in_force(mesh, host, namespace, home)]
        is_missed = pods and rule.namespace not in pods and not any(defines(mesh, other, row.subset) for other in found)
        if is_missed and not is_unplaced(mesh, rule.namespace, *pods) and not undefined(mesh, virtual_service, host, row.subset):
            yield MissingGateway(row.by, row.subset, pods, home)
