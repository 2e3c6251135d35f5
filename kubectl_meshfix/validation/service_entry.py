"""What istiod's webhook says of a ServiceEntry (`pkg/config/validation/validation.go ValidateServiceEntry`)."""

from kubectl_meshfix.mesh.protocols import HTTP_LIKE
from kubectl_meshfix.validation.endpoints.resolutions import resolution, resolution_of
from kubectl_meshfix.validation.values import hosts, ports
from kubectl_meshfix.validation.values.addresses import subnet
from kubectl_meshfix.validation.values.annotations import annotations
from kubectl_meshfix.validation.values.exports import exports
from kubectl_meshfix.validation.values.fields import has, items, number, part, parts, text, texts
from kubectl_meshfix.validation.values.labels import selector
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning

_AUTO = "networking.istio.io/enable-autoallocate-ip"
_SELECTOR = "workloadSelector"


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in a ServiceEntry."""
    yield from annotations(metadata)
    effect = "It selects all workloads of the namespace"
    yield from selector(spec, _SELECTOR, "/spec", map_name="labels", effect=effect)
    if has(spec, _SELECTOR) and items(spec, "endpoints"):
        yield Violation(path="/spec", says="a ServiceEntry has both workloadSelector and endpoints, and only one can be set")
    yield from _hosts(spec)
    yield from _addresses(spec)
    yield from _ports(spec, metadata)
    yield from resolution(spec, metadata)
    is_plain = any(ports.protocol_of(port) not in HTTP_LIKE | ports.TLS for _, port in parts(spec, "ports", "/spec"))
    if resolution_of(spec) != "NONE" and len(items(spec, "hosts")) > 1 and is_plain:
        says = "several hosts share a port that is neither HTTP nor TLS, which cannot tell them apart; write a ServiceEntry for each"
        yield Violation(path="/spec/hosts", says=says)
    yield from exports(spec, metadata, may_be_none=True)


def _hosts(spec: Fields) -> Violations:
    if not items(spec, "hosts"):
        yield Violation(path="/spec", says="hosts is empty, and a ServiceEntry needs at least one")
    for path, host in texts(spec, "hosts", "/spec"):
        if host == "*":
            yield Violation(path=path, says='host is "*", and a ServiceEntry cannot be for all hosts; write a name, or *.example.com')
            continue
        unlike = hosts.wildcard_flaw(host)
        yield from hosts.refused("host", host, path, unlike)
        if not unlike and hosts.is_partial_wildcard(host) and resolution_of(spec) != "DYNAMIC_DNS":
            yield warning(path, f'host "{host}" has a wildcard for a piece of a name; only a whole part may be *, as in *.example.com')


def _addresses(spec: Fields) -> Violations:
    word = resolution_of(spec)
    for path, address in texts(spec, "addresses", "/spec"):
        yield from subnet("address", address, path)
        if "/" in address and word not in ("NONE", "STATIC"):
            yield Violation(path=path, says=f'address "{address}" is a block, and resolution {word} takes only single addresses')


def _ports(spec: Fields, metadata: Fields) -> Violations:
    names: set[str] = set()
    numbers: set[float] = set()
    lacks_address = not items(spec, "addresses") and not _is_given_addresses(spec, metadata)
    for path, port in parts(spec, "ports", "/spec"):
        name, value, target, word = text(port, "name"), number(port, "number"), number(port, "targetPort"), text(port, "protocol")
        if name and name in names:
            yield Violation(path=f"{path}/name", says=f'two ports are named "{name}"')
        if value and value in numbers:
            yield Violation(path=f"{path}/number", says=f"two ports have the number {value}")
        names.add(name)
        numbers.add(value)
        if target:
            yield from ports.number("targetPort", target, f"{path}/targetPort")
        if lacks_address and word in ("", "TCP"):
            effect = "Its listener takes the traffic of that port to all addresses"
            yield warning(path, f"port {value} is of TCP, and the ServiceEntry has no addresses", effect=effect)
        yield from ports.label("port name", name, f"{path}/name" if name else path)
        yield from ports.protocol(word, f"{path}/protocol")
        yield from ports.number("port number", value, f"{path}/number" if value else path)


def _is_given_addresses(spec: Fields, metadata: Fields) -> bool:
    """Whether istiod gives it addresses of its own, as it does by default (`pilot/pkg/networking/serviceentry ShouldV2AutoAllocateIP`)."""
    return resolution_of(spec) != "NONE" and text(part(metadata, "labels"), _AUTO).lower() != "false"
