"""Endpoints: WorkloadEntries, and those of a ServiceEntry (`pkg/config/validation/validation.go validateWorkloadEntry`)."""

from collections.abc import Container

from kubectl_meshfix.validation.values import ports
from kubectl_meshfix.validation.values.addresses import UNIX, is_address, unix_socket
from kubectl_meshfix.validation.values.fields import numbers, part, text
from kubectl_meshfix.validation.values.hosts import flaw
from kubectl_meshfix.validation.values.labels import labels
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning


def endpoint(fields: Fields, path: str, *, may_be_name: bool, known_ports: Container[str] | None = None) -> Violations:
    """An endpoint of a network or at a Unix socket. ``known_ports`` are the names of its ServiceEntry's ports, None where it has none.

    ``may_be_name`` is whether its address may be a name for DNS.
    """
    address, network = text(fields, "address"), text(fields, "network")
    place = f"{path}/address" if address else path
    if not address:
        if not network:
            yield Violation(path=place, says="an endpoint has no address")
            return
        yield warning(place, f"an endpoint has no address, only the network {network}")
    elif address.startswith(UNIX):
        yield from unix_socket("address", address, place)
        if part(fields, "ports"):
            yield Violation(path=f"{path}/ports", says=f'an endpoint has ports, and its address "{address}" is a Unix socket')
    else:
        yield from named(address, place, may_be_name=may_be_name)
    yield from ports_of(fields, path, known_ports)
    yield from labels(fields, "labels", path)


def named(address: str, path: str, *, may_be_name: bool) -> Violations:
    """An endpoint's address that is no Unix socket."""
    if is_address(address):
        return
    if not may_be_name:
        yield Violation(path=path, says=f'address "{address}" is no IP address, and with resolution STATIC it has to be one')
    elif unlike := flaw(address):
        yield Violation(path=path, says=f'address "{address}" is neither an IP address nor a host name: {unlike}')


def ports_of(fields: Fields, path: str, known: Container[str] | None) -> Violations:
    """The ports of an endpoint, by the names that its ServiceEntry gives them."""
    for place, name, value in numbers(fields, "ports", path):
        if known is not None and name not in known:
            yield Violation(path=place, says=f'an endpoint has a port "{name}", and the ServiceEntry has none of that name')
        yield from ports.label("port name", name, place)
        yield from ports.number(f'port "{name}" of an endpoint', value, place)
