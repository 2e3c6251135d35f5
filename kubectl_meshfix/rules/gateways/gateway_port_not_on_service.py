"""MF502: a Gateway's port is on no Service of its pods."""

from collections.abc import Collection, Iterator, Sequence

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.protocols import Protocol, parse
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.gateways import Gateway, Server
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway_ports import offered, unreachable


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each server whose port is neither a port nor a target port of any Service that leads to the gateway's pods."""
    for gateway in mesh.all(Gateway):
        for position, server in unreachable(mesh, gateway):
            services, numbers = offered(mesh, gateway)
            names = ", ".join(str(service.ref) for service in services)
            yield Finding(
                resource=gateway.ref,
                path=f"/spec/servers/{position}/port/number",
                message=_message(server, has_service=bool(services)),
                evidence=(f"{names}: {_ports(numbers)}",) if services else (),
                fix=_fix(services, server),
            )


def _message(server: Server, *, has_service: bool) -> str:
    if has_service:
        return f"Port {server.port.number} is on no Service of this Gateway's pods. Clients of the Services cannot connect to it."
    return f"No Service leads to this Gateway's pods. Clients outside of the cluster cannot connect to port {server.port.number}."


def _ports(numbers: Collection[int]) -> str:
    return f"port{'s' if len(numbers) > 1 else ''} {', '.join(map(str, sorted(numbers)))}" if numbers else "no TCP port"


def _fix(services: Sequence[Service], server: Server) -> Fix:
    number = server.port.number
    if not services:
        return manual(f"Create a Service for the pods of this Gateway, with port {number}.")
    if len(services) != 1:
        return manual(f"Add port {number} to one of the Services, or use one of their ports in the Gateway.")
    service = services[0]
    protocol = parse(server.port.protocol)
    name = f"{Protocol.TCP if protocol is Protocol.UNSUPPORTED else protocol}-{number}"
    if any(port.name == name or not port.name for port in service.spec.ports) or "_" in name:
        return manual(f"Add port {number} to {service.ref}.", f"kubectl edit service {service.name}{service.ref.namespace_flag}")
    change = Operation("add", "/spec/ports/-", {"name": name, "port": number, "targetPort": number})
    risk = "Everyone who can reach the Service can reach this port, on a load balancer's address too."
    return patch(service.ref, (change,), f"Add port {number} to {service.ref}.", risk=risk)


RULE = Rule(
    code="MF502",
    name="gateway-port-not-on-service",
    severity=Severity.WARNING,
    inputs=(kinds.GATEWAY, kinds.SERVICE, *kinds.WORKLOADS),
    optional=control_plane.INPUTS,
    about=(kinds.GATEWAY,),
    aliases=("IST0162",),
    summary="A Gateway's port is on no Service of its pods",
    check=check,
)
