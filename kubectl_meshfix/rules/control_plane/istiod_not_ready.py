"""MF909: no istiod of a revision is ready, or its upgrade hangs."""

from collections.abc import Iterator
from datetime import timedelta

from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection import new_pods
from kubectl_meshfix.injection.in_force.connections import serves_nobody
from kubectl_meshfix.injection.proxy import image_version, injected_revision
from kubectl_meshfix.injection.unchecked import is_told_by_injector
from kubectl_meshfix.mesh import moments
from kubectl_meshfix.mesh.control_plane import ControlPlane, control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

LATE = "ProgressDeadlineExceeded"
START = timedelta(minutes=5)
"""As long as this a new istiod may take to start."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each istiod of which no pod is ready while it is wanted, unless MF309 or MF951 says it, and each whose rollout hangs."""
    for plane in control_planes(mesh):
        deployment = mesh.get(Deployment, plane.namespace, plane.deployment.name) if plane.deployment else None
        if deployment is None or not deployment.status.conditions or _is_young(mesh, deployment):
            continue
        if deployment.spec.replicas == 0:
            if count := len(_proxies(mesh, plane)):
                whose = "1 pod has its proxy" if count == 1 else f"{count} pods have its proxies"
                yield from _nobody(mesh, deployment, f"is scaled to 0, and {whose}")
        elif not deployment.status.ready_replicas:
            yield from _nobody(mesh, deployment, "has no ready pod")
        elif any(item.type == "Progressing" and item.reason == LATE for item in deployment.status.conditions):
            yield _hanging(mesh, deployment)


def _is_young(mesh: Mesh, deployment: Deployment) -> bool:
    old = moments.age(mesh, deployment)
    return old is not None and old < START


def _proxies(mesh: Mesh, plane: ControlPlane) -> list[Pod]:
    return [pod for pod in mesh.all(Pod) if injected_revision(pod) == plane.revision]


def _nobody(mesh: Mesh, deployment: Deployment, what: str) -> Iterator[Finding]:
    if is_told_by_injector(mesh, deployment.ref) or serves_nobody(mesh, deployment.ref):
        return
    yield Finding(
        resource=deployment.ref,
        path="/spec/replicas",
        message=f"This istiod {what}. Proxies get no new configuration and certificates, which end within a day.",
        evidence=_conditions(deployment),
        fix=manual("Get istiod's pods ready.", *_commands(deployment)),
        severity=Severity.ERROR,
    )


def _hanging(mesh: Mesh, deployment: Deployment) -> Finding:
    made = workload(deployment)
    images = [item.image for pod in (mesh.pods_of(made) if made else ()) for item in pod.spec.containers if item.name == "discovery"]
    versions = sorted({version for image in images if (version := image_version(image))})
    between = f" Its pods are of versions {few(versions)}." if versions[1:] else " Its old pods go on."
    return Finding(
        resource=deployment.ref,
        path="/spec/template",
        message=f"The rollout of this istiod hangs: its new pods do not become ready.{between}",
        evidence=_conditions(deployment),
        fix=manual("Find out why the new pods do not become ready.", *_commands(deployment)),
    )


def _conditions(deployment: Deployment) -> tuple[str, ...]:
    return tuple(f"{item.type}: {item.status}, {item.message or item.reason}" for item in deployment.status.conditions)


def _commands(deployment: Deployment) -> tuple[str, ...]:
    where = deployment.ref.namespace_flag
    return f"kubectl describe deployment {deployment.name}{where}", f"kubectl get pods{where} -l app=istiod"


RULE = Rule(
    code="MF909",
    name="istiod-not-ready",
    severity=Severity.WARNING,
    inputs=(kinds.DEPLOYMENT,),
    optional=tuple(dict.fromkeys((*new_pods.INPUTS, kinds.VALIDATING_WEBHOOK_CONFIGURATION))),
    about=(kinds.DEPLOYMENT,),
    words=("conditions",),
    summary="No istiod of a revision is ready, or its upgrade hangs",
    check=check,
)
