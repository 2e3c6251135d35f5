"""Whether what was read of a namespace is all that there is: what was not read might make a difference good."""

from collections.abc import Iterator

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.traffic.parties import parties_of
from kubectl_meshfix.traffic.terms.parties import Party, Plane


def is_seen(mesh: Mesh, namespace: str, *more: Kind) -> bool:
    """Whether all pods of a namespace were read, whatever makes them, and all objects of more kinds; of files whether none was left out."""
    wanted = (*kinds.WORKLOADS, *more)
    return all(mesh.knows(kind, namespace) if mesh.live else mesh.holds_all(kind, namespace) for kind in wanted)


def proxies(mesh: Mesh, *more: Kind) -> Iterator[tuple[Workload, Party]]:
    """The workloads whose pods are known to have an Envoy of their own, and have not ended, where their namespace is seen."""
    for workload in mesh.workloads:
        ways = answer(parties_of(mesh, workload))
        party = ways[0].value
        is_known = len(ways) == 1 and party.plane in (Plane.SIDECAR, Plane.GATEWAY) and not workload.has_ended
        if is_known and is_seen(mesh, party.namespace, *more):
            yield workload, party
