"""RequestAuthentications: whether a request's token is accepted, and what it then says (`pilot/pkg/security/authn/policy_applier.go`).

All that apply count together. A request without a token passes: only an AuthorizationPolicy can ask for one. Nothing here knows keys or
times: claims that somebody states are those of a valid token.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from kubectl_meshfix.chain.steps import Step, Steps, Where, step
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


class _Rule(msgspec.Struct, frozen=True):
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
    if claims is None and not any(tokens for _, tokens in sent):
        yield step(checks.NO_TOKEN)
        return Claims(removed_headers=outputs)
    return (yield from _verify(sent, claims, outputs))


def _verify(
    sent: Sequence[tuple[_Rule, tuple[Token, ...]]], stated: Mapping[str, Any] | None, outputs: tuple[str, ...]
) -> Steps[Claims | Failure]:
    """The first rule that accepts all tokens it finds, or why none does. Where none finds any, the claims are of one that all find."""
    are_found = any(tokens for _, tokens in sent)
    refusal: _Refusal | None = None
    for item, tokens in sent:
        if are_found and not tokens:
            yield step(checks.NOT_THERE, item.place, policy=item.name, places=places_of(item.rule))
            continue
        read = [stated] if stated is not None else [claims_of(token.text) for token in tokens]
        found = next(filter(None, (_refused(item, claims, tokens) for claims in read)), None)
        if found is None and read[-1] is not None:
            return (yield from _accept(item, read[-1], tokens, outputs, is_stated=stated is not None))
        if found:
            yield from filter(None, (found.told,))
            is_nearer = refusal is None or (found.failure, refusal.failure) == (Failure.FORBIDDEN_TOKEN, Failure.UNAUTHENTICATED)
            refusal = found if is_nearer else refusal
    if refusal:
        yield refusal.verdict
    return refusal.failure if refusal else Failure.UNAUTHENTICATED


class _Refusal(msgspec.Struct, frozen=True):
    """Why a rule does not accept a token: the rule's own step, the verdict's, and what the caller gets."""

    told: Step | None
    verdict: Step
    failure: Failure


def _refused(item: _Rule, claims: Mapping[str, Any] | None, tokens: Sequence[Token]) -> _Refusal | None:
    """Why a rule does not accept a token with some claims, None for what is no token; None where it does."""
    rule, at = item.rule, item.place
    if claims is None:
        return _Refusal(None, step(checks.MALFORMED, at, place=tokens[0].place), Failure.UNAUTHENTICATED)
    issuer, audience = _issuer(claims), ", ".join(audiences_of(claims)) or "nobody"
    if rule.issuer not in ("", issuer):
        told = step(checks.OTHER_ISSUER, at, policy=item.name, wanted=rule.issuer, seen=issuer)
        return _Refusal(told, step(checks.NO_ISSUER, at, issuer=issuer), Failure.UNAUTHENTICATED)
    if not is_for(claims, rule):
        told = step(checks.OTHER_AUDIENCE, at, policy=item.name, wanted=", ".join(rule.audiences), seen=audience)
        return _Refusal(told, step(checks.NO_AUDIENCE, at, policy=item.name, audience=audience), Failure.FORBIDDEN_TOKEN)
    return None


def _accept(item: _Rule, claims: Mapping[str, Any], tokens: Sequence[Token], outputs: tuple[str, ...], *, is_stated: bool) -> Steps[Claims]:
    rule, issuer = item.rule, _issuer(claims)
    yield step(checks.ACCEPTS, item.place, policy=item.name, issuer=issuer)
    if is_stated:
        yield step(checks.ACCEPTED, item.place, issuer=issuer)
    else:
        unknown = Unknown(kind=UnknownKind.OPAQUE, of="the token's signature and times", settled_by="the issuer's keys")
        yield step(checks.NOT_VERIFIED, item.place, unknown=unknown, place=tokens[-1].place, issuer=issuer)
    values = normalised(claims, rule)
    copied = {
        header.header.lower(): str(values[header.claim])
        for header in rule.output_claim_to_headers
        if isinstance(values.get(header.claim), str)
    }
    held = tuple(token.header for token in tokens if token.header) if tokens else ("authorization",)
    return Claims(
        values=values, at=item.place, set_headers=copied, removed_headers=(*outputs, *(() if rule.forward_original_token else held))
    )


def _issuer(claims: Mapping[str, Any]) -> str:
    return str(claims.get("iss") or "nobody")


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
