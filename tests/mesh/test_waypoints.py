"""What becomes of a label that names a waypoint."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.mesh import waypoints
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import Binding, Traffic, WaypointName, bind, is_judged, named_by, not_programmed
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import decoded, namespace
from tests.injection.waypoints import FAILING, PENDING, PROGRAMMED, USE, USE_NAMESPACE, service, waypoint

NAME = WaypointName("edge", "waypoint")
SELECTED = {"from": "Selector", "selector": {"matchLabels": {"team": "a"}}}


def gateway(**of: Any) -> KubernetesGateway:
    """A waypoint of another namespace than the Service's."""
    found = waypoint(**{"namespace": "edge", **of})
    assert isinstance(found, KubernetesGateway)
    return found


def annotated(found: KubernetesGateway, key: str) -> KubernetesGateway:
    """It with an annotation."""
    return msgspec.structs.replace(found, metadata=msgspec.structs.replace(found.metadata, annotations={key: "true"}))


def other_listener(found: KubernetesGateway, **changed: Any) -> KubernetesGateway:
    """It with a listener that is not for waypoints' traffic."""
    listeners = tuple(msgspec.structs.replace(item, **changed) for item in found.spec.listeners)
    return msgspec.structs.replace(found, spec=msgspec.structs.replace(found.spec, listeners=listeners))


@pytest.mark.parametrize(
    ("found", "spaces", "admits"),
    [
        (gateway(namespace="shop"), (), True),
        (gateway(), (), False),
        (gateway(admits={"from": "All"}), (), True),
        (gateway(admits={"from": "Same"}), (), False),
        (annotated(gateway(), "ambient.istio.io/waypoint-inbound-binding"), (), True),
        (annotated(gateway(), "example.com/other"), (), False),
        (gateway(admits=SELECTED), (), True),
        (gateway(admits=SELECTED), (namespace("shop", {"team": "a"}),), True),
        (gateway(admits=SELECTED), (namespace("shop", {"team": "b"}),), False),
        (gateway(admits={"from": "Selector"}), (namespace("shop"),), True),
        (other_listener(gateway(admits={"from": "All"}), port=15009), (), False),
        (other_listener(gateway(admits={"from": "All"}), protocol="HTTP"), (), False),
        (other_listener(gateway(admits=SELECTED), port=15009), (namespace("shop", {"team": "a"}),), False),
    ],
)
def test_a_waypoint_admits_namespaces_as_its_listener_says(found: KubernetesGateway, spaces: tuple[Object, ...], admits: bool) -> None:
    """Its own always; others where the listener of HBONE names them, and where a namespace was not read, it may be one of these."""
    name = WaypointName(found.namespace, found.name)
    given = bind(Mesh([found, *spaces], live=True), service(), name, Traffic.SERVICE)

    assert given is (Binding.USED if admits else Binding.NOT_ADMITTED)


@pytest.mark.parametrize(
    ("addressed", "condition", "live", "judged", "given"),
    [
        (True, PROGRAMMED, False, True, Binding.USED),
        (True, {}, False, True, Binding.USED),
        (False, FAILING, False, True, Binding.NOT_READY),
        (False, {}, False, False, Binding.UNKNOWN),
        (False, {}, True, True, Binding.NOT_READY),
    ],
)
def test_a_manifest_has_no_status(addressed: bool, condition: Mapping[str, str], live: bool, judged: bool, given: Binding) -> None:
    """Addresses or conditions tell that a Gateway was read from a cluster; there an empty status is one that nobody wrote."""
    found = gateway(addressed=addressed, condition=condition, admits={"from": "All"})
    mesh = Mesh([found], live=live)

    assert is_judged(mesh, found) is judged
    assert bind(mesh, service(), NAME, Traffic.SERVICE) is given


@pytest.mark.parametrize(
    ("wanted", "class_name", "traffic", "given"),
    [
        (None, "istio-waypoint", Traffic.SERVICE, Binding.USED),
        (None, "istio-waypoint", Traffic.WORKLOAD, Binding.OTHER_TRAFFIC),
        (None, "istio-waypoint", None, Binding.USED),
        (None, "my-waypoint", Traffic.WORKLOAD, Binding.USED),
        ("workload", "istio-waypoint", Traffic.WORKLOAD, Binding.USED),
        ("workload", "istio-waypoint", Traffic.SERVICE, Binding.OTHER_TRAFFIC),
        ("workload", "istio-waypoint", None, Binding.USED),
        ("all", "istio-waypoint", Traffic.WORKLOAD, Binding.USED),
        ("none", "istio-waypoint", Traffic.SERVICE, Binding.OTHER_TRAFFIC),
    ],
)
def test_a_waypoint_is_for_one_kind_of_traffic(wanted: str | None, class_name: str, traffic: Traffic | None, given: Binding) -> None:
    """Istio's are for Services where they say nothing, those of other classes for what is asked of them."""
    labels = {"istio.io/waypoint-for": wanted} if wanted else {}
    found = gateway(labels=labels, class_name=class_name, admits={"from": "All"})

    assert bind(Mesh([found], live=True), service(), NAME, traffic) is given


def test_a_waypoint_that_was_not_read_may_be_there() -> None:
    """It is missing where the Gateways of its namespace were read."""
    unread = Mesh([], live=True, coverage={kinds.KUBERNETES_GATEWAY: Coverage(namespaces=frozenset({"shop"}))})

    assert bind(Mesh([], live=True), service(), NAME, Traffic.SERVICE) is Binding.MISSING
    assert bind(unread, service(), NAME, Traffic.SERVICE) is Binding.UNKNOWN


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ({}, None),
        ({USE: "none"}, None),
        ({USE_NAMESPACE: "edge"}, None),
        ({USE: "waypoint"}, "shop/waypoint"),
        ({USE: "waypoint", USE_NAMESPACE: "edge"}, "edge/waypoint"),
    ],
)
def test_labels_name_a_waypoint(labels: dict[str, str], name: str | None) -> None:
    """In the object's own namespace unless another one is named."""
    found = named_by(labels, "shop")

    assert (str(found) if found else None) == name


def test_everything_that_names_a_waypoint_asks_for_it() -> None:
    """Namespaces that stay, Services, ServiceEntries and pods, each at its label."""
    named, path = {USE: "waypoint"}, "/metadata/labels/istio.io~1use-waypoint"
    going = {"name": "old", "labels": named, "deletionTimestamp": "2026-03-01T12:00:00Z"}
    entry = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "ServiceEntry",
        "metadata": {"name": "api", "namespace": "shop", "labels": named},
    }
    spec = {"template": {"metadata": {"labels": named}}}
    maker = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "cart", "namespace": "shop", "labels": named},
        "spec": spec,
    }
    objects = (
        namespace("shop", named),
        namespace("bank"),
        decoded({"apiVersion": "v1", "kind": "Namespace", "metadata": going}),
        service(named),
        service({USE: "none"}, name="other"),
        decoded(entry),
        decoded(maker),
    )
    mesh = Mesh(objects)
    found = list(waypoints.askers(mesh))

    assert [(str(item.owner.ref), item.path, item.traffic) for item in found] == [
        ("Namespace shop", path, None),
        ("Service shop/cart", path, Traffic.SERVICE),
        ("ServiceEntry shop/api", path, Traffic.SERVICE),
        ("Deployment shop/cart", f"/spec/template{path}", Traffic.WORKLOAD),
    ]
    assert {str(item.waypoint) for item in found} == {"shop/waypoint"}
    assert [[of.name for of in waypoints.services_of(mesh, item)] for item in found] == [[], ["cart"], [], []]
    assert [of.name for of in waypoints.services_of(Mesh([*objects, service(name="plain")]), found[0])] == ["plain"]


def test_a_gateway_follows_its_namespaces_revision() -> None:
    """By its own label, else by the namespace's; only Gateways of Istio's classes without one of their own follow the namespace."""
    rev = "istio.io/rev"
    plain, own, foreign = gateway(), gateway(name="own", labels={rev: "r2"}), gateway(name="foreign", class_name="nginx")
    ingress = gateway(name="ingress", class_name="istio")
    mesh = Mesh([plain, own, foreign, ingress, namespace("edge", {rev: "r1"})])

    assert [waypoints.revision_asked(mesh, item) for item in (plain, own)] == ["r1", "r2"]
    assert [waypoints.revision_asked(Mesh([plain, *spaces]), plain) for spaces in ((), (namespace("edge"),))] == ["", ""]
    assert [item.name for item in waypoints.following(mesh, "edge")] == ["ingress", "waypoint"]
    assert [item.name for item in waypoints.waypoints_in(mesh, "edge")] == ["own", "waypoint"]


@pytest.mark.parametrize(
    ("condition", "reason"),
    [({}, None), (PROGRAMMED, None), (PENDING, "Pending"), (FAILING, "AddressNotAssigned"), ({**FAILING, "type": "Accepted"}, None)],
)
def test_a_condition_says_that_the_data_plane_is_not_ready(condition: Mapping[str, str], reason: str | None) -> None:
    """Any status but True of the condition Programmed; where it is not there, nothing says so."""
    found = not_programmed(gateway(condition=condition))

    assert (found.reason if found else None) == reason
