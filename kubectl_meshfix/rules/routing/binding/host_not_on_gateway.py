"""MF411: a VirtualService has a host that no server of its gateways has."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import near, patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.routing.suggestions import replace
from kubectl_meshfix.rules.routing.wording import few
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.faults.unserved_hosts import Unserved, unserved
from kubectl_meshfix.traffic.gateway.faults.usable_routes import has_routes_for
from kubectl_meshfix.traffic.gateway.names import bare

RISK = "The gateway answers requests for this host, and it may be public."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each host for which no gateway of its VirtualService has a server (`analyzers/virtualservice/gateways.go`, host by host)."""
    for virtual_service in mesh.all(VirtualService):
        if found := unserved(mesh, virtual_service):
            for position in found.positions:
                yield _finding(virtual_service, found, position)


def _finding(virtual_service: VirtualService, found: Unserved, position: int) -> Finding:
    host = virtual_service.spec.hosts[position]
    names = list(dict.fromkeys(server.name for server in found.servers))
    theirs = list(dict.fromkeys(host for server in found.servers for host in server.hosts))
    which = f"gateway {names[0]}" if len(names) == 1 else f"the gateways {few(names)}"
    return Finding(
        resource=virtual_service.ref,
        path=f"/spec/hosts/{position}",
        message=f"No server of {which} has the host {host}. No request for it is served there.",
        evidence=(f"The servers have {few(theirs)}",),
        fix=_fix(virtual_service, found, position),
    )


def _fix(virtual_service: VirtualService, found: Unserved, position: int) -> Fix:
    host = virtual_service.spec.hosts[position]
    theirs = [bare(name) for server in found.servers for name in server.hosts]
    if better := near(host, (name for name in theirs if not name.startswith("*") and name not in virtual_service.spec.hosts)):
        return replace(virtual_service, f"/spec/hosts/{position}", host, better[0], RISK)
    serving = [server for server in found.servers if not server.redirects]
    if len(serving) == 1 and "." in host and host not in theirs and has_routes_for(virtual_service, serving[0]):
        at = serving[0].at
        return patch(at.resource, (Operation("add", f"{at.path}/hosts/-", host),), f"Add {host} to the server of {at.resource}.", risk=RISK)
    return manual("Add the host to a server of the gateway, or remove it here.")


RULE = Rule(
    code="MF411",
    name="host-not-on-gateway",
    severity=Severity.WARNING,
    inputs=(kinds.VIRTUAL_SERVICE, kinds.GATEWAY, kinds.KUBERNETES_GATEWAY),
    about=(kinds.VIRTUAL_SERVICE,),
    words=("gateways",),
    aliases=("IST0132",),
    summary="A VirtualService has a host that no server of its gateways has",
    check=check,
)
