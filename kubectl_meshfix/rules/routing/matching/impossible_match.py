"""MF407: a VirtualService has a match that no request can meet."""

from collections.abc import Iterator

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch, replacement
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.route.faults.impossible import Impossible, Why, impossible
from kubectl_meshfix.traffic.route.places import spot

RISK = "Requests that other routes take today, or that get 404, are taken by this route."
_SHOWN = 40


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each condition of an HTTP match that no request meets. It is an error where it leaves the route no other match."""
    for virtual_service in mesh.all(VirtualService):
        for i, route in enumerate(virtual_service.spec.http):
            found = [list(impossible(match)) for match in route.match]
            severity = None if all(found) else Severity.WARNING
            for j, items in enumerate(found):
                for item in items[:1]:
                    yield _finding(virtual_service, f"/spec/http/{i}/match/{j}", item, severity)


def _finding(virtual_service: VirtualService, match: str, item: Impossible, severity: Severity | None) -> Finding:
    field = match + pointer.join(*item.field.split("/", 1))
    value = item.value if len(item.value) <= _SHOWN else f"{item.value[:_SHOWN]}…"
    return Finding(
        resource=virtual_service.ref,
        path=f"{field}/{item.kind}",
        message=f'{spot(match)} matches no request: {item.field.replace("/", " ")} {item.kind} is "{value}", and {item.why}.',
        fix=_fix(virtual_service, field, item),
        severity=severity,
    )


def _fix(virtual_service: VirtualService, field: str, item: Impossible) -> Fix:
    if item.better is None:
        return manual(_ADVICE.get(item.why, "Correct the pattern."))
    kind, value = item.better
    if kind == item.kind:
        return patch(
            virtual_service.ref, replacement(f"{field}/{kind}", item.value, value), f'Replace "{item.value}" with "{value}".', risk=RISK
        )
    operations = (
        Operation("test", f"{field}/{item.kind}", item.value),
        Operation("remove", f"{field}/{item.kind}"),
        Operation("add", f"{field}/{kind}", value),
    )
    return patch(virtual_service.ref, operations, f'Replace {item.kind} "{item.value}" with {kind} "{value}".', risk=RISK)


_ADVICE = {
    Why.QUERY: "Match the query by queryParams, and the path without it.",
    Why.STAR: "Use a prefix without the star, or a regex.",
    Why.HOST_STAR: "Use a prefix, a regex, or another host of the VirtualService.",
    Why.IN_SLASHES: "Write the regular expression in RE2's syntax, for the whole path.",
}


RULE = Rule(
    code="MF407",
    name="impossible-match",
    severity=Severity.ERROR,
    inputs=(kinds.VIRTUAL_SERVICE,),
    summary="A VirtualService has a match that no request can meet",
    check=check,
)
