"""MF437: a subset has a policy of its own, and no route leads to the subset."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.absence import holds_pods_of
from kubectl_meshfix.traffic.destination.destination_rules import full_host
from kubectl_meshfix.traffic.route.routed import are_known, routed


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each policy of a subset that no VirtualService names; requests without a route use the host's own policy.

    Files tell of a host's routes where they hold one, or the host's Service with its pods, and all of them are looked at.
    """
    is_known = mesh.live
    for rule in mesh.all(DestinationRule) if are_known(mesh) else ():
        names = {row.subset for row in routed(mesh, full_host(rule))}
        is_told = not rule.spec.host.startswith("*") and (is_known or bool(names) or holds_pods_of(mesh, full_host(rule)))
        for i, subset in enumerate(rule.spec.subsets if is_told else ()):
            if not subset.traffic_policy or subset.name in names:
                continue
            where = "No route leads" if is_known else "No route in these files leads"
            yield Finding(
                resource=rule.ref,
                path=f"/spec/subsets/{i}/trafficPolicy",
                message=f"{where} to subset {subset.name} of {rule.spec.host}. This policy applies to no request.",
                fix=manual("Route to the subset in a VirtualService, or move the policy to the trafficPolicy of the whole host."),
                severity=None if is_known else Severity.INFO,
            )


RULE = Rule(
    code="MF437",
    name="unused-subset-policy",
    severity=Severity.WARNING,
    inputs=(kinds.DESTINATION_RULE, kinds.VIRTUAL_SERVICE),
    optional=(*control_plane.INPUTS, kinds.HTTP_ROUTE, kinds.GRPC_ROUTE, kinds.TCP_ROUTE, kinds.TLS_ROUTE, kinds.SERVICE, *kinds.WORKLOADS),
    about=(kinds.DESTINATION_RULE,),
    words=("trafficPolicy",),
    summary="A subset has a policy of its own, and no route leads to it",
    check=check,
)
