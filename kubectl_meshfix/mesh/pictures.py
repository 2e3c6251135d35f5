"""Files that are a picture of a cluster: what ``kubectl get -o yaml`` wrote, with what the cluster said of it."""

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Key, Object
from kubectl_meshfix.resources.workloads import Job, ReplicaSet, WorkloadStatus


def was_made(obj: Object) -> bool:
    """Whether an object exists, and is no manifest that is still to be applied: it has a UID, an owner, or a status."""
    if obj.metadata.uid or obj.metadata.owner_references:
        return True
    status = getattr(obj, "status", None)
    return bool(obj.status.phase) if isinstance(obj, Pod) else isinstance(status, WorkloadStatus) and status != WorkloadStatus()


def is_pictured(mesh: Mesh, workload: Workload) -> bool:
    """Whether files show what became of a workload: itself, one of its pods, or what makes them, as the cluster had it."""
    mesh.require(kinds.POD, kinds.REPLICA_SET, kinds.JOB)
    return was_made(workload.object) or workload.ref.key in mesh.cached("owners of what was made", _owners)


def _owners(mesh: Mesh) -> frozenset[Key]:
    made = (obj for struct in (Pod, ReplicaSet, Job) for obj in mesh.all(struct) if was_made(obj))
    return frozenset(mesh.owner(obj).ref.key for obj in made)
