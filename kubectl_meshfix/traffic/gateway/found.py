"""The gateways that a user names, and the pods behind them."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.injection.labels import GATEWAY_NAME, MANAGED
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh import control_plane, waypoints
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.traffic.gateway.kubernetes import classes
from kubectl_meshfix.traffic.gateway_pods import pods_of, selects_nothing
from kubectl_meshfix.traffic.parties import party
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS, is_installed

_CHARTS = frozenset({"ingressgateway", "egressgateway"})


def gateway_parties(mesh: Mesh, name: str, namespace: str) -> tuple[Party, ...]:
    """The pods of the gateways of a name, Istio's first; none where there is no such gateway, where its selector is known to find no pod,
    or where another controller than Istio's makes the pods. All pods that are alike for the mesh are one.
    """
    classic, kubernetes = mesh.get(Gateway, namespace, name), mesh.get(KubernetesGateway, namespace, name)
    return (*(of_istio(mesh, classic) if classic else ()), *(_of_kubernetes(mesh, kubernetes) if kubernetes else ()))


def of_istio(mesh: Mesh, gateway: Gateway) -> Iterator[Party]:
    """The workloads that a selector finds, else the one that an installer may have made outside of these files."""
    mesh.require(*WORKLOADS)
    if behind := pods_of(mesh, gateway):
        yield from (_replaced(party(workload, _plane(workload)), gateway) for workload in behind)
    elif not mesh.live and not selects_nothing(mesh, gateway):
        yield _assumed(mesh, gateway)


def _assumed(mesh: Mesh, gateway: Gateway) -> Party:
    """The pods that a selector stands for in files that do not hold them: in the namespace of their Service, else in Istio's."""
    selector = gateway.spec.selector or {"istio": "ingressgateway"}
    service = next((service for service in mesh.all(Service) if service.spec.selector and is_subset(selector, service.spec.selector)), None)
    home = service.namespace if service else control_plane.root_namespace(mesh) if is_installed(selector) else gateway.namespace
    word = selector.get("istio", "")
    return Party(
        plane=Plane.GATEWAY,
        namespace=home,
        labels={**selector, **(service.spec.selector if service else {})},
        service_account=f"istio-{word}-service-account" if word in _CHARTS else "",
        gateway=gateway.ref,
    )


def _of_kubernetes(mesh: Mesh, gateway: KubernetesGateway) -> Iterator[Party]:
    """The Deployment that istiod made for a Gateway, as it is or as it will be; or the pods of the Service that the Gateway names."""
    if classes.controller(mesh, gateway) not in (*classes.DEPLOYED, None):
        return
    if not classes.is_managed(gateway):
        for service in classes.named_services(mesh, gateway):
            behind = mesh.workloads_selected(service.spec.selector, service.namespace) if service.spec.selector else ()
            yield from (_replaced(party(workload, _plane(workload)), gateway) for workload in behind if is_gateway(workload))
        return
    made = mesh.workloads_selected({GATEWAY_NAME: gateway.name}, gateway.namespace)
    plane = Plane.WAYPOINT if waypoints.is_waypoint(gateway) else Plane.GATEWAY
    if made:
        yield from (_replaced(party(workload, plane), gateway) for workload in made)
        return
    yield Party(
        plane=plane,
        namespace=gateway.namespace,
        labels={
            GATEWAY_NAME: gateway.name,
            MANAGED: "istio.io-mesh-controller" if plane is Plane.WAYPOINT else "istio.io-gateway-controller",
        },
        service_account=classes.service_account(gateway),
        gateway=gateway.ref,
    )


def _plane(workload: Workload) -> Plane:
    return Plane.WAYPOINT if workload.labels.get(MANAGED) == "istio.io-mesh-controller" else Plane.GATEWAY


def _replaced(found: Party, gateway: Gateway | KubernetesGateway) -> Party:
    return msgspec.structs.replace(found, gateway=gateway.ref)
