"""MF502: a Gateway's port is on no Service of its pods."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety, manual
from kubectl_meshfix.mesh.ports import container_port
from kubectl_meshfix.mesh.protocols import Protocol, parse
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking import Gateway, Server
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each server whose port is neither a port nor a target port of any Service that leads to the gateway's pods.

    Istio takes it for a Service's port, else binds it as it stands (`pilot/pkg/model/gateway.go resolvePorts`).
    """
    for gateway in mesh.all(Gateway):
        services, offered = _offered(mesh, gateway)
        for position, server in enumerate(gateway.spec.servers):
            number = server.port.number
            if not services or not number or number in offered or server.bind.startswith(("127.", "unix:")):
                continue
            names = ", ".join(str(service.ref) for service in services)
            yield Finding(
                resource=gateway.ref,
                path=f"/spec/servers/{position}/port/number",
                message=f"Port {number} is on no Service of this gateway's pods: the gateway listens, but nobody outside can connect.",
                evidence=(f"{names}: {', '.join(map(str, sorted(offered))) or 'no TCP port'}",),
                fix=_fix(services, server),
            )


def _offered(mesh: Mesh, gateway: Gateway) -> tuple[tuple[Service, ...], set[int]]:
    """The Services of a gateway's pods, and the TCP ports on which they reach them; none where the pods use their node's network."""
    behind = mesh.workloads_selected(gateway.spec.selector) if gateway.spec.selector else ()
    services: dict[Ref, Service] = {}
    offered: set[int] = set()
    for workload in behind:
        if workload.spec.host_network:
            return (), set()
        for service in mesh.services_selecting(workload.namespace, workload.labels):
            services[service.ref] = service
            for port in service.spec.ports:
                if port.protocol == "TCP":
                    offered |= {port.port, container_port(port, workload.spec) or port.port}
    return tuple(services[ref] for ref in sorted(services)), offered


def _fix(services: Sequence[Service], server: Server) -> Fix:
    number = server.port.number
    if len(services) != 1:
        return manual(f"Add port {number} to one of the Services, or let the gateway listen on one that they have.")
    service = services[0]
    protocol = parse(server.port.protocol)
    name = f"{Protocol.TCP if protocol is Protocol.UNSUPPORTED else protocol}-{number}"
    if any(port.name == name or not port.name for port in service.spec.ports) or "_" in name:
        return manual(f"Add port {number} to {service.ref}.", f"kubectl edit service {service.name} --namespace {service.namespace}")
    change = Operation("add", "/spec/ports/-", {"name": name, "port": number, "targetPort": number})
    return Fix(
        summary=f"Add port {number} to {service.ref}.",
        safety=Safety.UNSAFE,
        risk="The port opens to everyone who can reach the Service, on a load balancer's address too.",
        patches=(Patch(resource=service.ref, operations=(change,)),),
    )


RULE = Rule(
    code="MF502",
    name="gateway-port-not-on-service",
    severity=Severity.WARNING,
    inputs=(kinds.GATEWAY, kinds.SERVICE, *kinds.WORKLOADS),
    aliases=("IST0162",),
    summary="A Gateway's port is on no Service of its pods",
    check=check,
)
