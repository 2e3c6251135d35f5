"""What istiod's webhook refuses in a RequestAuthentication, and what it warns of."""

import json

import pytest

from kubectl_meshfix.validation.security.request_authentication import violations
from tests.validation.cases import GONE, Case, assert_case, changed, found

GOOD = {
    "metadata": {"name": "cart", "namespace": "shop"},
    "spec": {
        "selector": {"matchLabels": {"app": "cart"}},
        "jwtRules": [
            {
                "issuer": "https://id.example.com",
                "jwksUri": "https://id.example.com/keys",
                "audiences": ["cart"],
                "fromHeaders": [{"name": "x-token", "prefix": "Bearer "}],
                "fromParams": ["token"],
                "fromCookies": ["token"],
                "outputClaimToHeaders": [{"header": "x-user", "claim": "sub"}],
                "timeout": "5s",
            }
        ],
    },
}
RULE = "/spec/jwtRules/0"
URI, KEYS, OUTPUT = f"{RULE}/jwksUri", f"{RULE}/jwks", f"{RULE}/outputClaimToHeaders/0"
PUBLIC = {"kty": "RSA", "n": "AQAB", "e": "AQAB"}


def keys(*written: object) -> dict[str, object]:
    """A rule with keys in place of their address."""
    return {URI: GONE, KEYS: json.dumps({"keys": list(written)})}


CASES = [
    Case("a rule has an issuer or an address", {URI: GONE, f"{RULE}/issuer": ""}, RULE, {f"{RULE}/issuer": GONE}),
    Case("an address is a URL", {URI: "https://id example/"}, URI, {URI: "HTTP://[::1]:8080/a b?%zz"}),
    Case("an address has a scheme", {URI: "id.example.com/keys"}, URI, {URI: "http://id"}),
    Case("its scheme is HTTP's", {URI: "file:///keys"}, URI),
    Case("its port is a number", {URI: "https://id:http/"}, URI, {URI: "https://u:p@id:"}),
    Case("its port is not too large", {URI: f"https://id:{2**63}/"}, URI, {URI: f"https://id:{2**63 - 1}/"}),
    Case("its escapes are right", {URI: "https://id/%zz"}, URI, {URI: "https://id/%41"}),
    Case("the old name of the address is read", {URI: GONE, f"{RULE}/jwks_uri": "id"}, f"{RULE}/jwks_uri"),
    Case("keys are JSON", {URI: GONE, KEYS: "https://id"}, KEYS, {URI: GONE, KEYS: json.dumps(PUBLIC)}),
    Case("keys are a map", {URI: GONE, KEYS: "[]"}, KEYS, keys()),
    Case("keys are a list", {URI: GONE, KEYS: '{"keys": {}}'}, KEYS),
    Case("a key has a type", keys({"e": "AQAB"}), KEYS, keys(PUBLIC)),
    Case("a type is known", keys({**PUBLIC, "kty": "rsa"}), KEYS),
    Case("a key has what it needs", keys({"kty": "RSA", "n": "AQAB"}), KEYS),
    Case("a curve is needed", keys({"kty": "EC", "x": "AQAB", "y": "AQAB"}), KEYS, keys({"kty": "OKP", "crv": "a", "x": "AQAB"})),
    Case("a key is base64", keys({**PUBLIC, "n": "A*"}), KEYS, keys({**PUBLIC, "n": "AA+/Ag==", "x": "*"})),
    Case("a key is base64 of one kind", keys({**PUBLIC, "n": "A+-A"}), KEYS, keys({**PUBLIC, "n": "A_-"})),
    Case("a key is filled up or not", keys({**PUBLIC, "n": "AQ="}), KEYS, keys({**PUBLIC, "n": "AQ=="})),
    Case("a name of a key is a text", keys({**PUBLIC, "kid": 5}), KEYS, keys({**PUBLIC, "kid": None})),
    Case("what a key is for is a list", keys({**PUBLIC, "key_ops": "verify"}), KEYS, keys({**PUBLIC, "key_ops": ["verify"]})),
    Case("a private key is warned of", keys({**PUBLIC, "d": "AQAB"}), KEYS, keys(PUBLIC), is_warning=True),
    Case("a shared key is warned of", keys({"kty": "oct", "k": "AQAB"}), KEYS, is_warning=True),
    *(
        Case(f"{name} has no empty value", {f"{RULE}/{name}": ["a", ""]}, f"{RULE}/{name}/1", {f"{RULE}/{name}": []})
        for name in ("audiences", "fromParams", "fromCookies")
    ),
    Case("a header has a name", {f"{RULE}/fromHeaders/0/name": ""}, f"{RULE}/fromHeaders/0", {f"{RULE}/fromHeaders/0/prefix": ""}),
    Case("a claim goes to a header", {f"{OUTPUT}/header": ""}, OUTPUT),
    Case("a header takes a claim", {f"{OUTPUT}/claim": GONE}, OUTPUT),
    Case("a header's name is plain", {f"{OUTPUT}/header": "x.user"}, f"{OUTPUT}/header", {f"{OUTPUT}/header": "x_User-1"}),
    Case("a timeout is 1ms at least", {f"{RULE}/timeout": "0.5ms"}, f"{RULE}/timeout", {f"{RULE}/timeout": "1ms"}),
    Case("a selector and a target exclude each other", {"/spec/targetRef": {"kind": "Service", "name": "a"}}, "/spec"),
    Case("a selector without labels is warned of", {"/spec/selector": {}}, "/spec/selector", is_warning=True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)


def test_no_secret_is_repeated() -> None:
    """Neither keys nor addresses, which may hold a password, stand in what is said."""
    for written in (keys({**PUBLIC, "d": "c2VjcmV0"}), keys({"kty": "oct", "k": "c2VjcmV0*"}), {URI: "https://u:c2VjcmV0@id:x"}):
        said = found(violations, changed(GOOD, written))
        assert said
        assert not any("c2VjcmV0" in violation.says + violation.effect for violation in said)
