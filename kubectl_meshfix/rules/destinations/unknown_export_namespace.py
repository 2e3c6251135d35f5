"""MF438: an ``exportTo`` names a namespace that does not exist."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import corrected, near
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.absence import is_no_namespace
from kubectl_meshfix.traffic.export_to import EVERYWHERE, HERE, NOWHERE

RISK = "Proxies of that namespace begin to use this object."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each name in ``exportTo`` of a VirtualService, DestinationRule or ServiceEntry that is no namespace's (KIA0005)."""
    names = {namespace.name for namespace in mesh.all(Namespace)}
    objects: tuple[VirtualService | DestinationRule | ServiceEntry, ...] = (
        *mesh.all(VirtualService), *mesh.all(DestinationRule), *mesh.all(ServiceEntry),
    )  # fmt: skip
    for obj in objects:
        for i, name in enumerate(obj.spec.export_to):
            if name in (EVERYWHERE, HERE, NOWHERE, obj.namespace) or not is_no_namespace(mesh, name):
                continue
            meant, path = near(name, names - set(obj.spec.export_to)), f"/spec/exportTo/{i}"
            effect = f"this {obj.kind} is exported to one namespace less"
            otherwise = manual(
                "Use a namespace that exists, or remove the entry if it is not the only one.",
                why="An object without exportTo is for the whole mesh.",
            )
            yield Finding(
                resource=obj.ref,
                path=path,
                message=absence(f"namespace {name}", effect, is_live=mesh.live, is_slip=bool(meant)).message,
                fix=corrected(obj.ref, path, name, meant, otherwise, risk=RISK),
                severity=None if mesh.live or meant else Severity.INFO,
            )


RULE = Rule(
    code="MF438",
    name="unknown-export-namespace",
    severity=Severity.WARNING,
    inputs=(kinds.NAMESPACE, kinds.VIRTUAL_SERVICE, kinds.DESTINATION_RULE, kinds.SERVICE_ENTRY),
    about=(kinds.VIRTUAL_SERVICE, kinds.DESTINATION_RULE, kinds.SERVICE_ENTRY),
    words=("exportTo",),
    aliases=("KIA0005",),
    summary="An exportTo names a namespace that does not exist",
    check=check,
)
