"""Which proxies follow a VirtualService, by the namespaces they are in."""

from collections.abc import Collection

from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking import VirtualService
from kubectl_meshfix.traffic.export_to import EVERYWHERE, exported
from kubectl_meshfix.traffic.gateway_names import MESH, resolve
from kubectl_meshfix.traffic.gateway_pods import pod_namespaces

_PRIVATE, _EXPORTED, _PUBLIC = range(3)


def exported_to(mesh: Mesh, virtual_service: VirtualService) -> frozenset[str]:
    """Namespaces whose proxies follow it, or ``*``; none for ``~`` (`pilot/pkg/model/push_context.go initVirtualServices`)."""
    return exported(virtual_service.spec.export_to or mesh_config(mesh).default_virtual_service_export_to, virtual_service.namespace)


def precedence(exports: Collection[str], namespace: str, client: str) -> int | None:
    """The place of routes of a namespace among all that proxies of the namespace ``client`` follow; None where they do not follow them.

    Those that are for their own namespace alone come first, then those exported to the client's by name, then public ones
    (`pilot/pkg/model/push_context.go VirtualServicesForGateway`). ``exports`` is what ``exported_to`` gives.
    """
    if EVERYWHERE in exports:
        return _PUBLIC
    if client not in exports:
        return None
    return _PRIVATE if namespace == client else _EXPORTED


def destinations_seen_from(mesh: Mesh, virtual_service: VirtualService) -> frozenset[str]:
    """Namespaces from which its destinations have to be seen: its own, or those alone to which it is exported."""
    namespaces = exported_to(mesh, virtual_service)
    return frozenset({virtual_service.namespace}) if EVERYWHERE in namespaces else namespaces


def gateways_alone(mesh: Mesh, virtual_service: VirtualService) -> frozenset[str]:
    """Namespaces of the gateway pods that follow it where no sidecar does; empty where sidecars do too, or where pods are not known."""
    names = virtual_service.spec.gateways or (MESH,)
    if MESH in names:
        return frozenset()
    pods = [pod_namespaces(mesh, *resolve(name, virtual_service.namespace)) for name in names]
    return frozenset().union(*pods) if all(pods) else frozenset()
