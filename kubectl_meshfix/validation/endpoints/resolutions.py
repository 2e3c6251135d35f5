"""What each resolution of a ServiceEntry asks of its hosts, addresses, ports and endpoints."""

from collections.abc import Container

from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.validation.endpoints.endpoint import endpoint, named, ports_of
from kubectl_meshfix.validation.values import ports
from kubectl_meshfix.validation.values.addresses import UNIX
from kubectl_meshfix.validation.values.fields import has, items, part, parts, text, texts
from kubectl_meshfix.validation.values.hosts import flaw
from kubectl_meshfix.validation.values.labels import labels
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning

_DYNAMIC = frozenset({Protocol.HTTP, Protocol.TLS, Protocol.GRPC, Protocol.HTTP2})
_WAYPOINT = "istio.io/use-waypoint"


def resolution_of(spec: Fields) -> str:
    """The resolution; without any it is NONE."""
    return text(spec, "resolution") or "NONE"


def resolution(spec: Fields, metadata: Fields) -> Violations:
    """What the resolution of a ServiceEntry refuses."""
    names = {text(port, "name") for _, port in parts(spec, "ports", "/spec")}
    match resolution_of(spec):
        case "NONE":
            yield from _none(spec)
        case "STATIC":
            yield from _static(spec, names)
        case "DYNAMIC_DNS":
            yield from _dynamic(spec, metadata)
        case word:
            yield from _dns(spec, word, names)


def _none(spec: Fields) -> Violations:
    if items(spec, "endpoints"):
        says = "endpoints are set, and resolution is NONE, which goes to the address that was called; write STATIC or DNS"
        yield Violation(path="/spec/endpoints", says=says)
    if has(spec, "workloadSelector"):
        yield warning("/spec/workloadSelector", "workloadSelector is set, and resolution is NONE, which uses no endpoints; write STATIC")


def _static(spec: Fields, names: set[str]) -> Violations:
    for path, fields in parts(spec, "endpoints", "/spec"):
        yield from endpoint(fields, path, may_be_name=False, known_ports=names)
        if text(fields, "address").startswith(UNIX) and len(names) != 1:
            says = f"an endpoint is a Unix socket, and the ServiceEntry has {len(names)} ports; exactly 1 is needed"
            yield Violation(path=f"{path}/address", says=says)


def _dns(spec: Fields, word: str, names: Container[str]) -> Violations:
    found = list(parts(spec, "endpoints", "/spec"))
    if not found:
        unlike = next(((path, host, why) for path, host in texts(spec, "hosts", "/spec") if (why := flaw(host))), None)
        if unlike and unlike[1]:
            path, host, _ = unlike
            yield Violation(path=path, says=f'host "{host}" cannot be looked up, and resolution {word} has no endpoints; write a full name')
    if word == "DNS_ROUND_ROBIN" and len(found) > 1:
        says = f"{len(found)} endpoints are set, and resolution DNS_ROUND_ROBIN takes one at most; write DNS for several"
        yield Violation(path="/spec/endpoints", says=says)
    for path, fields in found:
        address = text(fields, "address")
        if address:
            yield from named(address, f"{path}/address", may_be_name=True)
        else:
            yield Violation(path=path, says="an endpoint has no address")
        yield from labels(fields, "labels", path)
        yield from ports_of(fields, path, names)
    is_tcp = any(ports.protocol_of(port) in ports.TCP for _, port in parts(spec, "ports", "/spec"))
    if items(spec, "addresses") and is_tcp and len(items(spec, "hosts")) > 1:
        says = "a port is of TCP, and several hosts share its addresses; write a ServiceEntry for each host"
        yield warning("/spec/hosts", says)


def _dynamic(spec: Fields, metadata: Fields) -> Violations:
    for path, host in texts(spec, "hosts", "/spec"):
        if not host.startswith("*"):
            yield Violation(path=path, says=f'host "{host}" has no wildcard, and resolution DYNAMIC_DNS is for hosts with one; write DNS')
    for name in ("addresses", "endpoints"):
        if items(spec, name):
            yield Violation(path=f"/spec/{name}", says=f"{name} are set, and resolution DYNAMIC_DNS looks up the host of each request")
    for path, port in parts(spec, "ports", "/spec"):
        if ports.protocol_of(port) not in _DYNAMIC:
            word = text(port, "protocol")
            says = f'port protocol is "{word}", and resolution DYNAMIC_DNS takes HTTP, HTTP2, GRPC and TLS'
            yield Violation(path=f"{path}/protocol" if word else path, says=says)
    waypoint = text(part(metadata, "labels"), _WAYPOINT)
    if text(spec, "location") == "MESH_INTERNAL" and waypoint and waypoint.lower() != "none":
        says = f"location is MESH_INTERNAL, and resolution DYNAMIC_DNS with the waypoint {waypoint} needs MESH_EXTERNAL"
        yield Violation(path="/spec/location", says=says)
