"""MF412: a VirtualService for sidecars has a host that they do not know."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import few, patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.routing.suggestions import replace
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.gateway.faults.mesh_hosts import Unknown, unknown_hosts
from kubectl_meshfix.traffic.gateway_names import MESH
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL
from kubectl_meshfix.traffic.route.targets import targets

RISK = "Calls to this Service, which its default route takes today, are taken by these routes."
GATEWAY_RISK = "The gateway serves these routes, and it may be public; sidecars use them as before."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each host of a VirtualService for sidecars that nothing registers (`pilot/pkg/networking/core/route/route.go`).

    Of a host to which its own routes lead, MF401 tells already that nothing registers it.
    """
    for virtual_service in mesh.all(VirtualService):
        found = list(unknown_hosts(mesh, virtual_service))
        led_to = {target.host for target in targets(virtual_service)} if found else set()
        for item in found:
            if item.meant or item.gateways or hosts.fqdn(item.host.lower(), virtual_service.namespace) not in led_to:
                yield _finding(mesh, virtual_service, item)


def _finding(mesh: Mesh, virtual_service: VirtualService, item: Unknown) -> Finding:
    if item.gateways:
        names = few([f"{ref.namespace}/{ref.name}" for ref in item.gateways])
        message = (
            f"{item.host} is a host of gateway {names}, and this VirtualService is for sidecars alone. The gateway has no routes for it."
        )
        severity: Severity | None = None
    else:
        ports = f" on {'ports' if item.ports[1:] else 'port'} {', '.join(map(str, item.ports))}" if item.ports else ""
        effect = f"sidecars use the routes for calls to exactly {item.host}{ports} alone"
        what = f"Service or ServiceEntry with the host {item.host}"
        message, severity = absence(what, effect, is_live=mesh.live, is_slip=bool(item.meant))
    return Finding(
        resource=virtual_service.ref,
        path=f"/spec/hosts/{item.position}",
        message=message,
        evidence=(f"Istio does not expand {item.host} to {item.meant}",) if item.meant else (),
        fix=_fix(virtual_service, item),
        severity=severity,
    )


def _fix(virtual_service: VirtualService, item: Unknown) -> Fix:
    if set(virtual_service.spec.gateways) - {MESH}:
        return manual(f"Add {item.meant} to the hosts, if sidecars should use these routes for it.")
    if item.meant and not item.is_free:
        return manual(f"Use {item.meant}, if its ports and its other routes allow for these.")
    if item.meant:
        return replace(virtual_service, f"/spec/hosts/{item.position}", item.host, item.meant, RISK)
    if len(item.gateways) == 1 and not virtual_service.spec.gateways:
        name = f"{item.gateways[0].namespace}/{item.gateways[0].name}"
        add = Operation("add", "/spec/gateways", [name, "mesh"])
        return patch(virtual_service.ref, (add,), f"Bind it to gateway {name} too.", risk=GATEWAY_RISK)
    if item.gateways:
        return manual("Add the gateway to the VirtualService's gateways.")
    return manual("Use the host of a Service, or create a ServiceEntry for this one.")


RULE = Rule(
    code="MF412",
    name="unknown-mesh-host",
    severity=Severity.WARNING,
    inputs=(kinds.VIRTUAL_SERVICE, *INPUTS),
    optional=(*OPTIONAL, kinds.GATEWAY),
    about=(kinds.VIRTUAL_SERVICE,),
    summary="A VirtualService for sidecars has a host that they do not know",
    check=check,
)
