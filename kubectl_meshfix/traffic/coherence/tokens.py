"""Tokens that policies ask for and nobody checks, and tokens that are checked and nobody asks for."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, RequestAuthentication
from kubectl_meshfix.traffic.coherence.enforcers import enforcers
from kubectl_meshfix.traffic.policy.attached import attached, unread
from kubectl_meshfix.traffic.policy.evaluation import conditions as names
from kubectl_meshfix.traffic.policy.evaluation.conditions import Condition, terms_of
from kubectl_meshfix.traffic.policy.evaluation.layers import CUSTOM
from kubectl_meshfix.traffic.terms.parties import Party

OF_TOKENS = (names.REQUESTER, names.AUDIENCES, names.PRESENTER, names.CLAIM)
"""What begins the names of what policies ask about tokens."""


class Unchecked(msgspec.Struct, frozen=True):
    """What a policy asks about tokens, and one of the proxies that enforce it, none of which checks any."""

    policy: AuthorizationPolicy
    condition: Condition
    party: Party


def unchecked(mesh: Mesh) -> Iterator[Unchecked]:
    """Each condition about tokens for whose pods there is no RequestAuthentication; the principal is that of the proxy that checks."""
    for policy in mesh.all(AuthorizationPolicy):
        asked = list(_about_tokens(policy))
        behind = enforcers(mesh, policy) if asked else ()
        if not behind or any(_checks_tokens(mesh, party) for party in behind):
            continue
        for condition in asked:
            yield Unchecked(policy, condition, behind[0])


def undemanded(mesh: Mesh) -> Iterator[tuple[RequestAuthentication, Party]]:
    """Each RequestAuthentication with rules of whose pods no policy asks for a token, and no external authorizer may; one of the pods."""
    if any(_routes_by_claims(item) for item in mesh.all(VirtualService)):
        return
    for policy in mesh.all(RequestAuthentication):
        behind = enforcers(mesh, policy) if policy.spec.jwt_rules else ()
        if behind and not any(_demands_token(mesh, party) for party in behind):
            yield policy, behind[0]


def _about_tokens(policy: AuthorizationPolicy) -> Iterator[Condition]:
    for index, rule in enumerate(policy.spec.rules):
        terms = terms_of(rule, index)
        yield from (item for item in (terms.conditions if terms else ()) if item.attribute.startswith(OF_TOKENS))


def _checks_tokens(mesh: Mesh, party: Party) -> bool:
    """Whether a proxy checks tokens, or may: by a policy that could not be read."""
    found = attached(mesh, RequestAuthentication, party)
    return any(policy.spec.jwt_rules for policy in found) or bool(unread(mesh, kinds.REQUEST_AUTHENTICATION, party))


def _demands_token(mesh: Mesh, party: Party) -> bool:
    """Whether some policy of a proxy asks about tokens, or may."""
    found = attached(mesh, AuthorizationPolicy, party)
    is_asked = any(policy.spec.action == CUSTOM or any(True for _ in _about_tokens(policy)) for policy in found)
    return is_asked or bool(unread(mesh, kinds.AUTHORIZATION_POLICY, party))


def _routes_by_claims(virtual_service: VirtualService) -> bool:
    """Whether a route asks about claims of tokens (`pilot/pkg/networking/core/route/route.go`)."""
    matches = (match for route in virtual_service.spec.http for match in route.match)
    return any(name.startswith("@request.auth.claims") for match in matches for name in (*match.headers, *match.without_headers))
