"""MF806: pods that run with a sidecar where new ones would be in ambient mode, or the other way round."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import at_risk
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.membership import Mode, membership
from kubectl_meshfix.injection.new_pods import INPUTS, find_obstacle
from kubectl_meshfix.injection.proxy import has_proxy, is_gateway, is_redirected
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.rules.injection import pod_replacement, unfinished
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

LEAVES = "Its new pods have no sidecar and enter ambient mode: what its Envoy did, only a waypoint does there."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload whose pods are not as new pods would be, by what was injected and by the annotation of the CNI agent."""
    for workload in unfinished(mesh):
        if is_gateway(workload) or workload.is_pod or has_proxy(workload.spec):
            continue
        pods = [pod for pod in mesh.pods_of(workload) if not pod.metadata.deletion_timestamp]
        if not pods:
            continue
        made = membership(mesh, workload)
        with_sidecar = [pod for pod in pods if has_proxy(pod.spec)]
        redirected = [pod for pod in pods if is_redirected(pod.metadata.annotations) and not has_proxy(pod.spec)]
        if made.mode is Mode.AMBIENT and made.surely_injected is False and with_sidecar:
            yield _finding(mesh, workload, with_sidecar, to_ambient=True)
        elif made.surely_injected is True and redirected:
            yield _finding(mesh, workload, redirected, to_ambient=False)


def _finding(mesh: Mesh, workload: Workload, pods: Sequence[Pod], *, to_ambient: bool) -> Finding:
    names = few([pod.name for pod in pods])
    message = f"{names} still run with a sidecar, and new pods are in ambient mode. Calls of a sidecar bypass waypoints."
    if not to_ambient:
        message = f"{names} still run in ambient mode, and new pods get a sidecar. No Envoy is in these pods to route and check requests."
    if len(pods) == 1:
        message = message.replace(" still run ", " still runs ")
    fix = pod_replacement.replacement(mesh, workload, pods, find_obstacle(mesh, workload))
    return Finding(
        resource=workload.ref,
        path=workload.template_path,
        message=message,
        evidence=(membership(mesh, workload).reason,),
        fix=at_risk(fix, LEAVES if to_ambient else risks.PODS_ENTER),
        aliases=("KIA1315",) if to_ambient else ("KIA1314",),
    )


RULE = Rule(
    code="MF806",
    name="pods-in-another-mode",
    severity=Severity.WARNING,
    inputs=kinds.WORKLOADS,
    optional=INPUTS,
    about=kinds.WORKLOADS,
    needs=(kinds.POD,),
    aliases=("KIA1314", "KIA1315"),
    summary="Pods run with a sidecar where new ones are in ambient mode, or the other way round",
    check=check,
)
