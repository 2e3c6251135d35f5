"""Rules about what only waypoints do in ambient mode, where their pages' examples do not reach."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import HTTPRoute
from kubectl_meshfix.resources.istio_extensions import WasmPlugin
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter, Sidecar
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, RequestAuthentication, Telemetry
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.ambient import (
    http_policy_at_ztunnel,
    policy_target_without_waypoint,
    route_without_waypoint,
    selector_nobody_follows,
    waypoint_bypassed,
)
from kubectl_meshfix.rules.rule import Rule, Severity
from tests.injection.installations import INSTALLATIONS, decoded, deployment, namespace
from tests.injection.waypoints import USE, service, waypoint
from tests.rules.asking import findings, fix, only, paths
from tests.traffic.objects import make, routes, rule

POLICY, TARGET, SELECTOR = http_policy_at_ztunnel.RULE, policy_target_without_waypoint.RULE, selector_nobody_follows.RULE
ROUTE, BYPASSED = route_without_waypoint.RULE, waypoint_bypassed.RULE
AMBIENT = {"istio.io/dataplane-mode": "ambient"}
CART = {"app": "cart"}
SHOP: tuple[Object, ...] = (*INSTALLATIONS["default"], namespace("shop", AMBIENT), deployment(CART), service())
WITH_WAYPOINT: tuple[Object, ...] = (
    *INSTALLATIONS["default"],
    namespace("shop", {**AMBIENT, USE: "waypoint"}),
    deployment(CART),
    service(),
    waypoint(),
)
SIDECARS: tuple[Object, ...] = (*INSTALLATIONS["default"], namespace("shop", {"istio-injection": "enabled"}), deployment(CART), service())
SELECTED: dict[str, Any] = {"selector": {"matchLabels": CART}}
TARGETED: dict[str, Any] = {"targetRefs": [{"group": "", "kind": "Service", "name": "cart"}]}


def policy(action: str, *rules: Any, home: str = "shop", annotations: dict[str, str] | None = None, **spec: Any) -> Object:
    """An AuthorizationPolicy."""
    obj: Object = make(AuthorizationPolicy, "one", home, annotations, action=action, rules=list(rules), **spec)
    return obj


def to(**operation: Any) -> dict[str, Any]:
    """A rule with one operation."""
    return {"to": [{"operation": operation}]}


GET, PORT = to(methods=["GET"]), to(ports=["8080"])
BOTH = to(methods=["GET"], ports=["8080"])

# ---------------------------------------------------------------- MF802


@pytest.mark.parametrize(
    ("action", "rules", "says"),
    [
        ("DENY", [GET], "nothing is left of this policy"),
        ("DENY", [GET, PORT], "nothing is left of one of its rules"),
        ("DENY", [BOTH], "denies without it"),
        ("DENY", [PORT], ""),
        ("DENY", [{}], ""),
        ("DENY", [{"from": [{"source": {"requestPrincipals": ["*"]}}]}], "nothing is left"),
        ("DENY", [{"from": [{"source": {"trustDomains": ["a"]}}]}], "nothing is left"),
        ("DENY", [{"when": [{"key": "request.headers[a]", "values": ["b"]}]}], "nothing is left"),
        ("DENY", [{"when": [{"key": "source.ip", "values": ["10.0.0.1"]}]}], ""),
        ("ALLOW", [GET], "ignores this policy"),
        ("ALLOW", [BOTH], "ignores this policy"),
        ("ALLOW", [GET, PORT], "ignores one of its rules"),
        ("ALLOW", [], ""),
        ("ALLOW", [{"from": [{"source": {"trustDomains": ["a"]}}]}], "ignores this policy"),
        ("CUSTOM", [{}], "asks no external authorizer"),
        ("AUDIT", [GET], ""),
    ],
)
def test_what_ztunnel_makes_of_a_policy(action: str, rules: list[Any], says: str) -> None:
    """A DENY that is lost, one that denies more, an ALLOW that is lost; what is of layer 4 alone is silent."""
    found = findings(POLICY, *SHOP, policy(action, *rules))

    assert bool(found) is bool(says)
    assert all(says in item.message for item in found)
    assert all((item.severity or POLICY.severity) is Severity.ERROR for item in found)


@pytest.mark.parametrize(
    "objects",
    [
        (*SIDECARS, policy("DENY", GET)),
        (*SHOP, policy("DENY", GET, **TARGETED)),
        (*SHOP, policy("DENY", GET, selector={"matchLabels": {"app": "stock"}})),
        (*SHOP, policy("DENY", GET, home="other")),
        (*SHOP, policy("DENY", GET, annotations={"istio.io/dry-run": "true"})),
    ],
    ids=["sidecars", "targets", "other pods", "other namespace", "dry run"],
)
def test_who_reads_http_is_left_alone(objects: tuple[Object, ...]) -> None:
    """Only what ztunnel enforces is lost there."""
    assert not findings(POLICY, *objects)


def test_the_root_namespace_reaches_ambient_pods() -> None:
    """A policy of the root namespace without a selector is for all pods, and lost for those in ambient mode."""
    assert findings(POLICY, *SHOP, policy("DENY", GET, home="istio-system"))


def test_an_empty_namespace_in_ambient_mode_counts_for_all_its_pods() -> None:
    """Where files hold no workload of it, a policy for the whole namespace is reported, and one with a selector is not."""
    space = namespace("shop", AMBIENT)

    assert "the pods of namespace shop" in only(POLICY, space, policy("DENY", GET), live=False).message
    assert not findings(POLICY, space, policy("DENY", GET, **SELECTED), live=False)


@pytest.mark.parametrize(
    ("objects", "spec", "safety", "aliases"),
    [
        (WITH_WAYPOINT, SELECTED, Safety.UNSAFE, ("KIA0110",)),
        (WITH_WAYPOINT, {}, Safety.MANUAL, ("KIA0110",)),
        ((*WITH_WAYPOINT, service(name="basket")), SELECTED, Safety.MANUAL, ("KIA0110",)),
        (SHOP, SELECTED, Safety.MANUAL, ("KIA0109", "KIA0110", "KIA1317")),
        ((*SHOP, waypoint()), SELECTED, Safety.MANUAL, ("KIA0109", "KIA0110", "KIA1317")),
    ],
)
def test_a_selector_becomes_targets_where_they_are_the_same(
    objects: tuple[Object, ...], spec: Mapping[str, Any], safety: Safety, aliases: tuple[str, ...]
) -> None:
    """One Service with a waypoint that leads to exactly these pods; a waypoint that nobody names does not count."""
    found = only(POLICY, *objects, policy("ALLOW", GET, **spec))

    assert fix(found).safety is safety
    assert found.aliases == aliases


# ---------------------------------------------------------------- MF803


@pytest.mark.parametrize(
    ("objects", "is_found"),
    [
        (SHOP, True),
        (WITH_WAYPOINT, False),
        (SIDECARS, True),
        ((namespace("shop", {**AMBIENT, USE: "waypoint"}), service({USE: "none"})), True),
        ((namespace("shop", AMBIENT), service({USE: "waypoint"}), waypoint()), False),
        ((namespace("shop", {**AMBIENT, USE: "gone"}), service()), False),
    ],
    ids=["no label", "namespace's label", "sidecars", "none", "own label", "waypoint that is gone"],
)
def test_targets_need_a_waypoint(objects: tuple[Object, ...], *, is_found: bool) -> None:
    """A Service's own label counts before its namespace's; a waypoint that cannot be used is another rule's matter."""
    assert bool(findings(TARGET, *objects, policy("ALLOW", GET, **TARGETED))) is is_found


def test_unread_labels_are_not_known() -> None:
    """Where namespaces may not be read, or files do not hold one, nobody knows whether a waypoint is named."""
    targeted = policy("ALLOW", GET, **TARGETED)

    assert not findings(TARGET, service(), targeted, coverage={kinds.NAMESPACE: Coverage(reason="forbidden")})
    assert not findings(TARGET, service(), targeted, live=False)
    assert only(TARGET, service(), targeted).severity is Severity.ERROR
    assert only(TARGET, namespace("shop"), service(), targeted, live=False).severity is Severity.WARNING


@pytest.mark.parametrize(
    ("target", "is_found"),
    [
        ({"group": "", "kind": "Service", "name": "carts"}, True),
        ({"group": "core", "kind": "Service", "name": "carts"}, True),
        ({"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "waypoint"}, False),
        ({"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "edge"}, True),
        ({"group": "gateway.networking.k8s.io", "kind": "GatewayClass", "name": "istio-waypoint"}, False),
    ],
)
def test_targets_that_do_not_exist(target: dict[str, str], *, is_found: bool) -> None:
    """A name that nothing has is reported at the name, in targetRef too."""
    assert paths(TARGET, *WITH_WAYPOINT, policy("ALLOW", GET, targetRef=target)) == (["/spec/targetRef/name"] if is_found else [])


# ---------------------------------------------------------------- MF804


@pytest.mark.parametrize(
    ("struct", "field"),
    [
        (RequestAuthentication, "selector"),
        (WasmPlugin, "selector"),
        (Telemetry, "selector"),
        (EnvoyFilter, "workloadSelector"),
        (Sidecar, "workloadSelector"),
    ],
)
def test_ztunnel_follows_none_of_these(struct: type[Object], field: str) -> None:
    """With labels or for the whole namespace, of pods in ambient mode, and not of pods with sidecars."""
    labels: dict[str, Any] = {field: {"matchLabels" if field == "selector" else "labels": CART}}

    cases: tuple[tuple[dict[str, Any], str], ...] = ((labels, f"/spec/{field}"), ({}, "/spec"))
    for spec, path in cases:
        obj = make(struct, "one", **spec)
        assert paths(SELECTOR, *SHOP, obj) == [path]
        assert not findings(SELECTOR, *SIDECARS, obj)
        assert not findings(SELECTOR, *SHOP, make(struct, "one", "istio-system"))


def test_a_namespace_whose_labels_ask_for_sidecars_too_has_proxies_that_follow() -> None:
    """Files without pods tell of ambient mode only where new pods get no sidecar; with one they are not in ambient."""
    obj = make(Sidecar, "one")
    assert paths(SELECTOR, namespace("shop", AMBIENT), obj, live=False) == ["/spec"]
    for label in ({"istio-injection": "enabled"}, {"istio.io/rev": "canary"}):
        assert not findings(SELECTOR, namespace("shop", {**AMBIENT, **label}), obj, live=False)


def test_a_gateway_or_a_waypoint_follows_what_is_for_a_namespace() -> None:
    """A gateway takes all of these, and a waypoint Telemetries for the whole namespace; a Sidecar is for neither."""
    edge = waypoint(name="edge", class_name="istio")
    tokens, logs, scope = make(RequestAuthentication, "one"), make(Telemetry, "one"), make(Sidecar, "one")

    assert not findings(SELECTOR, *SHOP, edge, tokens, logs)
    assert findings(SELECTOR, *WITH_WAYPOINT, tokens)
    assert not findings(SELECTOR, *WITH_WAYPOINT, logs)
    assert findings(SELECTOR, *SHOP, edge, scope)


@pytest.mark.parametrize("setting", ["true", "false", ""])
def test_gateways_follow_selectors_unless_told_otherwise(setting: str) -> None:
    """Istioctl reports every selector of a Kubernetes Gateway; by default it has effect."""
    labels = {"gateway.networking.k8s.io/gateway-name": "edge"}
    env = [{"name": "ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY", "value": setting}]
    discovery = {"containers": [{"name": "discovery", "image": "istio/pilot:1.30.0", "env": env}]}
    where = {"name": "istiod", "namespace": "istio-system", "labels": {"app": "istiod"}}
    template = {"metadata": {"labels": {"app": "istiod"}}, "spec": discovery}
    istiod = decoded({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": where, "spec": {"template": template}})
    proxy = {"containers": [{"name": "istio-proxy", "image": "istio/proxyv2:1.30.0"}]}
    pod = decoded({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "shop", "labels": labels}, "spec": proxy})

    found = findings(SELECTOR, istiod, pod, policy("ALLOW", GET, selector={"matchLabels": labels}))

    assert bool(found) is (setting == "false")
    assert all(fix(item).patches[0].operations[-1].value[0]["name"] == "edge" for item in found)


# ---------------------------------------------------------------- MF805

HOST = "cart.shop.svc.cluster.local"
OTHER = (namespace("web", {"istio-injection": "enabled"}), deployment({"app": "web"}, namespace="web"))


@pytest.mark.parametrize(
    ("route", "is_found"),
    [
        (routes(hosts=["cart"]), True),
        (routes(hosts=["cart"], gateways=["mesh"]), True),
        (routes(hosts=["cart"], gateways=["mesh", "edge"]), False),
        (routes(hosts=["cart", "www.example.com"]), False),
        (routes(hosts=["*.shop.svc.cluster.local"]), False),
        (routes(), False),
        (rule(HOST), True),
        (rule(HOST, namespace="other"), False),
        (make(HTTPRoute, "one", parentRefs=[{"group": "", "kind": "Service", "name": "cart"}]), True),
        (make(HTTPRoute, "one", parentRefs=[{"name": "edge"}]), False),
    ],
)
def test_routes_that_only_a_waypoint_would_follow(route: Object, *, is_found: bool) -> None:
    """Of the mesh alone, for hosts all of which are in ambient mode; none where a waypoint is named or pods have sidecars."""
    assert bool(findings(ROUTE, *SHOP, route)) is is_found
    assert not findings(ROUTE, *WITH_WAYPOINT, route)
    assert not findings(ROUTE, *SIDECARS, route)


def test_sidecars_elsewhere_may_follow_it() -> None:
    """Then it is information about the callers in ambient mode."""
    assert only(ROUTE, *SHOP, routes(hosts=["cart"])).severity is None
    assert only(ROUTE, *SHOP, *OTHER, routes(hosts=["cart"])).severity is Severity.INFO


def test_a_waypoint_follows_routes_of_its_own_namespaces() -> None:
    """Those of the Service's namespace, and those of the waypoint's own."""
    shared = (
        *INSTALLATIONS["default"],
        namespace("shop", {**AMBIENT, USE: "shared", "istio.io/use-waypoint-namespace": "edge"}),
        deployment(CART),
        service(),
        waypoint(name="shared", namespace="edge", admits={"from": "All"}),
    )

    assert not findings(ROUTE, *shared, routes(hosts=[HOST]), routes(hosts=[HOST], namespace="edge", name="two"))
    assert paths(ROUTE, *shared, routes(hosts=[HOST], namespace="web")) == ["/spec/hosts/0"]


# ---------------------------------------------------------------- MF807


def test_a_sidecar_bypasses_its_namespaces_waypoint() -> None:
    """One that refuses ambient mode or asks for a sidecar is reported only where there is a waypoint to bypass."""
    labels = {"sidecar.istio.io/inject": "true", "istio.io/dataplane-mode": "none", **CART}

    assert not findings(BYPASSED, *INSTALLATIONS["default"], namespace("shop", AMBIENT), deployment(labels), waypoint())
    found = only(BYPASSED, *INSTALLATIONS["default"], namespace("shop", {**AMBIENT, USE: "waypoint"}), deployment(labels), waypoint())
    assert found.aliases == ("KIA1316",)


@pytest.mark.parametrize(
    ("labels", "is_found"), [({USE: "waypoint"}, True), ({USE: "waypoint", "istio.io/ingress-use-waypoint": "true"}, False)]
)
def test_gateways_may_use_a_waypoint(labels: dict[str, str], *, is_found: bool) -> None:
    """Without ambient mode nobody uses a waypoint, but for gateways that are told to."""
    found = findings(BYPASSED, namespace("shop"), service(labels), waypoint())

    assert [(item.severity, item.aliases) for item in found] == ([(Severity.INFO, ("KIA1312",))] if is_found else [])


@pytest.mark.parametrize("asked", [POLICY, TARGET, SELECTOR, ROUTE, BYPASSED], ids=lambda item: item.code)
def test_a_mesh_of_sidecars_is_silent(asked: Rule) -> None:
    """Where nothing is in ambient mode these rules say nothing of what sidecars follow."""
    objects = (policy("DENY", GET), make(RequestAuthentication, "one"), make(Telemetry, "one"), routes(hosts=["cart"]), rule(HOST))

    assert not findings(asked, *SIDECARS, *objects)
