"""Ports: their numbers, names and protocols."""

from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.validation.values.hosts import is_label
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_SPELT = {protocol.value: protocol.value.upper() for protocol in Protocol if protocol is not Protocol.UNSUPPORTED}
TLS = frozenset({Protocol.HTTPS, Protocol.TLS})
TCP = TLS | {Protocol.TCP, Protocol.MONGO, Protocol.REDIS, Protocol.MYSQL}


def number(name: str, value: float, path: str) -> Violations:
    """A port's number (`ValidatePort`)."""
    if not value:
        yield Violation(path=path, says=f"{name} is 0 or missing, and a port is 1 to 65535")
    elif not 1 <= value <= 65535:
        yield Violation(path=path, says=f"{name} is {value}, and a port is 1 to 65535")


def label(name: str, value: str, path: str) -> Violations:
    """A port's name, which is a DNS label (`ValidatePortName`)."""
    if not value:
        yield Violation(path=path, says=f"{name} is missing")
    elif not is_label(value):
        yield Violation(path=path, says=f'{name} "{value}" is not allowed; it is 1 to 63 letters, digits and "-", with "-" only inside')


def protocol_of(port: Fields | None) -> Protocol:
    """The protocol that a port declares."""
    value = (port or {}).get("protocol")
    return protocols.parse(value) if isinstance(value, str) else Protocol.UNSUPPORTED


def protocol(word: str, path: str, *, required: bool = False) -> Violations:
    """A port's protocol by its name in any case; none stands for what Istio finds out by itself (`ValidateProtocol`)."""
    if not word and required:
        yield Violation(path=path, says="port protocol is missing, and a Gateway's port needs one")
    elif word and protocols.parse(word) is Protocol.UNSUPPORTED:
        meant = nearest(word.lower(), _SPELT)
        known = "HTTP, HTTPS, HTTP2, GRPC, GRPC-WEB, TLS, TCP, MONGO, REDIS and MYSQL"
        yield Violation(
            path=path, says=f'port protocol "{word}" is unknown; Istio knows {known}', correction=_SPELT[meant] if meant else None
        )
