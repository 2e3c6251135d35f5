"""MF416: a route sends to a Service without pods, whose own routes are not applied."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.routing.wording import consequence, few
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.route.faults.chained import chained
from kubectl_meshfix.traffic.route.targets import targets


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each destination that another VirtualService would have to route on (`pilot/pkg/networking/core/route/route.go`)."""
    for item in chained(mesh):
        goals = list(dict.fromkeys(target.host for target in targets(item.other)))
        yield Finding(
            resource=item.virtual_service.ref,
            path=f"{item.target.path}/host",
            message=f"{item.target.written} selects no pods, and the routes of {item.other.ref} for it are not applied to a destination: "
            f"{consequence(item.target)}.",
            evidence=(f"{item.other.ref} routes to {few(goals)}", "A request is routed once by each proxy"),
            fix=manual(f"Route to {few(goals)}, or delegate to a VirtualService that does."),
        )


RULE = Rule(
    code="MF416",
    name="chained-routes",
    severity=Severity.WARNING,
    inputs=(kinds.VIRTUAL_SERVICE, kinds.SERVICE),
    about=(kinds.VIRTUAL_SERVICE,),
    compares=(kinds.VIRTUAL_SERVICE,),
    summary="A route sends to a Service without pods, whose own routes are not applied",
    check=check,
)
