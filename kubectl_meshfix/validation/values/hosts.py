"""Hosts: DNS labels, full names, wildcards, and names with a namespace before them (`pkg/config/validation/agent/validation.go`)."""

import re
from functools import lru_cache

from kubectl_meshfix.validation.values.addresses import is_address
from kubectl_meshfix.validation.violation import Violation, Violations

LABEL = "[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?"
_WILDCARD = rf"\*|(?:\*-?)?{LABEL}"
_LONGEST_LABEL = 63
_LONGEST = 255
_HIGHEST = 2**63
_WITH_SCHEME = r"[a-z][a-z0-9+]*://([^/]+)/?"


@lru_cache(maxsize=1024)  # most labels and hosts are there several times
def is_label(text: str) -> bool:
    """Whether a text is a DNS label as Istio reads them: in any case, up to 63 letters (`labels.IsDNS1123Label`)."""
    return len(text) <= _LONGEST_LABEL and bool(re.fullmatch(LABEL, text))


def flaw(host: str) -> str:
    """What keeps a text from being a full host name, as a clause; empty for a good one (`ValidateFQDN`)."""
    return _length_flaw(host) or ("a wildcard is not allowed there" if "*" in host else _labels_flaw(host, host))


@lru_cache(maxsize=1024)
def wildcard_flaw(host: str) -> str:
    """The same for a host whose first part may be ``*``, ``*-x`` or ``*x`` (`ValidateWildcardDomain`)."""
    if unlike := _length_flaw(host):
        return unlike
    first, dot, rest = host.partition(".")
    if len(first) > _LONGEST_LABEL or not re.fullmatch(_WILDCARD, first):
        return _label_flaw(first, host)
    return _labels_flaw(host, rest) if dot else ""


def sni_flaw(host: str) -> str:
    """The same for a host of TLS at a gateway, ``outbound_.80_._.reviews.shop`` among them (`…BoundToGateway`)."""
    if not host.startswith("outbound_"):
        return wildcard_flaw(host)
    if unlike := _length_flaw(host):
        return unlike
    words = host.split("_")
    if len(words) < 4 or not re.search("[0-9]", words[1]) or not re.search("[a-zA-Z]", words[3].strip(".")):
        return "it is not of the form outbound_.PORT_._.HOST"
    return ""


def is_partial_wildcard(host: str) -> bool:
    """Whether a wildcard is only a piece of the first part, or stands elsewhere (`ValidatePartialWildCard`)."""
    return "*" in host and len(host) != 1 and not host.startswith("*.")


def refused(name: str, host: str, path: str, unlike: str) -> Violations:
    """What is said of a host that is none; nothing where ``unlike`` is empty. ``name`` is what the object calls it."""
    if not unlike:
        return
    if not host:
        yield Violation(path=path, says=f"{name} is empty, and it has to name a host")
        return
    written = re.fullmatch(_WITH_SCHEME, host)
    meant = written[1] if written and not flaw(written[1]) else None
    yield Violation(path=path, says=f'{name} "{host}" is no host name: {unlike}', correction=meant)


def wildcard(name: str, host: str, path: str) -> Violations:
    """A host, with or without a wildcard (`ValidateWildcardDomain`)."""
    unlike = wildcard_flaw(host)
    return refused(name, host, path, unlike) if unlike else iter(())


def scoped(host: str, path: str, *, of_gateway: bool, from_gateway_api: bool = False) -> Violations:
    """A host with a namespace before it; a Gateway's may come without (`ValidateNamespaceSlashWildcardHostname`)."""
    namespace, slash, name = host.partition("/")
    if "://" in host:
        yield from _with_scheme(host, path, of_gateway=of_gateway)
        return
    if not slash:
        if of_gateway:
            yield from _listened(host, host, path, of_gateway=True)
        else:
            yield Violation(
                path=path, says=f'host "{host}" names no namespace; write NAMESPACE/{host or "HOST"}, and */ or ./ for any or the own'
            )
        return
    if not namespace or not name:
        yield Violation(path=path, says=f'host "{host}" needs a namespace before the slash and a host after it')
        return
    bare = namespace if of_gateway else namespace.removeprefix("~")
    allowed = ("*", ".", "~") if from_gateway_api else ("*", ".") if of_gateway else ("*", ".", "")
    if bare not in allowed and not is_label(bare):
        yield Violation(path=path, says=f'host "{host}" begins with "{namespace}", which is not *, . or the name of a namespace')
    yield from _listened(host, name, path, of_gateway=of_gateway)


def _with_scheme(host: str, path: str, *, of_gateway: bool) -> Violations:
    """A host after a scheme. What is left without it is a Gateway's host, if it has a dot, and a Sidecar's host needs a namespace too."""
    for violation in refused("host", host, path, "it has a scheme"):
        is_meant = of_gateway and "." in str(violation.correction)
        yield Violation(path=violation.path, says=violation.says, correction=violation.correction if is_meant else None)


def _listened(written: str, host: str, path: str, *, of_gateway: bool) -> Violations:
    if host != "*" and "." not in host:
        if of_gateway and is_address(host):  # IPv6 has no dot, and is refused as a short name
            yield Violation(path=path, says=f'host "{written}" is an IPv6 address, and a Gateway takes names with a dot')
        else:
            yield Violation(path=path, says=f'host "{written}" is a short name; write it in full, with the dots')
        return
    unlike = wildcard_flaw(host)
    if unlike and not (of_gateway and is_address(host)):
        yield from refused("host", written, path, unlike)
    elif is_partial_wildcard(host):
        yield Violation(
            path=path, says=f'host "{written}" has a wildcard for a piece of a name; only a whole part may be *, as in *.example.com'
        )


def _length_flaw(host: str) -> str:
    if len(host.encode()) > _LONGEST:
        return f"it is longer than {_LONGEST} letters"
    return "" if host else "it is empty"


def _labels_flaw(host: str, rest: str) -> str:
    """What is wrong with the parts of a host, or with those after its first one."""
    parts = rest.split(".")
    if re.fullmatch("[+-]?[0-9]+", parts[-1]) and -_HIGHEST <= int(parts[-1]) < _HIGHEST:
        return "it is an IP address" if is_address(host) else f'its last part, "{parts[-1]}", is a number'
    if parts[-1] == "":
        parts.pop()
    return next((_label_flaw(part, host) for part in parts if not is_label(part)), "")


def _label_flaw(label: str, host: str) -> str:
    """What is wrong with a part of a host that is no DNS label."""
    if not label:
        return "one of its parts is empty"
    if is_address(host):
        return "it is an IP address"
    if "://" in host:
        return "it has a scheme"
    if re.search(":[0-9]+$", host):
        return "it has a port"
    if "*" in label:
        return "a wildcard may only be its first part"
    if len(label) > _LONGEST_LABEL:
        return f"one of its parts is longer than {_LONGEST_LABEL} letters"
    return f'"{label}" may have letters, digits and, inside, "-"'
