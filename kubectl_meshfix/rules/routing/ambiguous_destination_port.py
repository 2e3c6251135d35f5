"""MF404: a destination names no port, and its host has several."""

from collections.abc import Collection, Iterator, Mapping

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import choice, patch
from kubectl_meshfix.fixes.fix import Fix
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.routing.wording import consequence, few, severity
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.client.following import destinations_seen_from
from kubectl_meshfix.traffic.gateway.faults import usable_routes
from kubectl_meshfix.traffic.gateway.faults.usable_routes import are_unused
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL, Port, only_covers, registry
from kubectl_meshfix.traffic.route.ports import called_ports, fitting_ports, without_cluster
from kubectl_meshfix.traffic.route.targets import RouteTarget, targets_of


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each destination without a port whose host has several, unless calls only arrive on ports that it has."""
    for virtual_service in mesh.all(VirtualService):
        for target in targets_of(mesh, virtual_service):
            if target.port is not None:
                continue
            entries = registry(mesh).visible(target.host, destinations_seen_from(mesh, virtual_service))
            ports = {port.number: port for entry in entries for port in entry.ports}
            if only_covers(entries, target.host) or not ports or any(entry.is_alias for entry in entries):
                continue
            if len(ports) == 1:
                # routes that no port of the called hosts uses are MF406's
                if (called := without_cluster(mesh, virtual_service, target, entries)) and not are_unused(mesh, virtual_service):
                    yield _of_one_port(virtual_service, target, next(iter(ports)), called)
                continue
            arriving = called_ports(mesh, virtual_service, target)
            if isinstance(arriving, Unknown) or not arriving <= ports.keys():
                yield _finding(virtual_service, target, ports)


def _of_one_port(virtual_service: VirtualService, target: RouteTarget, only: int, called: Collection[int]) -> Finding:
    add = Operation("add", f"{target.path}/port", {"number": only})
    risk = "Requests that fail today go to this destination."
    return Finding(
        resource=virtual_service.ref,
        path=f"{target.path}/host",
        message=f"The destination names no port, and {target.written} has only port {only}. "
        f"Sidecars use the port of the call ({few(sorted(called))}), and {consequence(target)}.",
        fix=patch(
            virtual_service.ref,
            (Operation("test", f"{target.path}/host", target.written), add),
            f"Add port {only} to the destination.",
            risk=risk,
        ),
        severity=severity(target),
    )


def _finding(virtual_service: VirtualService, target: RouteTarget, ports: Mapping[int, Port]) -> Finding:
    return Finding(
        resource=virtual_service.ref,
        path=f"{target.path}/host",
        message=f"The destination names no port, and {target.written} has {len(ports)} ({few(sorted(ports))}). "
        f"On any other port, {consequence(target)}.",
        evidence=("Istio uses the port of the call where the destination names none",),
        fix=_fix(virtual_service, target, ports),
        severity=severity(target),
    )


def _fix(virtual_service: VirtualService, target: RouteTarget, ports: Mapping[int, Port]) -> Fix:
    fitting = fitting_ports(ports.values(), target.kind)
    if len(fitting) != 1:
        return choice("Add a port to the destination: {}.", sorted(ports))
    added = Operation("add", f"{target.path}/port", {"number": fitting[0]})
    operations = (Operation("test", f"{target.path}/host", target.written), added)
    summary = f"Add port {fitting[0]} to the destination, the only one for {target.kind} routes."
    risk = "Calls to the host's other ports, which may work today, go to this one."
    return patch(virtual_service.ref, operations, summary, risk=risk)


RULE = Rule(
    code="MF404",
    name="ambiguous-destination-port",
    severity=Severity.ERROR,
    inputs=(kinds.VIRTUAL_SERVICE, *INPUTS),
    optional=tuple(dict.fromkeys((*OPTIONAL, *usable_routes.INPUTS))),
    about=(kinds.VIRTUAL_SERVICE,),
    aliases=("IST0112",),
    summary="A destination names no port, and its host has several",
    check=check,
)
