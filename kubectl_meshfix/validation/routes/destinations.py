"""Where a route sends requests (`pkg/config/validation/validation.go validateDestination`, `validateHTTPRouteDestinations`)."""

from kubectl_meshfix.validation.values import hosts, ports
from kubectl_meshfix.validation.values.fields import number, part, parts, text
from kubectl_meshfix.validation.values.headers import operations
from kubectl_meshfix.validation.values.subset_names import subset_name
from kubectl_meshfix.validation.violation import Fields, Violation, Violations


def destination(fields: Fields, path: str) -> Violations:
    """A host, and a subset and a port of it where they are named. ``path`` is its own."""
    host, subset, port = text(fields, "host"), text(fields, "subset"), part(fields, "port")
    place = f"{path}/host" if host else path
    if host == "*":
        yield Violation(path=place, says='host of a destination is "*", and a destination is one host')
    else:
        yield from hosts.wildcard("host of a destination", host, place)
    if subset:
        yield from subset_name("name", subset, f"{path}/subset")
    if port is not None:
        value = number(port, "number")
        yield from ports.number("port of a destination", value, f"{path}/port/number" if value else f"{path}/port")


def destinations(route: Fields, path: str, *, is_of_gateway_api: bool) -> Violations:
    """The destinations of a route and their weights. ``path`` is the route's."""
    found = list(parts(route, "route", path))
    for place, weighted in found:
        if "headers" in weighted:
            yield from operations(weighted, place)
        target = part(weighted, "destination")
        if target is None:
            yield Violation(path=place, says="a route has no destination")
        elif not is_of_gateway_api:
            yield from destination(target, f"{place}/destination")
        weight = number(weighted, "weight")
        if weight < 0:
            yield Violation(path=f"{place}/weight", says=f"weight is {weight}, and cannot be negative")
    if len(found) > 1 and not sum(number(weighted, "weight") for _, weighted in found):
        yield Violation(path=f"{path}/route", says=f"the weights of {len(found)} destinations add up to 0; give at least one a weight")
