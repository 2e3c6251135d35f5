"""MF435: two Sidecars are for the same proxies, which use only the older one."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.client.scoping.rivals import Rival, rivals


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each Sidecar that some proxies do not use because of another (`analyzers/sidecar`, IST0110, IST0111)."""
    for found in rivals(mesh):
        if mesh.are_together(found.sidecar.ref, found.older.ref):
            yield _finding(found)


def _finding(found: Rival) -> Finding:
    effect = f"Proxies use only {found.older.ref}, which is older." if found.is_order_known else "Proxies use only the older one."
    if found.workloads:
        names = few([str(workload.ref) for workload in found.workloads])
        message, path = f"{found.older.ref} selects {names} too. {effect}", "/spec/workloadSelector/labels"
        fix = manual("Give the Sidecars selectors that select different pods, or merge them.")
    else:
        message, path = f"{found.older.ref} has no workloadSelector either. {effect}", "/spec"
        fix = manual("Merge both Sidecars, or give this one a workloadSelector.")
    aliases = ("IST0110", "KIA0003") if found.workloads else ("IST0111", "KIA0002")
    return Finding(resource=found.sidecar.ref, path=path, message=message, fix=fix, aliases=aliases)


RULE = Rule(
    code="MF435",
    name="rival-sidecars",
    severity=Severity.WARNING,
    inputs=(kinds.SIDECAR,),
    optional=kinds.WORKLOADS,
    about=(kinds.SIDECAR,),
    aliases=("IST0110", "IST0111", "KIA0002", "KIA0003"),
    summary="Two Sidecars are for the same proxies, which use only the older one",
    check=check,
)
