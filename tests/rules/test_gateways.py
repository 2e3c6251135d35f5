"""Rules about gateways, where their pages' examples do not reach."""

from typing import Any

import msgspec
import pytest

from kubectl_meshfix.documents.patch import patched
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod, Service
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.rules.gateways import gateway_port_not_on_service, gateway_selects_nothing
from kubectl_meshfix.rules.rule import Finding, Severity
from tests.rules.asking import findings, fix, only

NOTHING, PORT = gateway_selects_nothing.RULE, gateway_port_not_on_service.RULE


def make(struct: type[Object], name: str, namespace: str, labels: dict[str, str] | None = None, **spec: Any) -> Any:
    """An object with a spec in the words of a manifest."""
    return msgspec.convert({"metadata": {"name": name, "namespace": namespace, "labels": labels or {}}, "spec": spec}, struct)


def gateway(*ports: int, protocol: str = "HTTP", bind: str = "", **selector: str) -> Gateway:
    """A Gateway, with a server for each port."""
    servers = [{"port": {"number": number, "protocol": protocol}, "bind": bind} for number in ports]
    obj: Gateway = make(Gateway, "public", "shop", selector=selector, servers=servers)
    return obj


def pods(
    name: str = "ingress", *, ports: dict[str, int] | None = None, host_network: bool = False, host_port: int = 0, **labels: Any
) -> Deployment:
    """A Deployment of gateway pods, whose only container is the proxy."""
    declared = [{"name": word, "containerPort": number} for word, number in (ports or {}).items()]
    declared += [{"name": "node", "containerPort": host_port, "hostPort": host_port}] if host_port else []
    spec = {"containers": [{"name": "istio-proxy", "image": "auto", "ports": declared}], "hostNetwork": host_network}
    obj: Deployment = make(Deployment, name, "ingress", template={"metadata": {"labels": labels}, "spec": spec})
    return obj


def service(name: str = "ingress", namespace: str = "ingress", *ports: dict[str, Any], **selector: str) -> Service:
    """A Service of gateway pods."""
    obj: Service = make(Service, name, namespace, selector=selector, ports=list(ports))
    return obj


def after(found: Finding, before: Any) -> Any:
    """A spec after a finding's one patch."""
    (patch,) = fix(found).patches
    return patched({"spec": before}, patch.operations)["spec"]


# ---------------------------------------------------------------- MF501


def test_a_gateway_finds_pods_of_any_namespace() -> None:
    """Templates count, and so do live pods whose owner is not known."""
    pod: Pod = make(Pod, "bare", "edge", {"istio": "bare"})

    assert not findings(NOTHING, gateway(istio="public"), pods(istio="public"))
    assert not findings(NOTHING, gateway(istio="bare"), pod)
    assert [found.path for found in findings(NOTHING, gateway(istio="gone"), pod)] == ["/spec/selector/istio"]


def test_an_empty_cluster_has_no_gateway() -> None:
    """Where everything was read and nothing is there, the Gateway is in vain, and a person has to act."""
    assert fix(only(NOTHING, gateway(istio="public"))).safety is Safety.MANUAL


@pytest.mark.parametrize(
    ("kind", "coverage", "fires"),
    [
        (kinds.POD, Coverage(namespaces=frozenset({"shop"})), True),
        (kinds.DEPLOYMENT, Coverage(namespaces=frozenset({"shop"})), False),
    ],
)
def test_what_was_not_read_may_be_the_gateway(kind: Kind, coverage: Coverage, fires: bool) -> None:
    """Templates have to be known everywhere; pods may be missing where templates show that gateways were read."""
    assert bool(findings(NOTHING, gateway(istio="pubilc"), pods(istio="public"), coverage={kind: coverage})) is fires
    assert not findings(NOTHING, gateway(istio="pubilc"), coverage={kind: coverage})


def test_a_lone_gateway_in_a_file_is_left_alone() -> None:
    """Applications are no sign that the files hold gateways; neither is what istiod makes."""
    application: Deployment = make(
        Deployment, "cart", "shop", template={"metadata": {"labels": {"app": "cart"}}, "spec": {"containers": [{"name": "cart"}]}}
    )
    managed: dict[str, Any] = {"gateway.istio.io/managed": "istio.io-mesh-controller"}
    made = pods("waypoint", **managed)

    assert not findings(NOTHING, gateway(istio="public"), live=False)
    assert not findings(NOTHING, gateway(istio="public"), application, made, live=False)


@pytest.mark.parametrize(("value", "severity"), [("pubilc", None), ("internal", Severity.INFO)])
def test_files_are_certain_of_slips_only(value: str, severity: Severity | None) -> None:
    """A gateway that the files do not hold may stand elsewhere."""
    assert only(NOTHING, gateway(istio=value), pods(istio="public"), live=False).severity is severity


def test_gateways_of_istios_charts_are_rarely_in_files() -> None:
    """Their labels are taken for granted in files, and looked for on a cluster."""
    objects = (gateway(istio="ingressgateway"), pods(istio="public"))

    assert not findings(NOTHING, *objects, live=False)
    assert findings(NOTHING, *objects)


def test_the_nearest_of_several_gateways_is_selected() -> None:
    """A slip has one meaning among many gateways; anything else is for a person."""
    several = (pods("one", istio="ingress-internal"), pods("two", istio="ingress-external"))
    found = only(NOTHING, gateway(istio="ingress-internla"), *several)

    assert fix(found).safety is Safety.UNSAFE
    assert after(found, {"selector": {"istio": "ingress-internla"}}) == {"selector": {"istio": "ingress-internal"}}
    assert fix(only(NOTHING, gateway(istio="partners"), *several)).safety is Safety.MANUAL


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ({"istio": "gone"}, {"istio": "public"}),
        ({"app": "gone", "istio": "public"}, {"app": "edge", "istio": "public"}),
        ({"gateway": "gone"}, {"istio": "public"}),
    ],
)
def test_the_only_gateway_is_selected(selector: dict[str, str], selected: dict[str, str]) -> None:
    """By the labels that were asked for, where it has them, else by those people know it by."""
    found = only(NOTHING, gateway(**selector), pods(app="edge", istio="public"))

    assert after(found, {"selector": selector}) == {"selector": selected}


def test_labels_that_no_one_pod_has_together_are_pointed_at_as_a_whole() -> None:
    """Each label finds something, both find nothing: no single one is to blame."""
    one, two = pods("one", istio="a", app="x"), pods("two", istio="b", app="y")

    assert only(NOTHING, gateway(istio="a", app="y"), one, two).path == "/spec/selector"


# ---------------------------------------------------------------- MF502

HTTP = {"name": "http2", "port": 80, "targetPort": 8080}


@pytest.mark.parametrize(("number", "fires"), [(80, False), (8080, False), (443, True)])
def test_a_server_may_name_a_port_or_what_is_behind_it(number: int, fires: bool) -> None:
    """Istio translates a Service's port, and takes a container's as it stands."""
    assert bool(findings(PORT, gateway(number, istio="a"), pods(istio="a"), service("s", "ingress", HTTP, istio="a"))) is fires


@pytest.mark.parametrize(
    "objects",
    [
        (gateway(443, istio="a"), pods(istio="a", host_network=True)),
        (gateway(443, istio="a"), pods(istio="a", host_port=443)),
        (gateway(443, istio="a"), pods(istio="a", host_network=True), service("s", "ingress", HTTP, istio="a")),
        (gateway(443, istio="gone"), pods(istio="a"), service("s", "ingress", HTTP, istio="a")),
        (gateway(443), pods(istio="a"), service("s", "ingress", HTTP, istio="a")),
        (gateway(443, bind="127.0.0.1", istio="a"), pods(istio="a"), service("s", "ingress", HTTP, istio="a")),
    ],
    ids=["the node's network", "a port of the node", "the node's network beside a Service", "no pods", "no selector", "a local address"],
)
def test_gateways_reached_in_other_ways_are_left_alone(objects: tuple[Object, ...]) -> None:
    """Clients come to the node; an address of the pod is not meant for outside."""
    assert not findings(PORT, *objects)


def test_pods_without_any_service_are_found_on_a_cluster() -> None:
    """Files may lack the Service, and what may not be read may be there."""
    objects = (gateway(443, 8443, istio="a"), pods(istio="a"))
    unread = {kinds.SERVICE: Coverage(reason="forbidden")}

    assert [found.path for found in findings(PORT, *objects)] == ["/spec/servers/0/port/number", "/spec/servers/1/port/number"]
    assert "No Service leads to" in findings(PORT, *objects)[0].message
    assert not findings(PORT, *objects, live=False)
    assert not findings(PORT, *objects, coverage=unread)


def test_istiod_may_look_for_pods_in_the_gateways_namespace_alone() -> None:
    """PILOT_SCOPE_GATEWAY_TO_NAMESPACE says so; then pods elsewhere are not selected, and their namespace is named."""
    istiod = make(
        Deployment,
        "istiod",
        "istio-system",
        {"app": "istiod"},
        template={
            "metadata": {"labels": {"app": "istiod"}},
            "spec": {"containers": [{"name": "discovery", "env": [{"name": "PILOT_SCOPE_GATEWAY_TO_NAMESPACE", "value": "true"}]}]},
        },
    )
    found = only(NOTHING, gateway(istio="a"), pods(istio="a"), istiod)

    assert not findings(NOTHING, gateway(istio="a"), pods(istio="a"))
    assert "in namespace shop" in found.message
    assert "namespace ingress" in fix(found).summary


def test_a_port_is_added_to_the_only_service() -> None:
    """It is named after its protocol and number, and leads to the number Istio then listens on."""
    found = only(PORT, gateway(8443, protocol="HTTPS", istio="a"), pods(istio="a"), service("s", "ingress", HTTP, istio="a"))

    assert fix(found).safety is Safety.UNSAFE
    assert after(found, {"ports": [HTTP]}) == {"ports": [HTTP, {"name": "https-8443", "port": 8443, "targetPort": 8443}]}


def test_a_port_cannot_be_added_beside_a_nameless_one() -> None:
    """The API server refuses two ports unless both are named; with two Services, nobody knows which."""
    nameless = service("s", "ingress", {"port": 80}, istio="a")
    two = (service("s", "ingress", HTTP, istio="a"), service("t", "ingress", HTTP, istio="a"))

    for services in ((nameless,), two):
        assert fix(only(PORT, gateway(8443, istio="a"), pods(istio="a"), *services)).safety is Safety.MANUAL
