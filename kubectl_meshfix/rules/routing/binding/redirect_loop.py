"""MF414: a gateway redirects to HTTPS what comes from a load balancer or an Ingress that ends HTTPS."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.faults.redirect_loops import loops
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each server with ``httpsRedirect`` that gets requests of HTTPS in plain text (`pilot/pkg/networking/core/gateway.go`)."""
    for loop in loops(mesh):
        yield Finding(
            resource=loop.server.at.resource,
            path=f"{loop.server.at.path}/tls/httpsRedirect",
            message=f"This server redirects all requests to HTTPS, and {loop.before} (port {loop.port}) sends it those of HTTPS "
            "in plain text: a loop.",
            evidence=("The gateway trusts no proxy before it, so it ignores X-Forwarded-Proto",),
            fix=manual(
                "Redirect where TLS ends, and remove httpsRedirect here.",
                why="Or let the gateway trust the proxy before it: gatewayTopology.numTrustedProxies.",
            ),
        )


RULE = Rule(
    code="MF414",
    name="redirect-loop",
    severity=Severity.ERROR,
    inputs=(kinds.GATEWAY, kinds.SERVICE),
    optional=(kinds.INGRESS, *WORKLOADS, *control_plane.INPUTS),
    about=(kinds.GATEWAY,),
    summary="A gateway redirects to HTTPS what comes from a load balancer that ends HTTPS",
    check=check,
)
