"""Rules about patches of EnvoyFilters, where their pages' examples do not reach."""

from typing import Any

import pytest

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.extensions import envoyfilter_never_applied, envoyfilter_order, envoyfilter_refused_by_envoy
from kubectl_meshfix.rules.rule import Severity
from tests.injection.installations import decoded
from tests.rules.asking import findings, fix, only, paths
from tests.traffic.objects import make

INERT, REFUSED, ORDER = envoyfilter_never_applied.RULE, envoyfilter_refused_by_envoy.RULE, envoyfilter_order.RULE
MANAGER, ROUTER = "envoy.filters.network.http_connection_manager", "envoy.filters.http.router"
LUA = {"name": "shop.lua", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"}}


def matching(network: str = MANAGER, http: str = "", **rest: Any) -> dict[str, Any]:
    """A match by the names of a network filter and, where it is given, of an HTTP filter."""
    found = {"name": network, **({"subFilter": {"name": http}} if http else {})}
    return {"listener": {"filterChain": {"filter": found}}, **rest}


def patch(apply_to: str, operation: str, match: Any = None, value: Any = LUA) -> dict[str, Any]:
    """One patch."""
    return {"applyTo": apply_to, "match": match, "patch": {"operation": operation, "value": value}}


def envoy_filter(*patches: dict[str, Any], name: str = "one", labels: dict[str, str] | None = None, **rest: Any) -> EnvoyFilter:
    """An EnvoyFilter of namespace shop."""
    obj: EnvoyFilter = make(EnvoyFilter, name, configPatches=list(patches), workloadSelector={"labels": labels or {}}, **rest)
    return obj


# ---------------------------------------------------------------- MF704


APPLIED = {
    "LISTENER": "MERGE ADD REMOVE INSERT_FIRST",
    "FILTER_CHAIN": "MERGE ADD REMOVE INSERT_FIRST",
    "CLUSTER": "MERGE ADD REMOVE INSERT_FIRST",
    "LISTENER_FILTER": "MERGE ADD REMOVE REPLACE INSERT_FIRST INSERT_BEFORE INSERT_AFTER",
    "NETWORK_FILTER": "MERGE REMOVE REPLACE INSERT_FIRST INSERT_BEFORE",
    "HTTP_FILTER": "MERGE REPLACE INSERT_FIRST INSERT_BEFORE",
    "ROUTE_CONFIGURATION": "MERGE",
    "VIRTUAL_HOST": "MERGE ADD REMOVE REPLACE",
    "HTTP_ROUTE": "MERGE ADD REMOVE INSERT_FIRST INSERT_BEFORE INSERT_AFTER",
    "EXTENSION_CONFIG": "ADD",
}
IGNORED = {
    "LISTENER": "REPLACE",
    "FILTER_CHAIN": "REPLACE",
    "CLUSTER": "REPLACE",
    "HTTP_ROUTE": "REPLACE",
    "ROUTE_CONFIGURATION": "ADD REMOVE REPLACE INSERT_FIRST INSERT_BEFORE INSERT_AFTER",
    "EXTENSION_CONFIG": "MERGE REMOVE REPLACE",
}


def pairs(table: dict[str, str]) -> list[tuple[str, str]]:
    """Each kind of object with each of its operations."""
    return [(kind, operation) for kind, operations in table.items() for operation in operations.split()]


@pytest.mark.parametrize(("apply_to", "operation"), pairs(APPLIED))
def test_what_istiod_carries_out_is_not_reported(apply_to: str, operation: str) -> None:
    """An operation that istiod has for a kind of object, about a filter that is named, is silent: istioctl says otherwise of some."""
    match = {"listener": {"listenerFilter": "envoy.filters.listener.tls_inspector"}}
    if apply_to in ("NETWORK_FILTER", "HTTP_FILTER"):
        match = matching(http=ROUTER if apply_to == "HTTP_FILTER" else "")

    assert not findings(INERT, envoy_filter(patch(apply_to, operation, match)))


@pytest.mark.parametrize(("apply_to", "operation"), pairs(IGNORED))
def test_what_istiod_ignores_is_reported(apply_to: str, operation: str) -> None:
    """An operation that istiod has no code for is reported at the operation, by the code of istioctl that means it."""
    found = only(INERT, envoy_filter(patch(apply_to, operation)))

    assert found.path == "/spec/configPatches/0/patch/operation"
    wanted = {"REPLACE": ("IST0152",), "ADD": ("IST0153",), "REMOVE": ("IST0154",)}
    assert found.aliases == wanted.get(operation, ())


@pytest.mark.parametrize("operation", ["REMOVE", "REPLACE"])
@pytest.mark.parametrize(
    ("apply_to", "match"), [("HTTP_FILTER", matching()), ("NETWORK_FILTER", None), ("LISTENER_FILTER", {"listener": {}})]
)
def test_nothing_is_removed_or_replaced_without_a_name(operation: str, apply_to: str, match: Any) -> None:
    """A filter has to be named at its own level: an HTTP filter's network filter is not enough."""
    assert paths(INERT, envoy_filter(patch(apply_to, operation, match))) == ["/spec/configPatches/0/patch/operation"]


@pytest.mark.parametrize("operation", ["REMOVE", "REPLACE", "ADD", "INSERT_AFTER"])
def test_patches_of_waypoints_are_not_judged(operation: str) -> None:
    """A patch for waypoints names its filter in a place of its own, and nothing is said of it: Istio's istiod applies none."""
    named = {"name": MANAGER, "subFilter": {"name": ROUTER}}
    obj = envoy_filter(patch("HTTP_FILTER", operation, {"context": "WAYPOINT", "waypoint": {"filter": named}}))

    assert not findings(INERT, obj)
    assert not findings(REFUSED, obj)


@pytest.mark.parametrize(
    ("apply_to", "match", "at"),
    [
        ("HTTP_FILTER", matching(MANAGER, "envoy.ext_authz"), "filterChain/filter/subFilter/name"),
        ("NETWORK_FILTER", matching("envoy.tcp_proxy"), "filterChain/filter/name"),
        ("LISTENER_FILTER", {"listener": {"listenerFilter": "envoy.listener.tls_inspector"}}, "listenerFilter"),
    ],
)
def test_each_kind_of_filter_has_its_own_old_names(apply_to: str, match: Any, at: str) -> None:
    """The name is corrected where it stands, to a filter of the same kind."""
    found = only(INERT, envoy_filter(patch(apply_to, "INSERT_BEFORE", match)))

    assert found.path == f"/spec/configPatches/0/match/listener/{at}"
    new = fix(found).patches[0].operations[-1].value
    assert new.startswith(f"envoy.filters.{apply_to.partition('_')[0].lower()}.")


def test_a_name_that_another_filter_gives_is_there() -> None:
    """Envoy takes any name: where an EnvoyFilter inserts a filter under an old one, a match by it finds that."""
    lua = {**LUA, "name": "envoy.lua"}
    bringing = envoy_filter(patch("HTTP_FILTER", "INSERT_FIRST", None, lua), name="lua")

    assert not findings(INERT, bringing, envoy_filter(patch("HTTP_FILTER", "INSERT_BEFORE", matching(MANAGER, "envoy.lua"))))


def test_an_inert_patch_is_not_turned_into_a_fatal_one() -> None:
    """Where Envoy would refuse the patch once it is applied, names are left to a person, and the other rule waits."""
    obj = envoy_filter(patch("HTTP_FILTER", "INSERT_AFTER", matching("envoy.http_connection_manager", "envoy.router")))

    assert fix(only(INERT, obj)).safety is Safety.MANUAL
    assert not findings(REFUSED, obj)


@pytest.mark.parametrize("apply_to", ["CLUSTER", "LISTENER", "HTTP_FILTER"])
def test_old_types_are_found_at_any_depth(apply_to: str) -> None:
    """A type of Envoy's v2 API inside of lists and mappings is found; one of Istio's own whose name has v2 in it is none."""
    old = {"@type": "type.googleapis.com/envoy.api.v2.auth.DownstreamTlsContext"}
    own = {"@type": "type.googleapis.com/istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig"}

    assert paths(INERT, envoy_filter(patch(apply_to, "INSERT_FIRST", None, {"a": [{"typed_config": old}], "typed_config": own}))) == [
        "/spec/configPatches/0/patch/value/a/0/typed_config/@type"
    ]
    assert not findings(INERT, envoy_filter(patch(apply_to, "INSERT_FIRST", None, {"a": [{"typed_config": own}]})))


@pytest.mark.parametrize("match", [None, {}, {"listener": None}, {"listener": []}, "x", {"listener": {"filterChain": {"filter": "x"}}}])
@pytest.mark.parametrize("rule", [INERT, REFUSED, ORDER])
def test_a_match_of_any_shape_can_be_read(rule: Any, match: Any) -> None:
    """What the webhook would refuse, and an old cluster may hold, is no reason to fail."""
    assert findings(rule, envoy_filter(patch("HTTP_FILTER", "MERGE", match))) == []


@pytest.mark.parametrize(
    ("version", "asked", "is_found"),
    [("1.14.6", "", False), ("1.15.0", "", True), ("", r"^1\.9.*", False), ("", r"^1\.2\d.*", True), ("", r"1\.(9|3\d)", True)],
)
def test_old_names_are_right_for_old_proxies(version: str, asked: str, *, is_found: bool) -> None:
    """Where an istiod before 1.15 was read, or the patch asks for older proxies alone, retired names and types by name are right."""
    where = {"name": "istiod", "namespace": "istio-system", "labels": {"app": "istiod"}}
    discovery = {"containers": [{"name": "discovery", "image": f"istio/pilot:{version}"}]}
    template = {"metadata": {"labels": {"app": "istiod"}}, "spec": discovery}
    istiod = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": where, "spec": {"template": template}}
    objects = (decoded(istiod),) if version else ()
    proxy: dict[str, Any] = {"proxy": {"proxyVersion": asked}} if asked else {}
    match = matching("envoy.http_connection_manager", **proxy)

    assert bool(findings(INERT, *objects, envoy_filter(patch("HTTP_FILTER", "INSERT_FIRST", match)), live=False)) is is_found
    by_name = envoy_filter(patch("HTTP_FILTER", "INSERT_FIRST", matching(**proxy), {"name": "envoy.lua"}))
    assert bool(findings(REFUSED, *objects, by_name, live=False)) is is_found


def running(version: str) -> Object:
    """A pod of namespace shop with a proxy of a version."""
    spec = {"containers": [{"name": "istio-proxy", "image": f"docker.io/istio/proxyv2:{version}"}]}
    return decoded({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p-{version}", "namespace": "shop"}, "spec": spec})


def versioned(pattern: str, name: str = "one") -> EnvoyFilter:
    """An EnvoyFilter with a patch for proxies of some versions."""
    return envoy_filter(patch("CLUSTER", "MERGE", {"proxy": {"proxyVersion": pattern}}, {}), name=name)


@pytest.mark.parametrize(
    ("pattern", "objects", "is_found"),
    [
        (r"^1\.29.*", [running("1.30.0")], True),
        (r"^1\.30.*", [running("1.30.0")], False),
        (r"1\.30", [running("1.30.0-distroless")], False),
        (r"^1\.29.*", [running("1.30.0"), running("1.29.4")], False),
        (r"^1\.29.*", [running("custom")], False),
        (r"^1\.29.*", [], False),
        (r"^1\.29.*", [running("1.30.0"), versioned(r"^1\.30.*", "two")], False),
        ("", [running("1.30.0")], False),
    ],
)
def test_a_version_that_no_proxy_has(pattern: str, objects: list[Object], *, is_found: bool) -> None:
    """All proxies have to be of known versions that do not match; an EnvoyFilter beside it for what runs shows that it is meant."""
    found = [item for item in findings(INERT, versioned(pattern), *objects) if item.resource.name == "one"]

    assert bool(found) is is_found
    assert all((item.severity or INERT.severity) is Severity.WARNING for item in found)


# ---------------------------------------------------------------- MF705


@pytest.mark.parametrize(
    ("patches", "is_found"),
    [
        ([patch("HTTP_FILTER", "INSERT_FIRST", matching())], False),
        ([patch("HTTP_FILTER", "INSERT_AFTER", matching())], True),
        ([patch("HTTP_FILTER", "INSERT_AFTER", matching(MANAGER, "envoy.filters.http.cors"))], False),
        ([patch("NETWORK_FILTER", "INSERT_AFTER", matching("envoy.filters.network.tcp_proxy"))], True),
        ([patch("NETWORK_FILTER", "INSERT_AFTER", matching("istio.stats"))], False),
        ([patch("NETWORK_FILTER", "ADD"), patch("NETWORK_FILTER", "REMOVE", matching())], False),
        ([patch("NETWORK_FILTER", "ADD"), patch("LISTENER", "ADD")], False),
        ([patch("HTTP_FILTER", "INSERT_FIRST", None, {"name": "envoy.lua"})], True),
        ([patch("HTTP_FILTER", "INSERT_FIRST", None, {"name": "x", "config_discovery": {"type_urls": ["a"]}})], False),
        ([patch("HTTP_FILTER", "MERGE", matching(MANAGER, ROUTER), {"name": "x"})], False),
        ([patch("CLUSTER", "ADD", None, {"name": "x"})], False),
        ([patch("LISTENER_FILTER", "ADD")], False),
    ],
)
def test_which_filters_envoy_refuses(patches: list[dict[str, Any]], *, is_found: bool) -> None:
    """A filter after the last one, or without a type; not one before it, nor where other patches make the chain right."""
    assert bool(findings(REFUSED, envoy_filter(*patches))) is is_found


@pytest.mark.parametrize(
    ("match", "path"),
    [
        (None, "/match"),
        ({"context": "GATEWAY"}, "/match/listener"),
        ({"listener": {"portNumber": 80}}, "/match/listener/filterChain"),
        ({"listener": {"filterChain": {"sni": "a"}}}, "/match/listener/filterChain/filter"),
        (matching(), "/match/listener/filterChain/filter/subFilter"),
    ],
)
def test_the_router_is_named_in_what_is_there(match: Any, path: str) -> None:
    """The match is completed from the deepest place that it has, and nothing of it is lost."""
    found = fix(only(REFUSED, envoy_filter(patch("HTTP_FILTER", "ADD", match))))

    added = found.patches[0].operations[-1]
    assert (added.op, added.path) == ("add", f"/spec/configPatches/0{path}")
    assert ROUTER in str(added.value)


def test_what_old_proxies_refuse_is_a_warning() -> None:
    """A patch for versions that nobody runs any more breaks no pod of today."""
    for asked, severity in (("^1\\.11.*", Severity.WARNING), ("^1\\.3\\d.*", None)):
        assert only(REFUSED, envoy_filter(patch("HTTP_FILTER", "ADD", {"proxy": {"proxyVersion": asked}}))).severity is severity


# ---------------------------------------------------------------- MF706

BRINGS = patch("HTTP_FILTER", "INSERT_FIRST", None, {**LUA, "name": "shop.limit"})
ABOUT = patch("HTTP_FILTER", "INSERT_BEFORE", matching(MANAGER, "shop.limit"))


def aged(name: str, day: int, *patches: dict[str, Any], namespace: str = "shop", **rest: Any) -> EnvoyFilter:
    """An EnvoyFilter that was created on a day."""
    meta = {"name": name, "namespace": namespace, "creationTimestamp": f"2026-01-0{day}T00:00:00Z"}
    spec = {"configPatches": list(patches), **rest}
    return decoded({"apiVersion": "networking.istio.io/v1alpha3", "kind": "EnvoyFilter", "metadata": meta, "spec": spec})  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("objects", "is_found"),
    [
        ([aged("a", 1, BRINGS), aged("b", 2, ABOUT)], False),
        ([aged("a", 2, BRINGS), aged("b", 1, ABOUT)], True),
        ([aged("a", 1, BRINGS), aged("b", 1, ABOUT)], False),
        ([aged("b", 1, BRINGS), aged("a", 1, ABOUT)], True),
        ([aged("a", 2, BRINGS), aged("b", 1, ABOUT, priority=1)], False),
        ([aged("a", 1, BRINGS, priority=1), aged("b", 2, ABOUT)], True),
        ([aged("a", 2, BRINGS, namespace="istio-system"), aged("b", 1, ABOUT)], False),
        ([aged("a", 1, BRINGS), aged("b", 2, ABOUT, namespace="istio-system")], True),
        ([aged("a", 2, BRINGS, namespace="other"), aged("b", 1, ABOUT)], False),
        ([aged("a", 1, ABOUT, BRINGS), aged("b", 2, BRINGS)], False),
        ([aged("a", 2, BRINGS), aged("b", 1, patch("HTTP_FILTER", "MERGE", matching(MANAGER, "shop.limit")))], False),
        (
            [
                aged("a", 2, BRINGS, workloadSelector={"labels": {"app": "a"}}),
                aged("b", 1, ABOUT, workloadSelector={"labels": {"app": "b"}}),
            ],
            False,
        ),
    ],
)
def test_who_patches_first(objects: list[Object], *, is_found: bool) -> None:
    """Priority, then the root namespace, then age, then name; an EnvoyFilter that brings the filter itself depends on nobody."""
    assert bool(findings(ORDER, *objects)) is is_found


def test_of_unknown_age_is_said_so() -> None:
    """Manifests have no age, and the message says what decides."""
    found = only(ORDER, envoy_filter(BRINGS, name="a"), envoy_filter(ABOUT, name="b"), live=False)

    assert "order of their creation decides" in found.message
    assert found.resource.name == "b"
