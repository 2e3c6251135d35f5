"""RequestAuthentications: whether a request's token is accepted, and what it then says (`pilot/pkg/security/authn/policy_applier.go`).

All that apply count together. A request without a token passes: only an AuthorizationPolicy can ask for one. Nothing here knows keys or
times: claims that somebody states are those of a valid token.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import JWTRule, RequestAuthentication
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.checks import authentication as checks
from kubectl_meshfix.traffic.policy.attached import INPUTS, attached, unread
from kubectl_meshfix.traffic.policy.tokens import Token, audiences_of, claims_of, found_by, is_for, normalised, places_of
from kubectl_meshfix.traffic.terms.attributes import Claims
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.request import Request

__all__ = ["INPUTS", "REASONS", "authenticate"]

REASONS: Mapping[Failure, str] = {
    Failure.UNAUTHENTICATED: "Jwt issuer is not configured",
    Failure.FORBIDDEN_TOKEN: "Audiences in Jwt are not allowed",
}
"""Envoy's own words for why it refuses a valid token: the body of its answer."""


class _Rule(NamedTuple):
    policy: RequestAuthentication
    place: Where
    rule: JWTRule

    @property
    def name(self) -> str:
        return str(self.policy.ref)


def authenticate(
    mesh: Mesh, server: Party, request: Request, claims: Mapping[str, Any] | None = None, services: Sequence[Ref] = ()
) -> Steps[Claims | Failure]:
    """What becomes of a request's token at a proxy that reads HTTP; ``claims`` are those of a valid token, None for none.

    Where no claims are stated but the request itself holds a token, that is read, and taken as valid.
    """
    if spaces := unread(mesh, kinds.REQUEST_AUTHENTICATION, server, services):
        names = ", ".join(spaces)
        unknown = Unknown(kind=UnknownKind.UNREADABLE, of=f"RequestAuthentications of {names}", settled_by="the right to list them")
        yield step(checks.RULES_UNREAD, unknown=unknown, namespaces=names)
    rules = _rules(mesh, server, services)
    if not rules:
        yield step(checks.NO_RULES, server=str(server))
        return Claims()
    if not request.is_http:
        yield step(checks.NO_HTTP)
        return Claims()
    outputs = tuple(dict.fromkeys(name for item in rules for name in _outputs(item.rule)))
    if _is_preflight(request):
        yield step(checks.PREFLIGHT)
        return Claims()
    sent = [(item, found_by(item.rule, request)) for item in rules]
    tokens = [token for _, token in sent if token]
    if claims is None and not tokens:
        yield step(checks.NO_TOKEN)
        return Claims(removed_headers=outputs)
    if claims is None:
        claims = claims_of(tokens[0].text)
        if claims is None:
            yield step(checks.MALFORMED, place=tokens[0].place)
            return Failure.UNAUTHENTICATED
    looked = [item for item, token in sent if token or not tokens]
    for item in (item for item, token in sent if tokens and not token):
        yield step(checks.NOT_THERE, item.place, policy=item.name, places=places_of(item.rule))
    return (yield from _verify(looked, claims, tokens, outputs))


def _verify(
    rules: Sequence[_Rule], claims: Mapping[str, Any], tokens: Sequence[Token], outputs: tuple[str, ...]
) -> Steps[Claims | Failure]:
    """The first rule that accepts the token, or why none does."""
    issuer = str(claims.get("iss") or "nobody")
    audience = ", ".join(audiences_of(claims)) or "nobody"
    refused: _Rule | None = None
    for item in rules:
        if item.rule.issuer not in ("", issuer):
            yield step(checks.OTHER_ISSUER, item.place, policy=item.name, wanted=item.rule.issuer, seen=issuer)
        elif not is_for(claims, item.rule):
            yield step(checks.OTHER_AUDIENCE, item.place, policy=item.name, wanted=", ".join(item.rule.audiences), seen=audience)
            refused = refused or item
        else:
            yield step(checks.ACCEPTS, item.place, policy=item.name, issuer=issuer)
            if tokens:
                unknown = Unknown(kind=UnknownKind.OPAQUE, of="the token's signature and times", settled_by="the issuer's keys")
                yield step(checks.NOT_VERIFIED, item.place, unknown=unknown, place=tokens[0].place, issuer=issuer)
            else:
                yield step(checks.ACCEPTED, item.place, issuer=issuer)
            return _accepted(item, claims, tokens, outputs)
    if refused:
        yield step(checks.NO_AUDIENCE, refused.place, policy=refused.name, audience=audience)
        return Failure.FORBIDDEN_TOKEN
    yield step(checks.NO_ISSUER, rules[0].place, issuer=issuer)
    return Failure.UNAUTHENTICATED


def _accepted(item: _Rule, claims: Mapping[str, Any], tokens: Sequence[Token], outputs: tuple[str, ...]) -> Claims:
    rule = item.rule
    values = normalised(claims, rule)
    copied = {
        header.header.lower(): str(values[header.claim])
        for header in rule.output_claim_to_headers
        if isinstance(values.get(header.claim), str)
    }
    held = {token.place.removeprefix("the header ").lower() for token in tokens if token.place.startswith("the header ")}
    removed = () if rule.forward_original_token else tuple(sorted(held or {"authorization"}))
    return Claims(values=values, at=item.place, set_headers=copied, removed_headers=(*outputs, *removed))


def _rules(mesh: Mesh, server: Party, services: Sequence[Ref]) -> list[_Rule]:
    """All rules that apply, by issuer."""
    found = [
        _Rule(policy, Where(resource=policy.ref, path=f"/spec/jwtRules/{number}"), rule)
        for policy in attached(mesh, RequestAuthentication, server, services)
        for number, rule in enumerate(policy.spec.jwt_rules)
    ]
    return sorted(found, key=lambda item: item.rule.issuer)


def _outputs(rule: JWTRule) -> tuple[str, ...]:
    """The headers that a rule sets, which nobody else may."""
    names = (*(header.header for header in rule.output_claim_to_headers), rule.output_payload_to_header)
    return tuple(name.lower() for name in names if name)


def _is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and bool(request.header("origin")) and bool(request.header("access-control-request-method"))
