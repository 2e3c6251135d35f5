"""MF306: Pod Security refuses what injection adds to pods."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.injection.early import INTERCEPTION
from kubectl_meshfix.injection.membership import INPUTS, membership
from kubectl_meshfix.injection.pod_security import ENFORCE, Forbidden, forbidden
from kubectl_meshfix.injection.proxy import has_proxy
from kubectl_meshfix.mesh.control_plane import ControlPlane, control_plane, main_control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.rules.injection import unfinished
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

REFUSED = {
    Forbidden.INIT_CONTAINER: "istio-init (NET_ADMIN, NET_RAW, root)",
    Forbidden.TPROXY: "a proxy in TPROXY mode (NET_ADMIN, root)",
    Forbidden.NO_SECCOMP_PROFILE: "istio-proxy without a seccompProfile",
}


class Refusal(NamedTuple):
    """A workload whose pods Pod Security refuses once they are injected, by which control plane, and for what."""

    workload: Workload
    plane: ControlPlane
    why: Forbidden


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each namespace whose Pod Security level refuses the containers that its pods would get."""
    enforced = {item.name: item for item in mesh.all(Namespace) if item.labels.get(ENFORCE) in ("baseline", "restricted")}
    refused: dict[str, list[Refusal]] = defaultdict(list)
    for workload in unfinished(mesh):
        space = enforced.get(workload.namespace)
        plane = _injected_by(mesh, workload) if space else None
        if space and plane and plane.injector and (why := forbidden(workload, plane, plane.injector.values, space.labels[ENFORCE])):
            refused[space.name].append(Refusal(workload, plane, why))
    for name, refusals in refused.items():
        yield _finding(enforced[name], refusals)


def _injected_by(mesh: Mesh, workload: Workload) -> ControlPlane | None:
    """The control plane that injects a workload's pods, or is meant to by their labels; None where its settings are not known."""
    made = membership(mesh, workload)
    is_meant = made.injected is False and made.wanted and made.decided_by.stage == "apiserver"
    if has_proxy(workload.spec) or not (made.injected is True or is_meant):
        return None
    plane = control_plane(mesh, made.revision) if made.revision else main_control_plane(mesh)
    return plane if plane and plane.injector and plane.injector.usable else None


def _finding(namespace: Namespace, refusals: list[Refusal]) -> Finding:
    first = refusals[0]
    level = namespace.labels[ENFORCE]
    config = first.plane.injector.config_map if first.plane.injector else None
    names = [str(refusal.workload.ref) for refusal in refusals]
    return Finding(
        resource=namespace.ref,
        path=join("metadata", "labels", ENFORCE),
        message=f'Pod Security "{level}" refuses {REFUSED[first.why]}. Pods with it cannot be created (FailedCreate).',
        evidence=(
            f"settings of the injector: {config}",
            *(f"refused: pods of {name}" for name in names[:5]),
            *((f"and {len(names) - 5} more",) if names[5:] else ()),
            "not checked: exemptions in the API server's configuration",
        ),
        fix=_fix(first),
    )


def _fix(refusal: Refusal) -> Fix:
    plane = refusal.plane
    chart = f"helm upgrade {'istiod' if plane.revision == 'default' else f'istiod-{plane.revision}'} istio/istiod -n {plane.namespace}"
    if refusal.why is Forbidden.TPROXY:
        return manual(f'Set {INTERCEPTION}: "REDIRECT", or move the pods to a namespace with the level "privileged".')
    if refusal.why is Forbidden.NO_SECCOMP_PROFILE:
        return manual(
            "Set seccompProfile for the proxy in istiod's values, or for the whole pod in spec.securityContext.",
            f"{chart} --reuse-values --set global.proxy.seccompProfile.type=RuntimeDefault",
        )
    return manual(
        "Install Istio's CNI agent, set pilot.cni.enabled, then restart the pods.",
        f"helm upgrade --install istio-cni istio/cni -n {plane.namespace}",
        f"{chart} --reuse-values --set pilot.cni.enabled=true",
    )


RULE = Rule(
    code="MF306",
    name="init-container-forbidden",
    severity=Severity.ERROR,
    inputs=(kinds.NAMESPACE, kinds.CONFIG_MAP, *kinds.WORKLOADS),
    optional=INPUTS,
    summary="Pod Security refuses what injection adds to pods",
    check=check,
)
