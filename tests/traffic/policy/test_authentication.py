"""A token has to be of an issuer, and for an audience, that one of the rules accepts; no token at all passes."""

import base64
import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.chain.steps import Status, told
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import RequestAuthentication
from kubectl_meshfix.traffic.policy.authentication import authenticate
from kubectl_meshfix.traffic.terms.attributes import Claims
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from tests.traffic.objects import make
from tests.traffic.policy.policies import CATALOG

GET = Request(scheme=Scheme.HTTP, host="catalog.shop", port=80)
ISSUER = "https://issuer.example"
CLAIMS = {"iss": ISSUER, "sub": "me", "aud": ["api"], "scope": "read write"}


def rules(*found: dict[str, Any], name: str = "tokens", **spec: Any) -> RequestAuthentication:
    """A RequestAuthentication."""
    made: RequestAuthentication = make(RequestAuthentication, name, jwtRules=list(found), **spec)
    return made


def bearer(claims: dict[str, Any]) -> str:
    """A token that nobody signed."""
    parts = ({"alg": "RS256"}, claims)
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "x"])


def outcome(*policies: RequestAuthentication, claims: dict[str, Any] | None = None, **changes: Any) -> str:
    """The failure, ``token`` where one was accepted, or ``passes``."""
    found = told(authenticate(Mesh(policies, live=True), CATALOG, msgspec.structs.replace(GET, **changes), claims)).value
    if isinstance(found, Failure):
        return found.name
    return "token" if found.values is not None else "passes"


RULE = {"issuer": ISSUER}


@pytest.mark.parametrize(
    ("policies", "claims", "wanted"),
    [
        ((), CLAIMS, "passes"),
        ((rules(RULE),), None, "passes"),
        ((rules(RULE),), CLAIMS, "token"),
        ((rules(RULE),), {**CLAIMS, "iss": "https://other.example"}, "UNAUTHENTICATED"),
        ((rules(RULE),), {"sub": "me"}, "UNAUTHENTICATED"),
        ((rules({**RULE, "audiences": ["web"]}),), CLAIMS, "FORBIDDEN_TOKEN"),
        ((rules({**RULE, "audiences": ["https://api/"]}),), CLAIMS, "token"),
        ((rules({**RULE, "audiences": ["api"]}),), {"iss": ISSUER}, "FORBIDDEN_TOKEN"),
        ((rules(RULE, selector={"matchLabels": {"app": "cart"}}),), CLAIMS, "passes"),
        ((rules({"issuer": "https://a.example"}), rules(RULE, name="b")), CLAIMS, "token"),
        ((rules({**RULE, "audiences": ["web"]}, RULE),), CLAIMS, "token"),
        ((rules({**RULE, "fromHeaders": [{"name": "x-token"}]}),), CLAIMS, "token"),
    ],
)
def test_claims_that_are_stated_are_those_of_a_valid_token(
    policies: tuple[RequestAuthentication, ...], claims: dict[str, Any] | None, wanted: str
) -> None:
    """All rules of all policies count together, and one of them has to accept the token."""
    assert outcome(*policies, claims=claims) == wanted


@pytest.mark.parametrize(
    ("rule", "changes", "wanted"),
    [
        (RULE, {"headers": (("authorization", f"Bearer {bearer(CLAIMS)}"),)}, "token"),
        (RULE, {"headers": (("authorization", f"Basic {bearer(CLAIMS)}"),)}, "passes"),
        (RULE, {"headers": (("authorization", "Bearer nonsense"),)}, "UNAUTHENTICATED"),
        (RULE, {"query": f"access_token={bearer(CLAIMS)}"}, "token"),
        ({**RULE, "fromHeaders": [{"name": "x-token"}]}, {"headers": (("authorization", f"Bearer {bearer(CLAIMS)}"),)}, "passes"),
        ({**RULE, "fromHeaders": [{"name": "X-Token", "prefix": "jwt "}]}, {"headers": (("x-token", f"jwt {bearer(CLAIMS)}"),)}, "token"),
        ({**RULE, "fromCookies": ["session"]}, {"headers": (("cookie", f"a=b; session={bearer(CLAIMS)}"),)}, "token"),
        ({**RULE, "fromParams": ["t"], "fromCookies": ["c"]},
         {"query": f"t={bearer(CLAIMS)}", "headers": (("cookie", f"c={bearer({'iss': 'x'})}"),)}, "UNAUTHENTICATED"),
        ({**RULE, "fromHeaders": [{"name": "x-token"}]}, {"headers": (("x-token", f"jwt={bearer(CLAIMS)}"),)}, "UNAUTHENTICATED"),
        ({**RULE, "fromParams": ["t"]}, {"query": f"t={bearer({'iss': 'x'})}"}, "UNAUTHENTICATED"),
        (RULE, {"headers": (("authorization", "Bearer x"), ("origin", "o"), ("access-control-request-method", "GET")), "method": "OPTIONS"},
         "passes"),
    ],
)  # fmt: skip
def test_tokens_are_found_where_the_rule_looks(rule: dict[str, Any], changes: dict[str, Any], wanted: str) -> None:
    """A token elsewhere, or without its prefix, is no token; CORS preflights are not looked at."""
    assert outcome(rules(rule), **changes) == wanted


def test_a_token_in_the_request_is_not_verified() -> None:
    """Nobody here has the issuer's keys: the step says so."""
    request = msgspec.structs.replace(GET, headers=(("authorization", f"Bearer {bearer(CLAIMS)}"),))
    found = told(authenticate(Mesh((rules(RULE),), live=True), CATALOG, request))

    assert [sentence(step) for step in found.steps if step.status is Status.UNKNOWN] == [
        f"The token in the header Authorization is of {ISSUER}; its signature and times are not checked, and it is taken as valid."
    ]


def test_headers_of_claims_are_set_and_nobody_else_may_set_them() -> None:
    """The server sees the claims that a rule copies; the token goes, unless it is to be kept."""
    made = rules({**RULE, "outputClaimToHeaders": [{"header": "X-Sub", "claim": "sub"}], "outputPayloadToHeader": "x-jwt"})
    found = told(authenticate(Mesh((made,), live=True), CATALOG, GET, CLAIMS)).value

    assert isinstance(found, Claims)
    assert found.set_headers == {"x-sub": "me"}
    assert found.removed_headers == ("x-sub", "x-jwt", "authorization")
    assert found.values
    assert found.values["scope"] == ["read", "write"]
    assert told(authenticate(Mesh((made,), live=True), CATALOG, GET)).value == Claims(removed_headers=("x-sub", "x-jwt"))


def test_rules_that_look_elsewhere_are_told() -> None:
    """A token in a header of one rule does not concern the other."""
    request = msgspec.structs.replace(GET, headers=(("authorization", f"Bearer {bearer(CLAIMS)}"),))
    mesh = Mesh((rules(RULE, {"issuer": "https://a.example", "fromHeaders": [{"name": "x-token"}]}),), live=True)
    found = told(authenticate(mesh, CATALOG, request))

    assert [sentence(step) for step in found.steps if step.status is Status.SKIPPED] == [
        "RequestAuthentication shop/tokens looks for tokens elsewhere: header x-token."
    ]


def test_rules_that_may_not_be_read_are_told() -> None:
    """Whether tokens are looked at is not known then."""
    coverage = {kinds.REQUEST_AUTHENTICATION: Coverage(reason="forbidden")}
    found = told(authenticate(Mesh((), live=True, coverage=coverage), CATALOG, GET))

    assert found.steps[0].status is Status.UNKNOWN
