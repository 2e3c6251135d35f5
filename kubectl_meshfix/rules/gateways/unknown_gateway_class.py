"""MF509: a Kubernetes Gateway is of a class that does not exist."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import corrected
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.kubernetes.unbuilt import unserved

PATH = "/spec/gatewayClassName"
RISK = "Istio makes pods and a Service for this Gateway, which may be public."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each Gateway that no controller serves (`pilot/pkg/config/kube/gatewaycommon` classinfo.go has Istio's classes)."""
    for gateway, meant in unserved(mesh):
        name = gateway.spec.gateway_class_name
        effect = "no controller serves this Gateway, and its routes are nowhere"
        message, severity = absence(f"GatewayClass {name}", effect, is_live=mesh.live, is_slip=bool(meant))
        otherwise = manual("Use a class that exists, such as istio.", "kubectl get gatewayclasses")
        fix = corrected(gateway.ref, PATH, name, meant, otherwise, risk=RISK)
        yield Finding(resource=gateway.ref, path=PATH, message=message, fix=fix, severity=severity)


RULE = Rule(
    code="MF509",
    name="unknown-gateway-class",
    severity=Severity.ERROR,
    inputs=(kinds.KUBERNETES_GATEWAY, kinds.GATEWAY_CLASS),
    about=(kinds.KUBERNETES_GATEWAY,),
    aliases=("KIA1504",),
    summary="A Kubernetes Gateway is of a class that does not exist",
    check=check,
)
