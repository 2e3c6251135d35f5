"""What Pod Security's levels forbid of an injected pod (`k8s.io/pod-security-admission`)."""

from enum import Enum

from kubectl_meshfix.injection.early import INTERCEPTION
from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.injector_config import InjectorValues

ENFORCE = "pod-security.kubernetes.io/enforce"
"""The namespace's label with the level whose violations are refused. What it warns of or audits is not refused."""


class Forbidden(Enum):
    """What injection adds and a level forbids."""

    INIT_CONTAINER = "istio-init, which adds NET_ADMIN and NET_RAW and runs as root"
    TPROXY = "a proxy in TPROXY mode, which adds NET_ADMIN and runs as root"
    NO_SECCOMP_PROFILE = "a proxy without a seccomp profile, which the level restricted wants"


def forbidden(workload: Workload, plane: ControlPlane, values: InjectorValues, level: str) -> Forbidden | None:
    """What a level, ``baseline`` or ``restricted``, forbids of a workload's pods as the control plane injects them.

    Mirrors `files/injection-template.yaml`. Exemptions in the API server's configuration are not known.
    """
    mode = workload.annotations.get(INTERCEPTION) or plane.mesh_config.default_config.interception_mode
    if not values.cni_enabled and mode != "NONE":
        return Forbidden.INIT_CONTAINER
    if mode == "TPROXY":
        return Forbidden.TPROXY
    own = workload.spec.security_context.seccomp_profile if workload.spec.security_context else None
    if level == "restricted" and not values.seccomp_profile and own is None:
        return Forbidden.NO_SECCOMP_PROFILE
    return None
