"""MF102: a TCP port that is declared as UDP."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import Fix, at_risk
from kubectl_meshfix.mesh import external_names, protocols
from kubectl_meshfix.mesh.control_plane import IGNORED_NAMESPACES
from kubectl_meshfix.mesh.ports import protocols_beside
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols import declaring, evidence, references, risks, unnoticed
from kubectl_meshfix.port_protocols.evidence import Inference
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each TCP port whose name or appProtocol says UDP (`pilot/pkg/networking/core/cluster.go buildOutboundClusters` skips it)."""
    are_aliases = not external_names.have_listeners(mesh)
    for service in mesh.all(Service):
        if service.spec.type == "ExternalName" and are_aliases:
            continue
        for position, port in enumerate(service.spec.ports):
            verdict = protocols.verdict(port)
            if verdict.protocol is not Protocol.UDP or port.protocol != "TCP" or service.namespace in IGNORED_NAMESPACES:
                continue
            field, words = (
                ("name", f'is named "{port.name}"')
                if port.app_protocol is None
                else ("appProtocol", f'has appProtocol "{port.app_protocol}"')
            )
            inference = evidence.infer(mesh, service, port)
            yield Finding(
                resource=service.ref,
                path=f"/spec/ports/{position}/{field}",
                message=f"TCP port {port.port} {words}, so Istio creates no listener for it: calls get no mTLS, routing or metrics.",
                evidence=inference.evidence or ("nothing that was read says the protocol; tcp is right for every TCP port",),
                fix=_fix(mesh, service, position, inference),
            )


def _fix(mesh: Mesh, service: Service, position: int, inference: Inference) -> Fix:
    if not inference.protocol and _is_shared(mesh, service, service.spec.ports[position]):
        return declaring.undecided(mesh, service, position, inference)
    protocol = inference.protocol or Protocol.TCP
    risk = risks.of_entering(protocol, takes_http10=unnoticed.takes_http10(mesh, service))
    return at_risk(declaring.declared_as(mesh, service, position, protocol), risk)


def _is_shared(mesh: Mesh, service: Service, port: ServicePort) -> bool:
    """Whether a port that is no mistake of this kind has the same container port: what one declares then affects the other."""
    return bool(protocols_beside(mesh, service, port) - {Protocol.UDP})


RULE = Rule(
    code="MF102",
    name="udp-name-on-tcp-port",
    severity=Severity.ERROR,
    inputs=(kinds.SERVICE,),
    optional=(*evidence.KINDS, *references.KINDS, *references.BY_HAND),
    about=(kinds.SERVICE,),
    summary="A TCP port declared as UDP gets no listener",
    check=check,
)
