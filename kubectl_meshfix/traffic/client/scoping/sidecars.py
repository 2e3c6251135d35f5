"""Which Sidecar a proxy uses (`pilot/pkg/model/push_context.go doGetSidecarScope, initSidecarScopes`)."""

from collections.abc import Sequence

import msgspec

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.traffic.discovery import reads
from kubectl_meshfix.traffic.terms.parties import Party, Plane


class Chosen(msgspec.Struct, frozen=True):
    """The Sidecar that a proxy uses, None for none. ``passed_over`` are those that select other pods.

    ``rivals`` are those that would be used if they were older, where files do not say how old they are.
    """

    sidecar: Sidecar | None = None
    is_of_root: bool = False
    passed_over: tuple[Sidecar, ...] = ()
    rivals: tuple[Sidecar, ...] = ()


def chosen(mesh: Mesh, party: Party) -> Chosen:
    """The Sidecar that the proxy of a party uses: one that selects its pods, else the namespace's, else the root namespace's.

    It is used alone, and the oldest of several. Gateways and waypoints use none.
    """
    mesh.require(kinds.SIDECAR)
    if party.plane is not Plane.SIDECAR:
        return Chosen()
    own = _oldest_first(mesh, party.namespace, party.revision)
    selecting = [item for item in own if item.spec.workload_selector is not None]
    matching = [item for item in selecting if _selects(item, party)]
    general = [item for item in own if item.spec.workload_selector is None]
    passed_over = tuple(item for item in selecting if not _selects(item, party))
    if matching or general:
        return _first(matching or general, is_of_root=False, passed_over=passed_over)
    root = control_plane.root_namespace(mesh, party.revision)
    general = [item for item in _oldest_first(mesh, root, party.revision) if item.spec.workload_selector is None]
    return _first(general, is_of_root=True, passed_over=passed_over) if general else Chosen(passed_over=passed_over)


def _first(candidates: Sequence[Sidecar], *, is_of_root: bool, passed_over: tuple[Sidecar, ...]) -> Chosen:
    is_known = all(item.metadata.creation_timestamp for item in candidates)
    return Chosen(candidates[0], is_of_root, passed_over, () if is_known else tuple(candidates[1:]))


def _selects(sidecar: Sidecar, party: Party) -> bool:
    selector = sidecar.spec.workload_selector
    return selector is not None and is_subset(selector.labels, party.labels)


def _oldest_first(mesh: Mesh, namespace: str, revision: str | None) -> Sequence[Sidecar]:
    memo, key = mesh.memo("sidecars by age"), (namespace, revision)
    if key not in memo:
        read = [item for item in mesh.within(Sidecar, namespace) if reads(mesh, item, revision)]
        memo[key] = sorted(read, key=lambda item: (item.metadata.creation_timestamp or "", item.name))
    found: Sequence[Sidecar] = memo[key]
    return found
