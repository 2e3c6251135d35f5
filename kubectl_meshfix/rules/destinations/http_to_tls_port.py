"""MF433: a route sends plain HTTP to a port on which the server speaks TLS."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols.contradictions import KINDS, contradiction
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import BackendTLSPolicy
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.destination.client_protocols import originates_tls
from kubectl_meshfix.traffic.destination.subsets import holds_rules
from kubectl_meshfix.traffic.gateway.faults.usable_routes import are_unused
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL, Entry, registry
from kubectl_meshfix.traffic.route.http_destinations import HTTPDestination, gets_none, http_destinations


class _Place(msgspec.Struct, frozen=True):
    entry: Entry
    number: int
    protocol: Protocol


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each destination of HTTP whose port declares HTTPS or TLS, where no rule or policy starts TLS (`core/cluster_tls.go`)."""
    for found in http_destinations(mesh):
        place = _place(mesh, found)
        if (
            place
            and not gets_none(mesh, found)
            and not _is_unused(mesh, found)
            and not originates_tls(mesh, found.host)
            and not _is_excused(mesh, place)
        ):
            is_known = holds_rules(mesh, found.host, place.entry.namespace, mesh.find(found.by))
            if is_known or not mesh.live:
                yield _finding(found, place, is_known=is_known)


def _is_unused(mesh: Mesh, found: HTTPDestination) -> bool:
    """Whether MF406 reports that the routes are of a kind that is not used."""
    by = mesh.find(found.by)
    return isinstance(by, VirtualService) and are_unused(mesh, by)


def _place(mesh: Mesh, found: HTTPDestination) -> _Place | None:
    entries = [entry for entry in registry(mesh).visible(found.host, found.seen_from) if entry.host == found.host and not entry.is_alias]
    ports = {port.number: port.protocol for entry in entries for port in entry.ports}
    number = found.port or (next(iter(ports)) if len(ports) == 1 else 0)
    is_tls = ports.get(number) in (Protocol.HTTPS, Protocol.TLS)
    return _Place(entries[0], number, ports[number]) if is_tls else None


def _is_excused(mesh: Mesh, place: _Place) -> bool:
    """Whether a BackendTLSPolicy starts TLS, or the port does not speak what it declares, which MF105 reports."""
    service = mesh.find(place.entry.resource)
    if not isinstance(service, Service):
        return False
    if not mesh.coverage(kinds.BACKEND_TLS_POLICY).is_complete:
        return True
    policies = mesh.within(BackendTLSPolicy, service.namespace)
    if any(target.name == service.name for policy in policies for target in policy.spec.target_refs):
        return True
    port = next(item for item in service.spec.ports if item.port == place.number)
    return contradiction(mesh, service, port) is not None


def _finding(found: HTTPDestination, place: _Place, *, is_known: bool) -> Finding:
    effect = "The server answers with an error." if is_known else "If no DestinationRule starts TLS, the server answers with an error."
    sends = "sends it plain HTTP once it has a weight" if found.is_idle else "sends it plain HTTP"
    return Finding(
        resource=found.by,
        path=found.path,
        message=f"Port {place.number} of {found.written} is {place.protocol.value.upper()}, and this route {sends}. {effect}",
        evidence=(f"{place.entry.resource} declares port {place.number}",),
        fix=manual(
            f"Add a DestinationRule with tls.mode SIMPLE for port {place.number} of {found.written}.",
            why="The CA that signed the server's certificate has to be named in it, unless it is a public one.",
        ),
        severity=Severity.INFO if not is_known else Severity.WARNING if found.is_idle else None,
    )


RULE = Rule(
    code="MF433",
    name="http-to-tls-port",
    severity=Severity.ERROR,
    inputs=INPUTS,
    optional=(*OPTIONAL, *KINDS, kinds.GATEWAY, kinds.DESTINATION_RULE, kinds.SIDECAR),
    about=(kinds.VIRTUAL_SERVICE, kinds.HTTP_ROUTE, kinds.GRPC_ROUTE),
    summary="A route sends plain HTTP to a port on which the server speaks TLS",
    check=check,
)
