"""MF506: a route of the Gateway API names a backend that Istio does not use."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import corrected, few, near
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.gateways.grants import grant
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.kubernetes.backends import INPUTS, Fault, Unusable, unusable

RISK = "Requests that fail today go to this Service, which may not be the one that was meant."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each backend for which istiod has no destination (`pilot/pkg/config/kube/gateway/conversion.go buildDestination`)."""
    for found in unusable(mesh):
        fix = _fix(mesh, found)
        message, severity = _message(mesh, found, is_slip=bool(fix.patches))
        yield Finding(resource=found.route.ref, path=found.path + _field(found.fault), message=message, fix=fix, severity=severity)


def _field(fault: Fault) -> str:
    return {Fault.NOT_GRANTED: "", Fault.PORT_UNSAID: "", Fault.NO_PORT: "/port"}.get(fault, "/name")


def _message(mesh: Mesh, found: Unusable, *, is_slip: bool) -> tuple[str, Severity | None]:
    route, backend = found.route, found.backend
    named, is_http = f"Service {found.home}/{backend.name}", route.kind in ("HTTPRoute", "GRPCRoute")
    effect = "its requests get 500" if is_http else "its connections are closed"
    match found.fault:
        case Fault.NOT_GRANTED:
            what = f"ReferenceGrant in {found.home} for {route.kind}s of {route.namespace} and Service {backend.name}"
            said = absence(what, effect, is_live=mesh.live, is_slip=found.is_certain)
            return said.message, said.severity and Severity.WARNING
        case Fault.NO_SERVICE:
            return absence(named, effect, is_live=mesh.live, is_slip=is_slip)
        case Fault.NO_PORT:
            ports = ", ".join(str(port.port) for port in found.service.spec.ports) if found.service else ""
            return f"{named} has no port {backend.port} ({ports}). {effect.capitalize()}.", None
        case Fault.DOTTED:
            return f"{backend.name} is a host, and a backend is the name of a Service. Istio ignores this route.", None
        case Fault.PORT_UNSAID:
            return f"The backend {named} names no port. Istio ignores this route.", None


def _fix(mesh: Mesh, found: Unusable) -> Fix:
    route, backend = found.route, found.backend
    match found.fault, found.service:
        case Fault.NOT_GRANTED, _:
            return grant(route, "Service", backend.name, found.home)
        case Fault.NO_SERVICE, _:
            names = near(backend.name, [service.name for service in mesh.within(Service, found.home)])
            otherwise = manual("Name a Service that exists, or create it.", f"kubectl get services -n {found.home}")
            return corrected(route.ref, f"{found.path}/name", backend.name, names, otherwise, risk=RISK)
        case Fault.NO_PORT, Service() as service if backend.port:
            ports = [port.port for port in service.spec.ports]
            otherwise = manual(f"Name a port of Service {found.home}/{backend.name}.")
            return corrected(route.ref, f"{found.path}/port", backend.port, ports, otherwise, risk=RISK)
        case Fault.DOTTED, _:
            return manual("Write the name of the Service, and its namespace as the backend's namespace.")
        case _:
            numbers = [str(port.port) for port in found.service.spec.ports] if found.service else []
            return manual(f"Name a port of the Service{f': {few(numbers)}' if numbers else ''}.")


RULE = Rule(
    code="MF506",
    name="unusable-route-backend",
    severity=Severity.ERROR,
    inputs=(kinds.SERVICE,),
    optional=tuple(kind for kind in INPUTS if kind is not kinds.SERVICE),
    about=(kinds.HTTP_ROUTE, kinds.GRPC_ROUTE, kinds.TCP_ROUTE, kinds.TLS_ROUTE),
    aliases=("KIA1402",),
    summary="A route of the Gateway API names a backend that Istio does not use",
    check=check,
)
