"""Values that istiod refuses in a mesh configuration (`pkg/config/validation/agent/validation.go ValidateMeshConfig`)."""

import ipaddress
import re
from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.resources.go_duration import seconds
from kubectl_meshfix.validation.violation import Fields, Value, Violation, Violations

_LABEL = re.compile(r"[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")
_TRACERS = ("zipkin", "datadog", "lightstep")
_ADDRESSES = ("envoyMetricsService", "envoyAccessLogService")


def of_mesh(fields: Fields) -> Violations:
    """The checks of a mesh configuration, those of its ``defaultConfig`` among them."""
    yield from _port(fields, "proxyListenPort")
    for name in ("connectTimeout", "protocolDetectionTimeout"):
        value = fields.get(name)
        time = seconds(value) if isinstance(value, str) else None
        if time is None or (name == "protocolDetectionTimeout" and time == 0):
            continue
        if (time * 1000) % 1 or (name == "connectTimeout" and not 0.001 <= time <= 3600):
            yield Violation(path=join(name), says=f"{name} is {value}, not 1ms to 1h in whole milliseconds")
    for path, domain in _domains(fields):
        if not all(map(_LABEL.fullmatch, domain.removesuffix(".").split("."))):
            yield Violation(path=path, says=f'"{domain}" is no valid trust domain')
    if isinstance(tls := fields.get("meshMTLS"), dict) and tls.get("ecdhCurves"):
        yield Violation(path=join("meshMTLS", "ecdhCurves"), says="meshMTLS cannot have ecdhCurves, which belong into tlsDefaults")
    if isinstance(config := fields.get("defaultConfig"), dict):
        for found in of_proxy(config):
            yield Violation(path=join("defaultConfig") + found.path, says=found.says, is_warning=found.is_warning)


def _domains(fields: Fields) -> Iterator[tuple[str, str]]:
    domain, aliases = fields.get("trustDomain"), fields.get("trustDomainAliases")
    if isinstance(domain, str):
        yield join("trustDomain"), domain
    for index, alias in enumerate(aliases if isinstance(aliases, list) else ()):
        if isinstance(alias, str):
            yield join("trustDomainAliases", index), alias


def of_proxy(fields: Fields) -> Violations:
    """The checks of a proxy's configuration (`ValidateMeshConfigProxyConfig`); what is absent has Istio's default, which is valid."""
    for name in ("proxyAdminPort", "statusPort"):
        yield from _port(fields, name)
    drain = fields.get("drainDuration")
    time = seconds(drain) if isinstance(drain, str) else None
    if time is not None and (time < 1 or time % 1):
        yield Violation(path=join("drainDuration"), says=f"drainDuration is {drain}, not a whole number of seconds")
    for name in ("discoveryAddress", "statsdUdpAddress", "envoyMetricsServiceAddress"):
        yield from _address(fields.get(name), join(name), name)
    for name in _ADDRESSES:
        if isinstance(service := fields.get(name), dict):
            yield from _address(service.get("address"), join(name, "address"), f"{name}.address")
    tracing = fields.get("tracing")
    for name in _TRACERS:
        if isinstance(tracing, dict) and isinstance(tracer := tracing.get(name), dict):
            address = tracer.get("address", "")
            reached = address.replace("$(HOST_IP)", "127.0.0.1", 1) if isinstance(address, str) and name != "lightstep" else address
            yield from _address(reached, join("tracing", name, "address"), f"tracing.{name}.address", required=True)


def of_networks(fields: Fields) -> Violations:
    """The checks of networks (`validateNetwork`); whether an istiod resolves gateways' names, its environment says: by default it does."""
    networks = fields.get("networks")
    for name, network in networks.items() if isinstance(networks, dict) else ():
        if not isinstance(network, dict):
            continue
        for index, gateway in enumerate(network.get("gateways") or ()):
            if isinstance(gateway, dict):
                path = join("networks", name, "gateways", index)
                if not _is_port(gateway.get("port")):
                    yield Violation(path=f"{path}/port", says=f"the gateway of network {name} has no port from 1 to 65535")
                address = gateway.get("address")
                if isinstance(address, str) and not _is_ip(address) and not _is_name(address):
                    yield Violation(path=f"{path}/address", says=f'the gateway "{address}" of network {name} is no IP address and no name')
        for index, endpoint in enumerate(network.get("endpoints") or ()):
            registry = endpoint.get("fromRegistry") if isinstance(endpoint, dict) else None
            if isinstance(registry, str) and not _LABEL.fullmatch(registry):
                path = join("networks", name, "endpoints", index, "fromRegistry")
                yield Violation(path=path, says=f'"{registry}" is no valid name of a registry')


def _port(fields: Fields, name: str) -> Violations:
    if name in fields and fields[name] is not None and not _is_port(fields[name]):
        yield Violation(path=join(name), says=f"{name} is {fields[name]}, not a port from 1 to 65535")


def _is_port(value: Value) -> bool:
    text = str(value)
    return text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535


def _address(value: Value, path: str, name: str, *, required: bool = False) -> Violations:
    if not isinstance(value, str) or not (value or required):
        return
    host, colon, port = value.rpartition(":")
    if not colon or not _is_port(port) or not (_is_name(host) or _is_ip(host.strip("[]"))):
        yield Violation(path=path, says=f'{name} is "{value}", not HOST:PORT')


def _is_name(host: str) -> bool:
    return 0 < len(host) <= 255 and all(map(_LABEL.fullmatch, host.removesuffix(".").split(".")))


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
