"""Membership: whether the pods of a workload are, or would be, in the mesh, and what decides it."""

from kubectl_meshfix.injection.inputs import INPUTS, WORKLOAD_INPUTS
from kubectl_meshfix.injection.intent import inject_value, is_namespace_refused, is_namespace_wanted, is_refused
from kubectl_meshfix.injection.modes import Membership, Mode
from kubectl_meshfix.injection.proxy import has_proxy, is_redirected
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Namespace, PodTemplate

__all__ = [
    "Membership",
    "Mode",
    "belongs_to_mesh",
    "in_mesh",
    "is_left_alone",
    "meant_for_mesh",
    "membership",
    "predicted",
    "stays_out",
]


def membership(mesh: Mesh, workload: Workload) -> Membership:
    """The membership of pods made from a workload's template; a proxy that the template itself has counts as a sidecar."""
    mesh.require(*INPUTS)
    return mesh.of_workload("memberships of workloads", workload, lambda made: predicted(mesh, made.namespace, made.template))


def predicted(mesh: Mesh, namespace: str, template: PodTemplate) -> Membership:
    """The membership of a pod made from any template in a namespace."""
    from kubectl_meshfix.injection.prediction import look_at, told_prediction  # noqa: PLC0415 -- only where there are pods

    mesh.require(*INPUTS)
    return told_prediction(mesh, look_at(mesh, namespace, template)).value.made


def in_mesh(mesh: Mesh, workload: Workload) -> bool:
    """Whether a workload is in the mesh: its next pods will be, or a pod it has today is."""
    if membership(mesh, workload).mode is not Mode.NONE:
        return True
    return any(has_proxy(pod.spec) or is_redirected(pod.metadata.annotations) for pod in mesh.pods_of(workload))


def is_left_alone(made: Membership, template: PodTemplate) -> bool:
    """Whether the injector keeps away from pods that do not ask for themselves, as somebody decided: no mishap."""
    from kubectl_meshfix.injection.checks import injector  # noqa: PLC0415 -- as above

    checks = (injector.HOST_NETWORK, injector.IGNORED, injector.NEVER)
    return made.decided_by.outcome.check in checks and inject_value(template)[0] != "true"


def belongs_to_mesh(mesh: Mesh, workload: Workload) -> bool:
    """Whether a workload is in the mesh, or its labels ask for that and nobody decided otherwise: what keeps it out is a mishap then."""
    made = membership(mesh, workload)
    return in_mesh(mesh, workload) or (made.wanted and not is_left_alone(made, workload.template))


def stays_out(mesh: Mesh, namespace: str, workload: Workload | None = None) -> bool:
    """Whether labels keep a workload out of the mesh on purpose, or the whole of its namespace where none is named.

    What is in the mesh all the same is not out: a pod that refuses a sidecar in an ambient namespace, for one.
    """
    mesh.require(*WORKLOAD_INPUTS)
    space = mesh.namespace(namespace)
    labels = space.labels if space else {}
    if workload is None:
        return is_namespace_refused(labels)
    return is_refused(labels, workload.template) and not in_mesh(mesh, workload)


def meant_for_mesh(mesh: Mesh, namespace: str) -> bool:
    """Whether a namespace has to do with the mesh: its labels ask for it, or those of a workload, or one of them is in it."""
    mesh.require(*WORKLOAD_INPUTS)
    return namespace in mesh.cached("namespaces meant for the mesh", _namespaces)


def _namespaces(mesh: Mesh) -> frozenset[str]:
    asking = (namespace.name for namespace in mesh.all(Namespace) if is_namespace_wanted(namespace.labels))
    holding = (workload.namespace for workload in mesh.workloads if membership(mesh, workload).wanted or in_mesh(mesh, workload))
    return frozenset((*asking, *holding))
