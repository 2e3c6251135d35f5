"""A gateway's servers are reached through the Services of its pods."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.traffic.gateway_ports import Offered, offered, unreachable
from tests.traffic.objects import make, service

HTTP = {"name": "http2", "port": 80, "targetPort": 8080}


def gateway(*ports: int, bind: str = "", **selector: str) -> Gateway:
    """A Gateway, with a server for each port."""
    servers = [{"port": {"number": number, "protocol": "HTTP"}, "bind": bind} for number in ports]
    obj: Gateway = make(Gateway, "public", selector=selector or {"istio": "a"}, servers=servers)
    return obj


def pods(*, host_network: bool = False, **ports: int) -> Deployment:
    """A Deployment of gateway pods."""
    declared = [{"name": word, "containerPort": number} for word, number in ports.items()]
    spec = {"containers": [{"name": "istio-proxy", "ports": declared}], "hostNetwork": host_network}
    obj: Deployment = make(Deployment, "gateway", "ingress", template={"metadata": {"labels": {"istio": "a"}}, "spec": spec})
    return obj


def front(name: str = "front", *ports: dict[str, Any], namespace: str = "ingress") -> Object:
    """A Service of gateway pods."""
    return service(name, namespace, ports=list(ports or (HTTP,)), selector={"istio": "a"})


def test_a_services_port_and_what_is_behind_it_are_offered() -> None:
    """A name of a target port is looked up; a port for QUIC is none for TCP."""
    named = front("named", {"name": "web", "port": 81, "targetPort": "web"}, {"name": "quic", "port": 443, "protocol": "UDP"})
    found = offered(Mesh([pods(web=8081), front(), named]), gateway())

    assert [item.name for item in found.services] == ["front", "named"]
    assert found.numbers == {80, 8080, 81, 8081}


def test_a_node_network_needs_no_service() -> None:
    """Such pods are reached by their node's address on any port they listen on."""
    assert offered(Mesh([pods(host_network=True), front()]), gateway()) == Offered()


def test_services_select_within_their_namespace() -> None:
    """Another namespace's Service leads to other pods."""
    assert offered(Mesh([pods(), front(namespace="shop")]), gateway()) == Offered()


def test_a_server_on_no_services_port_is_out_of_reach() -> None:
    """Its place among the servers is told; one without a number is none."""
    assert [position for position, _ in unreachable(Mesh([pods(), front()]), gateway(80, 443, 8080, 0))] == [1]


@pytest.mark.parametrize("bind", ["127.0.0.1", "unix:///run/socket"])
def test_a_server_for_its_own_pod_needs_no_service(bind: str) -> None:
    """Nobody outside is meant to connect to the loopback address or to a socket."""
    assert not list(unreachable(Mesh([pods(), front()]), gateway(443, bind=bind)))
    assert list(unreachable(Mesh([pods(), front()]), gateway(443, bind="10.0.0.1")))


def test_without_a_service_nothing_is_known_to_be_out_of_reach() -> None:
    """Whatever leads to the pods is not here."""
    assert not list(unreachable(Mesh([pods()]), gateway(443)))
    assert not list(unreachable(Mesh([pods(), front()]), gateway(443, istio="gone")))
