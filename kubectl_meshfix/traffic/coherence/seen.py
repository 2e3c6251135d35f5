"""Whether what was read of a namespace is all that there is: what was not read might make a difference good."""

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind


def is_seen(mesh: Mesh, namespace: str, *more: Kind) -> bool:
    """Whether all pods of a namespace were read, whatever makes them, and all objects of more kinds; of files whether none was left out."""
    wanted = (*kinds.WORKLOADS, *more)
    return all(mesh.knows(kind, namespace) if mesh.live else mesh.holds_all(kind, namespace) for kind in wanted)
