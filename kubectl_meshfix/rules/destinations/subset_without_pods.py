"""MF428: a subset's labels select no pod of its host."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import corrected
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.destination.destination_rules import full_host
from kubectl_meshfix.traffic.destination.effects.subset_pods import Podless, podless
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL
from kubectl_meshfix.traffic.route import routed
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS

RISK = "Requests to this subset, which fail today, go to the pods with this label."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each subset that no endpoint of its host fits; information where no route uses it (IST0173, KIA0203)."""
    for rule in mesh.all(DestinationRule):
        for found in podless(mesh, rule):
            yield _finding(mesh, rule, found)


def _finding(mesh: Mesh, rule: DestinationRule, found: Podless) -> Finding:
    subset = found.subset
    is_used = subset.name in routed.subsets(mesh, full_host(rule))
    labels = ", ".join(f"{key}={value}" for key, value in sorted(subset.labels.items()))
    effect = "requests that are routed to it fail with 503" if is_used else "no route uses it yet"
    what = f"pod of {rule.spec.host} with the labels of subset {subset.name} ({labels})"
    message, severity = absence(what, effect, is_live=found.is_certain, is_slip=bool(found.meant))
    path = join("spec", "subsets", found.position, "labels", *((found.key,) if found.key else ()))
    otherwise = manual("Use labels that pods of the host have, or remove the subset.")
    better = (found.meant,) if found.meant else ()
    return Finding(
        resource=rule.ref,
        path=path,
        message=message,
        fix=corrected(rule.ref, path, subset.labels[found.key], better, otherwise, risk=RISK) if found.key else otherwise,
        severity=severity if is_used else Severity.INFO,
    )


RULE = Rule(
    code="MF428",
    name="subset-without-pods",
    severity=Severity.ERROR,
    inputs=(kinds.DESTINATION_RULE, *INPUTS, *WORKLOADS),
    optional=(*OPTIONAL, *routed.INPUTS),
    about=(kinds.DESTINATION_RULE,),
    aliases=("IST0173", "KIA0203"),
    summary="A subset's labels select no pod of its host",
    check=check,
)
