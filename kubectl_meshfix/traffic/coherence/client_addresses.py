"""Addresses of callers that policies of a gateway ask for and that the way to its pods replaces with those of nodes."""

from collections.abc import Iterator
from ipaddress import ip_network

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.traffic.coherence.enforcers import enforcers
from kubectl_meshfix.traffic.policy.evaluation import conditions as names
from kubectl_meshfix.traffic.policy.evaluation.conditions import Condition, terms_of
from kubectl_meshfix.traffic.terms.parties import Party, Plane

_KEEPING = ("target-type", "proxy-protocol", "preserve-client-ip", "loadbalancer-type")
"""Parts of annotations by which clouds are told to keep the caller's address."""


class Lost(msgspec.Struct, frozen=True):
    """A condition about addresses of callers from outside, and the Service that leads to the gateway without them."""

    policy: AuthorizationPolicy
    condition: Condition
    position: int
    service: Service


def lost_addresses(mesh: Mesh) -> Iterator[Lost]:
    """Each condition with a public address for gateways to which every Service from outside leads by any node.

    kube-proxy then sends a connection on from the node's own address (`externalTrafficPolicy: Cluster`).
    """
    for policy in mesh.all(AuthorizationPolicy):
        for condition, position in _about_addresses(policy):
            behind = enforcers(mesh, policy)
            services = [service for party in behind for service in _from_outside(mesh, party)]
            if behind and services and all(party.plane is Plane.GATEWAY for party in behind) and all(map(_loses, services)):
                yield Lost(policy, condition, position, services[0])


def _about_addresses(policy: AuthorizationPolicy) -> Iterator[tuple[Condition, int]]:
    """The conditions about the direct peer's address that have a public one, with its position."""
    for index, rule in enumerate(policy.spec.rules):
        terms = terms_of(rule, index)
        for condition in terms.conditions if terms else ():
            found = [position for position, value in enumerate(condition.values) if _is_public(value)]
            if condition.attribute == names.SOURCE_IP and found:
                yield condition, found[0]


def _is_public(block: str) -> bool:
    """Whether a block is of addresses that no node has; one of all addresses is not."""
    try:
        found = ip_network(block, strict=False)
    except ValueError:
        return False
    return (
        found.prefixlen > 0
        and not (found.is_private and not _is_documentation(block))
        and not found.is_loopback
        and not found.is_link_local
    )


def _is_documentation(block: str) -> bool:
    """Whether a block is one of those that documentation uses in place of public ones (RFC 5737)."""
    return block.startswith(("192.0.2.", "198.51.100.", "203.0.113."))


def _from_outside(mesh: Mesh, party: Party) -> Iterator[Service]:
    for service in mesh.services_selecting(party.namespace, party.labels):
        if service.spec.type in ("LoadBalancer", "NodePort"):
            yield service


def _loses(service: Service) -> bool:
    is_kept = any(part in name for name in service.metadata.annotations for part in _KEEPING)
    return service.spec.external_traffic_policy in ("", "Cluster") and not is_kept
