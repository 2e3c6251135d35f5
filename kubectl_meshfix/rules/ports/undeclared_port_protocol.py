"""MF101: Istio cannot tell a port's protocol."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import at_risk, manual
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh import external_names, protocols
from kubectl_meshfix.mesh.control_plane import IGNORED_NAMESPACES
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols import declaring, evidence, protocol_hints, references, risks
from kubectl_meshfix.port_protocols.webhook_ports import is_webhook
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

GENERATED = frozenset({"istio.io-gateway-controller", "istio.io-mesh-controller", "istio.io-eastwest-controller"})
"""Values of `gateway.istio.io/managed` on Services that istiod itself writes (`analyzers/service/portname.go`)."""

HEALTH = 15021
"""The port on which every proxy answers load balancers that ask for its health (`manifests/charts/gateway/values.yaml`)."""

UNDECLARED, EXTERNAL = ("IST0118", "KIA0601", "KIA0602"), ("IST0150",)
"""Codes of other tools, for a Service with pods and for one of an external host."""

LOSES = "Istio sniffs it; unrecognised HTTP loses routing, retries and path rules."
HANGS = "Istio waits for the client's first bytes, but in this protocol the server speaks first: connections hang."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each Service port whose protocol `ConvertProtocol` does not know, where Istio asks: not of an alias of another host."""
    are_aliases = not external_names.have_listeners(mesh)
    for service in mesh.all(Service):
        if service.spec.type == "ExternalName" and are_aliases:
            continue
        if service.namespace in IGNORED_NAMESPACES or service.labels.get("gateway.istio.io/managed") in GENERATED or _is_istio(service):
            continue
        for position, port in enumerate(service.spec.ports):
            if service.spec.type == "ExternalName" and port.name == "tcp" and port.app_protocol is None:
                yield _catch_all(service, position, port)
            elif port.protocol != "SCTP" and not declaring.is_declared(port) and not _is_health_port(mesh, service, port):
                yield _undeclared(mesh, service, position, port)


def _is_istio(service: Service) -> bool:
    """Istio's own parts (`analyzers/util/config.go IsIstioControlPlane`), also by the labels that only its newer charts have."""
    of_charts = service.labels.get("release") == "istio" or service.labels.get("app.kubernetes.io/part-of") == "istio"
    return of_charts or "istio" in service.labels or "operator.istio.io/component" in service.labels


def _is_health_port(mesh: Mesh, service: Service, port: ServicePort) -> bool:
    """Whether a port leads to a gateway's own health check, which its chart names ``status-port``; no client is in the mesh.

    Where no pods were read, the number tells: an application in the mesh cannot use it.
    """
    if (port.target_port or port.port) != HEALTH:
        return False
    workloads = mesh.workloads_selected(service.spec.selector, service.namespace) if service.spec.selector else ()
    return not workloads or any(map(is_gateway, workloads))


def _undeclared(mesh: Mesh, service: Service, position: int, port: ServicePort) -> Finding:
    fix, inference = declaring.declare(mesh, service, position)
    field = "/appProtocol" if port.app_protocol is not None else "/name" if port.name else ""
    waits = protocol_hints.is_server_first(port.name)
    return Finding(
        resource=service.ref,
        path=f"/spec/ports/{position}{field}",
        message=f"{_fact(port)} {HANGS if waits else LOSES}",
        evidence=inference.evidence,
        fix=fix,
        severity=Severity.ERROR if waits else None,
        aliases=EXTERNAL if service.spec.type == "ExternalName" else UNDECLARED,
        on_request=is_webhook(mesh, service, port),
    )


def _fact(port: ServicePort) -> str:
    if port.app_protocol is None:
        named = f'Port {port.port} "{port.name}" declares no protocol.'
        return named if port.name else f"Port {port.port} has no name and no appProtocol."
    overrides = f', but it overrides the name "{port.name}"' if protocols.of_word(port.name) is not Protocol.UNSUPPORTED else ""
    return f'Istio does not know appProtocol "{port.app_protocol}" of port {port.port}{overrides}.'


def _catch_all(service: Service, position: int, port: ServicePort) -> Finding:
    return Finding(
        resource=service.ref,
        path=f"/spec/ports/{position}/name",
        message=f'Port {port.port} "tcp" of this ExternalName Service captures all TCP traffic to port {port.port}, whatever the host.',
        evidence=(f"Istio opens a listener on 0.0.0.0:{port.port} for it",),
        fix=at_risk(declaring.rename(service, position, Protocol.TLS), risks.BY_SNI)
        if port.port == 443
        else manual(
            f"Declare what port {port.port} speaks: http, https, tls, ….",
            f"kubectl edit service {service.name}{service.ref.namespace_flag}",
        ),
        aliases=EXTERNAL,
    )


RULE = Rule(
    code="MF101",
    name="undeclared-port-protocol",
    severity=Severity.WARNING,
    inputs=(kinds.SERVICE,),
    optional=(*evidence.KINDS, *references.KINDS, *references.BY_HAND, kinds.MUTATING_WEBHOOK_CONFIGURATION),
    about=(kinds.SERVICE,),
    aliases=(*UNDECLARED, *EXTERNAL),
    summary="A port declares no protocol that Istio knows",
    check=check,
)
