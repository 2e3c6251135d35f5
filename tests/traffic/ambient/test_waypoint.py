"""A waypoint is used where a label names one that can be, by callers with ztunnel, and by gateways that are told to."""

from typing import Any

import msgspec
import pytest

from kubectl_meshfix.chain.steps import Status, answer, told
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import workload
from kubectl_meshfix.resources.gateway_api import HTTPRoute
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.ambient.waypoint import Waypoints, waypoint_for
from kubectl_meshfix.traffic.ambient.waypoint_routes import RouteSource, l4_targets, reads_http, virtual_host
from kubectl_meshfix.traffic.registry import Entry, registry
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.routes import DirectResponse, Forward, Rule, Target
from tests.injection.installations import decoded, namespace
from tests.injection.waypoints import USE, waypoint
from tests.traffic.objects import make, routes, service, to

AMBIENT = Party(plane=Plane.AMBIENT, namespace="shop")
SIDECAR = Party(plane=Plane.SIDECAR, namespace="shop")
INGRESS = Party(plane=Plane.GATEWAY, namespace="ingress")
BARE = Party(plane=Plane.BARE, namespace="shop")
LABEL = {USE: "waypoint"}
INGRESS_TOO = {**LABEL, "istio.io/ingress-use-waypoint": "true"}


def catalog(labels: dict[str, str] | None = None, **spec: Any) -> Object:
    """The Service of the catalog."""
    made = service("catalog", "shop", ("http", 80), ("tcp-x", 90), ("auto", 95), **{"clusterIP": "10.0.0.1", **spec})
    return msgspec.structs.replace(made, metadata=msgspec.structs.replace(made.metadata, labels=labels or {}))


def entry(mesh: Mesh) -> Entry:
    """What is registered for the catalog."""
    return registry(mesh).exact[hosts.of_service("catalog", "shop")][0]


def chosen(*objects: Object, caller: Party = AMBIENT, live: bool = True) -> Waypoints:
    """The waypoints for the catalog."""
    mesh = Mesh(objects, live=live)
    return answer(waypoint_for(mesh, caller, entry(mesh)))


def used(*objects: Object, caller: Party = AMBIENT, live: bool = True) -> bool | None:
    """Whether a waypoint is used; None where that is not known."""
    found = chosen(*objects, caller=caller, live=live)
    return found[0].value is not None if len(found) == 1 else None


def test_the_label_is_told_with_its_place() -> None:
    """That of the Service, or of its namespace."""
    at = "/metadata/labels/istio.io~1use-waypoint"
    own, inherited = (told(waypoint_for(Mesh(objects, live=True), AMBIENT, entry(Mesh(objects)))).steps[-1].at for objects in (
        (catalog(LABEL), waypoint()), (catalog(), namespace("shop", LABEL), waypoint())))  # fmt: skip

    assert (own and (own.resource.kind, own.path), inherited and (inherited.resource.kind, inherited.path)) == (
        ("Service", at), ("Namespace", at))  # fmt: skip


READY, PLANNED = waypoint(), waypoint(addressed=False, condition={})
SHOP = namespace("shop", {})
SHOP_NAMES = namespace("shop", LABEL)


@pytest.mark.parametrize(
    ("objects", "wanted"),
    [
        ((SHOP, catalog(), READY), False),
        ((SHOP, catalog(LABEL), READY), True),
        ((SHOP_NAMES, catalog(), READY), True),
        ((SHOP_NAMES, catalog({USE: "none"}), READY), False),
        ((SHOP_NAMES, catalog({USE: "gone"}), READY), False),
        ((SHOP, catalog(LABEL)), False),
        ((SHOP, catalog(LABEL), PLANNED), False),
    ],
)
def test_the_label_of_the_service_comes_before_its_namespace(objects: tuple[Object, ...], wanted: bool) -> None:
    """A label that names what cannot be used sends traffic past every waypoint."""
    assert used(*objects) is wanted


@pytest.mark.parametrize(
    ("caller", "labels", "wanted"),
    [(SIDECAR, LABEL, False), (BARE, LABEL, False), (INGRESS, LABEL, False), (INGRESS, INGRESS_TOO, True), (AMBIENT, LABEL, True)],
)
def test_it_depends_on_the_caller(caller: Party, labels: dict[str, str], wanted: bool) -> None:
    """Sidecars and callers outside of the mesh send past waypoints, and so do gateways unless they are told otherwise."""
    assert used(SHOP, catalog(labels), READY, caller=caller) is wanted


def test_in_files_a_gateway_without_a_status_is_taken_to_be_ready() -> None:
    """One that is not among them may be there or not."""
    assert used(SHOP, catalog(LABEL), PLANNED, live=False) is True
    assert used(SHOP, catalog(LABEL), live=False) is None


def test_pods_need_a_waypoint_for_workloads() -> None:
    """A waypoint of the namespace that is for services alone is no mistake."""
    pod = decoded({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "shop"}, "spec": {"containers": []}})
    made = workload(pod)
    assert made
    found = told(waypoint_for(Mesh((SHOP_NAMES, pod, READY), live=True), AMBIENT, made))
    assert found.value[0].value is None
    assert [step.status for step in found.steps] == [Status.PASS]

    everything = waypoint(labels={"istio.io/waypoint-for": "all"})
    assert answer(waypoint_for(Mesh((SHOP_NAMES, pod, everything), live=True), AMBIENT, made))[0].value


@pytest.mark.parametrize(
    ("objects", "caller", "words"),
    [
        ((SHOP, catalog(LABEL), waypoint(labels={"istio.io/waypoint-for": "workload"})), AMBIENT, "is not for service traffic"),
        (
            (SHOP, catalog({**LABEL, "istio.io/use-waypoint-namespace": "mesh"}), waypoint(namespace="mesh")),
            AMBIENT,
            "admits other namespaces",
        ),
        ((SHOP, catalog({"gateway.istio.io/managed": "istio.io-mesh-controller"})), AMBIENT, "goes through none"),
        ((SHOP, catalog(INGRESS_TOO, clusterIP="None"), READY), INGRESS, "only for hosts with a virtual IP"),
    ],
)
def test_other_reasons_to_use_none(objects: tuple[Object, ...], caller: Party, words: str) -> None:
    """Each is told in its own words."""
    mesh = Mesh(objects, live=True)
    found = told(waypoint_for(mesh, caller, entry(mesh)))

    assert found.value[0].value is None
    assert words in sentence(found.steps[-1])


def test_files_without_the_namespace_do_not_show_its_labels() -> None:
    """The step says so."""
    mesh = Mesh((catalog(),))

    assert [step.status for step in told(waypoint_for(mesh, AMBIENT, entry(mesh))).steps] == [Status.UNKNOWN]


def test_a_waypoint_is_a_party_with_the_identity_of_its_gateway() -> None:
    """Istiod makes its ServiceAccount by the Gateway's name."""
    found = chosen(SHOP, catalog(LABEL), READY)[0].value

    assert found
    assert found.plane is Plane.WAYPOINT
    assert found.principal("cluster.local") == "cluster.local/ns/shop/sa/waypoint"


def test_a_pass_is_told_with_its_reason() -> None:
    """A missing waypoint is a warning that names the label's owner."""
    mesh = Mesh((SHOP, catalog(LABEL)), live=True)

    assert [sentence(step) for step in told(waypoint_for(mesh, AMBIENT, entry(mesh))).steps] == [
        "Service shop/catalog names the waypoint shop/waypoint, which does not exist. Traffic bypasses it."
    ]


WAYPOINT = Party(plane=Plane.WAYPOINT, namespace="mesh", labels={"gateway.networking.k8s.io/gateway-name": "waypoint"})


def named(source: RouteSource) -> tuple[Rule, ...]:
    """One rule for each source, which says its name."""
    return (Rule(conditions=(), action=DirectResponse(200), name=source[0].name if isinstance(source, tuple) else source.name),)


def http_route(name: str, home: str = "shop") -> HTTPRoute:
    """A route whose parent is the Service."""
    made: HTTPRoute = make(HTTPRoute, name, home, parentRefs=[{"group": "", "kind": "Service", "name": "catalog", "namespace": "shop"}])
    return made


def virtual_service(name: str, home: str, host: str = "catalog.shop.svc.cluster.local", **spec: Any) -> VirtualService:
    """A VirtualService for the host."""
    return routes(to("catalog.shop.svc.cluster.local"), name=name, namespace=home, hosts=[host], **spec)


def test_a_waypoint_follows_routes_of_the_service_and_of_its_own_namespace() -> None:
    """All of them count together; those of callers do not, nor those for gateways or for other hosts."""
    objects = (
        virtual_service("a", "shop", "catalog"),
        virtual_service("b", "mesh"),
        virtual_service("c", "client"),
        virtual_service("d", "shop", gateways=["shop/web"]),
        virtual_service("e", "shop", "other"),
        virtual_service("f", "shop", exportTo=["."]),
        http_route("g"),
        http_route("h", "client"),
    )
    mesh = Mesh((catalog(), *objects), live=True)
    found = told(virtual_host(mesh, WAYPOINT, entry(mesh), 80, named))

    assert found.value.domain == "*"
    assert [rule.name for rule in found.value.rules] == ["a", "b", "g"]
    skipped = [sentence(step) for step in found.steps if step.status is Status.SKIPPED]
    assert len(skipped) == 1
    assert skipped[0].startswith("VirtualService client/c is for catalog.shop.svc.cluster.local")


def test_a_source_without_routes_for_the_port_is_told() -> None:
    """It is as if it were not there."""
    mesh = Mesh((catalog(), virtual_service("a", "shop")), live=True)
    found = told(virtual_host(mesh, WAYPOINT, entry(mesh), 80, lambda _: ()))

    assert [step.status for step in found.steps] == [Status.SKIPPED, Status.PASS]


def test_without_routes_it_sends_to_the_service() -> None:
    """On the port that was called."""
    mesh = Mesh((catalog(),), live=True)
    found = answer(virtual_host(mesh, WAYPOINT, entry(mesh), 80, named))

    assert [rule.action for rule in found.rules] == [Forward(targets=(Target(host="catalog.shop.svc.cluster.local", port=80),))]


def test_tcp_routes_are_followed_without_a_look_at_callers() -> None:
    """The first that is for the port, unless it asks for labels of callers; without any, the Service itself."""
    tcp = [
        {"match": [{"sourceLabels": {"app": "cart"}}], "route": [{"destination": {"host": "no"}}]},
        {"match": [{"port": 90}], "route": [{"destination": {"host": "yes", "port": {"number": 91}}}]},
    ]
    made = make(VirtualService, "a", "shop", hosts=["catalog"], tcp=tcp)
    mesh = Mesh((catalog(), made), live=True)

    found = answer(l4_targets(mesh, WAYPOINT, entry(mesh), 90))
    assert [(each.value.host, each.value.port) for each in found] == [("yes.shop.svc.cluster.local", 91)]
    found = answer(l4_targets(mesh, WAYPOINT, entry(mesh), 95))
    assert [(each.value.host, each.value.port) for each in found] == [("catalog.shop.svc.cluster.local", 95)]


def test_the_port_of_the_service_says_whether_it_is_http() -> None:
    """A port that says nothing is sniffed."""
    mesh = Mesh((catalog(),), live=True)
    http, tcp = (Request(scheme=scheme, host="catalog", port=80) for scheme in (Scheme.HTTP, Scheme.TCP))

    assert [reads_http(entry(mesh), port, http) for port in (80, 90, 95)] == [True, False, True]
    assert not reads_http(entry(mesh), 95, tcp)
