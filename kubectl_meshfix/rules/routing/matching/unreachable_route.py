"""MF409: a route of a VirtualService is never used, because one before it takes its requests."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import Fix, Safety, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.route.faults.dead_routes import Dead, dead_routes
from kubectl_meshfix.traffic.route.places import spot


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each route and match that is never used (`pkg/config/validation/validation.go analyzeUnreachableHTTPRules`, and its errors)."""
    for virtual_service in mesh.all(VirtualService):
        found = dead_routes(virtual_service)
        for dead in found:
            yield _finding(virtual_service, dead, found)


def _finding(virtual_service: VirtualService, dead: Dead, found: Sequence[Dead]) -> Finding:
    here, before = spot(dead.at.path), spot(dead.by.path)
    does = "Both do the same." if dead.is_alike else "Its destinations and settings apply to no request."
    return Finding(
        resource=virtual_service.ref,
        path=dead.at.path,
        message=f"{here} is never used: {before} is before it and takes all its requests. {does}",
        fix=_fix(virtual_service, dead, found),
        severity=Severity.INFO if dead.is_alike else None,
        aliases=_aliases(dead),
    )


def _aliases(dead: Dead) -> tuple[str, ...]:
    """Istio tells of routes whose matches all are there before, of each such match, and of matches below a prefix."""
    if not dead.is_whole:
        return ("IST0131",)
    if "/match/" not in dead.by.path:
        return ("IST0130",)
    return ("IST0130", "IST0131") if dead.is_equal else ("IST0131",)


def _fix(virtual_service: VirtualService, dead: Dead, found: Sequence[Dead]) -> Fix:
    here, before = spot(dead.at.path), spot(dead.by.path)
    if dead.is_alike:
        if len(found) == 1:
            return patch(virtual_service.ref, (Operation("remove", dead.at.path),), f"Remove {here}, which has no effect.", Safety.SAFE)
        return manual(f"Remove {here}, which has no effect.")
    if dead.is_equal:
        return manual(f"Merge {here} into {before}, or give each a match of its own.")
    return manual(f"Move {here} before {before}, or remove it.")


RULE = Rule(
    code="MF409",
    name="unreachable-route",
    severity=Severity.WARNING,
    inputs=(kinds.VIRTUAL_SERVICE,),
    aliases=("IST0130", "IST0131"),
    summary="A route of a VirtualService is never used, because one before it takes its requests",
    check=check,
)
