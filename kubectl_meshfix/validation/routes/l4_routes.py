"""Routes of TLS and TCP (`pkg/config/validation/validation.go validateTLSRoute`, `validateTCPRoute`)."""

from collections.abc import Callable

from kubectl_meshfix.resources.host_patterns import is_within
from kubectl_meshfix.validation.routes.destinations import destinations
from kubectl_meshfix.validation.routes.matches import where_from
from kubectl_meshfix.validation.values.addresses import is_address, subnet
from kubectl_meshfix.validation.values.fields import items, parts, texts
from kubectl_meshfix.validation.values.hosts import refused
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, refusals, warning


def tls_route(route: Fields, path: str, hosts: list[str], unlike: Callable[[str], str], *, is_of_gateway_api: bool) -> Violations:
    """A route by SNI. ``hosts`` are its VirtualService's; ``unlike`` says what keeps a text from being a host of SNI."""
    if not items(route, "match"):
        yield Violation(path=path, says="a route of TLS has no match; write match.sniHosts")
    for place, match in parts(route, "match", path):
        if not items(match, "sniHosts"):
            yield Violation(path=place, says="a match of TLS has no sniHosts")
        for where, host in texts(match, "sniHosts", place):
            yield from _sni(host, where, hosts, unlike(host))
        yield from _l4_match(match, place)
    yield from _targets(route, path, "TLS", is_of_gateway_api=is_of_gateway_api)


def tcp_route(route: Fields, path: str, *, is_of_gateway_api: bool) -> Violations:
    """A route of plain TCP."""
    for place, match in parts(route, "match", path):
        yield from refusals(_l4_match(match, place))
    yield from _targets(route, path, "TCP", is_of_gateway_api=is_of_gateway_api)


def _sni(host: str, path: str, hosts: list[str], unlike: str) -> Violations:
    if unlike and is_address(host):
        yield warning(path, f'sniHosts has the IP address "{host}", and most clients send no SNI for an address')
    elif unlike:
        yield from refused("SNI host", host, path, unlike)
    elif not any(is_within(host, pattern) for pattern in hosts):
        says = f'SNI host "{host}" is not within the hosts of the VirtualService: {", ".join(hosts) or "it has none"}'
        yield Violation(path=path, says=says)


def _l4_match(match: Fields, path: str) -> Violations:
    for place, block in texts(match, "destinationSubnets", path):
        yield from subnet("subnet", block, place)
    yield from where_from(match, path)


def _targets(route: Fields, path: str, kind: str, *, is_of_gateway_api: bool) -> Violations:
    if not items(route, "route"):
        yield Violation(path=path, says=f"a route of {kind} has no destinations; write route")
    yield from destinations(route, path, is_of_gateway_api=is_of_gateway_api)
