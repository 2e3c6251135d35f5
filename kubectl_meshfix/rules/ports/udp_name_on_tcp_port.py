"""MF102: a TCP port that is declared as UDP."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes import evidence, ports, references
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.control_plane import IGNORED_NAMESPACES
from kubectl_meshfix.mesh.port_fix import PortFix
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each TCP port whose name or appProtocol says UDP (`pilot/pkg/networking/core/cluster.go buildOutboundClusters` passes it over)."""
    for service in mesh.all(Service):
        for position, port in enumerate(service.spec.ports):
            verdict = protocols.verdict(port)
            if verdict.protocol is not Protocol.UDP or port.protocol != "TCP" or service.namespace in IGNORED_NAMESPACES:
                continue
            field, word = ("name", port.name) if port.app_protocol is None else ("appProtocol", port.app_protocol)
            inference = evidence.infer(mesh, service, port)
            yield Finding(
                resource=service.ref,
                path=f"/spec/ports/{position}/{field}",
                message=f'Port {port.port} is TCP, but its {field} "{word}" says UDP, for which Istio builds neither listener nor cluster: '
                "calls leave as unknown traffic without mTLS, routing or metrics, and servers with STRICT mTLS refuse them.",
                evidence=inference.evidence or ("nothing that was read tells the protocol; tcp is true of every TCP port",),
                fix=_fix(mesh, service, position, inference.protocol or Protocol.TCP),
            )


def _fix(mesh: Mesh, service: Service, position: int, protocol: Protocol) -> Fix:
    """A new name where nothing can refer to the old one, else an appProtocol, which overrides the name."""
    port = service.spec.ports[position]
    if mesh.preferences.port_fix is not PortFix.AUTO:
        return ports.declared_as(mesh, service, position, protocol, Safety.UNSAFE)
    is_referred_to = references.to_port(mesh, service, port.name) or references.unread(mesh)
    is_part_of_dns = service.spec.cluster_ip == "None" or not service.spec.selector
    if port.app_protocol is not None or is_referred_to or is_part_of_dns or "_" in protocol:
        keeps = "" if port.app_protocol is not None else f'; the name "{port.name}" stays, because something may refer to it'
        summary = f'Set appProtocol "{protocol}" on port {port.port}{keeps}.'
        return ports.set_app_protocol(service, position, protocol, Safety.UNSAFE, summary)
    new = ports.name_for(service, position, protocol)
    path = f"/spec/ports/{position}/name"
    operations = (Operation("test", path, port.name), Operation("replace", path, new))
    summary = f'Rename port {port.port} from "{port.name}" to "{new}".'
    return Fix(summary=summary, safety=Safety.UNSAFE, patches=(Patch(resource=service.ref, operations=operations),))


RULE = Rule(
    code="MF102",
    name="udp-name-on-tcp-port",
    severity=Severity.ERROR,
    inputs=(kinds.SERVICE,),
    optional=(*evidence.KINDS, *references.KINDS, *references.BY_HAND),
    summary="A TCP port declared as UDP gets no listener",
    check=check,
)
