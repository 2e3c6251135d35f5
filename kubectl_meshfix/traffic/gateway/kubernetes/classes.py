"""Whose a Kubernetes Gateway is, by its class, and which pods and Service stand for it (`pilot/pkg/config/kube/gatewaycommon`)."""

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import CLASSES as WAYPOINT_CLASSES
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import GatewayClass, KubernetesGateway
from kubectl_meshfix.traffic import hosts

GATEWAYS, WAYPOINTS, EAST_WEST, REMOTE = (
    "istio.io/gateway-controller", "istio.io/mesh-controller", "istio.io/eastwest-controller", "istio.io/unmanaged-gateway",
)  # fmt: skip
DEPLOYED = (GATEWAYS, WAYPOINTS, EAST_WEST)
"""The controllers of whose Gateways istiod makes pods and configuration."""

BUILTIN = {"istio": GATEWAYS, "istio-waypoint": WAYPOINTS, "istio-east-west": EAST_WEST, "istio-remote": REMOTE}
"""The classes that istiod makes itself (`classinfo.go GetBuiltinGatewayClasses`)."""

_NAME, _SERVICE_ACCOUNT, _SERVICE_TYPE = (
    "gateway.istio.io/name-override", "gateway.istio.io/service-account", "networking.istio.io/service-type",
)  # fmt: skip


def controller(mesh: Mesh, gateway: KubernetesGateway) -> str | None:
    """The controller of a Gateway's class: as its GatewayClass says, else as istiod would make it; None where that is not known."""
    name = gateway.spec.gateway_class_name
    read = mesh.get(GatewayClass, "", name)
    return read.spec.controller_name if read else BUILTIN.get(name, "istio.io/agentgateway-controller" if "agentgateway" in name else None)


def is_istios(mesh: Mesh, gateway: KubernetesGateway) -> bool:
    """Whether istiod is known to configure a Gateway."""
    return controller(mesh, gateway) in DEPLOYED


def is_managed(gateway: KubernetesGateway) -> bool:
    """Whether istiod makes the pods and the Service: the Gateway names none, or one address alone (`gateway_utils.go IsManaged`)."""
    addresses = gateway.spec.addresses
    return not addresses or (len(addresses) == 1 and addresses[0].type == "IPAddress")


def made_name(gateway: KubernetesGateway) -> str:
    """The name of the Deployment and the Service that istiod makes (`gateway_utils.go GetDefaultName`)."""
    return gateway.metadata.annotations.get(_NAME) or _default_name(gateway)


def service_account(gateway: KubernetesGateway) -> str:
    """The ServiceAccount of the pods that istiod makes."""
    return gateway.metadata.annotations.get(_SERVICE_ACCOUNT) or _default_name(gateway)


def is_made_for_outside(gateway: KubernetesGateway) -> bool:
    """Whether the Service that istiod makes can be reached from outside of the cluster; one for waypoints cannot."""
    default = "ClusterIP" if gateway.spec.gateway_class_name in WAYPOINT_CLASSES else "LoadBalancer"
    return gateway.metadata.annotations.get(_SERVICE_TYPE, default) != "ClusterIP"


def is_service_of(mesh: Mesh, gateway: KubernetesGateway, service: Service) -> bool:
    """Whether a Service is a Gateway's: the one that istiod makes, or one that the Gateway names."""
    if service.namespace != gateway.namespace:
        return False
    return service.name == made_name(gateway) if is_managed(gateway) else service in named_services(mesh, gateway)


def named_services(mesh: Mesh, gateway: KubernetesGateway) -> tuple[Service, ...]:
    """The Services that a Gateway without pods of its own names, in its own namespace (`conversion.go extractGatewayServices`)."""
    names = (address.value for address in gateway.spec.addresses if address.type == "Hostname")
    wanted = {hosts.fqdn(name, gateway.namespace) for name in names}
    return tuple(
        service for service in mesh.within(Service, gateway.namespace) if hosts.of_service(service.name, service.namespace) in wanted
    )


def _default_name(gateway: KubernetesGateway) -> str:
    name = gateway.spec.gateway_class_name
    return gateway.name if name in WAYPOINT_CLASSES or name == "istio-east-west" else f"{gateway.name}-{name}"
