"""Which proxy stands before the pods of a workload (`pkg/kube/inject`, `cni/pkg/util/enablement_selector.go`)."""

from kubectl_meshfix.chain.alternatives import Alternative, Given
from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.injection.labels import MANAGED
from kubectl_meshfix.injection.membership import Membership, Mode, membership
from kubectl_meshfix.injection.proxy import STATUS_ANNOTATION, has_proxy, injected_revision, is_gateway, is_redirected
from kubectl_meshfix.mesh.pictures import was_made
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.traffic.checks import party as check
from kubectl_meshfix.traffic.terms.parties import Party, Plane

WAYPOINTS = "istio.io-mesh-controller"
"""The value of ``gateway.istio.io/managed`` on waypoints (`pkg/config/constants/constants.go`)."""

OF_ONE_POD = frozenset(
    {
        "pod-template-hash", "pod-template-generation", "controller-revision-hash", "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index", "batch.kubernetes.io/controller-uid", "controller-uid",
    }
)  # fmt: skip
"""Labels that controllers give to pods to tell them and their generations apart."""


def parties_of(mesh: Mesh, workload: Workload) -> Steps[tuple[Alternative[Party], ...]]:
    """The pods of a workload as the mesh sees them; both ways where nobody knows whether they have a sidecar.

    Pods that a cluster made tell by what they are, whether it was read or files are a picture of it; all others by what becomes of their
    template.
    """
    at = Where(workload.ref, workload.template_path)
    if is_gateway(workload):
        plane = _gateway(workload)
        yield step(check.GATEWAY, at, workload=str(workload.ref), plane=plane.in_words)
        return (Alternative(party(workload, plane)),)
    pods = [pod for pod in mesh.pods_of(workload) if not pod.metadata.deletion_timestamp and (mesh.is_live(pod.ref) or was_made(pod))]
    if pods:
        seen = {_observed(pod) for pod in pods}
        plane = Plane.SIDECAR if Plane.SIDECAR in seen else Plane.AMBIENT if Plane.AMBIENT in seen else Plane.BARE
        yield step(check.MIXED if len(seen) > 1 else check.OBSERVED, at, workload=str(workload.ref), plane=plane.in_words)
        return (Alternative(party(workload, plane, membership(mesh, workload).revision)),)
    made = membership(mesh, workload)
    if isinstance(made.injected, Unknown):
        yield step(check.UNKNOWN, at, unknown=made.injected, workload=str(workload.ref), why=made.decided_by)
    else:
        yield step(check.PREDICTED, at, workload=str(workload.ref), plane=planes(made)[0].value.in_words, why=made.decided_by)
    return tuple(
        Alternative(party(workload, found.value, None if found.value is Plane.BARE else made.revision), found.share, found.given)
        for found in planes(made)
    )


def planes(made: Membership) -> tuple[Alternative[Plane], ...]:
    """Which proxy new pods get; both ways where nobody knows."""
    if isinstance(made.injected, Unknown):
        yes, no = (Given(unknown=made.injected, is_so=is_so) for is_so in (True, False))
        return Alternative(Plane.SIDECAR, given=(yes,)), Alternative(Plane.BARE, given=(no,))
    return (Alternative(_predicted(made)),)


def party_of_pod(mesh: Mesh, pod: Pod) -> Party:
    """The party that one live pod is. What tells it from other pods of its template is left out of its labels and annotations."""
    workload = mesh.workload_of(pod)
    plane = _gateway(workload) if is_gateway(workload) else _observed(pod)
    notes = pod.metadata.annotations
    return Party(
        plane=plane,
        namespace=pod.namespace,
        labels={key: value for key, value in pod.labels.items() if key not in OF_ONE_POD},
        annotations={key: value for key, value in notes.items() if "istio.io/" in key and key != STATUS_ANNOTATION},
        service_account=pod.spec.service_account_name or "default",
        spec=pod.spec,
        workload=workload,
        revision=injected_revision(pod) or None if plane is not Plane.BARE else None,
    )


def party(workload: Workload, plane: Plane, revision: str | None = None) -> Party:
    """The party that a workload's pods are behind a kind of proxy."""
    return Party(
        plane=plane,
        namespace=workload.namespace,
        labels=workload.labels,
        annotations=workload.annotations,
        service_account=workload.spec.service_account_name or "default",
        spec=workload.spec,
        workload=workload,
        revision=revision,
    )


def _gateway(workload: Workload) -> Plane:
    return Plane.WAYPOINT if workload.labels.get(MANAGED) == WAYPOINTS else Plane.GATEWAY


def _predicted(made: Membership) -> Plane:
    match made.mode:
        case Mode.SIDECAR | Mode.NATIVE_SIDECAR:
            return Plane.SIDECAR
        case Mode.AMBIENT:
            return Plane.AMBIENT
        case Mode.NONE:
            return Plane.BARE


def _observed(pod: Pod) -> Plane:
    if has_proxy(pod.spec):
        return Plane.SIDECAR
    return Plane.AMBIENT if is_redirected(pod.metadata.annotations) else Plane.BARE
