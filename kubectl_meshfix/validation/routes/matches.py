"""What a route of HTTP matches (`pkg/config/validation/virtualservice.go validateHTTPRouteMatchRequest`)."""

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.resources.claims import claim_path
from kubectl_meshfix.validation.values import ports
from kubectl_meshfix.validation.values.fields import entries, has, number, part, parts, text
from kubectl_meshfix.validation.values.gateway_names import gateway_names
from kubectl_meshfix.validation.values.headers import matched
from kubectl_meshfix.validation.values.hosts import is_label
from kubectl_meshfix.validation.values.labels import labels
from kubectl_meshfix.validation.values.regexes import regex
from kubectl_meshfix.validation.violation import Fields, Value, Violation, Violations, refusals

_TEXTS = ("scheme", "method", "authority")
_MOSTLY = frozenset({"uri", "name", "ignoreUriCase"})
"""Fields that most matches have, and no other."""


def http_matches(route: Fields, path: str, *, is_of_gateway: bool) -> Violations:
    """The matches of a route. Claims of a token can be matched only at a gateway. ``path`` is the route's."""
    for place, match in parts(route, "match", path):
        uri = part(match, "uri")
        if has(uri, "regex"):
            yield from regex("uri.regex", text(uri, "regex"), f"{place}/uri/regex")
        if match.keys() <= _MOSTLY:
            continue
        for name in ("headers", "withoutHeaders"):
            for where, header, value in entries(match, name, place):
                yield from _header(header, value, where, name, is_of_gateway=is_of_gateway)
        for name in _TEXTS:
            if name in match:
                yield from string_match(name, match[name], place + join(name))
        for where, name, value in entries(match, "queryParams", place):
            yield from string_match(f'queryParams["{name}"]', value, where)
        yield from refusals(where_from(match, place))
        namespace = text(match, "sourceNamespace")
        if namespace and not is_label(namespace):
            yield Violation(path=f"{place}/sourceNamespace", says=f'sourceNamespace is "{namespace}", which is no name of a namespace')


def string_match(name: str, value: Value, path: str) -> Violations:
    """How a text is compared; a prefix and a regular expression may not be empty (`validateStringMatch`)."""
    fields = value if isinstance(value, dict) else {}
    if has(fields, "prefix") and not text(fields, "prefix"):
        yield Violation(path=f"{path}/prefix", says=f"{name} has an empty prefix")
    if has(fields, "regex"):
        yield from regex(f"{name}.regex", text(fields, "regex"), f"{path}/regex")


def where_from(match: Fields, path: str) -> Violations:
    """What matches of all protocols have: port, source labels and gateways. An older name of a gateway is warned of only for TLS."""
    port = number(match, "port")
    if port:
        yield from ports.number("port", port, f"{path}/port")
    yield from labels(match, "sourceLabels", path)
    yield from gateway_names(match, path)


def _header(header: str, value: Value, path: str, name: str, *, is_of_gateway: bool) -> Violations:
    yield from matched(header, path)
    if claim_path(header) and not is_of_gateway:
        yield Violation(path=path, says=f'{name} has "{header}", and claims of tokens can be matched only in routes of gateways')
    is_presence = name == "withoutHeaders" and isinstance(value, dict) and value.get("regex") == "*"
    if not is_presence:
        yield from string_match(f'{name}["{header}"]', value, path)
