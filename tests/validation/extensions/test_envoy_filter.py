"""What istiod's webhook refuses in an EnvoyFilter, and what it warns of."""

import pytest

from kubectl_meshfix.validation.extensions.envoy_filter import violations
from tests.validation.cases import GONE, Case, assert_case, changed, found

MANAGER, ROUTER = "envoy.filters.network.http_connection_manager", "envoy.filters.http.router"
LUA = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"
GOOD = {
    "metadata": {"name": "lua", "namespace": "shop"},
    "spec": {
        "workloadSelector": {"labels": {"app": "cart"}},
        "configPatches": [
            {
                "applyTo": "HTTP_FILTER",
                "match": {
                    "context": "SIDECAR_INBOUND",
                    "proxy": {"proxyVersion": r"^1\.2[0-9].*"},
                    "listener": {"filterChain": {"filter": {"name": MANAGER, "subFilter": {"name": ROUTER}}}},
                },
                "patch": {
                    "operation": "INSERT_BEFORE",
                    "value": {"name": "lua", "typed_config": {"@type": LUA, "inlineCode": "a"}},
                },
            },
            {
                "applyTo": "CLUSTER",
                "match": {"cluster": {"service": "cart.shop.svc.cluster.local"}},
                "patch": {"operation": "MERGE", "value": {"connect_timeout": "5s"}},
            },
        ],
    },
}
ONE, TWO = "/spec/configPatches/0", "/spec/configPatches/1"
FILTER, PATCH = f"{ONE}/match/listener/filterChain/filter", f"{ONE}/patch"
VALUE, VERSION = f"{PATCH}/value", f"{ONE}/match/proxy/proxyVersion"
CONFIG, INNER = f"{VALUE}/typed_config", f"{FILTER}/subFilter"

CASES = [
    Case("a selector has no wildcard", {"/spec/workloadSelector/labels/app": "*"}, "/spec/workloadSelector/labels/app"),
    Case("a selector without labels is warned of", {"/spec/workloadSelector": {}}, "/spec/workloadSelector", is_warning=True),
    Case("a patch says what it is for", {f"{ONE}/applyTo": GONE}, ONE, {f"{ONE}/match/context": "ANY"}),
    Case("INVALID is nothing", {f"{ONE}/applyTo": "INVALID"}, f"{ONE}/applyTo"),
    Case("a patch is needed", {PATCH: GONE}, ONE),
    Case("an operation is needed", {f"{PATCH}/operation": GONE}, PATCH),
    Case("INVALID is no operation", {f"{PATCH}/operation": "INVALID"}, f"{PATCH}/operation"),
    Case("a value is needed", {VALUE: GONE}, PATCH, {VALUE: GONE, f"{PATCH}/operation": "REMOVE"}),
    Case("a version is a regular expression", {VERSION: "1.2["}, VERSION, {VERSION: "1.2"}),
    Case("a long version is warned of", {VERSION: "[" * 1025}, VERSION, {VERSION: "1" * 1024}, is_warning=True),
    Case("a patch of a cluster matches clusters", {f"{TWO}/match": {"listener": {}}}, f"{TWO}/match/listener", {f"{TWO}/match": {}}),
    Case("a patch of a filter matches listeners", {f"{ONE}/match": {"cluster": {}}}, f"{ONE}/match/cluster", {f"{ONE}/match": {}}),
    Case(
        "a patch of a route matches routes",
        {f"{TWO}/applyTo": "HTTP_ROUTE"},
        f"{TWO}/match/cluster",
        {f"{TWO}/applyTo": "HTTP_ROUTE", f"{TWO}/match": {"routeConfiguration": {}}, f"{TWO}/patch/value": {"name": "a"}},
    ),
    Case("a filter of a match has a name", {FILTER: {}}, FILTER, {FILTER: GONE}),
    Case("a filter inside has a name", {INNER: {}}, INNER, {INNER: GONE}),
    Case("a filter inside is one of HTTP", {f"{ONE}/applyTo": "NETWORK_FILTER"}, INNER, {f"{ONE}/applyTo": "NETWORK_FILTER", INNER: GONE}),
    Case("a filter inside is in the one of HTTP", {f"{FILTER}/name": "envoy.filters.network.tcp_proxy"}, INNER),
    Case(
        "a filter of a listener's match is warned of",
        {f"{ONE}/applyTo": "LISTENER", INNER: GONE},
        FILTER,
        {f"{ONE}/applyTo": "LISTENER", f"{ONE}/match/listener": {}, VALUE: {"name": "a"}},
        is_warning=True,
    ),
    Case("a filter's configuration has a type", {f"{CONFIG}/@type": GONE}, CONFIG),
    Case("a type is a text", {f"{CONFIG}/@type": 5}, f"{CONFIG}/@type"),
    Case("a configuration is a map", {CONFIG: "a"}, CONFIG, {VALUE: {"name": "a", "typedConfig": {"@type": LUA}}}),
    Case("a filter's name is a text", {f"{VALUE}/name": 5}, f"{VALUE}/name", {f"{VALUE}/name": "5"}, correction="5"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)


def test_patches_of_waypoints_are_not_checked() -> None:
    """They are left alone by istiod, whatever they lack."""
    said = found(violations, changed(GOOD, {ONE: {"match": {"context": "WAYPOINT"}}}))

    assert said == []
