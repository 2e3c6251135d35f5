"""The ports on which calls come to a route are known or said not to be."""

from typing import Any

import pytest

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic.registry import Port, registry
from kubectl_meshfix.traffic.route.ports import called_ports, fitting_ports, lacks_port
from kubectl_meshfix.traffic.route.targets import RouteKind, targets
from tests.traffic.objects import make, service, to


def called(kind: str = "http", match: list[dict[str, Any]] | None = None, **spec: Any) -> set[int] | None:
    """The ports on which calls come to a route, beside Services and a Gateway; None where they are not known."""
    servers = [{"port": {"number": number, "protocol": word}} for number, word in ((80, "HTTP"), (443, "HTTPS"), (5432, "TCP"))]
    reviews = service("reviews", "shop", ("http", 8080), ("any", 8081), ("tcp-sync", 9000))
    mesh = Mesh([reviews, service("cart"), make(Gateway, "public", servers=servers)])
    spec[kind] = [{**to("cart"), "match": match or []}]
    bound: VirtualService = make(VirtualService, "vs", **spec)
    (target,) = targets(bound)
    found = called_ports(mesh, bound, target)
    return None if isinstance(found, Unknown) else set(found)


@pytest.mark.parametrize(("kind", "ports"), [("http", {8080, 8081}), ("tcp", {8080, 8081, 9000}), ("tls", {8080, 8081, 9000})])
def test_sidecars_call_the_ports_of_the_hosts(kind: str, ports: set[int]) -> None:
    """HTTP routes only get calls on ports that are HTTP or may be."""
    assert called(kind, hosts=["reviews"]) == ports


@pytest.mark.parametrize(("kind", "ports"), [("http", {80, 443}), ("tls", {443}), ("tcp", {443, 5432})])
def test_gateways_are_called_on_the_ports_of_their_servers(kind: str, ports: set[int]) -> None:
    """Servers for HTTPS and TLS may take TLS off or pass it through."""
    assert called(kind, gateways=["public"]) == ports


def test_calls_of_several_hosts_and_gateways_come_together() -> None:
    """Whoever may call counts."""
    assert called(hosts=["reviews", "cart"], gateways=["mesh", "public"]) == {80, 443, 8080, 8081}


def test_a_match_on_ports_tells_by_itself() -> None:
    """Where one match leaves the port open, the hosts tell."""
    assert called(match=[{"port": 9000}, {"port": 9001}], hosts=["*"]) == {9000, 9001}
    assert called(match=[{"port": 9000}, {"uri": {"exact": "/"}}], hosts=["cart"]) == {80}


@pytest.mark.parametrize("spec", [{"hosts": []}, {"hosts": ["*"]}, {"hosts": ["cart", "gone"]}, {"gateways": ["gone"]}])
def test_what_was_not_read_may_call_on_any_port(spec: dict[str, Any]) -> None:
    """A wildcard host, an unknown host and an unknown gateway leave the ports open."""
    assert called(**spec) is None


@pytest.mark.parametrize(("kind", "numbers"), [("http", (80, 81)), ("tls", (443,)), ("tcp", (5432, 3306))])
def test_a_port_fits_by_what_it_declares(kind: RouteKind, numbers: tuple[int, ...]) -> None:
    """A port without a protocol fits no kind of route for sure."""
    spoken = (
        (80, Protocol.HTTP),
        (81, Protocol.GRPC),
        (443, Protocol.HTTPS),
        (5432, Protocol.TCP),
        (53, Protocol.UDP),
        (3306, Protocol.MYSQL),
    )

    assert fitting_ports([Port(number, protocol) for number, protocol in spoken], kind) == numbers


def test_a_host_lacks_a_port_that_none_of_its_entries_has() -> None:
    """An ExternalName's ports are those of the host it stands for."""
    alias = make(Service, "alias", type="ExternalName", externalName="api.example.com")
    mesh = Mesh([service("cart"), alias])

    def lacks(name: str, number: int) -> bool:
        return lacks_port(registry(mesh).exact[f"{name}.shop.svc.cluster.local"], number)

    assert lacks("cart", 81)
    assert not lacks("cart", 80)
    assert not lacks("alias", 81)
