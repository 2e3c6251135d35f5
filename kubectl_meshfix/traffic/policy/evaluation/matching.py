"""Whether one condition of a policy holds for a request (`pilot/pkg/security/authz/model/generator.go`)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kubectl_meshfix.chain.alternatives import any_of, negated
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.traffic import paths
from kubectl_meshfix.traffic.policy.evaluation import conditions as names
from kubectl_meshfix.traffic.policy.evaluation import texts
from kubectl_meshfix.traffic.policy.evaluation.conditions import Condition
from kubectl_meshfix.traffic.policy.evaluation.trust_domains import expanded, with_aliases
from kubectl_meshfix.traffic.terms.attributes import Attributes

_SET_BY_PROXIES = frozenset({"x-forwarded-client-cert", "x-forwarded-proto", "x-request-id", "x-forwarded-for"})
"""Headers that proxies on the way set, whatever the caller says."""

_MISSING = object()


def holds(condition: Condition, request: Attributes, namespace: str, trust_domains: Sequence[str]) -> bool | Unknown:
    """Whether a condition of a policy of ``namespace`` holds; unknown where what it asks for is not known.

    Without an identity no positive condition about one holds, and every negative one does.
    """
    values: Sequence[str] = condition.values
    match condition.attribute:
        case names.PRINCIPAL:
            values = with_aliases(values, trust_domains)
        case names.TRUST_DOMAIN:
            values = expanded(values, trust_domains)
        case names.NAMESPACE if condition.is_of_ztunnel:
            # No namespace has a star in its name, so a value with one in its middle means nobody; behind a slash nothing can match it.
            values = [f"{value}/" if "*" in (value[1:] if value.startswith("*") else value[:-1]) else value for value in values]
    found = any_of(_matches(condition.attribute, value, request, namespace) for value in values)
    return negated(found) if condition.is_negated else found


def seen(condition: Condition, request: Attributes) -> str:
    """What a request has for a condition, in a few words."""
    attribute = condition.attribute
    if tell := _SEEN.get(attribute):
        return tell(request)
    if attribute.startswith(names.METADATA):
        return "metadata that is not known"
    if attribute.startswith(names.HEADER):
        found = _header(attribute, request)
        return ",".join(found) if found and not isinstance(found, Unknown) else "no such header"
    if request.claims is None:
        return _NO_TOKEN
    claim = _claim(request.claims, _claim_names(attribute))
    return str(claim) if claim is not _MISSING else "no such claim"


def _matches(attribute: str, value: str, request: Attributes, namespace: str) -> bool | Unknown:
    if is_so := _OF_IDENTITY.get(attribute):
        identity = request.identity
        return identity if isinstance(identity, Unknown) else bool(identity) and is_so(value, namespace, identity)
    if found := _OF_ADDRESS.get(attribute):
        address, what = found(request)
        return _within(value, address, what)
    if compare := _OF_REQUEST.get(attribute):
        return compare(value, request)
    if attribute.startswith(names.METADATA):
        return Unknown(kind=UnknownKind.RUNTIME, of=f"the proxy's metadata {attribute}", settled_by="the filters of the proxy")
    if attribute.startswith(names.HEADER):
        return _matches_header(attribute, value, request)
    claim = _claim(request.claims or {}, _claim_names(attribute))
    items = claim if isinstance(claim, list | tuple) else (claim,)
    return any(isinstance(item, str) and texts.matches(value, item) for item in items)


_NO_TOKEN = "no token that was verified"  # noqa: S105

_OF_IDENTITY: Mapping[str, Callable[[str, str, str], bool]] = {
    names.PRINCIPAL: lambda value, _, identity: texts.is_principal(value, identity),
    names.NAMESPACE: lambda value, _, identity: texts.is_of_namespace(value, identity),
    names.SERVICE_ACCOUNT: texts.is_service_account,
    names.TRUST_DOMAIN: lambda value, _, identity: texts.is_of_trust_domain(value, identity),
}
"""By the value, the policy's namespace, and the identity."""

_OF_ADDRESS: Mapping[str, Callable[[Attributes], tuple[str | Unknown, str]]] = {
    names.SOURCE_IP: lambda request: (request.source_ip, "the caller's address"),
    names.REMOTE_IP: lambda request: (request.remote_ip, "the original caller's address"),
    names.DESTINATION_IP: lambda request: (request.destination_ip, "the pod's address"),
}
"""The address, and what it is called."""

_OF_REQUEST: Mapping[str, Callable[[str, Attributes], bool]] = {
    names.DESTINATION_PORT: lambda value, request: int(value) == request.port,
    names.SNI: lambda value, request: texts.matches(value, request.sni),
    names.HOST: lambda value, request: texts.matches(value.lower(), request.host.lower()),
    names.METHOD: lambda value, request: texts.matches(value, request.method),
    names.PATH: lambda value, request: _is_path(value, request.path),
    names.REQUESTER: lambda value, request: texts.is_requester(value, _text(request.claims, "iss"), _text(request.claims, "sub")),
}

_SEEN: Mapping[str, Callable[[Attributes], str]] = {
    **dict.fromkeys(_OF_IDENTITY, lambda request: _told(request.identity) or "no identity, because it is plain text"),
    names.SOURCE_IP: lambda request: _told(request.source_ip) or "an address that is not known",
    names.REMOTE_IP: lambda request: _told(request.remote_ip) or "an address that is not known",
    names.DESTINATION_IP: lambda request: _told(request.destination_ip) or "an address that is not known",
    names.DESTINATION_PORT: lambda request: str(request.port),
    names.SNI: lambda request: request.sni or "no SNI",
    names.HOST: lambda request: request.host,
    names.METHOD: lambda request: request.method,
    names.PATH: lambda request: request.path,
    names.REQUESTER: lambda request: (
        f"{_text(request.claims, 'iss')}/{_text(request.claims, 'sub')}" if request.claims is not None else _NO_TOKEN
    ),
}


def _is_path(pattern: str, path: str) -> bool:
    return paths.fits(pattern, path) if paths.is_template(pattern) else texts.matches(pattern, path)


def _within(block: str, address: str | Unknown, what: str) -> bool | Unknown:
    if isinstance(address, Unknown):
        return address
    if not address:
        return Unknown(kind=UnknownKind.UNSTATED, of=what, settled_by=what)
    return texts.is_within(block, address)


def _told(value: str | Unknown) -> str:
    return "" if isinstance(value, Unknown) else value


def _matches_header(key: str, value: str, request: Attributes) -> bool | Unknown:
    """Whether a header matches. Newer Envoys compare each value of a repeated header, older ones all of them joined by a comma."""
    found = _header(key, request)
    if isinstance(found, Unknown):
        return found
    if value == "*":
        return bool(found)  # an empty header is there as well
    of_each, joined = any(texts.matches(value, item) for item in found), bool(found) and texts.matches(value, ",".join(found))
    if of_each is joined:
        return joined
    return Unknown(kind=UnknownKind.VERSION, of="how the proxy compares a header that is sent twice", settled_by="the version of the proxy")


def _header(key: str, request: Attributes) -> tuple[str, ...] | Unknown:
    """The values of a header; none where it is absent."""
    name = (names.names_in(key) or ("",))[0].lower()
    pseudo = {":authority": request.host, "host": request.host, ":method": request.method, ":path": request.path}
    if name in pseudo:
        return (pseudo[name],)
    found = tuple(value for other, value in request.headers if other == name)
    if not found and name in _SET_BY_PROXIES:
        return Unknown(kind=UnknownKind.RUNTIME, of=f"the header {name}", settled_by="the proxies on the way")
    return found


def _claim_names(key: str) -> tuple[str, ...]:
    match key:
        case names.AUDIENCES:
            return ("aud",)
        case names.PRESENTER:
            return ("azp",)
        case _:
            return names.names_in(key) or ()


def _claim(claims: Mapping[str, Any], path: Sequence[str]) -> Any:
    found: Any = claims
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            return _MISSING
        found = found[name]
    return found


def _text(claims: Mapping[str, Any] | None, name: str) -> str:
    found = (claims or {}).get(name)
    return found if isinstance(found, str) else ""
