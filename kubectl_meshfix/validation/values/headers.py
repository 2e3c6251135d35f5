"""Names and values of HTTP headers (`pkg/config/validation/validation.go`, `header_value_validator.go`)."""

import re

from kubectl_meshfix.resources.claims import claim_path
from kubectl_meshfix.validation.values.fields import entries, part, texts
from kubectl_meshfix.validation.values.header_values import flaw
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_NAME = r"[!#$%&'*+,\-.^_`|~A-Za-z0-9]+"
"""The signs that HTTP allows, and a comma, which Istio allows too: in its expression ``+-.`` is a range."""

_PSEUDO = frozenset({":method", ":scheme", ":authority", ":path", ":status"})
_RULE = 'a header\'s name is letters, digits and "-"'


def is_name(text: str) -> bool:
    """Whether a text is a header's name by HTTP (`validHeaderNameRegex`)."""
    return bool(re.fullmatch(_NAME, text))


def is_authority(name: str) -> bool:
    """Whether a header stands for the host of a request (`isAuthorityHeader`)."""
    return name.lower() in (":authority", "host")


def matched(name: str, path: str) -> Violations:
    """A header that a route looks at; a claim of a token and a pseudo header are allowed (`…NameOrJwtClaimRoute`)."""
    if not name:
        yield Violation(path=path, says="a match has a header without a name")
    elif not claim_path(name) and name not in _PSEUDO and not is_name(name):
        yield Violation(path=path, says=f'a match has the header "{name}", and {_RULE}')


def cors(fields: Fields, name: str, path: str) -> Violations:
    """The headers of a list of CORS; ``*`` is all (`ValidateCORSHTTPHeaderName`)."""
    for place, header in texts(fields, name, path):
        if header != "*" and not is_name(header):
            yield Violation(path=place, says=f'{name} has "{header}", and {_RULE}' if header else f"{name} has a header without a name")


def operations(fields: Fields, path: str) -> Violations:
    """What ``headers`` adds, sets and removes. Only requests may get another host, and no header that begins with a colon otherwise."""
    if not (headers := part(fields, "headers")):
        return
    for direction in ("request", "response"):
        changes, place = part(headers, direction), f"{path}/headers/{direction}"
        for verb in ("add", "set"):
            for where, name, value in entries(changes, verb, place):
                yield from _changed(name, where, f"{direction}.{verb}", may_be_host=direction == "request")
                if isinstance(value, str) and (unlike := flaw(value)):
                    yield Violation(path=where, says=f'headers.{direction}.{verb} gives "{name}" the value "{value}": {unlike}')
        for where, name in texts(changes, "remove", place):
            yield from _changed(name, where, f"{direction}.remove", may_be_host=False)


def _changed(name: str, path: str, what: str, *, may_be_host: bool) -> Violations:
    """A header that is added, set or removed (`ValidateHTTPHeaderOperationName`, `…WithAuthorityOperationName`)."""
    if not name:
        yield Violation(path=path, says=f"headers.{what} has a header without a name")
    elif (name.startswith(":") or is_authority(name)) and not (may_be_host and is_authority(name)):
        yield Violation(
            path=path, says=f'headers.{what} has "{name}", and the host and headers that begin with ":" cannot be changed there'
        )
