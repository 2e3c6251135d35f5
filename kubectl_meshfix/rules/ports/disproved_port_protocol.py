"""MF105: a port declares a protocol that its pods do not speak."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import Fix, at_risk, manual
from kubectl_meshfix.injection.labels import MANAGED
from kubectl_meshfix.mesh.control_plane import IGNORED_NAMESPACES
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols import contradictions, declaring, references, risks
from kubectl_meshfix.port_protocols.contradictions import Contradiction, Effect, contradiction
from kubectl_meshfix.port_protocols.evidence import Strength
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

EFFECTS = {
    Effect.TLS_FAILS: "The server's proxy takes and sends plain HTTP there, so requests fail.",
    Effect.TLS_UNROUTED: "Proxies of clients do not route TLS there, and REGISTRY_ONLY blocks it.",
    Effect.TLS_ROUTE_FAILS: "The server's proxy expects HTTP, so these connections fail.",
    Effect.GRPC_FAILS: "Proxies send HTTP/1.1, over which gRPC calls fail.",
    Effect.GRPC_ROUTE_FAILS: "Proxies send HTTP/1.1, over which gRPC calls fail.",
    Effect.HTTP1_MAY_FAIL: "Proxies send only HTTP/2; if the server does not speak it, all requests fail.",
    Effect.OPAQUE_TLS: "Istio handles it as TLS: no HTTP routing, retries, metrics or path rules.",
    Effect.OPAQUE_TCP: "Istio handles it as TCP: no HTTP routing, retries, metrics or path rules.",
}
FAILING = frozenset({Effect.TLS_FAILS, Effect.TLS_ROUTE_FAILS, Effect.GRPC_FAILS, Effect.GRPC_ROUTE_FAILS})
SPOKEN = {Protocol.HTTPS: "TLS", Protocol.TLS: "TLS", Protocol.GRPC: "gRPC"}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each Service port whose pods' probes, routes or counted requests contradict its name or appProtocol.

    What istiod writes for a Gateway declares the port of its health check as TCP, and nobody in the mesh calls it.
    """
    for service in mesh.all(Service):
        is_others = service.namespace in IGNORED_NAMESPACES or MANAGED in service.labels
        for position, port in enumerate(service.spec.ports) if not is_others else ():
            if found := contradiction(mesh, service, port):
                yield Finding(
                    resource=service.ref,
                    path=f"/spec/ports/{position}/{'name' if port.app_protocol is None else 'appProtocol'}",
                    message=f"{_fact(port, found)} {EFFECTS[found.effect]}",
                    evidence=tuple(map(str, found.witnesses)),
                    fix=_fix(mesh, service, position, found),
                    severity=_severity(found),
                )


def _fact(port: ServicePort, found: Contradiction) -> str:
    said = f'"{port.name}" declares' if port.app_protocol is None else f'has appProtocol "{port.app_protocol}", which declares'
    first = found.witnesses[0]
    if found.effect in (Effect.TLS_ROUTE_FAILS, Effect.GRPC_ROUTE_FAILS):
        shown = f"a route sends {SPOKEN[found.spoken]} to it"
    elif first.strength is Strength.MEASURED:
        shown = "clients send gRPC to it"
    else:
        ways = {Protocol.HTTPS: "over HTTPS", Protocol.GRPC: "by gRPC"}
        shown = f"its pods are probed {ways.get(first.protocol, 'over HTTP/1.1' if found.declared in HTTP_LIKE else 'over plain HTTP')}"
    return f"Port {port.port} {said} {found.declared}, but {shown}."


def _severity(found: Contradiction) -> Severity:
    """An error where requests to a pod with a sidecar fail; who calls pods without one need not be in the mesh."""
    if found.is_passed_on:
        return Severity.INFO
    if found.effect in FAILING:
        return Severity.ERROR if found.is_injected else Severity.WARNING
    return Severity.WARNING if found.effect in (Effect.OPAQUE_TLS, Effect.TLS_UNROUTED) else Severity.INFO


def _fix(mesh: Mesh, service: Service, position: int, found: Contradiction) -> Fix:
    port = service.spec.ports[position]
    if found.effect is Effect.HTTP1_MAY_FAIL:
        return manual(f"Find out whether the server of port {port.port} speaks HTTP/2; if not, declare http.")
    fix = declaring.declared_as(mesh, service, position, found.spoken)
    return at_risk(fix, risks.of_declaring(found.spoken))


RULE = Rule(
    code="MF105",
    name="disproved-port-protocol",
    severity=Severity.ERROR,
    inputs=(kinds.SERVICE,),
    optional=(*contradictions.KINDS, *references.KINDS, *references.BY_HAND),
    about=(kinds.SERVICE,),
    summary="A port declares a protocol that its pods do not speak",
    check=check,
)
