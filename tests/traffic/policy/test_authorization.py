"""Who may call whom is what Envoy makes of the policies: every field with a meaning of its own."""

from itertools import product
from typing import Any

import pytest

from kubectl_meshfix.chain.steps import Status, answer
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.traffic.policy.authorization import authorize
from tests.traffic.objects import mesh_config
from tests.traffic.policy.policies import CART, CATALOG, GET, operation, policy, sentences, source, verdict, ways, when


@pytest.mark.parametrize(
    ("policies", "wanted"),
    [
        ((), "allowed"),
        ((policy("nothing"),), "NOT_ALLOWED none"),
        ((policy("nothing"), policy("all", "ALLOW", {})), "allowed"),
        ((policy("all", "ALLOW", {}), policy("none", "DENY", {})), "DENIED ns[shop]-policy[none]-rule[0]"),
        ((policy("none", "DENY"),), "allowed"),
        ((policy("none", "DENY", {}, dry_run="true"),), "allowed"),
        ((policy("nothing", dry_run="1"),), "allowed"),
        ((policy("nothing", dry_run="yes"),), "NOT_ALLOWED none"),
        ((policy("log", "AUDIT", {}),), "allowed"),
        ((policy("b", "DENY", {}), policy("a", "DENY", {})), "DENIED ns[shop]-policy[a]-rule[0]"),
        ((policy("root", "DENY", {}, namespace="istio-system"),), "DENIED ns[istio-system]-policy[root]-rule[0]"),
        ((policy("other", "DENY", {}, namespace="bank"),), "allowed"),
        ((policy("odd", "BLOCK", {}),), "allowed"),
    ],
)
def test_deny_is_asked_before_allow(policies: tuple[Any, ...], wanted: str) -> None:
    """One DENY rule that matches denies; else an ALLOW policy makes all others need one that matches; dry runs and audits do nothing."""
    assert verdict(*policies) == wanted


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (source(principals=[CART]), True),
        (source(principals=["*/sa/cart"]), True),
        (source(principals=["cluster.local/ns/shop/*"]), True),
        (source(principals=["*"]), True),
        (source(principals=["cluster.local/*/sa/cart"]), False),
        (source(principals=["spiffe://" + CART]), False),
        (source(notPrincipals=[CART]), False),
        (source(notPrincipals=["*/sa/pay"]), True),
        (source(namespaces=["shop"]), True),
        (source(namespaces=["s*p"]), True),
        (source(namespaces=["Shop"]), False),
        (source(namespaces=["sho"]), False),
        (source(serviceAccounts=["cart"]), True),
        (source(serviceAccounts=["shop/cart"]), True),
        (source(serviceAccounts=["bank/cart"]), False),
        (source(serviceAccounts=["car"]), False),
        (source(serviceAccounts=["car*"]), False),
        (source(trustDomains=["cluster.local"]), True),
        (source(trustDomains=["*.local"]), True),
        (source(trustDomains=["cluster"]), False),
        (source(ipBlocks=["10.1.0.0/16"]), True),
        (source(ipBlocks=["10.1.2.3"]), True),
        (source(ipBlocks=["10.2.0.0/16"]), False),
        (source(notIpBlocks=["10.1.0.0/16"]), False),
        (source(remoteIpBlocks=["10.1.2.0/24"]), True),
        (source(principals=[CART], namespaces=["bank"]), False),
        (operation(hosts=["catalog.shop"]), True),
        (operation(hosts=["CATALOG.shop"]), True),
        (operation(hosts=["catalog.shop:*"]), False),
        (operation(hosts=["catalog*"]), True),
        (operation(methods=["GET"]), True),
        (operation(methods=["get"]), False),
        (operation(methods=["*"]), True),
        (operation(notMethods=["POST"]), True),
        (operation(ports=["8080"]), True),
        (operation(ports=["80"]), False),
        (operation(notPorts=["8080"]), False),
        (when("destination.ip", "10.9.0.0/16"), True),
        (when("destination.port", "8080"), True),
        (when("source.namespace", "shop"), True),
        (when("source.principal", "shop"), False),
        (when("connection.sni", "*"), False),
        (when("source.ip", notValues=["10.1.2.3"]), False),
        (when("no.such.key", "x"), False),
        ({**source(principals=[CART]), **operation(methods=["POST"])}, False),
        ({"from": [{"source": {"namespaces": ["bank"]}}, {"source": {"namespaces": ["shop"]}}]}, True),
    ],
)
def test_every_field_is_compared_in_its_own_way(rule: dict[str, Any], wanted: bool) -> None:
    """An ALLOW rule of one field admits the cart exactly where Envoy's matcher does."""
    assert (verdict(policy("only", "ALLOW", rule)) == "allowed") is wanted


@pytest.mark.parametrize(
    ("pattern", "path", "wanted"),
    [
        ("/admin", "/admin", True),
        ("/admin", "/admin/", False),
        ("/admin", "/Admin", False),
        ("/admin*", "/administrator", True),
        ("*.css", "/a/b.css", True),
        ("*", "/", True),
        ("/items/{*}", "/items/7", True),
        ("/items/{*}", "/items/7/8", False),
        ("/items/{*}", "/items/", False),
        ("/items/{*}/price", "/items/7/price", True),
        ("/items/{**}", "/items/7/8", True),
        ("/items/{**}", "/items/", True),
        ("/items/{**}", "/items", False),
        ("/items/{**}/price", "/items/7/8/price", True),
        ("/*/price", "/7/price", False),
        ("/items/{*}", "/items/*", True),
    ],
)
def test_paths_are_texts_or_templates(pattern: str, path: str, wanted: bool) -> None:
    """A star counts at the ends alone, and segments are matched by templates."""
    assert (verdict(policy("only", "ALLOW", operation(paths=[pattern])), path=path) == "allowed") is wanted


@pytest.mark.parametrize(
    ("rule", "claims", "wanted"),
    [
        (source(requestPrincipals=["*"]), {"iss": "https://issuer.example", "sub": "me"}, True),
        (source(requestPrincipals=["*"]), {"iss": "https://issuer.example"}, False),
        (source(requestPrincipals=["*"]), None, False),
        (source(requestPrincipals=["https://issuer.example/me"]), {"iss": "https://issuer.example", "sub": "me"}, True),
        (source(requestPrincipals=["https://issuer.example/*"]), {"iss": "https://issuer.example", "sub": "me"}, True),
        (source(requestPrincipals=["https://*"]), {"iss": "https:/", "sub": "me"}, True),
        (source(requestPrincipals=["*/me"]), {"iss": "x", "sub": "me"}, True),
        (source(requestPrincipals=["*.example/me"]), {"iss": "https://issuer.example", "sub": "me"}, True),
        (source(requestPrincipals=["*me"]), {"iss": "x", "sub": "some"}, True),
        (source(notRequestPrincipals=["*"]), None, True),
        (when("request.auth.audiences", "api"), {"aud": ["web", "api"]}, True),
        (when("request.auth.audiences", "ap*"), {"aud": "api"}, True),
        (when("request.auth.presenter", "app"), {"azp": "app"}, True),
        (when("request.auth.claims[groups]", "staff"), {"groups": ["staff"]}, True),
        (when("request.auth.claims[realm][roles]", "admin"), {"realm": {"roles": ["admin"]}}, True),
        (when("request.auth.claims[realm.roles]", "admin"), {"realm": {"roles": ["admin"]}}, False),
        (when("request.auth.claims[level]", "7"), {"level": 7}, False),
        (when("request.auth.claims[level]", notValues=["7"]), None, True),
    ],
)
def test_tokens_are_read_by_their_claims(rule: dict[str, Any], claims: dict[str, Any] | None, wanted: bool) -> None:
    """Issuer and subject go together, and a claim is a text or a list of texts."""
    assert (verdict(policy("only", "ALLOW", rule), claims=claims) == "allowed") is wanted


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("request.headers[X-User]", "anna", True),
        ("request.headers[x-user]", "an*", True),
        ("request.headers[x-user]", "Anna", False),
        ("request.headers[x-user]", "*", True),
        ("request.headers[x-other]", "*", False),
        ("request.headers[x-two]", "*", True),
        ("request.headers[x-two]", "c", False),
        ("request.headers[:authority]", "catalog.shop", True),
        ("request.headersx-user", "anna", False),
    ],
)
def test_headers_are_compared_by_their_values(key: str, value: str, wanted: bool) -> None:
    """The name of a header has no case, its value has."""
    headers = (("x-user", "anna"), ("x-two", "a"), ("x-two", "b"))

    assert (verdict(policy("only", "ALLOW", when(key, value)), headers=headers) == "allowed") is wanted


def test_versions_differ_on_headers_that_are_sent_twice() -> None:
    """Newer proxies compare each of the values, older ones all of them as one text."""
    headers = (("x-two", "a"), ("x-two", "b"))

    assert verdict(policy("only", "ALLOW", when("request.headers[x-two]", "a*")), headers=headers) == "allowed"
    assert verdict(policy("only", "ALLOW", when("request.headers[x-two]", "a,b")), headers=headers) == "?"
    assert verdict(policy("only", "ALLOW", when("request.headers[x-two]", "a")), headers=headers) == "?"


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (policy("a", "ALLOW", source(principals=[CART])), "NOT_ALLOWED none"),
        (policy("a", "ALLOW", source(principals=["*"])), "NOT_ALLOWED none"),
        (policy("a", "DENY", source(principals=["*"])), "allowed"),
        (policy("a", "DENY", source(notNamespaces=["shop"])), "DENIED ns[shop]-policy[a]-rule[0]"),
        (policy("a", "DENY", source(notPrincipals=["*"])), "DENIED ns[shop]-policy[a]-rule[0]"),
        (policy("a", "ALLOW", source(notNamespaces=["bank"])), "allowed"),
        (policy("a", "DENY", source(notServiceAccounts=["shop/cart"])), "DENIED ns[shop]-policy[a]-rule[0]"),
    ],
)
def test_plain_text_has_no_identity(made: Any, wanted: str) -> None:
    """Without a certificate no positive condition about an identity holds, and every negative one does."""
    assert verdict(made, identity="") == wanted


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (policy("a", "ALLOW", operation(methods=["GET"])), "NOT_ALLOWED none"),
        (
            policy("a", "ALLOW", {"from": [{"source": {"principals": [CART]}}, {"source": {"requestPrincipals": ["*"]}}]}),
            "NOT_ALLOWED none",
        ),
        (policy("a", "ALLOW", source(principals=[CART])), "allowed"),
        (policy("a", "DENY", operation(methods=["POST"])), "DENIED ns[shop]-policy[a]-rule[0]"),
        (policy("a", "DENY", operation(methods=["POST"], ports=["70"])), "allowed"),
        (policy("a", "DENY", operation(methods=["POST"], ports=["8080"])), "DENIED ns[shop]-policy[a]-rule[0]"),
        (policy("a", "DENY", source(notRequestPrincipals=["*"])), "DENIED ns[shop]-policy[a]-rule[0]"),
        (policy("a", "DENY", when("request.headers[x]", "y")), "DENIED ns[shop]-policy[a]-rule[0]"),
        (policy("a", "ALLOW", source(remoteIpBlocks=["10.0.0.0/8"])), "allowed"),
    ],
)
def test_http_fields_cannot_be_evaluated_on_tcp(made: Any, wanted: str) -> None:
    """On a TCP chain an ALLOW rule with a field of HTTP is dropped whole, and a DENY rule loses the field and denies more."""
    assert verdict(made, is_http=False) == wanted


def test_values_that_cannot_be_read_go_the_same_way() -> None:
    """An address that is none drops an ALLOW rule, and of a DENY rule the value alone."""
    assert verdict(policy("a", "ALLOW", source(ipBlocks=["10.0.0.0/8", "many"]))) == "NOT_ALLOWED none"
    assert verdict(policy("a", "DENY", source(ipBlocks=["many"]))) == "DENIED ns[shop]-policy[a]-rule[0]"
    assert verdict(policy("a", "DENY", source(ipBlocks=["172.16.0.1", "many"]))) == "allowed"


def test_trust_domain_aliases_stand_for_each_other() -> None:
    """A principal of the mesh's trust domain, of an alias, or of cluster.local means all of them; another one means itself."""
    config = mesh_config("trustDomain: td1\ntrustDomainAliases: [td2]\n")
    for written in ("td1", "td2", "cluster.local", "*1"):
        made = policy("a", "ALLOW", source(principals=[f"{written}/ns/shop/sa/cart"]))
        assert verdict(config, made, identity="td2/ns/shop/sa/cart") == "allowed", written
    other = policy("a", "ALLOW", source(principals=["td3/ns/shop/sa/cart"]))
    assert verdict(config, other, identity="td2/ns/shop/sa/cart") == "NOT_ALLOWED none"
    assert verdict(config, other, identity="td3/ns/shop/sa/cart") == "allowed"
    assert verdict(config, policy("a", "ALLOW", source(trustDomains=["td1"])), identity="td2/ns/x/sa/y") == "allowed"


def test_what_is_not_known_makes_two_ways() -> None:
    """An address that nobody said leaves both ways open, unless something else decides."""
    inside = source(ipBlocks=["10.0.0.0/8"])
    found = ways(policy("a", "ALLOW", inside), source_ip="").value
    assert [(way.value.is_allowed, [given.is_so for given in way.given]) for way in found] == [(True, [True]), (False, [False])]

    found = ways(policy("a", "DENY", inside), policy("b", "DENY", inside), source_ip="").value
    assert [(way.value.is_allowed, [given.is_so for given in way.given]) for way in found] == [
        (False, [True]), (False, [False, True]), (True, [False, False]),
    ]  # fmt: skip
    assert verdict(policy("a", "ALLOW", inside, {}), source_ip="") == "allowed"
    assert verdict(policy("a", "ALLOW", {**inside, **operation(methods=["POST"])}), source_ip="") == "NOT_ALLOWED none"
    assert verdict(policy("a", "DENY", inside), policy("b", "DENY", {}), source_ip="") == "?"
    assert verdict(policy("a", "ALLOW", when("experimental.envoy.filters.x[y]", "z"))) == "?"
    unknown = Unknown(kind=UnknownKind.RUNTIME, of="the identity", settled_by="x")
    assert verdict(policy("a", "DENY", source(notPrincipals=["*"])), identity=unknown) == "?"


def test_whatever_is_not_known_leads_to_one_way() -> None:
    """Any answers to the open questions fit exactly one of the ways, and the parts of each are whole."""
    blocks = ["10.0.0.0/8"], ["172.16.0.0/12"], ["192.168.0.0/16"]
    denying = (policy(f"deny-{i}", "DENY", source(ipBlocks=block)) for i, block in enumerate(blocks))
    allowing = (policy(f"allow-{i}", "ALLOW", source(ipBlocks=block)) for i, block in enumerate(blocks))
    found = ways(*denying, *allowing, source_ip="").value
    questions = sorted({str(given.unknown.of) for way in found for given in way.given})

    assert len(questions) == 6
    assert len(found) == 7
    assert {way.share for way in found} == {1}
    for answers in product((True, False), repeat=len(questions)):
        told = dict(zip(questions, answers, strict=True))
        fitting = [way for way in found if all(told[str(given.unknown.of)] is given.is_so for given in way.given)]
        assert len(fitting) == 1


def test_policies_that_may_not_be_read_may_decide_otherwise() -> None:
    """On a cluster that refuses to list policies nothing is sure but what a policy that was read denies."""
    coverage = {kinds.AUTHORIZATION_POLICY: Coverage(namespaces=frozenset({"istio-system"}))}
    found = answer(authorize(Mesh((), live=True, coverage=coverage), CATALOG, GET))
    assert [way.value.is_allowed for way in found] == [True, False]

    denied = Mesh((policy("a", "DENY", {}, namespace="istio-system"),), live=True, coverage=coverage)
    assert [way.value.is_allowed for way in answer(authorize(denied, CATALOG, GET))] == [False]


def test_a_refusal_says_for_every_rule_which_field_failed() -> None:
    """Where nothing allows a request, each ALLOW rule tells its first field that failed; the nearest rule is the reason."""
    first = {**source(principals=["cluster.local/ns/shop/sa/web"]), **operation(methods=["GET"])}
    second = {**source(principals=[CART]), **operation(paths=["/items"])}
    made = policy("callers", "ALLOW", first, second)

    assert sentences(made, status=Status.SKIPPED) == [
        f"AuthorizationPolicy shop/callers rules[0] wants principals cluster.local/ns/shop/sa/web; the request has {CART}.",
        "AuthorizationPolicy shop/callers rules[1] wants paths /items; the request has /.",
    ]
    assert sentences(made, status=Status.FAIL) == [
        "No ALLOW policy allows it. AuthorizationPolicy shop/callers rules[1] wants paths /items; the request has /."
    ]
    refused = ways(made).value[0].value
    assert refused.at
    assert (str(refused.at.resource), refused.at.path) == ("AuthorizationPolicy shop/callers", "/spec/rules/1/to/0/operation/paths")


def test_alternatives_of_a_rule_are_told_together() -> None:
    """Several sources that fail by the same field want one of all of them."""
    made = policy("a", "ALLOW", {"from": [{"source": {"namespaces": ["bank"]}}, {"source": {"namespaces": ["web"]}}]})

    what = "namespaces bank or web; the request has no identity, because it is plain text"
    assert sentences(made, status=Status.SKIPPED, identity="") == [f"AuthorizationPolicy shop/a rules[0] wants {what}."]


@pytest.mark.parametrize(
    ("rules", "nearest"),
    [
        ((source(principals=["x"]), source(principals=["y"])), 0),
        ((source(principals=["x"]), operation(methods=["POST"])), 1),
        (({**source(principals=["x"]), **operation(methods=["GET"])}, {**source(principals=[CART]), **operation(methods=["POST"])}), 1),
        (({**source(principals=[CART]), **operation(methods=["POST"])}, source(principals=["x"])), 0),
        (({**source(principals=[CART]), **operation(paths=["/"]), **when("source.ip", "1.1.1.1")}, source(principals=["x"])), 0),
        ((source(principals=["x"]), {**source(principals=[CART]), **operation(paths=["/"]), **when("source.ip", "1.1.1.1")}), 1),
    ],
)
def test_a_refusal_names_the_rule_that_came_nearest(rules: tuple[dict[str, Any], ...], nearest: int) -> None:
    """The one of whose parts most hold; of several the first."""
    last = ways(policy("some", "ALLOW", *rules)).steps[-1]

    assert last.at
    assert f"/spec/rules/{nearest}" in last.at.path


def test_an_empty_policy_is_never_nearest() -> None:
    """What allows nothing explains a refusal only where no rule does."""
    last = ways(policy("a"), policy("b", "ALLOW", source(principals=["x"]))).steps[-1]
    alone = ways(policy("a")).steps[-1]

    assert (last.at and last.at.resource.name, alone.at and alone.at.resource.name) == ("b", "a")
