"""MF403: a VirtualService is bound to a gateway that does not exist."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.fixes.corrections import corrected
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.routing.suggestions import suggested_gateways
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway_names import is_missing, resolve
from kubectl_meshfix.traffic.route.targets import gateway_names


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each reference to a gateway that is neither Istio's nor Kubernetes' (`analyzers/virtualservice/gateways.go`)."""
    for virtual_service in mesh.all(VirtualService):
        for path, name in gateway_names(virtual_service):
            if is_missing(mesh, name, virtual_service.namespace, virtual_service):
                yield _finding(mesh, virtual_service, path, name)


def _finding(mesh: Mesh, virtual_service: VirtualService, path: str, name: str) -> Finding:
    better = suggested_gateways(mesh, virtual_service, name)
    is_placed = virtual_service.ref.namespace  # else a name without a namespace means one that files do not say
    full = "/".join(resolve(name, virtual_service.namespace)) if is_placed else name
    effect = "these routes are not served there, and requests get 404"
    message, severity = absence(f"gateway {full}", effect, is_live=mesh.live, is_slip=bool(better))
    return Finding(
        resource=virtual_service.ref,
        path=path,
        message=message,
        evidence=() if name == full else (f"{name} means {full}",),
        fix=_fix(virtual_service, path, name, better),
        severity=severity,
    )


def _fix(virtual_service: VirtualService, path: str, name: str, better: Sequence[str]) -> Fix:
    command = "kubectl get gateways.networking.istio.io,gateways.gateway.networking.k8s.io --all-namespaces"
    risk = "That gateway serves these routes, and it may be public."
    return corrected(virtual_service.ref, path, name, better, manual("Use a gateway that exists.", command), risk=risk)


RULE = Rule(
    code="MF403",
    name="unknown-gateway",
    severity=Severity.ERROR,
    inputs=(kinds.VIRTUAL_SERVICE, kinds.GATEWAY, kinds.KUBERNETES_GATEWAY),
    about=(kinds.VIRTUAL_SERVICE,),
    words=("gateways",),
    aliases=("IST0101", "KIA1102"),
    summary="A VirtualService is bound to a gateway that does not exist",
    check=check,
)
