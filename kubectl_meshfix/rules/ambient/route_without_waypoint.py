"""MF805: a route or DestinationRule that callers in ambient mode bypass."""

from collections.abc import Iterator, Mapping

from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh import waypoints
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic import registry
from kubectl_meshfix.traffic.ambient import members
from kubectl_meshfix.traffic.ambient.bypassed_routes import Bypassed, Why, bypassed

ALIASES: Mapping[tuple[str, bool], str] = {
    ("VirtualService", True): "KIA1109",
    ("VirtualService", False): "KIA1113",
    ("DestinationRule", True): "KIA0210",
    ("DestinationRule", False): "KIA0211",
}
"""What Kiali reports where no waypoint is named, for hosts of ServiceEntries and of Services."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each object about hosts in ambient mode that no waypoint follows (`pilot/pkg/networking/core/listener_waypoint.go`)."""
    for found in bypassed(mesh):
        yield _finding(found)


def _finding(found: Bypassed) -> Finding:
    target, kind = f"{found.target.kind} {found.target.name}", found.route.kind
    effect = "Callers in ambient mode bypass it." if found.others else "It has no effect."
    aliases: tuple[str, ...] = tuple(filter(None, [ALIASES.get((kind, isinstance(found.target, ServiceEntry)))]))
    message = f"No waypoint is named for {target}, and ztunnel follows no {kind}. {effect}"
    if found.why is Why.ELSEWHERE:
        message = f"The waypoint of {target} follows only routes of namespace {' and '.join(found.homes)}. {effect}"
        aliases = ("KIA1114",) if kind == "VirtualService" else ()
    return Finding(
        resource=found.route.ref,
        path=found.path,
        message=message,
        fix=_fix(found),
        severity=Severity.INFO if found.others else None,
        aliases=aliases,
    )


def _fix(found: Bypassed) -> Fix:
    if found.why is Why.ELSEWHERE:
        return manual(f"Move it to namespace {few(found.homes[:1])}.")
    command = f"istioctl waypoint apply --name WAYPOINT --enroll-namespace{found.target.ref.namespace_flag}"
    return manual(f"Let a waypoint handle traffic to {found.target.kind} {found.target.name}.", command)


RULE = Rule(
    code="MF805",
    name="route-without-waypoint",
    severity=Severity.WARNING,
    inputs=(kinds.NAMESPACE, *kinds.WORKLOADS, *registry.INPUTS),
    optional=(
        kinds.VIRTUAL_SERVICE,
        kinds.HTTP_ROUTE,
        kinds.GRPC_ROUTE,
        kinds.DESTINATION_RULE,
        *waypoints.INPUTS,
        *members.INPUTS,
        *registry.OPTIONAL,
    ),
    about=(kinds.VIRTUAL_SERVICE, kinds.HTTP_ROUTE, kinds.GRPC_ROUTE, kinds.DESTINATION_RULE),
    words=("ambient",),
    aliases=("KIA0210", "KIA0211", "KIA1109", "KIA1113", "KIA1114"),
    summary="Callers in ambient mode bypass a route or DestinationRule",
    check=check,
)
