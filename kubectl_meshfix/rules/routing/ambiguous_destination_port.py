"""MF404: a destination leaves open which of a host's ports is meant."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety, manual
from kubectl_meshfix.mesh import hosts
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol, parse
from kubectl_meshfix.mesh.registry import INPUTS, OPTIONAL, Port, registry
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking import Gateway, VirtualService
from kubectl_meshfix.rules.routing.destinations import Target, clients, consequence, gateway_key, listed, targets
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

TLS_LIKE = frozenset({Protocol.TLS, Protocol.HTTPS})
UNKNOWN = frozenset({0})


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each destination without a port whose host has several, unless calls only arrive on ports that it has.

    Istio then takes the port that was called (`pilot/pkg/networking/core/route/route.go GetDestinationCluster`).
    """
    for virtual_service in mesh.all(VirtualService):
        for target in targets(virtual_service):
            entries = registry(mesh).visible(target.host, clients(mesh, virtual_service))
            ports = {port.number: port for entry in entries for port in entry.ports}
            if target.destination.port or len(ports) < 2 or _arrivals(mesh, virtual_service, target) <= set(ports):
                continue
            yield Finding(
                resource=virtual_service.ref,
                path=f"{target.path}/host",
                message=f"{target.destination.host} has the ports {listed(sorted(ports))} and none is chosen: Istio takes the one "
                f"that was called, and where the host lacks it, {consequence(target)}.",
                fix=_fix(virtual_service, target, ports),
            )


def _arrivals(mesh: Mesh, virtual_service: VirtualService, target: Target) -> frozenset[int]:
    """The ports on which calls come to the route, as their callers see them; UNKNOWN where they cannot be told."""
    if target.match and all(match.port for match in target.match):
        return frozenset(match.port for match in target.match)
    found: set[int] = set()
    for name in virtual_service.spec.gateways or ("mesh",):
        called = _of_mesh(mesh, virtual_service, target) if name == "mesh" else _of_gateway(mesh, virtual_service, name, target)
        if not called:
            return UNKNOWN
        found |= called
    return frozenset(found)


def _of_mesh(mesh: Mesh, virtual_service: VirtualService, target: Target) -> set[int]:
    """The ports of the hosts that are called; HTTP routes apply to HTTP and to what may be HTTP."""
    found: set[int] = set()
    for host in virtual_service.spec.hosts:
        entries = registry(mesh).visible(hosts.fqdn(host, virtual_service.namespace), clients(mesh, virtual_service))
        if not entries or host.startswith("*"):
            return set()
        ports = [port for entry in entries for port in entry.ports]
        found |= {port.number for port in ports if target.protocol != "http" or port.protocol in HTTP_LIKE | {Protocol.UNSUPPORTED}}
    return found


def _of_gateway(mesh: Mesh, virtual_service: VirtualService, name: str, target: Target) -> set[int]:
    gateway = mesh.get(Gateway, *gateway_key(name, virtual_service.namespace))
    servers = gateway.spec.servers if gateway else ()
    carries = {"http": HTTP_LIKE | TLS_LIKE, "tls": TLS_LIKE, "tcp": frozenset(Protocol) - HTTP_LIKE}[target.protocol]
    return {server.port.number for server in servers if parse(server.port.protocol) in carries}


def _fix(virtual_service: VirtualService, target: Target, ports: dict[int, Port]) -> Fix:
    """The one port that speaks the route's protocol."""
    speaks = {"http": HTTP_LIKE, "tls": TLS_LIKE, "tcp": frozenset(Protocol) - HTTP_LIKE - TLS_LIKE - {Protocol.UDP}}[target.protocol]
    fitting = [port.number for port in ports.values() if port.protocol in speaks]
    if len(fitting) != 1:
        return manual(f"Add a port to the destination, one of {listed(sorted(ports))}.")
    operations = (
        Operation("test", f"{target.path}/host", target.destination.host),
        Operation("add", f"{target.path}/port", {"number": fitting[0]}),
    )
    return Fix(
        summary=f"Choose port {fitting[0]}, the only one for {target.protocol}.",
        safety=Safety.UNSAFE,
        risk="Calls that arrive on the host's other ports, and may work today, go to this one.",
        patches=(Patch(resource=virtual_service.ref, operations=operations),),
    )


RULE = Rule(
    code="MF404",
    name="ambiguous-destination-port",
    severity=Severity.ERROR,
    inputs=(kinds.VIRTUAL_SERVICE, *INPUTS),
    optional=(*OPTIONAL, kinds.GATEWAY),
    aliases=("IST0112",),
    summary="A destination leaves open which of a host's ports is meant",
    check=check,
)
