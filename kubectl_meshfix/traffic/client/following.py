"""Which proxies follow a VirtualService, by the namespaces they are in."""

from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking import VirtualService
from kubectl_meshfix.traffic.export_to import EVERYWHERE, exported
from kubectl_meshfix.traffic.gateway_names import MESH, resolve
from kubectl_meshfix.traffic.gateway_pods import pod_namespaces


def exported_to(mesh: Mesh, virtual_service: VirtualService) -> frozenset[str]:
    """Namespaces whose proxies follow it, or ``*``; none for ``~`` (`pilot/pkg/model/push_context.go initVirtualServices`)."""
    return exported(virtual_service.spec.export_to or mesh_config(mesh).default_virtual_service_export_to, virtual_service.namespace)


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
