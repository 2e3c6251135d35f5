"""What the schemas of the Gateway API say in CEL, as far as people get it wrong (`x-kubernetes-validations` of `config/crd`)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.validation.schema.unknown import spelt
from kubectl_meshfix.validation.violation import Fields, Violation

REFUSED = "the API server refuses the object"

_FILTERS = {
    "RequestHeaderModifier": "requestHeaderModifier",
    "ResponseHeaderModifier": "responseHeaderModifier",
    "RequestMirror": "requestMirror",
    "RequestRedirect": "requestRedirect",
    "URLRewrite": "urlRewrite",
    "ExtensionRef": "extensionRef",
    "CORS": "cors",
    "ExternalAuth": "externalAuth",
}
"""The field that each type of filter has, and no other filter."""

Place = tuple[str | int, ...]
Found = Iterator[Violation]


def route(spec: Fields) -> Found:
    """Rules of a route: their backends, filters, and paths."""
    for index, rule in enumerate(spec.get("rules") or ()):
        place: Place = ("spec", "rules", index)
        for part, backend in _each(rule, "backendRefs", place):
            yield from _backend(backend, part)
            for inner, entry in _each(backend, "filters", part):
                yield from _filter(entry, inner)
        for part, entry in _each(rule, "filters", place):
            yield from _filter(entry, part)
        for part, match in _each(rule, "matches", place):
            path = match.get("path") or {}
            value = path.get("value", "/")
            if path.get("type", "PathPrefix") in ("Exact", "PathPrefix") and not value.startswith("/"):
                yield _refused((*part, "path", "value"), f'is "{value}" and must begin with /', f"/{value}")
        redirects = any(entry.get("requestRedirect") is not None for _, entry in _each(rule, "filters", place))
        if redirects and rule.get("backendRefs"):
            yield _refused((*place, "backendRefs"), "cannot be used beside a redirect")


def gateway(spec: Fields) -> Found:
    """The listeners of a Gateway: TLS as the protocol has it.

    Listeners alike and TLS without a certificate are refused too; what a server does with them says more (`traffic/gateway/kubernetes`).
    """
    for place, listener in _each(spec, "listeners", ("spec",)):
        protocol, tls = listener.get("protocol"), listener.get("tls")
        if protocol in ("HTTP", "TCP", "UDP") and tls is not None:
            yield _refused((*place, "tls"), f"cannot be used with the protocol {protocol}")
        elif protocol == "HTTPS" and tls is not None and tls.get("mode") == "Passthrough":
            yield _refused((*place, "tls", "mode"), "is Passthrough, and a listener of HTTPS terminates TLS; its protocol for that is TLS")
        if protocol in ("TCP", "UDP") and listener.get("hostname"):
            yield _refused((*place, "hostname"), f"cannot be used with the protocol {protocol}")


def _backend(backend: Fields, place: Place) -> Found:
    if not backend.get("group") and backend.get("kind", "Service") == "Service" and backend.get("port") is None:
        yield _refused(place, "has no port, which a Service needs")


def _filter(entry: Fields, place: Place) -> Found:
    own = _FILTERS.get(str(entry.get("type")))
    if own and entry.get(own) is None:
        yield _refused(place, f"is a filter of type {entry['type']} and has no {own}")
    for name, field in _FILTERS.items():
        if field != own and own and entry.get(field) is not None:
            yield _refused((*place, field), f"belongs to filters of type {name}, and this one is of type {entry['type']}")
    mirror = entry.get("requestMirror") or {}
    if mirror.get("backendRef") is not None:
        yield from _backend(mirror["backendRef"], (*place, "requestMirror", "backendRef"))


def _each(fields: Fields, name: str, place: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
    for index, entry in enumerate(fields.get(name) or ()):
        yield (*place, name, index), entry or {}


def _refused(place: Place, says: str, correction: Any = None) -> Violation:
    return Violation(path=pointer.join(*place), says=f"{spelt(place)} {says}", effect=REFUSED, correction=correction)


RULES: Mapping[str, Callable[[Fields], Found]] = {
    "Gateway": gateway, "HTTPRoute": route, "GRPCRoute": route, "TCPRoute": route, "TLSRoute": route, "UDPRoute": route,
}  # fmt: skip
"""By kind of the Gateway API; for objects whose fields and values fit the schema otherwise."""
