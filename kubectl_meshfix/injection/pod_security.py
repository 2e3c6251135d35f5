"""What Pod Security's levels and OpenShift's constraints forbid of an injected pod (`k8s.io/pod-security-admission`)."""

from enum import Enum

import msgspec

from kubectl_meshfix.injection.early import interception_mode
from kubectl_meshfix.injection.membership import Membership, membership
from kubectl_meshfix.injection.proxy import has_proxy
from kubectl_meshfix.mesh.control_plane import ControlPlane, main_control_plane, plane_of_revision
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, Pod
from kubectl_meshfix.resources.injector_config import InjectorValues

ENFORCE = "pod-security.kubernetes.io/enforce"
"""The namespace's label with the level whose violations are refused. What it warns of or audits is not refused."""


UID_RANGE = "openshift.io/sa.scc.uid-range"
"""The annotation of every namespace of OpenShift's: the user ids that the SCC restricted-v2 allows there."""


class Forbidden(Enum):
    """What injection adds and a level forbids."""

    INIT_CONTAINER = "istio-init, which adds NET_ADMIN and NET_RAW and runs as root"
    TPROXY = "a proxy in TPROXY mode, which adds NET_ADMIN and runs as root"
    NO_SECCOMP_PROFILE = "a proxy without a seccomp profile, which the level restricted wants"
    BY_CONSTRAINTS = "istio-init, which the SCC restricted-v2 refuses for its user and its capabilities"


class Refusal(msgspec.Struct, frozen=True):
    """A workload whose pods are refused once they are injected, by which control plane, and for what."""

    workload: Workload
    plane: ControlPlane
    why: Forbidden


def find_forbidden(mesh: Mesh, workload: Workload) -> Refusal | None:
    """What the workload's namespace forbids of its injected pods; None where nothing is known to be forbidden.

    A ServiceAccount that may use the SCC ``privileged`` is not seen, unless a pod of the workload runs with istio-init.
    """
    space = mesh.namespace(workload.namespace)
    level = space.labels.get(ENFORCE) if space else None
    is_openshift = space is not None and UID_RANGE in space.metadata.annotations
    if level not in ("baseline", "restricted") and not is_openshift:
        return None
    found = _injected_by(mesh, workload, membership(mesh, workload))
    if found is None:
        return None
    plane, values = found
    if level in ("baseline", "restricted") and (why := forbidden(workload, plane, values, level)):
        return Refusal(workload, plane, why)
    needs_init = forbidden(workload, plane, values, "baseline") is Forbidden.INIT_CONTAINER
    is_known = not mesh.live or mesh.knows(kinds.POD, workload.namespace)
    if needs_init and is_known and not any(_has_init(pod) for pod in mesh.pods_of(workload)):
        return Refusal(workload, plane, Forbidden.BY_CONSTRAINTS)
    return None


def would_forbid(mesh: Mesh, space: Namespace) -> Forbidden | None:
    """What a namespace that is not injected yet would forbid of its pods if it were, by the main control plane."""
    level, plane = space.labels.get(ENFORCE), main_control_plane(mesh)
    if level not in ("baseline", "restricted") or plane is None or plane.injector is None or not plane.injector.usable:
        return None
    here = (item for item in mesh.workloads if item.namespace == space.name and not item.spec.host_network)
    found = (forbidden(item, plane, plane.injector.values, level) for item in here)
    return next((why for why in found if why), None)


def _injected_by(mesh: Mesh, workload: Workload, made: Membership) -> tuple[ControlPlane, InjectorValues] | None:
    """The control plane that injects a workload's pods, or is meant to by their labels, and its settings; None where they are not known."""
    is_meant = made.injected is False and made.wanted and made.decided_by.stage == "apiserver"
    if has_proxy(workload.spec) or not (made.injected is True or is_meant):
        return None
    plane = plane_of_revision(mesh, made.revision)
    return (plane, plane.injector.values) if plane and plane.injector and plane.injector.usable else None


def _has_init(pod: Pod) -> bool:
    return any(container.name == "istio-init" for container in pod.spec.init_containers)


def forbidden(workload: Workload, plane: ControlPlane, values: InjectorValues, level: str) -> Forbidden | None:
    """What a level, ``baseline`` or ``restricted``, forbids of a workload's pods as the control plane injects them.

    Mirrors `files/injection-template.yaml`. Exemptions in the API server's configuration are not known.
    """
    mode = interception_mode(plane, workload.annotations)
    if not values.cni_enabled and mode != "NONE":
        return Forbidden.INIT_CONTAINER
    if mode == "TPROXY":
        return Forbidden.TPROXY
    own = workload.spec.security_context.seccomp_profile if workload.spec.security_context else None
    if level == "restricted" and not values.seccomp_profile and own is None:
        return Forbidden.NO_SECCOMP_PROFILE
    return None
