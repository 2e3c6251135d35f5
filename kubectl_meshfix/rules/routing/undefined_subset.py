"""MF402: a VirtualService routes to a subset that no DestinationRule defines."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.routing.wording import effect, listed, severity
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.destination.subsets import UndefinedSubset, undefined
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL
from kubectl_meshfix.traffic.route.targets import RouteTarget, targets_of
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each subset for which no proxy that follows the VirtualService gets a cluster."""
    for virtual_service in mesh.all(VirtualService):
        named = [target for target in targets_of(mesh, virtual_service) if target.subset]
        subsets = {(target.host, target.subset) for target in named}
        lacks = {(host, subset): undefined(mesh, virtual_service, host, subset) for host, subset in subsets}
        for target in named:
            if lack := lacks[target.host, target.subset]:
                yield _finding(mesh, virtual_service, target, lack)


def _finding(mesh: Mesh, virtual_service: VirtualService, target: RouteTarget, lack: UndefinedSubset) -> Finding:
    from kubectl_meshfix.rules.routing.subset_fixes import define  # noqa: PLC0415 -- for what is wrong alone

    where = "" if mesh.live else " in these files"
    whom = " for the proxies that use this VirtualService" if lack.not_in_force else ""
    evidence = [f"{rule.ref} defines {listed(item.name for item in rule.spec.subsets) or 'no subset'}" for rule in lack.in_force]
    evidence += [f"{rule.ref} defines {target.subset}, but those proxies do not use it" for rule in lack.not_in_force]
    return Finding(
        resource=virtual_service.ref,
        path=f"{target.path}/subset",
        message=f"No DestinationRule{where} defines the subset {target.subset} of {target.written}{whom}. {effect(target)}",
        evidence=tuple(evidence),
        fix=define(mesh, virtual_service, target, lack),
        severity=severity(target),
    )


RULE = Rule(
    code="MF402",
    name="undefined-subset",
    severity=Severity.ERROR,
    inputs=(kinds.VIRTUAL_SERVICE, kinds.DESTINATION_RULE, *INPUTS),
    optional=(*OPTIONAL, kinds.GATEWAY, kinds.KUBERNETES_GATEWAY, *WORKLOADS),
    about=(kinds.VIRTUAL_SERVICE,),
    aliases=("IST0101", "KIA1107"),
    summary="A VirtualService routes to a subset that no DestinationRule defines",
    check=check,
)
