"""MF420: a DestinationRule is in a namespace in which no proxy looks for it."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.destination.effects.followers import Unfollowed, unfollowed
from kubectl_meshfix.traffic.gateway.missing_rules import MissingGateway, missing_gateways
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL
from kubectl_meshfix.traffic.route import routed


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each rule that is neither beside its host, nor in the root namespace, nor where a pod with a proxy is."""
    for rule in mesh.all(DestinationRule):
        if missed := next(missing_gateways(mesh, rule), None):
            yield _at_gateway(rule, missed)
        elif found := unfollowed(mesh, rule):
            yield _finding(rule, found)


def _finding(rule: DestinationRule, found: Unfollowed) -> Finding:
    own, home = rule.namespace, " or ".join(found.homes)
    if found.is_certain:
        message = f"No pod of namespace {own} has a sidecar, and the host is in {home}. No proxy uses this DestinationRule."
    else:
        message = f"These files hold no pods of namespace {own}. If none with a sidecar runs there, no proxy uses this DestinationRule."
    return Finding(
        resource=rule.ref,
        path="/metadata/namespace",
        message=message,
        evidence=("proxies look in their own namespace, in the host's, and in the root namespace",),
        fix=manual(f"Move this DestinationRule to namespace {found.homes[0]}.", why="All proxies that call the host look there."),
        severity=None if found.is_certain else Severity.INFO,
    )


def _at_gateway(rule: DestinationRule, missed: MissingGateway) -> Finding:
    where = few(sorted(missed.namespaces))
    return Finding(
        resource=rule.ref,
        path="/metadata/namespace",
        message=f"{missed.by} routes to subset {missed.subset} at a gateway in {where}, whose pods do not look for it in {rule.namespace}.",
        evidence=("proxies look in their own namespace, in the host's, and in the root namespace",),
        fix=manual(f"Move this DestinationRule to namespace {missed.home}.", why="Gateways look there, and all other clients of the host."),
    )


RULE = Rule(
    code="MF420",
    name="unfollowed-destinationrule",
    severity=Severity.WARNING,
    inputs=(kinds.DESTINATION_RULE, *INPUTS),
    optional=(*OPTIONAL, *WORKLOAD_INPUTS, kinds.WORKLOAD_ENTRY, kinds.PROXY_CONFIG, kinds.GATEWAY, *routed.INPUTS),
    about=(kinds.DESTINATION_RULE,),
    summary="A DestinationRule is in a namespace where no proxy looks for it",
    check=check,
)
