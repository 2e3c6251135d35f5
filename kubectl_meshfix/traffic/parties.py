"""Which proxy stands before the pods of a workload (`pkg/kube/inject`, `cni/pkg/util/enablement_selector.go`)."""

from kubectl_meshfix.chain.alternatives import Alternative, Given
from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.injection.labels import MANAGED
from kubectl_meshfix.injection.membership import Membership, Mode, membership
from kubectl_meshfix.injection.proxy import has_proxy, is_gateway, is_redirected
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.traffic.checks import party as check
from kubectl_meshfix.traffic.terms.parties import Party, Plane

WAYPOINTS = "istio.io-mesh-controller"
"""The value of ``gateway.istio.io/managed`` on waypoints (`pkg/config/constants/constants.go`)."""


def parties_of(mesh: Mesh, workload: Workload) -> Steps[tuple[Alternative[Party], ...]]:
    """The pods of a workload as the mesh sees them; both ways where nobody knows whether they have a sidecar.

    Live pods tell by what they are, all others by what becomes of their template.
    """
    at = Where(workload.ref, workload.template_path)
    if is_gateway(workload):
        plane = Plane.WAYPOINT if workload.labels.get(MANAGED) == WAYPOINTS else Plane.GATEWAY
        yield step(check.GATEWAY, at, workload=str(workload.ref), plane=plane.value)
        return (Alternative(party(workload, plane)),)
    pods = [pod for pod in mesh.pods_of(workload) if not pod.metadata.deletion_timestamp]
    if mesh.is_live(workload.ref) and pods:
        planes = {_observed(pod) for pod in pods}
        plane = Plane.SIDECAR if Plane.SIDECAR in planes else Plane.AMBIENT if Plane.AMBIENT in planes else Plane.BARE
        yield step(check.MIXED if len(planes) > 1 else check.OBSERVED, at, workload=str(workload.ref), plane=plane.value)
        return (Alternative(party(workload, plane, membership(mesh, workload).revision)),)
    made = membership(mesh, workload)
    if isinstance(made.injected, Unknown):
        yield step(check.UNKNOWN, at, unknown=made.injected, workload=str(workload.ref), why=made.decided_by)
        given = (Given(unknown=made.injected, is_so=True),), (Given(unknown=made.injected, is_so=False),)
        return (
            Alternative(party(workload, Plane.SIDECAR, made.revision), given=given[0]),
            Alternative(party(workload, Plane.BARE), given=given[1]),
        )
    plane = _predicted(made)
    yield step(check.PREDICTED, at, workload=str(workload.ref), plane=plane.value, why=made.decided_by)
    return (Alternative(party(workload, plane, made.revision)),)


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
