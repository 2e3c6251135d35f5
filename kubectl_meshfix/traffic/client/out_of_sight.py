"""Proxies that follow a VirtualService, and do not know one of its hosts or destinations."""

from kubectl_meshfix.mesh.control_plane import root_namespace
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.client.following import destinations_seen_from, exported_to, gateways_alone
from kubectl_meshfix.traffic.export_to import EVERYWHERE
from kubectl_meshfix.traffic.gateway_names import MESH
from kubectl_meshfix.traffic.registry import Entry


def cut_off(mesh: Mesh, virtual_service: VirtualService, entry: Entry) -> frozenset[str]:
    """Namespaces whose proxies follow a VirtualService and have no cluster for a host to which it routes; none where some of them have one.

    Where it applies everywhere, its own namespace stands for all. Sidecars know every Service of their own namespace to which a
    VirtualService routes, whoever else may see it (`pilot/pkg/model/sidecar.go collectImportedServices`); of one that is exported to no
    namespace istiod sends them no endpoints (`pilot/pkg/serviceregistry/kube/controller/endpointslice.go serviceNeedsPush`). Gateways know
    what is exported to them, and nothing is said of those whose pods are not known.
    """
    by_sidecars = MESH in (virtual_service.spec.gateways or (MESH,))
    seen_from = destinations_seen_from(mesh, virtual_service)
    callers = seen_from if by_sidecars or not entry.namespaces else gateways_alone(mesh, virtual_service)
    own = {entry.namespace} if by_sidecars and (entry.namespaces or not entry.is_kubernetes) else set()
    return callers if not any(entry.is_visible(caller) or caller in own for caller in callers) else frozenset()


def all_see(mesh: Mesh, virtual_service: VirtualService, entry: Entry) -> bool:
    """Whether all sidecars that follow a VirtualService know a host: neither its ``exportTo`` nor a Sidecar keeps it from some of them."""
    followers = exported_to(mesh, virtual_service)
    if EVERYWHERE not in entry.namespaces and not followers <= entry.namespaces:
        return False
    return not any(_hides(mesh, sidecar, virtual_service, entry) for sidecar in mesh.all(Sidecar))


def _hides(mesh: Mesh, sidecar: Sidecar, virtual_service: VirtualService, entry: Entry) -> bool:
    """Whether a Sidecar imports the VirtualService, and not the host. One of the root namespace is for namespaces of any name."""
    from kubectl_meshfix.traffic.client.scoping.imports import follows, imported, takes  # noqa: PLC0415 -- for a Sidecar alone

    client = "" if sidecar.namespace == root_namespace(mesh) else sidecar.namespace
    followers = exported_to(mesh, virtual_service)
    if client and EVERYWHERE not in followers and client not in followers:
        return False
    imports = [imported(listener.hosts, client) for listener in sidecar.spec.egress]
    names = [hosts.fqdn(host, virtual_service.namespace) for host in virtual_service.spec.hosts]
    is_followed = any(follows(item, names, virtual_service.namespace) for item in imports)
    return is_followed and not any(takes(item, entry.host, entry.namespace) for item in imports)
