"""MF410: routes of a VirtualService are hidden by another VirtualService for the same host."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.faults.hidden_routes import Hidden, Untried, hidden, untried
from kubectl_meshfix.traffic.route.faults.same_host import Rival, rivals
from kubectl_meshfix.traffic.route.places import spot


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each route that another VirtualService hides at a gateway, and each host that it takes in the mesh."""
    yield from map(_of_gateway, hidden(mesh))
    yield from map(_of_mesh, rivals(mesh))
    yield from map(_of_wildcard, untried(mesh))


def _of_gateway(item: Hidden) -> Finding:
    here, other = spot(item.at.path), f"{item.by.resource} {spot(item.by.path)}"
    if item.if_older and item.is_equal:
        message = f"{here} and {other} take the same requests for {item.host}. Only the older VirtualService's route is used."
    elif item.if_older:
        message = f"{here} is never used if {item.by.resource} is older: {spot(item.by.path)} there takes all its requests for {item.host}."
    else:
        message = f"{here} is never used: {other} takes all its requests for {item.host}, and comes first."
    return Finding(
        resource=item.virtual_service.ref,
        path=item.at.path,
        message=message,
        evidence=(f"Gateway {item.gateway} uses the routes of both, the older VirtualService's first",),
        fix=manual(f"Merge the routes with those of {item.by.resource}, in the order that is meant."),
        aliases=("KIA1106",),
    )


def _of_mesh(item: Rival) -> Finding:
    host = item.virtual_service.spec.hosts[item.position]
    which = "Sidecars use only the older of the two" if item.if_older else "It is the first, and sidecars use it alone"
    return Finding(
        resource=item.virtual_service.ref,
        path=f"/spec/hosts/{item.position}",
        message=f"{item.other.ref} has http routes for the host {host} too. {which}, and ignore the other's for it.",
        fix=manual(f"Merge the routes with those of {item.other.ref}, or export each to other namespaces."),
        aliases=("IST0109", "KIA1106"),
    )


def _of_wildcard(item: Untried) -> Finding:
    names = [name.lower() for name in item.virtual_service.spec.hosts]
    return Finding(
        resource=item.virtual_service.ref,
        path=f"/spec/hosts/{names.index(item.host)}" if item.host in names else "/spec/hosts",
        message=f"Requests for {item.host} that no route here matches get 404 at gateway {item.gateway}. "
        f"The routes of {item.wildcard.ref} are not tried for it.",
        fix=manual("Add a route without a match, if there should be one for the rest."),
        severity=Severity.INFO,
        aliases=(),
    )


RULE = Rule(
    code="MF410",
    name="hidden-routes",
    severity=Severity.WARNING,
    inputs=(kinds.VIRTUAL_SERVICE, kinds.GATEWAY),
    optional=(kinds.KUBERNETES_GATEWAY, kinds.SIDECAR, *kinds.WORKLOADS, *control_plane.INPUTS),
    about=(kinds.VIRTUAL_SERVICE,),
    compares=(kinds.VIRTUAL_SERVICE,),
    aliases=("IST0109", "KIA1106"),
    summary="Routes of a VirtualService are hidden by another VirtualService for the same host",
    check=check,
)
