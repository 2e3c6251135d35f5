"""What a declaration may change unseen, where the rules' own tests do not reach."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.measured_traffic import Measured
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols import risks, unnoticed
from kubectl_meshfix.port_protocols.evidence import infer
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.meta import Object
from tests.fixes.objects import made
from tests.injection.installations import istiod, namespace, webhooks

COUNTED = {("shop", "cart"): frozenset({Measured(protocol=Protocol.HTTP, reporter="destination")})}


def service(**spec: Any) -> Service:
    """A Service of a port that declares nothing."""
    found = made("v1", "Service", {"ports": [{"name": "x", "port": 80, "targetPort": 8080}], "selector": {"app": "cart"}, **spec})
    assert isinstance(found, Service)
    return found


def deployment(name: str = "cart", probe: dict[str, Any] | None = None, labels: dict[str, str] | None = None) -> Object:
    """Its pods."""
    container = {"name": "main", "image": "app", "ports": [{"containerPort": 8080}], **({"readinessProbe": probe} if probe else {})}
    template = {"metadata": {"labels": {"app": "cart", **(labels or {})}}, "spec": {"containers": [container]}}
    return made("apps/v1", "Deployment", {"template": template}, name=name)


HTTP_PROBE = {"httpGet": {"port": 8080}}


@pytest.mark.parametrize(
    ("others", "spec", "is_told"),
    [
        ([deployment(probe=HTTP_PROBE)], {}, True),
        ([deployment()], {}, False),
        ([], {}, False),
        ([deployment(probe=HTTP_PROBE)], {"selector": {}}, False),
        ([deployment(probe={"httpGet": {"port": 9}})], {}, False),
        ([deployment(probe={"tcpSocket": {"port": 8080}})], {}, False),
        ([deployment(probe=HTTP_PROBE), deployment("b", probe=HTTP_PROBE)], {}, True),
        ([deployment(probe=HTTP_PROBE), deployment("b")], {}, False),
    ],
)
def test_a_probe_of_every_pod_tells_http_1(others: list[Object], spec: dict[str, Any], is_told: bool) -> None:
    """Counters do not; of a Service without pods nobody knows."""
    cart = service(**spec)
    mesh = Mesh([cart, *others]).with_measured(COUNTED)
    inferred = infer(mesh, cart, cart.spec.ports[0])
    assert inferred.is_measured

    risk = unnoticed.risk_of_declaring(mesh, cart, cart.spec.ports[0], inferred)

    assert risk == ("" if is_told else risks.of_measured(risks.ONLY_HTTP2))


OLD, NEW = istiod(), istiod("canary", PILOT_HTTP10="1")


@pytest.mark.parametrize(
    ("planes", "pods", "takes"),
    [
        ((NEW,), {"istio.io/rev": "canary"}, True),
        ((OLD, NEW), {"istio.io/rev": "canary"}, True),
        ((OLD, NEW), {"istio.io/rev": "default"}, False),
        ((OLD, NEW), None, False),
        ((NEW,), None, False),
        ((OLD,), None, False),
        ((), None, False),
        ((OLD, NEW), {"istio.io/rev": "gone"}, False),
    ],
)
def test_http_1_0_is_taken_where_each_istiod_of_the_pods_takes_it(
    planes: tuple[Object, ...], pods: dict[str, str] | None, takes: bool
) -> None:
    """Where there are no pods, each that a webhook calls; one that is not known has its default, which refuses."""
    behind = [deployment(labels=pods)] if pods else []
    hooks = [webhooks("istio-sidecar-injector", "default"), webhooks("istio-sidecar-injector-canary", "canary")]

    assert unnoticed.takes_http10(Mesh([service(), namespace("shop"), *planes, *behind, *hooks]), service()) is takes


GATEWAY_API = "gateway.networking.k8s.io/v1"


def behind(kind: str = "HTTPRoute", parent: dict[str, str] | None = None, to: dict[str, Any] | None = None, **rest: str) -> Object:
    """A route to the Service."""
    spec = {"parentRefs": [parent or {"name": "edge"}], "rules": [{"backendRefs": [to or {"name": "cart", "port": 80}]}]}
    api = GATEWAY_API if kind in {"HTTPRoute", "GRPCRoute"} else GATEWAY_API.replace("v1", "v1alpha2")
    return made(api, kind, spec, name="r", **rest)


def gateway(name: str, namespace: str = "shop") -> Object:
    """A Gateway of a class."""
    return made(GATEWAY_API, "Gateway", {"gatewayClassName": name}, name="edge", namespace=namespace)


@pytest.mark.parametrize(
    ("objects", "is_behind"),
    [
        ([behind(), gateway("traefik")], True),
        ([behind(), gateway("istio")], False),
        ([behind(), gateway("istio-waypoint")], False),
        ([behind()], True),
        ([behind("GRPCRoute"), gateway("traefik")], True),
        ([behind("TCPRoute"), gateway("traefik")], True),
        ([behind("TLSRoute"), gateway("traefik")], True),
        ([behind(parent={"kind": "Service", "name": "cart"}), gateway("traefik")], False),
        ([behind(parent={"name": "edge", "namespace": "infra"}), gateway("istio", "infra"), gateway("traefik")], False),
        ([behind(to={"name": "other", "port": 80}), gateway("traefik")], False),
        ([behind(namespace="web"), gateway("traefik", "web")], False),
        ([behind(namespace="web", to={"name": "cart", "namespace": "shop", "port": 80}), gateway("traefik", "web")], True),
    ],
)
def test_gateways_of_others_read_what_a_port_declares(objects: list[Object], is_behind: bool) -> None:
    """One that is not known may be another's; a load balancer of a cloud reads it too."""
    mesh = Mesh([service(), *objects], live=True)

    assert unnoticed.is_behind_others(mesh, service()) is is_behind
    assert unnoticed.reads_app_protocol(mesh, service()) is is_behind
    assert unnoticed.reads_app_protocol(mesh, service(type="LoadBalancer"))


@pytest.mark.parametrize("kind", unnoticed.ROUTES, ids=str)
def test_routes_that_may_not_be_read_may_be_others(kind: kinds.Kind) -> None:
    """Of any kind."""
    assert unnoticed.is_behind_others(Mesh([service()], live=True, coverage={kind: Coverage(reason="forbidden")}), service())
