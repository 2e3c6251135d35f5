"""What one proxy knows of the mesh: the hosts it can send to, and the VirtualServices it may follow."""

from collections.abc import Mapping

import msgspec

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import Destination
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.mesh_config import MeshConfig
from kubectl_meshfix.traffic import registry
from kubectl_meshfix.traffic.checks import scope as check
from kubectl_meshfix.traffic.client.following import exported_to
from kubectl_meshfix.traffic.client.proxy_settings import plane_of
from kubectl_meshfix.traffic.client.scoping import imports
from kubectl_meshfix.traffic.client.scoping.scope import Egress, Scope, is_followed, scope
from kubectl_meshfix.traffic.client.scoping.sidecars import chosen
from kubectl_meshfix.traffic.client.scoping.telling import host_steps, sidecar_steps
from kubectl_meshfix.traffic.discovery import reads
from kubectl_meshfix.traffic.export_to import EVERYWHERE
from kubectl_meshfix.traffic.registry import Entry
from kubectl_meshfix.traffic.terms.parties import Party, Plane

INPUTS: tuple[Kind, ...] = (
    *registry.INPUTS, *control_plane.INPUTS, kinds.NAMESPACE, kinds.SIDECAR, kinds.VIRTUAL_SERVICE, kinds.PROXY_CONFIG,
    kinds.HTTP_ROUTE, kinds.GRPC_ROUTE,
)  # fmt: skip
"""Kinds that decide what a proxy knows, and how it listens."""


class View(msgspec.Struct, frozen=True):
    """What a proxy knows. ``config`` is its istiod's, and ``sidecar`` the Sidecar that it uses."""

    party: Party
    config: MeshConfig
    sidecar: Sidecar | None
    scope: Scope

    @property
    def by_host(self) -> Mapping[str, Entry]:
        """The hosts that it imports, each with one entry; those that only VirtualServices lead to are not among them."""
        return self.scope.explicit

    def entry(self, host: str) -> Entry | None:
        """What it has clusters for under a full host, its VirtualServices' destinations included; case counts."""
        return self.scope.explicit.get(host) or self.scope.implied.get(host)

    def egress(self, port: int) -> Egress | None:
        """The egress entry of its Sidecar that decides on a port."""
        return self.scope.for_port(port)

    def on_port(self, port: int) -> tuple[Entry, ...]:
        """The hosts that its routes of a port are for: those with a port of this number, in istiod's order, ExternalName Services too.

        An egress entry that is for this port decides alone (`pilot/pkg/networking/core/httproute.go BuildSidecarOutboundVirtualHosts`).
        """
        egress = self.scope.for_port(port)
        return egress.by_port.get(port, ()) if egress else ()

    def aliases(self, entry: Entry, port: int) -> tuple[Entry, ...]:
        """The ExternalName Services that stand for an entry on a port, through others too (`push_context.go resolveServiceAliases`)."""
        egress = self.scope.for_port(port)
        if egress is None:
            return ()
        return tuple(item for item in egress.aliases.get(entry.host, ()) if imports.takes(egress.imports, item.host, entry.namespace))

    @property
    def allows_any(self) -> bool:
        """Whether requests to hosts that nobody registered go through."""
        policy = self.sidecar.spec.outbound_traffic_policy if self.sidecar else None
        mode = policy.mode if policy else self.config.outbound_traffic_policy.mode
        return mode.startswith("ALLOW_ANY")

    @property
    def egress_proxy(self) -> Destination | None:
        """Where a Sidecar sends what goes to hosts that nobody registered, instead of the address that is called."""
        policy = self.sidecar.spec.outbound_traffic_policy if self.sidecar else None
        return policy.egress_proxy if policy and self.allows_any else None


def look(mesh: Mesh, party: Party) -> View:
    """What the proxy of a party knows (`pilot/pkg/model/sidecar.go`). Worked out once for all parties that are alike."""
    memo, key = mesh.memo("views"), party.key
    if key not in memo:
        memo[key] = seen_through(mesh, party, chosen(mesh, party).sidecar)
    found: View = memo[key]
    return found


def told_view(mesh: Mesh, party: Party, host: str = "") -> Steps[View]:
    """The same, and what makes it so: which Sidecar is used, and what the proxy knows of the full host that is called."""
    found = chosen(mesh, party)
    yield from sidecar_steps(party, found)
    view = look(mesh, party)
    if party.plane is Plane.SIDECAR:
        yield step(check.ALLOWS_ANY if view.allows_any else check.REGISTRY_ONLY, policy_at(mesh, view))
    if host:
        yield from host_steps(mesh, party, found.sidecar, view.scope, host)
    return view


def seen_through(mesh: Mesh, party: Party, sidecar: Sidecar | None) -> View:
    """What the proxy of a party knows through a Sidecar."""
    config = control_plane.mesh_config(mesh, party.revision)
    is_gateway = party.plane is not Plane.SIDECAR
    return View(party, config, sidecar, scope(mesh, party.namespace, sidecar, party.revision, is_gateway=is_gateway))


def follows(mesh: Mesh, view: View, virtual_service: VirtualService, port: int = 0) -> bool:
    """Whether a proxy gets a VirtualService at all: its istiod reads it, it is exported there, and the proxy's Sidecar imports it.

    With a port, the egress entry of that port has to import it; without one, any. Gateways have no Sidecar.
    """
    if not reads(mesh, virtual_service, view.party.revision):
        return False
    if view.party.plane is not Plane.SIDECAR:
        exported = exported_to(mesh, virtual_service)
        return EVERYWHERE in exported or view.party.namespace in exported
    return is_followed(mesh, virtual_service, _egress(view, port), view.party.namespace)


def policy_at(mesh: Mesh, view: View) -> Where | None:
    """Where it stands what becomes of requests to hosts that nobody registered; None for Istio's default."""
    if view.sidecar and view.sidecar.spec.outbound_traffic_policy:
        return Where(view.sidecar.ref, "/spec/outboundTrafficPolicy")
    plane = plane_of(mesh, view.party)
    return Where(plane.mesh_config_map, "/data/mesh") if plane and plane.mesh_config_map else None


def _egress(view: View, port: int) -> tuple[Egress, ...]:
    if not port:
        return view.scope.egress
    found = view.scope.for_port(port)
    return (found,) if found else ()
