"""Injection: the labels that ask for it, the webhooks that select pods, the injector's own configuration."""

from collections.abc import Iterator

from kubectl_meshfix.injection.inputs import CALL_INPUTS
from kubectl_meshfix.injection.inputs import INPUTS as MEMBERSHIP_INPUTS
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.resources.kinds import Kind

INPUTS: tuple[Kind, ...] = tuple(dict.fromkeys((*MEMBERSHIP_INPUTS, *CALL_INPUTS)))
"""Kinds that tell what becomes of new pods, and which revisions can be called."""

AT_CREATION = "Injection happens only when a pod is created: delete the pod, and create it again."
"""Why a label is no fix for a bare pod that runs."""


def lasting(mesh: Mesh) -> Iterator[Namespace]:
    """Namespaces that stay: nothing can be created in one that is being deleted, and its labels decide on nothing."""
    return (namespace for namespace in mesh.all(Namespace) if not namespace.metadata.deletion_timestamp)


def unfinished(mesh: Mesh) -> Iterator[Workload]:
    """Workloads whose pods may still be created: nothing that has ended, or goes with its namespace."""
    going = {namespace.name for namespace in mesh.all(Namespace) if namespace.metadata.deletion_timestamp}
    return (workload for workload in mesh.workloads if not workload.has_ended and workload.namespace not in going)
