"""HTTPRoutes and GRPCRoutes become rules as istiod makes them, for Services and for Gateways."""

from typing import Any

import pytest

from kubectl_meshfix.chain.steps import answer, told
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.gateway_api import GRPCRoute, HTTPRoute
from kubectl_meshfix.traffic.client.view import look
from kubectl_meshfix.traffic.route.choosing import choose
from kubectl_meshfix.traffic.route.http_routes import route_rules, told_route_rules
from kubectl_meshfix.traffic.route.matching.conditions import matches
from kubectl_meshfix.traffic.route.rewriting import answers_preflight, sent
from kubectl_meshfix.traffic.route.translating.called import Called
from kubectl_meshfix.traffic.terms.listeners import Passthrough
from kubectl_meshfix.traffic.terms.request import Scheme
from kubectl_meshfix.traffic.terms.routes import DirectResponse, Forward, Redirect, Rule
from tests.traffic.objects import make, service
from tests.traffic.route.scenes import CATALOG, caller, end_of, ends, get, mesh, said

BACKEND = {"name": "catalog", "port": 80}
OWN = "catalog.shop.svc.cluster.local:80"


def http(*rules: dict[str, Any], name: str = "route", namespace: str = "shop", **spec: Any) -> HTTPRoute:
    """An HTTPRoute."""
    made: HTTPRoute = make(HTTPRoute, name, namespace, rules=list(rules), **spec)
    return made


def grpc(*rules: dict[str, Any], name: str = "route") -> GRPCRoute:
    """A GRPCRoute."""
    made: GRPCRoute = make(GRPCRoute, name, rules=list(rules))
    return made


def rules_of(*routes: HTTPRoute | GRPCRoute, called: Called | None = None) -> tuple[Rule, ...]:
    """The rules of routes beside a Service."""
    return route_rules(Mesh([service("catalog"), *routes]), routes, called or Called(port=80))


def to(host: str) -> dict[str, Any]:
    """A rule that answers with a redirect to a host, which tells it from others."""
    return {"filters": [{"type": "RequestRedirect", "requestRedirect": {"hostname": host}}]}


def taken(rules: tuple[Rule, ...], path: str, **rest: Any) -> str | None:
    """The host to which a request is redirected."""
    (chosen,) = answer(choose(rules, get(path=path, **rest)))
    action = chosen.value.action if chosen.value else None
    return action.authority if isinstance(action, Redirect) else None


@pytest.mark.parametrize(
    ("match", "path", "so"),
    [
        ({"path": {"type": "PathPrefix", "value": "/a"}}, "/a/b", True),
        ({"path": {"type": "PathPrefix", "value": "/a"}}, "/ab", False),
        ({"path": {"type": "PathPrefix", "value": "/a/"}}, "/a", True),
        ({"path": {"value": "/a"}}, "/a", True),
        ({"path": {"type": "Exact", "value": "/a"}}, "/a/", False),
        ({"path": {"type": "RegularExpression", "value": "/a.*"}}, "/ab", True),
        ({}, "/anything", True),
        ({"method": "GET"}, "/", True),
        ({"method": "POST"}, "/", False),
        ({"headers": [{"name": "X", "value": "1"}]}, "/", True),
        ({"headers": [{"name": "x", "type": "RegularExpression", "value": "2*"}]}, "/", False),
        ({"queryParams": [{"name": "q", "value": "1"}]}, "/?q=1", True),
        ({"queryParams": [{"name": "Q", "value": "1"}]}, "/?q=1", False),
    ],
)
def test_a_match_holds_as_a_whole(match: dict[str, Any], path: str, so: bool) -> None:
    """Prefixes are of whole segments, and a match without a path is for all of them."""
    assert (taken(rules_of(http({"matches": [match], **to("x")})), path, headers={"x": "1"}) == "x") is so


def test_the_most_specific_match_is_tried_first() -> None:
    """Over all routes that are merged; then the oldest route, then the order of the document."""

    def prefix(value: str, **rest: Any) -> dict[str, Any]:
        return {"path": {"type": "PathPrefix", "value": value}, **rest}

    one = http(
        {"matches": [{"path": {"type": "RegularExpression", "value": "/a/very/long/.*"}}], **to("regex")},
        {"matches": [prefix("/a")], **to("short")},
        {"matches": [prefix("/a", queryParams=[{"name": "q", "value": "1"}])], **to("query")},
        {"matches": [prefix("/a", headers=[{"name": "x", "value": "1"}])], **to("header")},
        name="b",
    )
    two = http(
        {"matches": [prefix("/a", method="GET", headers=[{"name": "y", "value": "1"}])], **to("method")},
        {"matches": [prefix("/a/very")], **to("long")},
        {"matches": [{"path": {"type": "Exact", "value": "/a"}}], **to("exact")},
        {"matches": [prefix("/a")], **to("younger")},
        name="c",
    )
    order = [rule.action.authority for rule in rules_of(two, one) if isinstance(rule.action, Redirect)]

    assert order == ["exact", "long", "method", "header", "query", "short", "younger", "regex"]
    assert taken(rules_of(one, two), "/a/very/long/x") == "long"


def test_each_match_of_a_rule_has_its_place() -> None:
    """And its condition too."""
    (first, second) = rules_of(http({"matches": [{"path": {"value": "/a"}}, {"path": {"value": "/bb"}}], **to("x")}))

    assert [rule.at.path for rule in (first, second) if rule.at] == ["/spec/rules/0/matches/1", "/spec/rules/0/matches/0"]
    assert [item.path for item in first.conditions] == ["/spec/rules/0/matches/1/path"]


@pytest.mark.parametrize(
    ("method", "path", "so"),
    [
        ({"service": "a.B", "method": "Get"}, "/a.B/Get", True),
        ({"service": "a.B", "method": "Get"}, "/a.B/Put", False),
        ({"service": "a.B"}, "/a.B/Put", True),
        ({"service": "a.B"}, "/a.BC/Put", False),
        ({"method": "Get"}, "/any/Get", True),
        ({"type": "RegularExpression", "service": "a.*"}, "/abc/Get", True),
        ({"type": "RegularExpression", "service": "a.*", "method": "G.t"}, "/abc/Got", True),
    ],
)
def test_a_call_is_a_path(method: dict[str, str], path: str, so: bool) -> None:
    """`/SERVICE/METHOD`."""
    (rule,) = rules_of(grpc({"matches": [{"method": method}], "backendRefs": [BACKEND]}))

    assert (answer(choose([rule], get(path=path, scheme=Scheme.GRPC)))[0].value is rule) is so


def test_backends_share_by_weight_and_none_is_500() -> None:
    """One without a weight gets nothing; with no other, the proxy answers itself."""
    (rule,) = rules_of(http({"backendRefs": [{**BACKEND, "weight": 9}, {**BACKEND, "weight": 0}, {**BACKEND, "port": 81}]}))
    assert isinstance(rule.action, Forward)

    assert [(target.port, target.weight, target.missing_status) for target in rule.action.targets] == [(80, 9, 500), (81, 1, 500)]
    assert [rule.action for rule in rules_of(http({}))] == [DirectResponse(status=500)]
    assert [rule.action for rule in rules_of(http({"backendRefs": [{**BACKEND, "weight": 0}]}))] == [DirectResponse(status=500)]


def test_a_backend_that_cannot_be_used_keeps_its_share() -> None:
    """One that is missing keeps its host; one of another kind, or without a grant, has none."""
    refs = [{"name": "gone", "port": 1}, {"name": "x", "kind": "Bucket", "port": 1}, {**BACKEND, "namespace": "other"}]
    (rule,) = rules_of(http({"backendRefs": refs}), called=Called(port=80, granted=lambda *_: False))
    assert isinstance(rule.action, Forward)

    assert [target.host for target in rule.action.targets] == ["gone.shop.svc.cluster.local", "", ""]
    (rule,) = rules_of(http({"backendRefs": refs[2:]}))
    assert isinstance(rule.action, Forward)
    assert [target.host for target in rule.action.targets] == ["catalog.other.svc.cluster.local"]


@pytest.mark.parametrize(
    ("rule", "said_"),
    [
        ({"backendRefs": [{"name": "catalog"}]}, "a backendRef names no port."),
        ({"backendRefs": [{"name": "catalog.shop", "port": 80}]}, "catalog.shop is not the name of a Service."),
        ({"filters": [{"type": "ExtensionRef"}], "backendRefs": [BACKEND]}, "istiod does not support the filter ExtensionRef."),
        (
            {"backendRefs": [{**BACKEND, "filters": [{"type": "URLRewrite"}]}]},
            "istiod does not support the filter URLRewrite.",
        ),
        (
            {"filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [{"name": "x", "value": "\x01"}]}}]},
            "the value of header x is not valid.",
        ),
        ({"matches": [{"path": {"type": "Glob", "value": "/"}}], **to("x")}, "istiod does not support the match Glob."),
        ({"matches": [{"headers": [{"type": "Glob", "name": "a"}]}], **to("x")}, "istiod does not support the match Glob."),
    ],
)
def test_one_error_drops_a_route_whole(rule: dict[str, Any], said_: str) -> None:
    """Its other rules too; other routes stay."""
    bad, good = http(rule, {"backendRefs": [BACKEND]}, name="bad"), http(to("x"), name="good")
    found = told(told_route_rules(Mesh([service("catalog"), bad, good]), [bad, good], Called(port=80)))

    assert [rule.at.resource.name for rule in found.value if rule.at] == ["good"]
    assert [sentence(step) for step in found.steps] == [f"HTTPRoute shop/bad is dropped whole: {said_}"]


def test_a_mirror_that_is_missing_is_left_out_or_drops_a_grpc_route() -> None:
    """HTTPRoutes go on without it."""

    def mirrored(name: str, **rest: Any) -> dict[str, Any]:
        mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": name, "port": 80}, **rest}}
        return {"filters": [mirror], "backendRefs": [BACKEND]}

    def mirrors(route: HTTPRoute | GRPCRoute) -> list[str] | None:
        rules = rules_of(route)
        return [mirror.host for mirror in rules[0].action.mirrors] if rules and isinstance(rules[0].action, Forward) else None

    assert mirrors(http(mirrored("catalog"))) == mirrors(grpc(mirrored("catalog"))) == ["catalog.shop.svc.cluster.local"]
    assert mirrors(http(mirrored("gone"))) == mirrors(http(mirrored("catalog", percent=0))) == []
    assert mirrors(grpc(mirrored("gone"))) is None


@pytest.mark.parametrize(
    ("written", "called", "made"),
    [
        ({}, Called(8080), Redirect(status=302, port=8080)),
        ({}, Called(80), Redirect(status=302)),
        ({}, Called(443, is_tls=True), Redirect(status=302)),
        ({"scheme": "https"}, Called(80), Redirect(status=302, scheme="https")),
        ({"scheme": "https", "port": 443}, Called(80), Redirect(status=302, scheme="https")),
        ({"port": 8443, "statusCode": 301}, Called(80), Redirect(status=301, port=8443)),
        ({"path": {"type": "ReplaceFullPath", "replaceFullPath": "/n"}}, Called(80), Redirect(status=302, path="/n")),
        ({"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/n"}}, Called(80), Redirect(status=302, prefix="/n")),
    ],
)
def test_a_redirect_keeps_the_port_that_was_called(written: dict[str, Any], called: Called, made: Redirect) -> None:
    """Unless it names another, or another scheme."""
    (rule,) = rules_of(http({"filters": [{"type": "RequestRedirect", "requestRedirect": written}]}), called=called)

    assert rule.action == made


@pytest.mark.parametrize(
    ("rewrite", "path", "becomes"),
    [
        ({"type": "ReplacePrefixMatch", "replacePrefixMatch": "/n"}, "/old/x", "/n/x"),
        ({"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}, "/old/x", "/x"),
        ({"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}, "/old", "/"),
        ({"type": "ReplaceFullPath", "replaceFullPath": "/n"}, "/old/x", "/n"),
    ],
)
def test_a_path_is_rewritten(rewrite: dict[str, str], path: str, becomes: str) -> None:
    """A prefix that is replaced by a slash is taken away."""
    filters = [{"type": "URLRewrite", "urlRewrite": {"hostname": "h.example.com", "path": rewrite}}]
    (rule,) = rules_of(http({"matches": [{"path": {"value": "/old"}}], "filters": filters, "backendRefs": [BACKEND]}))
    assert isinstance(rule.action, Forward)
    made = sent(rule, rule.action.targets[0], get(path=path))

    assert (getattr(made, "path", None), getattr(made, "authority", None)) == (becomes, "h.example.com")


def test_headers_times_and_retries_are_read() -> None:
    """Of two headers of one name the first counts; the time of one try is the route's where nothing is tried again."""
    changes = {"set": [{"name": "A", "value": "1"}, {"name": "a", "value": "2"}, {"name": "Host", "value": "h"}], "remove": ["B"]}
    filters = [{"type": "RequestHeaderModifier", "requestHeaderModifier": changes}]
    rule = {"filters": filters, "backendRefs": [BACKEND], "timeouts": {"request": "5s", "backendRequest": "2s"}}
    (plain,), (retried,) = rules_of(http(rule)), rules_of(http({**rule, "retry": {"attempts": 4}}))
    assert isinstance(plain.action, Forward)
    assert isinstance(retried.action, Forward)

    assert (plain.action.set_headers, plain.action.removed_headers, plain.action.rewrite_authority) == ({"a": "1"}, ("b",), "h")
    assert [(action.timeout, action.retries) for action in (plain.action, retried.action)] == [(2.0, 2), (5.0, 4)]


@pytest.mark.parametrize(
    ("origin", "asks"),
    [("*", "https://a.b"), ("https://a.b", "https://a.b"), ("https://a.*", "https://a.c"), ("https://*.b", "https://a.b")],
)
def test_preflights_are_answered(origin: str, asks: str) -> None:
    """Also those of other origins, which then allow nothing."""
    cors = {"type": "CORS", "cors": {"allowOrigins": [origin]}}
    (rule,) = rules_of(http({"filters": [cors], "backendRefs": [BACKEND]}))
    headers = {"origin": asks, "access-control-request-method": "PUT"}
    assert rule.cors

    assert any(matches(item, asks) is True for item in rule.cors.origins)
    assert answers_preflight(rule.cors, get(method="OPTIONS", headers=headers)) is True
    assert answers_preflight(rule.cors, get(method="OPTIONS", headers={**headers, "origin": "null"})) is True
    assert answers_preflight(rule.cors, get(method="GET", headers=headers)) is False
    assert answers_preflight(rule.cors, get(method="OPTIONS", headers={"origin": asks})) is False


ROUTE = """
kind: HTTPRoute
metadata: {name: NAME, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: catalog, namespace: shop}]
  hostnames: [ignored.example.com]
  rules: [{matches: [{path: {type: Exact, value: /only}}], backendRefs: [{name: nosuch, port: 80}]}]
"""


def test_a_route_of_a_service_is_for_all_callers_or_for_those_of_its_namespace() -> None:
    """One in the Service's namespace for all; else for its own namespace, and before that one. The two never merge."""
    producer, consumer = (
        ROUTE.replace("NAME", "producer"),
        ROUTE.replace("NAME, namespace: shop", "consumer, namespace: web").replace("/only", "/mine"),
    )
    both = mesh(CATALOG, producer, consumer)

    assert ends(mesh(CATALOG, producer), get(path="/only")) == "nosuch.shop.svc.cluster.local:80"
    assert ends(mesh(CATALOG, producer), get(path="/")) is None
    assert ends(both, get(path="/mine")) == "nosuch.web.svc.cluster.local:80"
    assert ends(both, get(path="/only")) is None
    assert ends(both, get(path="/only"), caller("other")) == "nosuch.shop.svc.cluster.local:80"
    assert "HTTPRoute web/consumer is for callers in namespace web alone." in said(both, get(), caller("other"))


def test_a_route_of_one_port_is_for_no_other() -> None:
    """Nor one whose parent does not exist, or is no Service."""
    ported = ROUTE.replace("namespace: shop}]", "namespace: shop, port: 8080}]")
    assert ends(mesh(CATALOG, ported), get(path="/only")) == OWN
    assert ends(mesh(CATALOG, ported.replace("8080", "80")), get(path="/only")) == "nosuch.shop.svc.cluster.local:80"
    assert ends(mesh(CATALOG, ROUTE.replace("name: catalog", "name: gone")), get(path="/only")) == OWN
    assert ends(mesh(CATALOG, ROUTE.replace('group: "", kind: Service, ', "")), get(path="/only")) == OWN
    assert ends(mesh(CATALOG, ROUTE), get("ignored.example.com")) == Passthrough(is_http=True)


def test_routes_of_one_namespace_and_host_are_merged() -> None:
    """Those for HTTP with those for gRPC."""
    other = (
        ROUTE.replace("HTTPRoute", "GRPCRoute").replace("NAME", "b").replace("path: {type: Exact, value: /only}", "method: {service: s}")
    )
    meshed = mesh(CATALOG, ROUTE.replace("NAME", "a"), other.replace("nosuch", "calls"))

    assert ends(meshed, get(path="/only")) == "nosuch.shop.svc.cluster.local:80"
    assert ends(meshed, get(path="/s/Get")) == "calls.shop.svc.cluster.local:80"


def test_the_oldest_of_routes_and_virtual_services_takes_the_host() -> None:
    """They are not merged either."""
    virtual = """
kind: VirtualService
metadata: {name: vs, creationTimestamp: "2022-01-01T00:00:00Z"}
spec: {hosts: [catalog], http: [{directResponse: {status: 418}}]}
"""
    older, younger = (ROUTE.replace("NAME", f"route, creationTimestamp: '{year}-01-01T00:00:00Z'") for year in (2021, 2023))

    assert ends(mesh(CATALOG, virtual, younger), get(path="/only")) == 418
    assert ends(mesh(CATALOG, virtual, older), get(path="/only")) == "nosuch.shop.svc.cluster.local:80"
    assert ends(mesh(CATALOG, virtual, younger), get(path="/only"), caller("shop")) == "nosuch.shop.svc.cluster.local:80"


def test_a_route_that_cannot_be_translated_does_not_exist() -> None:
    """The host keeps its default route."""
    meshed = mesh(CATALOG, ROUTE.replace("port: 80}", "}").replace("NAME", "bad"))

    assert ends(meshed, get(path="/only")) == OWN
    assert end_of(None) is None
    assert look(meshed, caller()).entry("catalog.shop.svc.cluster.local")


def test_a_service_entry_is_a_parent_too() -> None:
    """With all of its hosts."""
    entry = """
kind: ServiceEntry
metadata: {name: catalog}
spec: {hosts: [a.example.com, b.example.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}
"""
    route = ROUTE.replace('group: "", kind: Service', "group: networking.istio.io, kind: ServiceEntry")
    meshed = mesh(entry, route)

    assert [ends(meshed, get(f"{name}.example.com", path="/only")) for name in "ab"] == ["nosuch.shop.svc.cluster.local:80"] * 2
