"""Rules about VirtualServices, where their pages' examples do not reach."""

from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.routing import ambiguous_destination_port
from kubectl_meshfix.rules.routing.binding import (
    chained_routes,
    host_not_on_gateway,
    redirect_loop,
    unknown_mesh_host,
    unusable_routes,
    wildcard_takes_host,
)
from kubectl_meshfix.rules.routing.matching import (
    broken_delegate,
    hidden_routes,
    impossible_match,
    ineffective_weight,
    mangled_path,
    outdated_notation,
    unreachable_route,
)
from kubectl_meshfix.rules.rule import Severity
from tests.rules.asking import findings, fix, only, paths
from tests.traffic.objects import gateway_pods, make, mesh_config, routes, rule, service, to

EDGE: dict[str, Any] = {"hosts": ["shop.example.com"], "gateways": ["ingress/edge"]}
HTTP = {"number": 80, "name": "http", "protocol": "HTTP"}


def edge(*servers: dict[str, Any]) -> Gateway:
    """A Gateway with servers for shop.example.com."""
    made = [{"hosts": ["shop.example.com"], **server} for server in servers or ({"port": HTTP},)]
    obj: Gateway = make(Gateway, "edge", "ingress", selector={"istio": "edge"}, servers=made)
    return obj


def uri(**text: str) -> dict[str, Any]:
    """A match of a path."""
    return {"uri": text}


def aged(obj: VirtualService, created: str) -> VirtualService:
    """The same, made at a time."""
    return replace(obj, metadata=replace(obj.metadata, creation_timestamp=created))


# ---------------------------------------------------------------- MF406


@pytest.mark.parametrize("kind", ["http", "tls", "tcp"])
@pytest.mark.parametrize(
    ("port", "tls", "used"),
    [
        (HTTP, None, "http"),
        ({"number": 443, "name": "https", "protocol": "HTTPS"}, {"mode": "SIMPLE"}, "http"),
        ({"number": 443, "name": "https", "protocol": "HTTPS"}, {"mode": "PASSTHROUGH"}, "tls"),
        ({"number": 443, "name": "tls", "protocol": "TLS"}, {"mode": "MUTUAL"}, "tcp"),
        ({"number": 9000, "name": "tcp", "protocol": "TCP"}, None, "tcp"),
    ],
)
def test_a_server_uses_one_kind_of_routes(kind: str, port: dict[str, Any], tls: dict[str, str] | None, used: str) -> None:
    """Routes of another kind than the server's are reported, and those of its kind are not."""
    route = {**to("cart"), **({"match": [{"sniHosts": ["shop.example.com"]}]} if kind == "tls" else {})}
    spec: dict[str, Any] = {kind: [route], **EDGE}
    own = make(VirtualService, "vs", **spec)
    found = paths(unusable_routes.RULE, edge({"port": port, **({"tls": tls} if tls else {})}), own)

    assert found == ([] if kind == used else [f"/spec/{kind}"])


@pytest.mark.parametrize(
    ("match", "is_made"),
    [
        ({"sniHosts": ["shop.example.com"]}, True),
        ({"sniHosts": ["shop.example.com", "other.example.com"]}, True),
        ({"sniHosts": ["other.example.com"]}, False),
        ({"sniHosts": ["shop.example.com"], "sourceLabels": {"app": "web"}}, False),
        ({"sniHosts": ["shop.example.com"], "destinationSubnets": ["10.0.0.0/8"]}, False),
    ],
)
def test_one_tls_route_for_all_hosts_becomes_an_http_route(match: dict[str, Any], is_made: bool) -> None:
    """Where a server reads HTTP; a route for fewer hosts, or only for some callers, is for a person to rewrite."""
    own = make(VirtualService, "vs", tls=[{**to("cart"), "match": [match]}], **EDGE)

    assert (fix(only(unusable_routes.RULE, edge(), own)).safety is not Safety.MANUAL) is is_made


def test_a_server_that_only_redirects_uses_no_routes() -> None:
    """Beside a server that passes TLS through, one that redirects to it is no reason to have http routes."""
    servers = (
        {"port": HTTP, "tls": {"httpsRedirect": True}},
        {"port": {"number": 443, "name": "t", "protocol": "TLS"}, "tls": {"mode": "PASSTHROUGH"}},
    )

    assert paths(unusable_routes.RULE, edge(*servers), routes(to("cart"), **EDGE)) == ["/spec/http"]
    assert not paths(unusable_routes.RULE, edge(servers[0]), routes(to("cart"), **EDGE))


def test_a_port_of_tls_may_get_http_where_proxies_begin_tls() -> None:
    """A DestinationRule that originates TLS makes http routes to a port of HTTPS useful; a port without a protocol is sniffed."""
    entry = make(ServiceEntry, "api", hosts=["api.example.com"], ports=[{"number": 443, "name": "https", "protocol": "HTTPS"}])
    own = routes(to("api.example.com"), hosts=["api.example.com"])

    assert paths(unusable_routes.RULE, entry, own) == ["/spec/http"]
    assert not paths(unusable_routes.RULE, entry, own, rule("api.example.com", trafficPolicy={"tls": {"mode": "SIMPLE"}}))
    assert not paths(unusable_routes.RULE, service("cart", "shop", ("", 80)), make(VirtualService, "vs", hosts=["cart"], tcp=[to("cart")]))


def test_a_match_for_another_port_gets_only_a_port_that_uses_its_routes() -> None:
    """A tls route of a gateway whose only port is one of HTTP is for no port: it is to be removed, and nothing fails by it."""
    own = make(
        VirtualService, "vs", http=[to("cart")], tls=[{**to("cart"), "match": [{"port": 3000, "sniHosts": ["shop.example.com"]}]}], **EDGE
    )
    found = only(unusable_routes.RULE, edge(), own)
    assert (found.path, found.severity, fix(found).safety) == ("/spec/tls/0/match/0/port", Severity.WARNING, Safety.MANUAL)

    passing = {"port": {"number": 443, "name": "tls", "protocol": "TLS"}, "tls": {"mode": "PASSTHROUGH"}}
    found = only(unusable_routes.RULE, edge({"port": HTTP}, passing), own)
    assert (found.severity, fix(found).summary) == (None, "Replace 3000 with 443.")


def test_routes_that_no_port_uses_are_one_fault() -> None:
    """Calls to a port of TLS pass http routes by; that the destination names no port is nobody's trouble then."""
    entry = make(ServiceEntry, "api", hosts=["api.example.com"], ports=[{"number": 443, "name": "https", "protocol": "HTTPS"}])
    own = routes(to("api.example.com"), hosts=["api.example.com"])
    assert paths(unusable_routes.RULE, entry, own) == ["/spec/http"]
    assert not paths(ambiguous_destination_port.RULE, entry, own)


def test_http_routes_for_a_host_outside_are_used_on_port_80() -> None:
    """Whatever ports a ServiceEntry lists: a redirect to https there works, and what is for the host's own TLS port does not."""
    entry = make(ServiceEntry, "api", hosts=["api.example.com"], ports=[{"number": 443, "name": "https", "protocol": "HTTPS"}])
    secure, host = {"redirect": {"scheme": "https"}}, "api.example.com"

    assert paths(unusable_routes.RULE, entry, routes(to(host), hosts=[host])) == ["/spec/http"]
    assert not paths(unusable_routes.RULE, entry, routes(secure, hosts=[host]))
    assert not paths(unusable_routes.RULE, entry, routes(to("proxy"), hosts=[host]))
    assert not paths(unusable_routes.RULE, entry, routes({"match": [uri(exact="/")], **secure}, to(host), hosts=[host]))
    assert paths(unusable_routes.RULE, entry, routes({"match": [uri(prefix="/a")], **to("proxy")}, to(host), hosts=[host])) == [
        "/spec/http"
    ]
    assert not paths(unusable_routes.RULE, entry, routes({**to(host), "match": [{"port": 80}]}, hosts=[host]))
    assert paths(unusable_routes.RULE, service("cart", "shop", ("tcp", 9000)), routes(secure, hosts=["cart"])) == ["/spec/http"]


def test_who_does_not_know_a_host_uses_http_routes_for_it_on_port_80() -> None:
    """A Sidecar that leaves the host out makes its port 80 one of HTTP, which a Service declares as TCP."""
    cart, host = service("cart", "books", ("tcp", 80)), "cart.books.svc.cluster.local"
    own = routes(to("catalog"), hosts=[host])
    narrow, wide = (make(Sidecar, "default", "web", egress=[{"hosts": found}]) for found in (["shop/*"], ["shop/*", "books/*"]))

    assert paths(unusable_routes.RULE, cart, own) == ["/spec/http"]
    assert paths(unusable_routes.RULE, cart, own, wide) == ["/spec/http"]
    assert not paths(unusable_routes.RULE, cart, own, narrow)
    assert not paths(unusable_routes.RULE, service("cart", "books", ("tcp", 80), export_to="shop"), own)


# ---------------------------------------------------------------- MF407


@pytest.mark.parametrize(
    ("match", "better"),
    [
        (uri(prefix="api"), "/api"),
        (uri(prefix="/api*"), "/api"),
        (uri(exact="/api/*"), "/api/"),
        (uri(regex="/^\\/api$/"), "/api"),
        (uri(regex="api/.*"), "/api/.*"),
        ({"method": {"exact": "get"}}, "GET"),
        ({"authority": {"exact": "https://shop.example.com/"}}, "shop.example.com"),
    ],
)
def test_what_was_meant_is_written(match: dict[str, Any], better: str) -> None:
    """Where it is clear what was meant, the fix writes it."""
    found = only(impossible_match.RULE, routes({"match": [match], **to("a")}, hosts=["a"]))

    assert fix(found).safety is Safety.UNSAFE
    assert fix(found).patches[0].operations[-1].value == better


@pytest.mark.parametrize(
    "match",
    [
        uri(prefix="/"), uri(exact="*"), uri(regex="/g/i"), uri(regex=".*"), uri(regex="^/api(/.*)?$"), uri(regex="[^?]*"),
        uri(regex="(?i)/A|/b"), uri(regex="/api/v[0-9]+\\.json"), uri(regex="(unreadable"),
        {"method": {"exact": "PURGE"}}, {"method": {"exact": "purge"}}, {"headers": {"x": {"regex": "*"}}},
        {"headers": {"cookie": {"regex": "^(.*?;)?(user=jason)(;.*)?$"}}}, {"withoutHeaders": {"x": {"regex": "a$b"}}},
    ],
)  # fmt: skip
def test_what_some_request_meets_is_left_alone(match: dict[str, Any]) -> None:
    """Patterns that some request can meet, or that nobody can judge."""
    assert not paths(impossible_match.RULE, routes({"match": [match], **to("a")}, hosts=["a"]))


# ---------------------------------------------------------------- MF408


def test_a_delegate_for_two_is_judged_by_both() -> None:
    """A route of a delegate that fits one of those that delegate to it is used there."""
    delegate = routes({"match": [uri(prefix="/a/x")], **to("cart")}, name="delegate")
    roots = [
        routes({"match": [uri(prefix=path)], "delegate": {"name": "delegate", "namespace": "shop"}}, name=path[1:], hosts=["cart"])
        for path in ("/a", "/b")
    ]

    assert not findings(broken_delegate.RULE, delegate, *roots)
    assert paths(broken_delegate.RULE, delegate, roots[1]) == ["/spec/http/0"]


@pytest.mark.parametrize(
    ("before", "behind", "gateways", "effect"),
    [
        ([], [to("cart")], [], "its requests are left to the routes behind it."),
        ([to("cart")], [], [], "its requests get 404."),
        ([], [], ["public"], "its requests get 404."),
        ([], [], [], "calls go to the hosts themselves."),
        ([], [], ["mesh"], "calls go to the hosts themselves."),
        ([], [], ["public", "mesh"], "sidecars call the hosts themselves, and gateways answer 404."),
    ],
)
def test_what_is_left_answers_for_a_dropped_route(before: list[Any], behind: list[Any], gateways: list[str], effect: str) -> None:
    """Routes behind it take its requests; a VirtualService without any route is as good as none for sidecars."""
    dropped = {"match": [uri(prefix="/a")], "delegate": {"name": "gone"}}
    found = only(broken_delegate.RULE, routes(*before, dropped, *behind, hosts=["cart"], gateways=gateways))

    assert found.message.endswith(f"is dropped, and {effect}")


def test_a_delegate_of_an_unread_namespace_may_exist() -> None:
    """Files of other namespaces say nothing about it; a cluster knows."""
    root = routes({"delegate": {"name": "delegate", "namespace": "other"}}, hosts=["cart"])

    assert not findings(broken_delegate.RULE, root, live=False)
    assert only(broken_delegate.RULE, root).path == "/spec/http/0/delegate/name"


# ---------------------------------------------------------------- MF409


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (uri(prefix="/a"), uri(prefix="/b")),
        (uri(prefix="/a/"), uri(prefix="/a")),
        (uri(exact="/a"), uri(prefix="/a")),
        ({**uri(prefix="/a"), "headers": {"x": {"exact": "1"}}}, uri(prefix="/a")),
        ({**uri(prefix="/a"), "withoutHeaders": {"x": {}}}, uri(prefix="/a")),
        ({**uri(prefix="/a"), "port": 80}, uri(prefix="/a")),
        ({**uri(prefix="/a"), "sourceLabels": {"app": "web"}}, uri(prefix="/a")),
        ({**uri(prefix="/a"), "sourceNamespace": "web"}, uri(prefix="/a")),
        ({**uri(prefix="/a"), "gateways": ["mesh"]}, {**uri(prefix="/a"), "gateways": ["edge"]}),
        (uri(prefix="/a"), {**uri(prefix="/A"), "ignoreUriCase": True}),
        (uri(regex="/a.*"), uri(regex="/a.+")),
        ({"queryParams": {"a": {"exact": "1"}}}, {"queryParams": {"a": {}}}),
    ],
)  # fmt: skip
def test_a_match_that_takes_something_else_hides_nothing(first: dict[str, Any], later: dict[str, Any]) -> None:
    """All that a match asks for counts, in both directions of a narrower and a wider one."""
    assert not paths(unreachable_route.RULE, routes({"match": [first], **to("a")}, {"match": [later], **to("b")}, hosts=["a"]))


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (uri(prefix="/a"), uri(exact="/a/b")),
        ({**uri(prefix="/A"), "ignoreUriCase": True}, uri(prefix="/a/b")),
        (uri(regex=".*"), uri(prefix="/x")),
        (uri(prefix="/a"), {**uri(prefix="/a"), "headers": {"x": {"exact": "1"}}, "method": {"exact": "GET"}}),
        ({"headers": {"x": {}}}, {"headers": {"X": {"prefix": "1"}}}),
        (uri(prefix="/a"), {**uri(prefix="/a"), "port": 80, "sourceLabels": {"app": "web"}}),
    ],
)  # fmt: skip
def test_a_narrower_match_behind_is_never_used(first: dict[str, Any], later: dict[str, Any]) -> None:
    """Whatever meets the later match meets the earlier one."""
    found = findings(unreachable_route.RULE, routes({"match": [first], **to("a")}, {"match": [later], **to("b")}, hosts=["a"]))

    assert [(item.path, item.severity) for item in found] == [("/spec/http/1", None)]


def test_tls_routes_are_chosen_by_name() -> None:
    """A wildcard before a name hides nothing; the same name does, and a tcp route without a match hides all."""
    names = [["*.example.com"], ["a.example.com"], ["a.example.com"]]
    tls = [{"match": [{"sniHosts": sni}], **to(host)} for sni, host in zip(names, "abc", strict=True)]

    assert paths(unreachable_route.RULE, make(VirtualService, "vs", hosts=["*.example.com"], tls=tls)) == ["/spec/tls/2"]
    assert paths(unreachable_route.RULE, make(VirtualService, "vs", hosts=["a"], tcp=[to("a"), to("b")])) == ["/spec/tcp/1"]


# ---------------------------------------------------------------- MF410


def test_the_older_route_is_first_where_ages_are_known() -> None:
    """On a cluster only what is hidden is reported: a shorter prefix behind a longer one is fine."""
    wide, narrow = (
        routes({"match": [uri(prefix="/a")], **to("a")}, name="wide", **EDGE),
        routes({"match": [uri(prefix="/a/b")], **to("b")}, name="narrow", **EDGE),
    )
    old, new = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"

    assert not findings(hidden_routes.RULE, edge(), aged(wide, new), aged(narrow, old))
    assert [item.resource.name for item in findings(hidden_routes.RULE, edge(), aged(wide, old), aged(narrow, new))] == ["narrow"]
    assert "if VirtualService shop/wide is older" in only(hidden_routes.RULE, edge(), wide, narrow, live=False).message


def test_routes_for_everything_come_last_at_a_gateway() -> None:
    """A route without a match hides none of another VirtualService's but one of its own kind."""
    everything = routes(to("a"), name="everything", **EDGE)

    assert not findings(hidden_routes.RULE, edge(), everything, routes({"match": [uri(prefix="/b")], **to("b")}, name="some", **EDGE))
    assert len(findings(hidden_routes.RULE, edge(), everything, routes(to("b"), name="more", **EDGE))) == 1


def test_sidecars_use_one_virtual_service_for_a_host() -> None:
    """Two of one host are rivals, but not for other ports, other callers, or where one is private to its callers' namespace."""
    first = routes(to("a"), name="first", hosts=["a"])

    assert {item.resource.name for item in findings(hidden_routes.RULE, first, routes(to("b"), name="second", hosts=["a"]))} == {
        "first",
        "second",
    }
    assert not findings(hidden_routes.RULE, first, routes(to("b"), name="second", hosts=["a"], exportTo=["."]))
    ports = [routes({"match": [{"port": port}], **to("a")}, name=f"p{port}", hosts=["a"]) for port in (80, 81)]
    assert not findings(hidden_routes.RULE, *ports)


# ---------------------------------------------------------------- MF411 to MF419


def test_hosts_of_a_gateway_may_be_for_one_namespace() -> None:
    """A server's host with another namespace before it does not admit the VirtualService; a gateway that was not read may have the host."""
    private = make(Gateway, "edge", "ingress", servers=[{"port": HTTP, "hosts": ["other/shop.example.com"]}])

    assert fix(only(host_not_on_gateway.RULE, private, routes(to("a"), **EDGE))).safety is Safety.MANUAL
    assert not findings(host_not_on_gateway.RULE, routes(to("a"), **EDGE))
    assert not findings(
        host_not_on_gateway.RULE, edge(), routes(to("a"), hosts=["a", "shop.example.com"], gateways=["ingress/edge", "mesh"])
    )


def test_a_host_of_the_mesh_may_have_its_routes_at_the_gateway_elsewhere() -> None:
    """Two VirtualServices, one for sidecars and one for the gateway, may share a host."""
    own = routes(to("a"), name="own", hosts=["shop.example.com"])

    assert paths(unknown_mesh_host.RULE, own, edge(), live=False) == ["/spec/hosts/0"]
    assert not paths(unknown_mesh_host.RULE, own, edge(), routes(to("a"), **EDGE), live=False)
    assert not paths(unknown_mesh_host.RULE, routes(to("a"), hosts=["*.example.com", "10.0.0.1"]))


def test_beside_a_gateway_only_names_of_services_are_meant_for_the_mesh() -> None:
    """Its other hosts are for callers from outside, and a gateway may name what looks like a Service."""
    both: dict[str, Any] = {"gateways": ["ingress/edge", "mesh"]}
    cart, elsewhere = service("cart", "books"), routes(to("a"), hosts=["shop.example.com", "cart.books"], **both)

    found = only(unknown_mesh_host.RULE, cart, edge(), elsewhere)
    assert found.path == "/spec/hosts/1"
    assert fix(found).safety is Safety.MANUAL
    assert not paths(unknown_mesh_host.RULE, cart, edge(), routes(to("a"), hosts=["cart.films"], **both))
    assert not paths(unknown_mesh_host.RULE, cart, edge({"port": HTTP, "hosts": ["cart.books"]}), elsewhere)


def test_a_service_that_is_named_in_full_too_is_known_by_all_of_its_names() -> None:
    """The short name adds nothing, and takes nothing away."""
    full = "cart.books.svc.cluster.local"

    assert paths(unknown_mesh_host.RULE, service("cart", "books"), routes(to("a"), hosts=["cart.books"])) == ["/spec/hosts/0"]
    assert not paths(unknown_mesh_host.RULE, service("cart", "books"), routes(to("a"), hosts=["cart.books", full]))


@pytest.mark.parametrize(
    ("prefix", "rewrite", "after"),
    [("/a", "/", "//api"), ("/a/", "/b", "/bapi"), ("/", "/b", "/bapi"), ("/a/", "/", ""), ("/a", "/b", ""), ("/", "/b/", "")],
)
def test_a_rewrite_keeps_the_slashes(prefix: str, rewrite: str, after: str) -> None:
    """One of the two ends in a slash, the other does not: that is what spoils paths."""
    found = findings(mangled_path.RULE, routes({"match": [uri(prefix=prefix)], "rewrite": {"uri": rewrite}, **to("a")}, hosts=["a"]))

    assert [after in item.message for item in found] == ([True] if after else [])


def test_a_gateway_that_trusts_a_proxy_reads_its_header() -> None:
    """With numTrustedProxies nothing is redirected that was HTTPS; without, a port for HTTPS that leads to the redirect makes a loop."""
    front = service("edge", "ingress", ("http", 80), ("https", 443), type="LoadBalancer", selector={"istio": "edge"})
    front = replace(front, spec=replace(front.spec, ports=tuple(replace(port, target_port=8080) for port in front.spec.ports)))
    objects = (edge({"port": HTTP, "tls": {"httpsRedirect": True}}), gateway_pods("edge", istio="edge"), front)

    assert paths(redirect_loop.RULE, *objects) == ["/spec/servers/0/tls/httpsRedirect"]
    assert not paths(redirect_loop.RULE, *objects, mesh_config("defaultConfig: {gatewayTopology: {numTrustedProxies: 1}}"))


def test_calls_through_an_egress_gateway_are_meant() -> None:
    """A wildcard that leads to a gateway's Service is how calls leave the mesh."""
    outside = make(ServiceEntry, "api", hosts=["api.example.com"], ports=[HTTP])
    egress = service("istio-egressgateway", "ingress", ("http", 80), selector={"istio": "egress"})
    leaving = routes(to("istio-egressgateway.ingress.svc.cluster.local"), hosts=["*.example.com"])

    assert not findings(wildcard_takes_host.RULE, outside, egress, gateway_pods("egress", istio="egress"), leaving)
    assert only(wildcard_takes_host.RULE, outside, service("a"), routes(to("a"), hosts=["*.example.com"])).path == "/spec/hosts/0"


def test_a_service_with_pods_is_a_destination() -> None:
    """Only a Service without a selector depends on routes of its own."""
    own, root = routes(to("b"), name="own", hosts=["a"]), routes(to("a"), name="root", hosts=["c"])

    assert not findings(chained_routes.RULE, own, root, service("a"))
    assert only(chained_routes.RULE, own, root, service("a", selector={})).resource.name == "root"


def test_weights_of_several_destinations_count() -> None:
    """Destinations that differ in a subset, a port or headers are two."""
    two = [{"destination": {"host": "a", "subset": subset}, "weight": 50} for subset in ("v1", "v2")]

    assert not findings(ineffective_weight.RULE, routes({"route": two}, hosts=["a"]))
    assert [item.severity for item in findings(ineffective_weight.RULE, routes({"route": [two[0], two[0]]}, hosts=["a"]))] == [None]


def test_a_percent_beside_a_percentage_is_removed() -> None:
    """The newer field counts, so the older one goes without a trace; a gateway with a slash is written as it should be."""
    fault = {"delay": {"percent": 5, "percentage": {"value": 1}, "fixedDelay": "1s"}}
    found = only(outdated_notation.RULE, routes({"fault": fault, **to("a")}, hosts=["a"], gateways=["ns/edge.one"]))

    assert [operation.op for operation in fix(found).patches[0].operations] == ["test", "remove"]
    assert outdated_notation.RULE.severity is Severity.INFO
