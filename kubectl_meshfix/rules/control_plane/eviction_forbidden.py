"""MF910: a disruption budget lets no pod of istiod or of a gateway be evicted, so that a node is never drained."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.effects.availability import forbids_evictions
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh.control_plane import is_istiod
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.disruption import PodDisruptionBudget
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each budget for a Deployment of Istio's that wants all of its pods (`pkg/controller/disruption/disruption.go`)."""
    budgets = mesh.all(PodDisruptionBudget)
    for workload in mesh.workloads if budgets else ():
        deployment = mesh.get(Deployment, workload.namespace, workload.name) if workload.kind is kinds.DEPLOYMENT else None
        if deployment is None or not (is_istiod(deployment) or is_gateway(workload)):
            continue
        pods = deployment.spec.replicas or 0
        for budget in mesh.within(PodDisruptionBudget, workload.namespace):
            if forbids_evictions(mesh, budget, workload, pods):
                yield _finding(budget, workload, pods)


def _finding(budget: PodDisruptionBudget, workload: Workload, pods: int) -> Finding:
    spec = budget.spec
    field = "minAvailable" if spec.max_unavailable is None else "maxUnavailable"
    value = spec.min_available if spec.max_unavailable is None else spec.max_unavailable
    has = "one pod" if pods == 1 else f"{pods} pods"
    return Finding(
        resource=budget.ref,
        path=f"/spec/{field}",
        message=f"{field} {value} lets no pod of {workload.ref}, which has {has}, be evicted. A drain of its node never ends.",
        fix=manual(
            f"Give it {pods + 1} pods, or let the budget do without one, by the tool that installed it.",
            f"kubectl describe poddisruptionbudget {budget.name}{budget.ref.namespace_flag}",
        ),
    )


RULE = Rule(
    code="MF910",
    name="eviction-forbidden",
    severity=Severity.INFO,
    inputs=(kinds.POD_DISRUPTION_BUDGET, *kinds.WORKLOADS),
    about=(kinds.POD_DISRUPTION_BUDGET,),
    summary="A disruption budget lets no pod of istiod or of a gateway be evicted",
    check=check,
)
