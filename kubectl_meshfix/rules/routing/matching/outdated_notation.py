"""MF418: a VirtualService uses an older notation, or a name that only istiod makes."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch, removal, replacement
from kubectl_meshfix.fixes.fix import Safety, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.actions import FaultDelay
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway_names import is_internal, resolve
from kubectl_meshfix.traffic.route.targets import gateway_names


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each older notation (`analyzers/deprecation/deprecation.go`, `pilot/pkg/model/config.go resolveGatewayName`)."""
    for virtual_service in mesh.all(VirtualService):
        for path, name in gateway_names(virtual_service):
            if is_internal(name):
                yield _internal(virtual_service, path, name)
            elif "/" not in name and "." in name:
                yield _dotted(virtual_service, path, name)
        for index, route in enumerate(virtual_service.spec.http):
            if route.fault and route.fault.delay and route.fault.delay.percent > 0:
                yield _percent(virtual_service, f"/spec/http/{index}/fault/delay", route.fault.delay)


def _internal(virtual_service: VirtualService, path: str, name: str) -> Finding:
    gateway = name.partition("~")[0]
    return Finding(
        resource=virtual_service.ref,
        path=path,
        message=f"{name} is what istiod makes of the Kubernetes Gateway {gateway}. Its name may change with each version of Istio.",
        fix=manual(f"Use an HTTPRoute with the parent {gateway}.", why="A Kubernetes Gateway follows routes of Gateway API alone."),
        severity=Severity.WARNING,
        aliases=("IST0165",),
    )


def _dotted(virtual_service: VirtualService, path: str, name: str) -> Finding:
    full = "/".join(resolve(name, virtual_service.namespace))
    return Finding(
        resource=virtual_service.ref,
        path=path,
        message=f"{name} is an older notation for the gateway {full}.",
        fix=patch(virtual_service.ref, replacement(path, name, full), f"Write {full}.", Safety.SAFE),
        aliases=("KIA1108",),
    )


def _percent(virtual_service: VirtualService, path: str, delay: FaultDelay) -> Finding:
    add = () if delay.percentage else (Operation("add", f"{path}/percentage", {"value": delay.percent}),)
    return Finding(
        resource=virtual_service.ref,
        path=f"{path}/percent",
        message="fault.delay.percent is deprecated." if add else "fault.delay.percent is deprecated, and ignored beside percentage.",
        fix=patch(virtual_service.ref, (*removal(f"{path}/percent", delay.percent), *add), "Use percentage.", Safety.SAFE),
        aliases=("IST0002",),
    )


RULE = Rule(
    code="MF418",
    name="outdated-notation",
    severity=Severity.INFO,
    inputs=(kinds.VIRTUAL_SERVICE,),
    aliases=("IST0002", "IST0165", "KIA1108"),
    summary="A VirtualService uses an older notation, or a name that only istiod makes",
    check=check,
)
