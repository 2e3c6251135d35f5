"""MF418: a VirtualService uses a field that is deprecated."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch, removal
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.actions import FaultDelay
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each deprecated field (`analyzers/deprecation/deprecation.go`)."""
    for virtual_service in mesh.all(VirtualService):
        for index, route in enumerate(virtual_service.spec.http):
            if route.fault and route.fault.delay and route.fault.delay.percent > 0:
                yield _percent(virtual_service, f"/spec/http/{index}/fault/delay", route.fault.delay)


def _percent(virtual_service: VirtualService, path: str, delay: FaultDelay) -> Finding:
    add = () if delay.percentage else (Operation("add", f"{path}/percentage", {"value": delay.percent}),)
    return Finding(
        resource=virtual_service.ref,
        path=f"{path}/percent",
        message="fault.delay.percent is deprecated, and a later Istio may ignore it."
        if add
        else "fault.delay.percent is deprecated, and ignored beside percentage.",
        fix=patch(virtual_service.ref, (*removal(f"{path}/percent", delay.percent), *add), "Use percentage.", Safety.SAFE),
    )


RULE = Rule(
    code="MF418",
    name="outdated-notation",
    severity=Severity.INFO,
    inputs=(kinds.VIRTUAL_SERVICE,),
    words=("percent",),
    aliases=("IST0002",),
    summary="A VirtualService uses a field that is deprecated",
    check=check,
)
