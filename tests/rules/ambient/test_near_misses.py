"""Rules about ambient mode: inputs that differ in one thing from what is reported, or from what is corrected."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_extensions import WasmPlugin
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, RequestAuthentication, Telemetry
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.ambient import (
    http_policy_at_ztunnel,
    pods_in_another_mode,
    policy_target_without_waypoint,
    route_without_waypoint,
    selector_nobody_follows,
    unusable_waypoint,
)
from kubectl_meshfix.rules.rule import Severity
from tests.injection.installations import INSTALLATIONS, decoded, deployment, namespace
from tests.injection.waypoints import PENDING, USE, USE_NAMESPACE, service, waypoint
from tests.rules.asking import findings, fix, only
from tests.rules.test_ambient import AMBIENT, CONFLICT, ENROLLED, pod
from tests.rules.test_layer_seven import GET, SELECTED, SHOP, TARGETED, WITH_WAYPOINT, policy
from tests.traffic.objects import entry, make, routes, rule

HTTP, MODES = http_policy_at_ztunnel.RULE, pods_in_another_mode.RULE
TARGET, UNUSABLE = policy_target_without_waypoint.RULE, unusable_waypoint.RULE
INJECTED: tuple[Object, ...] = (*INSTALLATIONS["default"], namespace("shop", {"istio-injection": "enabled"}))
CHANGES_MODE: tuple[Object, ...] = (*INSTALLATIONS["default"], namespace("shop", AMBIENT))


@pytest.mark.parametrize(("home", "safety"), [("shop", Safety.UNSAFE), ("istio-system", Safety.MANUAL)])
def test_targets_are_of_the_policys_own_namespace(home: str, safety: Safety) -> None:
    """A policy of the root namespace cannot name a Service of another one in targetRefs."""
    assert fix(only(HTTP, *WITH_WAYPOINT, policy("ALLOW", GET, home=home, **SELECTED))).safety is safety


@pytest.mark.parametrize(
    ("own", "summary"),
    [
        ({}, "Label Service cart istio.io/use-waypoint=waypoint."),
        ({USE: "none"}, "Let a waypoint handle traffic to Service cart."),
    ],
)
def test_a_service_that_wants_no_waypoint_is_not_given_one(own: Mapping[str, str], summary: str) -> None:
    """A label that is there says what somebody meant, so only a person changes it."""
    objects = (namespace("shop", AMBIENT), service(own), waypoint())

    assert fix(only(TARGET, *objects, policy("ALLOW", GET, **TARGETED))).summary == summary


def test_a_waypoint_that_does_not_admit_a_service_is_not_of_the_wrong_kind() -> None:
    """Which namespaces it admits is asked first, for Services as for whole namespaces."""
    found = only(UNUSABLE, namespace("shop"), service({USE: "waypoint", USE_NAMESPACE: "edge"}), waypoint(namespace="edge"))

    assert found.message == (
        "Waypoint edge/waypoint does not admit this namespace. Traffic goes straight to its destination, without HTTP routes and policies."
    )
    assert found.evidence == ("istio.io/use-waypoint=waypoint",)
    assert fix(found).summary == "Let allowedRoutes.namespaces of its HBONE listener admit this namespace."


def changed(obj: Object, **metadata: Any) -> Object:
    """An object with other metadata."""
    raw = json.loads(msgspec.json.encode(obj))
    raw["metadata"].update(metadata)
    return decoded(raw)


def in_a_file(obj: Object) -> Object:
    """A pod as a manifest has it: nobody made it yet."""
    raw = json.loads(msgspec.json.encode(obj))
    return decoded({**raw, "metadata": {**raw["metadata"], "ownerReferences": []}, "status": {}})


GOING = changed(pod({}, proxy=True), deletionTimestamp="2026-01-02T03:04:05Z")
OTHER = pod({}, name="cart-2", proxy=True)
WITH_PROXY = {"containers": [{"name": "cart", "image": "cart:1"}, {"name": "istio-proxy", "image": "istio/proxyv2:1.30.0"}]}


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ((deployment(), pod({}, proxy=True)), "cart-1 still runs with a sidecar"),
        ((deployment(), pod({}, proxy=True), OTHER), "cart-1 and cart-2 still run with a sidecar"),
        ((deployment(), GOING, OTHER), "cart-2 still runs with a sidecar"),
        ((deployment(), GOING), ""),
        ((deployment(), pod({})), ""),
        ((in_a_file(pod({}, proxy=True)),), ""),
        ((deployment(spec=WITH_PROXY), pod({}, proxy=True)), ""),
        ((deployment(spec=WITH_PROXY), pod(ENROLLED)), ""),
    ],
    ids=["one", "two", "one goes", "all go", "no sidecar", "bare", "proxy in the template", "proxy in the template now"],
)
def test_which_pods_run_in_another_mode(objects: tuple[Object, ...], message: str) -> None:
    """Those that stay, of a workload whose new pods would be in ambient mode; a proxy of the template's own comes with each new pod."""
    assert [item.message.partition(", and")[0] for item in findings(MODES, *CHANGES_MODE, *objects)] == ([message] if message else [])


def test_pods_that_leave_ambient_mode_are_told_too() -> None:
    """The other way round; the path is that of the pod template."""
    found = only(MODES, *INJECTED, deployment(), pod(ENROLLED))

    assert found.path == "/spec/template"
    assert found.message.startswith("cart-1 still runs in ambient mode, and new pods get a sidecar.")
    assert found.aliases == ("KIA1314",)


def test_gateways_in_files_are_known_where_one_is_read() -> None:
    """A Gateway of the namespace with a revision of its own follows nothing, so the risk names no other."""
    objects = (*INSTALLATIONS["r1"], namespace("shop", {**AMBIENT, "istio.io/rev": "r1", USE: "waypoint"}))
    own = waypoint(labels={"istio.io/rev": "r1"})

    assert "another control plane" in (fix(only(CONFLICT, *objects, live=False)).risk or "")
    assert "another control plane" not in (fix(only(CONFLICT, *objects, own, live=False)).risk or "")
    (in_part,) = findings(CONFLICT, *objects, own, coverage={kinds.KUBERNETES_GATEWAY: Coverage(reason="forbidden")})
    assert "another control plane" in (fix(in_part).risk or "")


def test_gateways_do_not_follow_the_label_of_sidecars() -> None:
    """Where no revision is taken away, no Gateway moves to another control plane, whether Gateways were read or not."""
    space = namespace("shop", {**AMBIENT, "istio-injection": "enabled"})
    unread = {kinds.KUBERNETES_GATEWAY: Coverage(reason="forbidden")}
    (found,) = findings(CONFLICT, *INSTALLATIONS["default"], space, waypoint(), coverage=unread)

    assert "another control plane" not in (fix(found).risk or "")


@pytest.mark.parametrize(
    ("struct", "clause", "severity", "aliases"),
    [
        (AuthorizationPolicy, "No proxy enforces this policy.", Severity.ERROR, ("KIA0109",)),
        (RequestAuthentication, "No proxy checks tokens for it.", Severity.ERROR, ("KIA1110",)),
        (WasmPlugin, "This plugin runs in no proxy.", Severity.WARNING, ("KIA1111",)),
        (Telemetry, "It changes no logs, metrics or traces.", Severity.WARNING, ("KIA1112",)),
        (EnvoyFilter, "This EnvoyFilter patches no proxy.", Severity.WARNING, ()),
    ],
)
def test_what_follows_where_nobody_follows_a_target(
    struct: type[Object], clause: str, severity: Severity, aliases: tuple[str, ...]
) -> None:
    """A policy that should refuse requests is an error on a cluster; what only watches or changes them is none."""
    objects = (namespace("shop", AMBIENT), service(), make(struct, "own", **TARGETED))
    found, in_files = only(TARGET, *objects), only(TARGET, *objects, live=False)

    assert found.message == f"Only waypoints follow targetRefs to Service cart, and none is named for it. {clause}"
    assert (found.severity, in_files.severity, found.aliases) == (severity, Severity.WARNING, aliases)


@pytest.mark.parametrize(("number", "count"), [(1, 1), (5, 5), (6, 5)])
def test_five_objects_that_ask_for_a_waypoint_are_named(number: int, count: int) -> None:
    """Of more than five the others are left out."""
    askers = [service({USE: "waypoint"}, name=f"cart-{index}") for index in range(number)]
    found = only(UNUSABLE, waypoint(addressed=False, condition=PENDING), *askers)

    assert [line for line in found.evidence if line.endswith("has istio.io/use-waypoint=waypoint")] == [
        f"Service shop/cart-{index} has istio.io/use-waypoint=waypoint" for index in range(count)
    ]


@pytest.mark.parametrize(
    ("route", "alias"),
    [
        (routes(hosts=["cart"]), "KIA1113"),
        (routes(hosts=["api.example.com"]), "KIA1109"),
        (rule("cart"), "KIA0211"),
        (rule("api.example.com"), "KIA0210"),
    ],
)
def test_what_kiali_calls_a_route_that_is_bypassed(route: Object, alias: str) -> None:
    """By the kind of the route, and of what it is for."""
    assert only(route_without_waypoint.RULE, *SHOP, entry("api", "shop", "api.example.com"), route).aliases == (alias,)


@pytest.mark.parametrize(
    ("struct", "first", "then"),
    [
        (RequestAuthentication, "KIA1115", "KIA1110"),
        (WasmPlugin, "KIA1116", "KIA1111"),
        (Telemetry, "KIA1117", "KIA1112"),
    ],
)
def test_what_kiali_calls_a_selector_that_nobody_follows(struct: type[Object], first: str, then: str) -> None:
    """That targets are wanted, and where no waypoint is named that too."""
    obj = make(struct, "own", **SELECTED)

    assert only(selector_nobody_follows.RULE, *SHOP, obj).aliases == (first, then)
    assert only(selector_nobody_follows.RULE, *WITH_WAYPOINT, obj).aliases == (first,)
