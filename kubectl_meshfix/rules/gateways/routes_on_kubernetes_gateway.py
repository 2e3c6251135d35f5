"""MF560: a VirtualService is bound to a Kubernetes Gateway, which follows no VirtualService."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.kubernetes.parents import INPUTS, is_named_by_routes
from kubectl_meshfix.traffic.gateway_names import only_kubernetes_gateway
from kubectl_meshfix.traffic.route.targets import gateway_names


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each name of a Gateway of the Gateway API in a VirtualService, which `analyzers/virtualservice/gateways.go` takes for a match."""
    for virtual_service in mesh.all(VirtualService):
        for path, name in gateway_names(virtual_service):
            if gateway := only_kubernetes_gateway(mesh, name, virtual_service.namespace):
                yield _finding(mesh, virtual_service, path, gateway)


def _finding(mesh: Mesh, virtual_service: VirtualService, path: str, gateway: KubernetesGateway) -> Finding:
    has_routes = is_named_by_routes(mesh, gateway)
    effect = "These routes are not used there." if has_routes else "These routes are not used there, and requests get 404."
    return Finding(
        resource=virtual_service.ref,
        path=path,
        message=f"{gateway.ref} is of the Gateway API, and follows no VirtualService. {effect}",
        evidence=("routes of the Gateway API name it",) if has_routes else (),
        fix=manual("Write an HTTPRoute with this Gateway in its parentRefs, or name one of Istio's Gateways."),
        severity=Severity.WARNING if has_routes or not mesh.live else None,
    )


RULE = Rule(
    code="MF560",
    name="routes-on-kubernetes-gateway",
    severity=Severity.ERROR,
    inputs=(kinds.VIRTUAL_SERVICE, kinds.GATEWAY, *INPUTS),
    about=(kinds.VIRTUAL_SERVICE,),
    words=("gateways",),
    summary="A VirtualService is bound to a Kubernetes Gateway, which follows none",
    check=check,
)
