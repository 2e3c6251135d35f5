"""What istiod's webhook says of a VirtualService (`pkg/config/validation/validation.go ValidateVirtualService`).

Its warnings of matches that are never reached are left out: the tool has a rule for them.
"""

from kubectl_meshfix.resources.host_patterns import first_overlaps
from kubectl_meshfix.validation.routes.http_routes import http_route
from kubectl_meshfix.validation.routes.l4_routes import tcp_route, tls_route
from kubectl_meshfix.validation.values.addresses import is_address
from kubectl_meshfix.validation.values.annotations import annotations, is_of_gateway_api
from kubectl_meshfix.validation.values.exports import exports
from kubectl_meshfix.validation.values.fields import items, parts, texts
from kubectl_meshfix.validation.values.gateway_names import gateway_names
from kubectl_meshfix.validation.values.hosts import refused, sni_flaw, wildcard_flaw
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_PROTOCOLS = ("http", "tls", "tcp")
_MESH = "mesh"


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in a VirtualService. One without hosts is a delegate."""
    yield from annotations(metadata)
    is_delegate, is_made = not items(spec, "hosts"), is_of_gateway_api(metadata)
    if is_delegate:
        for name in ("gateways", "tls", "tcp"):
            if items(spec, name):
                says = f"a VirtualService without hosts is a delegate, and a delegate has no {name}; write hosts, or leave {name} out"
                yield Violation(path=f"/spec/{name}", says=says)
    yield from gateway_names(spec, "/spec", is_of_gateway_api=is_made)
    gateways = items(spec, "gateways")
    is_of_gateway = bool(gateways) and _MESH not in gateways
    yield from _hosts(spec, is_of_gateway=is_of_gateway)
    if not any(items(spec, name) for name in _PROTOCOLS):
        yield Violation(path="/spec", says="a VirtualService has none of http, tls and tcp")
    for path, route in parts(spec, "http", "/spec"):
        yield from http_route(route, path, is_delegate=is_delegate, is_of_gateway=is_of_gateway, is_of_gateway_api=is_made)
    is_bound = _MESH not in gateways
    for path, route in parts(spec, "tls", "/spec"):
        hosts = [host for _, host in texts(spec, "hosts", "/spec")]
        yield from tls_route(route, path, hosts, sni_flaw if is_bound else wildcard_flaw, is_of_gateway_api=is_made)
    for path, route in parts(spec, "tcp", "/spec"):
        yield from tcp_route(route, path, is_of_gateway_api=is_made)
    yield from exports(spec, metadata)


def _hosts(spec: Fields, *, is_of_gateway: bool) -> Violations:
    """Hosts that are none, and hosts that overlap. A route for sidecars cannot be for all hosts."""
    is_sni = any(items(match, "sniHosts") for path, route in parts(spec, "tls", "/spec") for _, match in parts(route, "match", path))
    hosts = list(texts(spec, "hosts", "/spec"))
    is_sound = True
    for path, host in hosts:
        unlike = sni_flaw(host) if is_of_gateway and is_sni else wildcard_flaw(host)
        if unlike and not is_address(host):
            is_sound = False
            yield from refused("host", host, path, unlike)
        elif not is_of_gateway and host == "*":
            is_sound = False
            says = 'host is "*", which is only for gateways, and this VirtualService is for sidecars; write its hosts or its gateways'
            yield Violation(path=path, says=says)
    if not is_sound:
        return
    for (path, host), other in zip(hosts, first_overlaps([host for _, host in hosts]), strict=True):
        if other == host:
            yield Violation(path=path, says=f'host "{host}" is in the list twice', removes=True)
        elif other is not None:
            yield Violation(path=path, says=f'host "{host}" overlaps with "{other}", and the hosts of a VirtualService may not')
