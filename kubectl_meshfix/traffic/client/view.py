"""What one proxy knows of the mesh: the hosts it can send to, and the VirtualServices it may follow."""

from collections.abc import Mapping
from typing import NamedTuple

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking import Sidecar, VirtualService
from kubectl_meshfix.resources.mesh_config import MeshConfig
from kubectl_meshfix.traffic.client.following import exported_to
from kubectl_meshfix.traffic.export_to import EVERYWHERE
from kubectl_meshfix.traffic.registry import Entry, registry
from kubectl_meshfix.traffic.terms.parties import Party


class View(NamedTuple):
    """What a proxy knows. ``entries`` are in the order in which istiod builds listeners; of one host there is one."""

    party: Party
    config: MeshConfig
    sidecar: Sidecar | None
    by_host: Mapping[str, Entry]
    by_port: Mapping[int, tuple[Entry, ...]]

    def entry(self, host: str) -> Entry | None:
        """What is registered for a full host, as this proxy knows it; case counts."""
        return self.by_host.get(host)

    def on_port(self, port: int) -> tuple[Entry, ...]:
        """The hosts that have a port of this number, in order."""
        return self.by_port.get(port, ())

    @property
    def allows_any(self) -> bool:
        """Whether requests to hosts that nobody registered go through."""
        return self.config.outbound_traffic_policy.mode == "ALLOW_ANY"


def look(mesh: Mesh, party: Party) -> View:
    """What the proxy of a party knows (`pilot/pkg/model/sidecar.go`). Worked out once for all parties that are alike."""
    memo, key = mesh.memo("views"), party.key
    if key not in memo:
        memo[key] = _look(mesh, party)
    found: View = memo[key]
    return found


def follows(mesh: Mesh, view: View, virtual_service: VirtualService) -> bool:
    """Whether a proxy gets a VirtualService at all: it is exported there, and the proxy's Sidecar imports it."""
    exported = exported_to(mesh, virtual_service)
    return EVERYWHERE in exported or view.party.namespace in exported


def _look(mesh: Mesh, party: Party) -> View:
    entries = [entry for found in registry(mesh).exact.values() for entry in found if entry.is_visible(party.namespace)]
    by_host = {entry.host: entry for entry in reversed(entries)}
    by_port: dict[int, tuple[Entry, ...]] = {}
    for entry in by_host.values():
        for number in {port.number for port in entry.ports}:
            by_port[number] = (*by_port.get(number, ()), entry)
    return View(party, control_plane.mesh_config(mesh), None, by_host, by_port)
