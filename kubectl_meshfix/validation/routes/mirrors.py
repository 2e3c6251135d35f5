"""Mirrors of a route, to which requests are copied (`pkg/config/validation/validation.go validateHTTPMirrors`)."""

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.validation.routes.destinations import destination
from kubectl_meshfix.validation.values.fields import has, items, number, part, parts
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning


def mirrors(route: Fields, path: str) -> Violations:
    """The ``mirror`` and ``mirrors`` of a route, and how much they get. ``path`` is the route's."""
    if has(route, "mirror") and items(route, "mirrors"):
        yield Violation(path=path, says="a route has both mirror and mirrors, and only one can be set")
    for name in ("mirrorPercent", "mirror_percent"):
        if has(route, name):
            value, place = number(route, name), path + join(name)
            if value > 100:
                yield Violation(path=place, says=f"{name} is {value}, and 100 is the most")
            yield warning(place, f"{name} is deprecated; write mirrorPercentage.value: {value}")
    yield from _percentage(route, "mirrorPercentage", path)
    target = part(route, "mirror")
    if target is not None:
        yield from destination(target, f"{path}/mirror")
    for place, mirror in parts(route, "mirrors", path):
        target = part(mirror, "destination")
        if target is None:
            yield Violation(path=place, says="a mirror has no destination")
        else:
            yield from destination(target, f"{place}/destination")
            yield from _percentage(mirror, "percentage", place)


def _percentage(fields: Fields, name: str, path: str) -> Violations:
    value = number(part(fields, name), "value")
    if not 0 <= value <= 100:
        yield Violation(path=f"{path}/{name}/value", says=f"{name} is {value}, and is 0 to 100")
