"""What a proxy gets of a VirtualService: the routes for it, and what they do."""

from fractions import Fraction
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.chain.steps import answer, told
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic.route.choosing import choose
from kubectl_meshfix.traffic.route.virtual_services import rules_of, told_rules
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.routes import DirectResponse, Fault, Forward, HeaderChanges, Redirect, Rule
from tests.traffic.objects import make, service
from tests.traffic.route.scenes import caller, get


def routes(*http: dict[str, Any], **spec: Any) -> tuple[Mesh, VirtualService]:
    """A mesh with a VirtualService of some routes."""
    found: VirtualService = make(VirtualService, "vs", http=list(http), hosts=["catalog"], **spec)
    return Mesh([found, service("catalog"), service("other", "shop", ("http", 7000)), alias()]), found


def alias() -> Any:
    """A Service that is another name of an outside host."""
    ports = [{"name": "http", "port": 80}]
    return msgspec.structs.replace(
        service("alias"), spec=msgspec.structs.replace(service("alias", ports=ports).spec, type="ExternalName", external_name="example.com")
    )


def only(http: dict[str, Any], port: int = 80, party: Party | None = None, **spec: Any) -> Rule:
    """The one rule that a route makes."""
    meshed, found = routes(http, **spec)
    (rule,) = rules_of(meshed, party or caller(), found, port)
    return rule


def forward(**http: Any) -> Forward:
    """What one route to catalog does."""
    action = only({"route": [{"destination": {"host": "catalog"}}], **http}).action
    assert isinstance(action, Forward)
    return action


@pytest.mark.parametrize(
    ("match", "is_kept", "sentence_"),
    [
        ({"port": 80}, True, ""),
        ({"port": 81}, False, "is for port 81 alone; the port here is 80."),
        ({"gateways": ["mesh"], "sourceLabels": {"app": "x"}, "sourceNamespace": "x"}, True, ""),
        ({"gateways": ["public"]}, False, "is for shop/public alone; the proxy here is of mesh."),
        ({"sourceLabels": {"app": "cart"}}, True, ""),
        ({"sourceLabels": {"app": "cart", "v": "1"}}, False, "is for callers with the labels app=cart, v=1 alone."),
        ({"sourceNamespace": "web"}, True, ""),
        ({"sourceNamespace": "shop"}, False, "is for callers in namespace shop alone."),
        ({"sourceLabels": {"app": "cart"}, "sourceNamespace": "shop"}, False, "is for callers in namespace shop alone."),
    ],
)
def test_a_match_is_left_out_where_it_is_not_for_the_caller(match: dict[str, Any], is_kept: bool, sentence_: str) -> None:
    """Where it names gateways, labels and namespace of the caller are not looked at."""
    meshed, found = routes({"match": [match], "directResponse": {"status": 200}})
    result = told(told_rules(meshed, caller(app="cart"), found, 80))

    assert bool(result.value) is is_kept
    assert [sentence(step) for step in result.steps] == ([f"VirtualService shop/vs http[0].match[0] {sentence_}"] if sentence_ else [])


def test_a_gateway_gets_the_matches_that_name_it_and_those_that_name_none() -> None:
    """By its namespace and name, and the port of its server."""
    http = ({"match": [{"gateways": [name], "port": 443}], "directResponse": {"status": 200}} for name in ("public", "shop/public", "mesh"))
    meshed, found = routes(*http, {"match": [{"uri": {"exact": "/"}}], "directResponse": {"status": 201}})
    kept = rules_of(meshed, caller("ingress"), found, 443, "shop/public")

    assert [rule.at.path for rule in kept if rule.at] == ["/spec/http/0/match/0"]
    assert [rule.at.path for rule in rules_of(meshed, caller(), found, 443) if rule.at] == ["/spec/http/2/match/0"]


@pytest.mark.parametrize(
    "match", [[], [{}], [{"uri": {"prefix": "/"}}], [{"uri": {"regex": ".*"}}], [{"uri": {"exact": "/a"}}, {"port": 80}]]
)
def test_nothing_comes_after_a_route_that_takes_all(match: list[dict[str, Any]]) -> None:
    """A match of the port alone takes all of it."""
    meshed, found = routes({"match": match, "directResponse": {"status": 200}}, {"directResponse": {"status": 201}})
    result = told(told_rules(meshed, caller(), found, 80))

    assert all(rule.action == DirectResponse(status=200) for rule in result.value)
    assert [sentence(step) for step in result.steps][-1].startswith("VirtualService shop/vs http[1] is never reached: ")


@pytest.mark.parametrize("match", [[{"headers": {"x": {}}}], [{"method": {"exact": "GET"}}], [{"uri": {"regex": "/.*"}}]])
def test_what_asks_for_anything_does_not_take_all(match: list[dict[str, Any]]) -> None:
    """A header, a method, or another pattern."""
    meshed, found = routes({"match": match, "directResponse": {"status": 200}}, {"directResponse": {"status": 201}})

    assert len(rules_of(meshed, caller(), found, 80)) == 2


def test_names_of_a_route_and_its_match_are_joined() -> None:
    """As in the proxy's access log."""
    assert only({"name": "r", "match": [{"name": "m", "port": 80}], "directResponse": {"status": 200}}).name == "r.m"


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ({"uri": "/x"}, Redirect(status=301, path="/x")),
        ({"authority": "a.b", "redirectCode": 307, "scheme": "https"}, Redirect(status=307, authority="a.b", scheme="https")),
        ({"prefixRewrite": "/n", "uri": "/x"}, Redirect(prefix="/n")),
        ({"port": 8443}, Redirect(port=8443)),
        ({"port": 80}, Redirect(port=0)),
        ({"port": 443, "scheme": "https"}, Redirect(port=0, scheme="https")),
        ({"derivePort": "FROM_REQUEST_PORT"}, Redirect(port=0)),
        ({"derivePort": "FROM_REQUEST_PORT", "scheme": "https"}, Redirect(port=80, scheme="https")),
        ({"derivePort": "FROM_PROTOCOL_DEFAULT"}, Redirect(port=0)),
    ],
)
def test_a_redirect_names_what_changes(written: dict[str, Any], made: Redirect) -> None:
    """Its port is left out where the scheme implies it."""
    assert only({"redirect": written, "directResponse": {"status": 200}}).action == made


def test_a_direct_response_comes_before_a_destination() -> None:
    """With its body."""
    written = {"directResponse": {"status": 418, "body": {"string": "no"}}, "route": [{"destination": {"host": "catalog"}}]}

    assert only(written).action == DirectResponse(status=418, body="no")


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ({"abort": {"httpStatus": 555, "percentage": {"value": 12.5}}}, Fault(status=555, abort_share=Fraction(1, 8))),
        ({"abort": {"httpStatus": 555}}, Fault(status=555)),
        ({"abort": {"grpcStatus": "UNAVAILABLE", "percentage": {"value": 100}}}, Fault(status=503, abort_share=Fraction(1))),
        ({"delay": {"fixedDelay": "1.5s", "percentage": {"value": 100}}}, Fault(delay=1.5, delay_share=Fraction(1))),
        ({"delay": {"fixedDelay": "1s", "percent": 50}}, Fault(delay=1.0, delay_share=Fraction(1, 2))),
        ({"delay": {"fixedDelay": "1s"}}, Fault(delay=1.0)),
    ],
)
def test_a_fault_has_its_share(written: dict[str, Any], made: Fault) -> None:
    """Without a percentage nothing is aborted or delayed."""
    assert forward(fault=written).fault == msgspec.structs.replace(made, path="/spec/http/0/fault")


@pytest.mark.parametrize(
    ("written", "count"),
    [(None, 2), ({"attempts": 0}, 0), ({"attempts": 5}, 5), ({"attempts": 3, "retryOn": "5xx"}, 3), ({"attempts": 3, "retryOn": "503"}, 0)],
)
def test_failed_connections_are_tried_again(written: dict[str, Any] | None, count: int) -> None:
    """Twice where a route says nothing, and never where it asks for other reasons alone."""
    assert forward(**({"retries": written} if written else {})).retries == count


def test_what_is_not_said_of_a_route_is_not_done() -> None:
    """No limit of time, and nothing rewritten."""
    plain = forward()

    assert (plain.timeout, plain.rewrite_path, plain.rewrite_prefix, plain.rewrite_authority, plain.has_cors) == (
        None,
        None,
        None,
        "",
        False,
    )
    assert forward(timeout="1m30s").timeout == 90
    assert forward(timeout="0s").timeout is None


def test_an_exact_path_is_rewritten_whole_and_a_prefix_in_part() -> None:
    """A pattern replaces what it matches."""
    rewrite = {"rewrite": {"uri": "/new", "authority": "a.b"}}
    exact = forward(match=[{"uri": {"exact": "/old"}}], **rewrite)
    prefix = forward(match=[{"uri": {"prefix": "/old"}}], **rewrite)

    assert (exact.rewrite_path, exact.rewrite_prefix, exact.rewrite_authority) == ("/new", None, "a.b")
    assert (prefix.rewrite_path, prefix.rewrite_prefix) == (None, "/new")
    assert forward(rewrite={"uriRegexRewrite": {"match": "a", "rewrite": "b"}}).rewrite_regex == ("a", "b")


def test_headers_are_changed_and_the_authority_is_one_of_them() -> None:
    """What is set comes before what is added; pseudo headers are none."""
    changes = {"set": {"X-A": "1", ":path": "/"}, "add": {"X-B": "2", "Host": "added"}, "remove": ["X-C", "host"]}
    made = forward(headers={"request": changes})

    assert (made.set_headers, made.add_headers, made.removed_headers) == ({"x-a": "1"}, {"x-b": "2"}, ("x-c",))
    assert made.rewrite_authority == "added"
    assert forward(headers={"request": {"set": {"Host": "set"}, "add": {"host": "added"}}}).rewrite_authority == "set"


def test_several_destinations_share_by_weight() -> None:
    """One without a weight among others gets nothing; a single one gets all."""

    def written(*weights: int | None) -> list[dict[str, Any]]:
        return [
            {"destination": {"host": "catalog", "subset": f"v{i}"}, **({} if w is None else {"weight": w})} for i, w in enumerate(weights)
        ]

    assert [(target.subset, target.weight) for target in forward(route=written(90, 0, 10)).targets] == [("v0", 90), ("v2", 10)]
    assert [(target.subset, target.weight) for target in forward(route=written(0)).targets] == [("v0", 1)]
    (changed,) = forward(route=[{"destination": {"host": "catalog"}, "headers": {"request": {"set": {"A": "b", "Host": "c"}}}}]).targets
    assert changed.changes == HeaderChanges(set={"a": "b"}, authority="c")
    assert changed.at
    assert changed.at.path == "/spec/http/0/route/0/destination"


def test_mirrors_are_told_apart_from_targets() -> None:
    """Old and new ones; those of no share are none."""
    made = forward(
        mirror={"host": "m1"}, mirrors=[{"destination": {"host": "m2"}}, {"destination": {"host": "m3"}, "percentage": {"value": 0}}]
    )

    assert [mirror.host for mirror in made.mirrors] == ["m1.shop.svc.cluster.local", "m2.shop.svc.cluster.local"]
    assert not forward(mirror={"host": "m"}, mirrorPercentage={"value": 0}).mirrors
    assert not forward(mirror={"host": "m"}, mirrorPercent=0).mirrors


@pytest.mark.parametrize(
    ("destination", "host", "number"),
    [
        ({"host": "catalog"}, "catalog.shop.svc.cluster.local", 0),
        ({"host": "catalog.shop"}, "catalog.shop", 0),
        ({"host": "catalog", "port": {"number": 8080}}, "catalog.shop.svc.cluster.local", 8080),
    ],
)
def test_a_destination_is_a_full_host(destination: dict[str, Any], host: str, number: int) -> None:
    """With the port that it names, if any; which cluster that is, a proxy's clusters tell."""
    meshed, found = routes({"route": [{"destination": destination}]})
    (rule,) = rules_of(meshed, caller(), found, 80)
    assert isinstance(rule.action, Forward)

    assert [(target.host, target.port, target.missing_status) for target in rule.action.targets] == [(host, number, 503)]


def test_origins_are_kept_for_preflights() -> None:
    """Of the newer list where there is one."""
    rule = only({"route": [{"destination": {"host": "catalog"}}], "corsPolicy": {"allowOrigins": [{"regex": ".*"}], "allowOrigin": ["a"]}})
    older = only({"route": [{"destination": {"host": "catalog"}}], "corsPolicy": {"allowOrigin": ["a"], "unmatchedPreflights": "IGNORE"}})

    assert rule.cors
    assert older.cors
    assert [origin.value for origin in rule.cors.origins] == [".*"]
    assert ([origin.value for origin in older.cors.origins], older.cors.forwards_others) == (["a"], False)
    assert isinstance(rule.action, Forward)
    assert rule.action.has_cors


def test_five_thousand_routes_are_translated_once() -> None:
    """Proxies that are alike share them."""
    match = [{"uri": {"regex": "/api/v[0-9]+/items.*"}, "headers": {"x": {"exact": "never"}}}]
    meshed, found = routes(*({"match": match, "route": [{"destination": {"host": "catalog", "subset": f"v{i}"}}]} for i in range(5_000)))
    for index in range(3):
        rules = rules_of(meshed, caller(app=str(index)), found, 80)
        (chosen,) = answer(choose(rules, get(path="/api/v1/items/7")))
        assert (len(rules), chosen.value) == (5_000, None)

    assert len(meshed.memo("rules of virtual services")) == 1


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("OK", 200), ("CANCELLED", 499), ("UNKNOWN", 500), ("INVALID_ARGUMENT", 400), ("DEADLINE_EXCEEDED", 504), ("NOT_FOUND", 404),
        ("ALREADY_EXISTS", 409), ("PERMISSION_DENIED", 403), ("RESOURCE_EXHAUSTED", 429), ("FAILED_PRECONDITION", 400), ("ABORTED", 409),
        ("OUT_OF_RANGE", 400), ("UNIMPLEMENTED", 501), ("INTERNAL", 500), ("UNAVAILABLE", 503), ("DATA_LOSS", 500),
        ("UNAUTHENTICATED", 401),
    ],
)  # fmt: skip
def test_a_status_of_grpc_is_one_of_http(word: str, status: int) -> None:
    """What a caller gets that does not speak gRPC (Envoy's ``source/common/grpc/status.cc``)."""
    made = forward(fault={"abort": {"grpcStatus": word, "percentage": {"value": 100}}}).fault

    assert made is not None
    assert made.status == status
