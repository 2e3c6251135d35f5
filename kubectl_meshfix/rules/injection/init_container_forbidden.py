"""MF306: Pod Security, or OpenShift's constraints, refuse what injection adds to pods."""

from collections import defaultdict
from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.injection import new_pods
from kubectl_meshfix.injection.checks.kubelet import SECURITY_CONTEXT
from kubectl_meshfix.injection.early import INTERCEPTION
from kubectl_meshfix.injection.kubelet import find_refusal_now
from kubectl_meshfix.injection.membership import membership
from kubectl_meshfix.injection.pod_security import ENFORCE, UID_RANGE, Forbidden, Refusal, find_forbidden
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.rules.injection import cni_agent, unfinished
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

REFUSED = {
    Forbidden.INIT_CONTAINER: "istio-init (NET_ADMIN, NET_RAW, root)",
    Forbidden.TPROXY: "a proxy in TPROXY mode (NET_ADMIN, root)",
    Forbidden.NO_SECCOMP_PROFILE: "istio-proxy without a seccompProfile",
}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each namespace whose Pod Security level, or OpenShift's constraints, refuse the containers that its pods would get."""
    refused: dict[str, list[Refusal]] = defaultdict(list)
    for workload in unfinished(mesh):
        if found := find_forbidden(mesh, workload):
            refused[workload.namespace].append(found)
    for name, refusals in refused.items():
        if space := mesh.namespace(name):
            yield _by_constraints(mesh, space, refusals) if refusals[0].why is Forbidden.BY_CONSTRAINTS else _by_level(space, refusals)


def _by_level(namespace: Namespace, refusals: list[Refusal]) -> Finding:
    first = refusals[0]
    level = namespace.labels[ENFORCE]
    return Finding(
        resource=namespace.ref,
        path=join("metadata", "labels", ENFORCE),
        message=f'Pod Security "{level}" refuses {REFUSED[first.why]}. Pods with it cannot be created (FailedCreate).',
        evidence=(*_evidence(refusals), "not checked: exemptions in the API server's configuration"),
        fix=_fix(first),
    )


def _by_constraints(mesh: Mesh, namespace: Namespace, refusals: list[Refusal]) -> Finding:
    """A prediction, because the SCC that a ServiceAccount may use is not read; certain where a pod was refused for it."""
    told = [now for item in refusals if (now := find_refusal_now(mesh, item.workload, membership(mesh, item.workload)))]
    words = [now.failure.message for now in told if now.refused.step.outcome.check is SECURITY_CONTEXT and now.refused.is_about_injection]
    effect = "No pod with it can be created (FailedCreate)." if words else "Pods with it are created only under the SCC privileged."
    return Finding(
        resource=namespace.ref,
        path=join("metadata", "annotations", UID_RANGE),
        message=f"OpenShift's SCC restricted-v2 refuses istio-init (NET_ADMIN, NET_RAW, root), and the CNI agent is not in use. {effect}",
        evidence=(*_evidence(refusals), *(f"the API server's words: {text}" for text in words[:1])),
        fix=_fix(refusals[0]),
        severity=Severity.ERROR if words else Severity.WARNING,
    )


def _evidence(refusals: list[Refusal]) -> tuple[str, ...]:
    first = refusals[0]
    config = first.plane.injector.config_map if first.plane.injector else None
    names = [str(refusal.workload.ref) for refusal in refusals]
    return (
        f"settings of the injector: {config}",
        *(f"refused: pods of {name}" for name in names[:5]),
        *((f"and {len(names) - 5} more",) if names[5:] else ()),
    )


def _fix(refusal: Refusal) -> Fix:
    plane = refusal.plane
    if refusal.why is Forbidden.TPROXY:
        return manual(f'Set {INTERCEPTION}: "REDIRECT", or move the pods to a namespace with the level "privileged".')
    if refusal.why is Forbidden.NO_SECCOMP_PROFILE:
        return manual(
            "Set seccompProfile for the proxy in istiod's values, or for the whole pod in spec.securityContext.",
            f"{cni_agent.upgrade(plane)} --reuse-values --set global.proxy.seccompProfile.type=RuntimeDefault",
        )
    return manual("Install Istio's CNI agent, set pilot.cni.enabled, then restart the pods.", *cni_agent.commands(plane))


RULE = Rule(
    code="MF306",
    name="init-container-forbidden",
    severity=Severity.ERROR,
    inputs=(kinds.NAMESPACE, kinds.CONFIG_MAP, *kinds.WORKLOADS),
    optional=new_pods.INPUTS,
    about=(kinds.NAMESPACE,),
    words=(ENFORCE, UID_RANGE),
    summary="Pod Security or an SCC refuses what injection adds to pods",
    check=check,
)
