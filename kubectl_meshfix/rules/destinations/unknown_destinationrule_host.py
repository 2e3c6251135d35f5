"""MF427: a DestinationRule is for a host that does not exist."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import corrected
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.routing.suggestions import meant_hosts
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.absence import is_unregistered, may_be_unplaced
from kubectl_meshfix.traffic.destination.destination_rules import full_host
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL, registry

RISK = "The settings of this DestinationRule begin to apply to the host."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each rule whose host nobody registers; one with a wildcard may be for what is yet to come."""
    for rule in mesh.all(DestinationRule):
        host, written = full_host(rule), rule.spec.host
        if not written or host.startswith("*") or host in registry(mesh).exact:
            continue
        better = meant_hosts(mesh, written, host, rule.namespace, (rule.namespace,))
        is_cut = any(found.startswith(f"{written}.") for found in better if "." in written)
        if is_cut or (is_unregistered(mesh, host, rule.namespace, rule) and not may_be_unplaced(mesh, host, rule.namespace)):
            yield _finding(mesh, rule, better)


def _finding(mesh: Mesh, rule: DestinationRule, better: tuple[str, ...]) -> Finding:
    host, written = full_host(rule), rule.spec.host
    covering = registry(mesh).visible(host, (rule.namespace,))
    if covering:
        name = covering[0].host
        message, severity = f"Only {name} covers this host, and proxies look for rules of {name}. This one has no effect.", None
        otherwise = manual(f"Replace the host with {name}, or register {written} with a ServiceEntry of its own.")
    else:
        message, severity = absence(
            f"Service or ServiceEntry with the host {written}",
            "this DestinationRule applies to no requests",
            is_live=mesh.live,
            is_slip=bool(better),
        )
        otherwise = manual("Correct the host, or delete this DestinationRule.", "kubectl get services,serviceentries --all-namespaces")
    return Finding(
        resource=rule.ref,
        path="/spec/host",
        message=message,
        evidence=() if "." in written or not rule.ref.namespace else (f"{written} means {host}",),
        fix=corrected(rule.ref, "/spec/host", written, better, otherwise, risk=RISK),
        severity=severity,
    )


RULE = Rule(
    code="MF427",
    name="unknown-destinationrule-host",
    severity=Severity.WARNING,
    inputs=(kinds.DESTINATION_RULE, *INPUTS),
    optional=OPTIONAL,
    about=(kinds.DESTINATION_RULE,),
    aliases=("IST0174", "KIA0202"),
    summary="A DestinationRule is for a host that does not exist",
    check=check,
)
