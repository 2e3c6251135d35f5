"""IP addresses, blocks of them, and Unix sockets, as Go reads them (`net/netip`)."""

import ipaddress
import re

from kubectl_meshfix.validation.violation import Violation, Violations

UNIX = "unix://"


def is_address(text: str) -> bool:
    """Whether a text is one IP address, with or without a zone (`netip.ParseAddr`)."""
    bare, percent, zone = text.partition("%")
    try:
        version = ipaddress.ip_address(bare).version
    except ValueError:
        return False
    return not percent or (version == 6 and bool(zone))


def address(name: str, text: str, path: str) -> Violations:
    """One IP address (`ValidateIPAddress`)."""
    if not is_address(text):
        yield Violation(path=path, says=f'{name} "{text}" is no IP address')


def subnet(name: str, text: str, path: str) -> Violations:
    """An IP address, or a block of them such as ``10.0.0.0/8`` (`ValidateIPSubnet`)."""
    start, slash, bits = text.partition("/")
    if slash and "/" not in bits:
        if not _is_block(start, bits):
            yield Violation(path=path, says=f'{name} "{text}" is no CIDR block; write an address, a slash and a number of bits')
    elif not is_address(text):
        yield Violation(path=path, says=f'{name} "{text}" is neither an IP address nor a CIDR block')


def unix_socket(name: str, text: str, path: str) -> Violations:
    """The path after ``unix://``: absolute, or an abstract name that begins with @ (`ValidateUnixAddress`)."""
    place = text.removeprefix(UNIX)
    if not place.startswith("@") and (not place.startswith("/") or place.endswith("/")):
        yield Violation(path=path, says=f'{name} "{text}" is no socket; after unix:// comes the absolute path of a file, or @ and a name')


def _is_block(start: str, bits: str) -> bool:
    if "%" in start or not is_address(start) or not re.fullmatch("0|[1-9][0-9]?[0-9]?", bits):
        return False
    return int(bits) <= ipaddress.ip_address(start).max_prefixlen
