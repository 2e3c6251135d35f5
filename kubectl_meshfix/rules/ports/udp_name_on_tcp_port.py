"""MF102: a name that begins with udp on a TCP port."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes import evidence, ports, references
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each TCP port whose name or appProtocol says UDP (`pilot/pkg/networking/core/cluster.go` skips it)."""
    for service in mesh.all(Service):
        for position, port in enumerate(service.spec.ports):
            verdict = protocols.verdict(port)
            if verdict.protocol is not Protocol.UDP or verdict.decided_by == "udp":
                continue
            fix, witnesses = _fix(mesh, service, position)
            field = "name" if verdict.decided_by == "name" else "appProtocol"
            word = port.name if field == "name" else port.app_protocol
            yield Finding(
                resource=service.ref,
                path=f"/spec/ports/{position}/{field}",
                message=f'Port {port.port} is TCP but its {field} "{word}" says UDP: Istio builds no listener and no cluster for it, '
                "so its traffic gets no mTLS, no routing and no metrics, and STRICT servers refuse it.",
                evidence=witnesses,
                fix=fix,
            )


def _fix(mesh: Mesh, service: Service, position: int) -> tuple[Fix, tuple[str, ...]]:
    """What the evidence says, else plain TCP, which is true of any TCP port."""
    port = service.spec.ports[position]
    inference = evidence.infer(mesh, service, port)
    protocol = inference.protocol or Protocol.TCP
    if port.app_protocol is not None or not references.to_port(mesh, service, port.name):
        return (
            _rename(service, position, port, protocol) if port.app_protocol is None else _set(service, position, protocol)
        ), inference.evidence
    return _set(service, position, protocol), inference.evidence


def _rename(service: Service, position: int, port: ServicePort, protocol: Protocol) -> Fix:
    rest = port.name.lower().removeprefix("udp").strip("-")
    new = f"{protocol}-{rest}" if rest else f"{protocol}"
    taken = {other.name for other in service.spec.ports}
    path = f"/spec/ports/{position}/name"
    name = new if new not in taken else f"{protocol}-{port.port}"
    operations = (Operation("test", path, port.name), Operation("replace", path, name))
    return Fix(
        summary=f'Rename port {port.port} from "{port.name}" to "{name}".',
        safety=Safety.UNSAFE,
        patches=(Patch(resource=service.ref, operations=operations),),
    )


def _set(service: Service, position: int, protocol: Protocol) -> Fix:
    summary = f'Set appProtocol "{protocol}" on port {service.spec.ports[position].port}.'
    return ports.set_app_protocol(service, position, protocol, Safety.UNSAFE, summary)


RULE = Rule(
    code="MF102",
    name="udp-name-on-tcp-port",
    severity=Severity.ERROR,
    inputs=(kinds.SERVICE,),
    optional=(*evidence.KINDS, *references.KINDS),
    summary="A TCP port declared as UDP gets no listener",
    check=check,
)
