"""MF417: weights that do nothing: of a single destination, or of one that is there twice."""

from collections.abc import Iterator, Sequence
from itertools import islice

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch, removal
from kubectl_meshfix.fixes.fix import Fix, Safety, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import Destination
from kubectl_meshfix.resources.istio_networking.routes import RouteDestination, VirtualService
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.route.targets import ROUTE_KINDS


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each weight of a single destination, and each destination twice in one route (`pilot/pkg/networking/core/route/route.go`)."""
    for virtual_service in mesh.all(VirtualService):
        for kind in ROUTE_KINDS:
            for index, route in enumerate(getattr(virtual_service.spec, kind)):
                yield from _of_route(virtual_service, f"{kind}[{index}]", f"/spec/{kind}/{index}/route", route.route)


def _of_route(virtual_service: VirtualService, name: str, path: str, found: Sequence[RouteDestination]) -> Iterator[Finding]:
    if len(found) == 1 and (weight := found[0].weight) is not None and weight != 100:
        yield Finding(
            resource=virtual_service.ref,
            path=f"{path}/0/weight",
            message=f"{name} has one destination with the weight {weight}. It gets all requests, whatever its weight.",
            fix=patch(virtual_service.ref, removal(f"{path}/0/weight", weight), "Remove the weight.", Safety.SAFE),
            aliases=("KIA1104",),
        )
    twice = list(islice(_twice(found), 2))
    for first, second in twice[:1]:
        yield Finding(
            resource=virtual_service.ref,
            path=f"{path}/{second}",
            message=f"{name} names the destination {found[second].destination.host} twice. It gets the share of both.",
            fix=_joined(virtual_service, path, found, first, second) if len(twice) == 1 else manual("Name each destination once."),
            aliases=("KIA1105",),
        )


def _twice(found: Sequence[RouteDestination]) -> Iterator[tuple[int, int]]:
    """The positions of each two destinations that are the same, and that change no headers."""
    before: dict[Destination, list[int]] = {}
    for position, one in enumerate(found):
        if one.headers is None:
            same = before.setdefault(one.destination, [])
            yield from ((other, position) for other in same)
            same.append(position)


def _joined(virtual_service: VirtualService, path: str, found: Sequence[RouteDestination], first: int, second: int) -> Fix:
    both = (found[first].weight or 0) + (found[second].weight or 0)
    kept = Operation("replace" if found[first].weight is not None else "add", f"{path}/{first}/weight", both)
    test = Operation("test", f"{path}/{second}/destination/host", found[second].destination.host)
    operations = (test, kept, Operation("remove", f"{path}/{second}"))
    return patch(virtual_service.ref, operations, f"Name it once, with the weight {both}.", Safety.SAFE)


RULE = Rule(
    code="MF417",
    name="ineffective-weight",
    severity=Severity.INFO,
    inputs=(kinds.VIRTUAL_SERVICE,),
    aliases=("KIA1104", "KIA1105"),
    summary="A destination has a weight though it is the only one, or is there twice",
    check=check,
)
