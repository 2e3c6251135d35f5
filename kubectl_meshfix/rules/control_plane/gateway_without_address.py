"""MF908: a gateway's Service asks for a load balancer, and has no address."""

from collections.abc import Iterator
from datetime import timedelta

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh import moments, waypoints
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

MADE_FOR = "gateway.networking.k8s.io/gateway-name"
WAIT = timedelta(minutes=10)
"""As long as this a cloud may take."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each Service of a gateway whose load balancer has had no address for a while (`k8s.io/cloud-provider/controllers/service`)."""
    for service in mesh.all(Service):
        if _is_pending(service) and _is_of_gateway(mesh, service) and not _is_said_by_gateway(mesh, service):
            old = moments.age(mesh, service)
            if old and old >= WAIT:
                yield _finding(service)


def _is_pending(service: Service) -> bool:
    balancer = service.status.load_balancer
    is_asked = service.spec.type == "LoadBalancer" and not service.spec.external_ips
    return is_asked and balancer is not None and not balancer.ingress


def _is_of_gateway(mesh: Mesh, service: Service) -> bool:
    return bool(service.spec.selector) and any(map(is_gateway, mesh.workloads_selected(service.spec.selector, service.namespace)))


def _is_said_by_gateway(mesh: Mesh, service: Service) -> bool:
    """Whether the Gateway for which istiod made the Service has a condition that says it, which MF511 reports."""
    made_for = mesh.get(KubernetesGateway, service.namespace, service.labels.get(MADE_FOR, ""))
    return made_for is not None and waypoints.not_programmed(made_for) is not None


def _finding(service: Service) -> Finding:
    return Finding(
        resource=service.ref,
        path="/status/loadBalancer",
        message="The load balancer of this gateway has no address. Clients outside of the cluster cannot connect to it.",
        evidence=(f"type LoadBalancer, made {service.metadata.creation_timestamp}",),
        fix=manual(
            "Look at the Service's events: no controller makes load balancers here, or it refuses this one. NodePort needs none.",
            f"kubectl describe service {service.name}{service.ref.namespace_flag}",
        ),
    )


RULE = Rule(
    code="MF908",
    name="gateway-without-address",
    severity=Severity.WARNING,
    inputs=(kinds.SERVICE, *kinds.WORKLOADS),
    optional=(kinds.KUBERNETES_GATEWAY,),
    about=(kinds.SERVICE,),
    words=("LoadBalancer",),
    summary="A gateway's Service asks for a load balancer, and has no address",
    check=check,
)
