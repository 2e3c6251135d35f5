"""MF432: proxies are told to use a client certificate from files that they do not have."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import few, patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.client import view
from kubectl_meshfix.traffic.destination.effects.certificate_files import USER_MOUNTS, Unmounted, unmounted

RISK = "Calls of all other pods to this host leave as plain text, where their proxies have no certificate today."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each rule with files that no volume of a pod that uses it has; an error where other pods have them."""
    for found in unmounted(mesh):
        names = few([str(workload.ref) for workload in found.lacking])
        yield Finding(
            resource=found.by.at.resource,
            path=f"{found.by.at.path}/clientCertificate",
            message=f"Proxies of {names} do not mount {found.directory}. They cannot load this certificate; new pods may not get ready.",
            evidence=tuple(f"{workload.ref} mounts it ({USER_MOUNTS})" for workload in found.having),
            fix=_fix(found),
            severity=Severity.ERROR if found.having else None,
        )


def _fix(found: Unmounted) -> Fix:
    rule = found.by.rule
    apps = {workload.labels.get("app", "") for workload in found.having}
    app = apps.pop() if len(apps) == 1 else ""
    is_alone = all(workload.labels.get("app") != app or workload.namespace != rule.namespace for workload in found.lacking)
    is_here = all(workload.namespace == rule.namespace for workload in found.having)
    if not app or not is_alone or not is_here or found.by.is_for_some:
        return manual("Mount the files into these pods, or limit the rule to pods that have them by a workloadSelector.")
    change = Operation("add", "/spec/workloadSelector", {"matchLabels": {"app": app}})
    test = Operation("test", "/spec/host", rule.spec.host)
    return patch(rule.ref, (test, change), f"Add a workloadSelector for app={app}, whose pods mount the files.", risk=RISK)


RULE = Rule(
    code="MF432",
    name="certificate-not-mounted",
    severity=Severity.WARNING,
    inputs=(kinds.DESTINATION_RULE, *kinds.WORKLOADS),
    optional=(*view.INPUTS, *WORKLOAD_INPUTS),
    about=(kinds.DESTINATION_RULE,),
    words=("clientCertificate",),
    summary="Proxies lack the files of a DestinationRule's client certificate",
    check=check,
)
