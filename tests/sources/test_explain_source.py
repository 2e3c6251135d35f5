"""What ``explain`` asks of a cluster, and no more."""

import msgspec
import pytest

from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, Pod
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.scope import NamedTarget
from kubectl_meshfix.sources.explain_source import FEW, read_environment, read_targets
from tests.sources.served import Served, named

MODE, USE, REDIRECTED = {"istio.io/dataplane-mode": "ambient"}, "istio.io/use-waypoint", {"ambient.istio.io/redirection": "enabled"}


def pod(namespace: str = "shop", labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None) -> Pod:
    """A pod."""
    return msgspec.convert(named("cart-1", namespace, labels=labels or {}, annotations=annotations or {}), Pod)


def deployment(labels: dict[str, str], namespace: str = "shop") -> Deployment:
    """A Deployment whose pods have labels."""
    return msgspec.convert(named("cart", namespace, spec={"template": {"metadata": {"labels": labels}}}), Deployment)


def space(name: str = "shop", **labels: str) -> Namespace:
    """A namespace."""
    return msgspec.convert(named(name, labels=labels), Namespace)


@pytest.mark.parametrize(
    ("beside", "services", "gateways"),
    [
        ([pod()], [], []),
        ([pod(labels={"istio.io/dataplane-mode": "none"})], [], []),
        ([pod(labels=MODE)], ["shop"], []),
        ([pod(annotations=REDIRECTED)], ["shop"], []),
        ([pod(annotations={"ambient.istio.io/redirection": "disabled"})], [], []),
        ([pod(labels=MODE, annotations=REDIRECTED)], ["shop"], []),
        ([pod(labels={**MODE, USE: "way"})], ["shop"], ["shop"]),
        ([pod(labels={**MODE, USE: "none"})], ["shop"], []),
        ([pod(labels={**MODE, USE: "way", f"{USE}-namespace": "ways"})], ["shop"], ["ways"]),
        ([pod(labels={USE: "way"})], [], []),
        ([pod(labels=MODE, namespace="other")], [], []),
        ([pod(labels=MODE), pod(labels={USE: "way"}, namespace="other")], ["shop"], []),
        ([deployment(MODE)], ["shop"], []),
        ([deployment({**MODE, USE: "way"})], ["shop"], ["shop"]),
        ([deployment({"app": "cart"})], [], []),
        ([msgspec.convert(named("shop", labels={**MODE, USE: "way"}), Namespace)], ["shop"], ["shop"]),
        ([msgspec.convert(named("other", labels=MODE), Namespace)], [], []),
    ],
)
def test_waypoints_are_looked_for_where_there_is_ambient(beside: list[Object], services: list[str], gateways: list[str]) -> None:
    """A label of an object or of the pods that it makes, or what redirection left; in the namespaces that are looked at alone."""
    served = Served({"namespaces": [named("shop")]})
    read_environment(served.connection, ["shop"], beside)

    assert (served.lists("services"), served.lists("gateways")) == (services, gateways)


@pytest.mark.parametrize(("count", "asked"), [(FEW, FEW), (FEW + 1, 1)])
def test_many_namespaces_are_asked_at_once(count: int, asked: int) -> None:
    """Of so many each is asked for what it holds, of more all of them."""
    names = [f"n{number:02}" for number in range(count)]
    served = Served({"namespaces": [named(name) for name in names]})
    read_environment(served.connection, names, [pod(name, labels={**MODE, USE: "way"}) for name in names])
    wanted = names if count <= FEW else [""]

    for plural in ("services", "gateways", "resourcequotas"):
        assert served.lists(plural) == wanted
        assert len(served.lists(plural)) == asked
    assert [path for path in served.asked if path == "/api/v1/namespaces"] == ["/api/v1/namespaces"] * (count > FEW)


def test_what_has_no_namespace_is_looked_for_in_none() -> None:
    """An object without one asks for no namespace of that name."""
    served = Served({"namespaces": [named("shop")]})
    snapshot = read_environment(served.connection, ["", "shop"], ())

    assert [path for path in served.asked if path.startswith("/api/v1/namespaces/") and path.count("/") == 4] == ["/api/v1/namespaces/shop"]
    assert [item.name for item in snapshot.mesh.all(Namespace)] == ["shop"]


SHOP = {
    "namespaces": [named("shop")],
    "services": [
        named("cart", "shop", spec={"selector": {"app": "cart"}}),
        named("empty", "shop", spec={"selector": {"app": "gone"}}),
        named("outside", "shop", spec={"type": "ExternalName"}),
    ],
    "pods": [
        named(
            f"cart-{number}",
            "shop",
            labels={"app": "cart"},
            spec={"containers": []},
        )
        for number in (1, 2)
    ],
    "deployments": [named("pay", "shop", labels={"app": "pay"}, spec={"selector": {"matchLabels": {"app": "pay"}}, "template": {}})],
    "statefulsets": [],
    "daemonsets": [],
}


@pytest.mark.parametrize(
    ("service", "pods", "makers"),
    [("cart", ["?app=cart"], False), ("empty", ["?app=gone"], True), ("outside", [], False)],
)
def test_what_is_behind_a_service(service: str, pods: list[str], makers: bool) -> None:
    """The pods that it selects; where there are none, all that may make some; of one that selects nothing, nothing is looked for."""
    served = Served(SHOP)
    read_targets(served.connection, [NamedTarget(kinds=(kinds.SERVICE,), name=service)], namespace="shop")

    path = "/api/v1/namespaces/shop/pods"
    found = [row.removeprefix(path) for row in served.asked if row.partition("?")[0] == path]
    assert found[: len(pods)] == pods
    assert ("/apis/apps/v1/namespaces/shop/statefulsets" in served.asked) is makers
    assert bool(found) is bool(pods)


def test_who_made_the_pods_behind_a_service_is_told() -> None:
    """The Deployment above the ReplicaSet of its pods, once for all of them."""

    def owned(name: str, kind: str, owner: str, **more: object) -> dict[str, object]:
        made = named(name, "shop", labels={"app": "cart"}, **more)
        made["metadata"]["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": kind, "name": owner, "uid": owner, "controller": True}]
        return made

    set_of_pods = owned("cart-1", "Deployment", "cart", spec={"template": {}})
    pods = [owned(f"cart-1-{number}", "ReplicaSet", "cart-1", spec={"containers": []}) for number in (1, 2)]
    served = Served({**SHOP, "pods": pods, "replicasets": [set_of_pods], "deployments": [named("cart", "shop", spec={"template": {}})]})
    found = read_targets(served.connection, [NamedTarget(kinds=(kinds.SERVICE,), name="cart")], namespace="shop")

    assert [item.name for item in found.mesh.all(Deployment)] == ["cart"]
    assert [row for row in served.asked if row.startswith("/apis/apps/v1/namespaces/shop/replicasets/")] == [
        "/apis/apps/v1/namespaces/shop/replicasets/cart-1"
    ]


DEPLOYMENTS = "/apis/apps/v1/namespaces/shop/deployments"


@pytest.mark.parametrize(
    ("kind", "name", "namespace", "asked"),
    [
        (kinds.NAMESPACE, "shop", None, "/api/v1/namespaces/shop"),
        (kinds.NAMESPACE, "shop", "other", "/api/v1/namespaces/shop"),
        (kinds.NAMESPACE, None, "shop", "/api/v1/namespaces"),
        (kinds.DEPLOYMENT, "pay", "shop", f"{DEPLOYMENTS}/pay"),
        (kinds.DEPLOYMENT, "pay", None, "/apis/apps/v1/deployments?metadata.name=pay"),
        (kinds.DEPLOYMENT, None, "shop", f"{DEPLOYMENTS}?app=pay"),
        (kinds.DEPLOYMENT, None, None, "/apis/apps/v1/deployments?app=pay"),
    ],
)
def test_how_a_target_is_looked_for(kind: kinds.Kind, name: str | None, namespace: str | None, asked: str) -> None:
    """By its name where it is known where that would be, by its name everywhere, or by its labels."""
    served = Served(SHOP)
    labels = "app=pay" if kind is kinds.DEPLOYMENT and not name else ""
    read_targets(served.connection, [NamedTarget(kinds=(kind,), name=name)], namespace=namespace, labels=labels)

    assert served.asked[0] == asked


@pytest.mark.parametrize(
    ("wanted", "namespace", "words"),
    [
        (NamedTarget(kinds=(kinds.DEPLOYMENT,), name="car"), "shop", "Deployment"),
        (NamedTarget(kinds=(kinds.DEPLOYMENT,), name="cart"), "nowhere", "nowhere"),
        (NamedTarget(kinds=(kinds.DEPLOYMENT,)), "nowhere", "nowhere"),
        (NamedTarget(kinds=(kinds.NAMESPACE,), name="nowhere"), None, "nowhere"),
    ],
)
def test_what_is_not_there(wanted: NamedTarget, namespace: str | None, words: str) -> None:
    """A name, or the namespace that was asked for."""
    with pytest.raises(UsageError, match=words):
        read_targets(Served(SHOP).connection, [wanted], namespace=namespace)


@pytest.mark.parametrize("namespace", ["shop", None])
def test_nothing_of_a_kind_is_no_error(namespace: str | None) -> None:
    """Where the namespace is there, or none was named."""
    snapshot = read_targets(Served(SHOP).connection, [NamedTarget(kinds=(kinds.STATEFUL_SET,))], namespace=namespace)

    assert not snapshot.unreadable


def test_a_namespace_that_may_not_be_read_is_not_said_to_be_missing() -> None:
    """Nobody knows whether it is there."""
    served = Served(SHOP, refused=lambda path: 403 * (path == "/api/v1/namespaces/nowhere"))
    snapshot = read_targets(served.connection, [NamedTarget(kinds=(kinds.DEPLOYMENT,))], namespace="nowhere")

    assert [row.kind for row in snapshot.unreadable] == ["namespaces"]


@pytest.mark.parametrize(("count", "events"), [(FEW, FEW), (FEW + 1, 0)])
def test_the_events_of_few_targets_are_read(count: int, events: int) -> None:
    """One by one; a table of more has no room for them."""
    served = Served({**SHOP, "pods": [named(f"p{number:02}", "shop", spec={"containers": []}) for number in range(count)]})
    read_targets(served.connection, [NamedTarget(kinds=(kinds.POD,))], namespace="shop")

    assert len(served.lists("events")) == events
