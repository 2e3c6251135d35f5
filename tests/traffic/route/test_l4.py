"""Connections go where TCP and TLS routes send them, else to the host that was called."""

from fractions import Fraction

import pytest

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import answer, told
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.client.view import look
from kubectl_meshfix.traffic.route.l4 import tcp_targets
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.listeners import Passthrough, TCPListener
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.request import Scheme
from kubectl_meshfix.traffic.terms.routes import Target
from tests.traffic.route.scenes import caller, get, mesh

DB = """
kind: Service
metadata: {name: db, namespace: shop}
spec: {selector: {app: db}, ports: [{name: PROTOCOL, port: 5432}]}
"""
TCP, TLS = DB.replace("PROTOCOL", "tcp"), DB.replace("PROTOCOL", "tls")
OTHER = "{kind: Service, metadata: {name: other}, spec: {ports: [{name: tcp, port: 7000}]}}"
HOST = "db.shop.svc.cluster.local"


def routing(routes: str, name: str = "vs", age: int = 0) -> str:
    """A VirtualService for the database."""
    made = f", creationTimestamp: '{age}-01-01T00:00:00Z'" if age else ""
    return f"{{kind: VirtualService, metadata: {{name: {name}{made}}}, spec: {{hosts: [db], {routes}}}}}"


def went(meshed: Mesh, scheme: Scheme = Scheme.TCP, host: str = "db.shop", party: Party | None = None) -> object:
    """Where a connection goes: hosts with ports and shares, or what stands in the way."""
    view = look(meshed, party or caller())
    entry = view.entry(HOST)
    assert entry
    found = answer(tcp_targets(meshed, view, TCPListener(entry=entry, port=5432), get(host, port=5432, scheme=scheme)))
    return [short(item) for item in found] if isinstance(found, tuple) else found


def short(item: Alternative[Target]) -> str:
    """A target in short, with the port that it names."""
    share = "" if item.share == 1 else f" {item.share}"
    port = f":{item.value.port}" if item.value.port else ""
    return f"{item.value.host.partition('.')[0]}{port}{share}" + ("?" if item.given else "")


def test_without_routes_a_connection_goes_to_its_host() -> None:
    """HTTP routes and, on this port, TLS routes have no effect."""
    assert went(mesh(TCP)) == ["db:5432"]
    assert went(mesh(TCP, routing("http: [{directResponse: {status: 418}}]"))) == ["db:5432"]
    assert went(mesh(TCP, routing("tls: [{match: [{sniHosts: [db.shop]}], route: [{destination: {host: x}}]}]"))) == ["db:5432"]


@pytest.mark.parametrize(
    ("routes", "party", "targets"),
    [
        ("tcp: [{route: [{destination: {host: other}}]}]", None, ["other"]),
        ("tcp: [{route: [{destination: {host: gone}}]}]", None, ["gone"]),
        ("tcp: [{route: [{destination: {host: gone, port: {number: 1}}}]}]", None, ["gone:1"]),
        ("tcp: [{match: [{port: 1}], route: [{destination: {host: other}}]}]", None, ["db:5432"]),
        ("tcp: [{match: [{port: 5432, sourceLabels: {app: x}}], route: [{destination: {host: other}}]}]", None, ["db:5432"]),
        ("tcp: [{match: [{port: 5432, sourceLabels: {app: x}}], route: [{destination: {host: other}}]}]", caller(app="x"), ["other"]),
        ("tcp: [{match: [{gateways: [mesh], sourceNamespace: x}], route: [{destination: {host: other}}]}]", None, ["db:5432"]),
        ("tcp: [{match: [{gateways: [public]}, {sourceNamespace: web}], route: [{destination: {host: other}}]}]", None, ["other"]),
        ("tcp: [{route: []}, {route: [{destination: {host: other}}]}]", None, ["other"]),
    ],
)
def test_the_first_tcp_route_for_the_caller_takes_a_connection(routes: str, party: Party | None, targets: list[str]) -> None:
    """Here all of a match counts."""
    assert went(mesh(TCP, OTHER, routing(routes)), party=party) == targets


def test_weights_are_shares() -> None:
    """One without a weight among others gets nothing."""
    routes = "tcp: [{route: [{destination: {host: a}, weight: 3}, {destination: {host: b}, weight: 1}, {destination: {host: c}}]}]"

    assert went(mesh(TCP, routing(routes))) == [f"a {Fraction(3, 4)}", f"b {Fraction(1, 4)}"]


def test_a_route_for_some_addresses_makes_alternatives() -> None:
    """Nobody knows here which address was called."""
    routes = "tcp: [{match: [{destinationSubnets: [10.0.0.0/8]}], route: [{destination: {host: a}}]}]"

    assert went(mesh(TCP, routing(routes))) == ["a?", "db:5432?"]


def test_tls_routes_go_by_the_name_that_tls_says() -> None:
    """The most specific one; once there is any, other names and connections without one are passed through."""
    wild = "{match: [{sniHosts: ['*.shop.svc.cluster.local']}], route: [{destination: {host: a}}]}"
    exact = "{match: [{sniHosts: [db.shop.svc.cluster.local]}], route: [{destination: {host: b}}]}"
    routes = f"tls: [{wild}, {exact}]"
    meshed = mesh(TLS, routing(routes))

    assert went(meshed, Scheme.HTTPS, HOST) == ["b"]
    assert went(meshed, Scheme.HTTPS, "x.shop.svc.cluster.local") == ["a"]
    assert went(meshed, Scheme.HTTPS, "db.shop") == Passthrough(is_http=False)
    assert went(meshed, Scheme.TCP, HOST) == Passthrough(is_http=False)
    strict = (
        "{kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: 'outboundTrafficPolicy: {mode: REGISTRY_ONLY}'}}"
    )
    assert went(mesh(TLS, strict, routing(routes)), Scheme.HTTPS, "db.shop") is Failure.BLOCKED


def test_the_oldest_virtual_service_comes_first() -> None:
    """Without ages each may be; where it makes no difference, nothing is doubtful."""
    a, b = "tcp: [{route: [{destination: {host: a}}]}]", "tcp: [{route: [{destination: {host: b}}]}]"

    assert went(mesh(TCP, routing(a, "a", 2022), routing(b, "b", 2021))) == ["b"]
    assert went(mesh(TCP, routing(a, "a"), routing(b, "b"))) == ["a?", "b?"]
    assert went(mesh(TCP, routing(a, "a"), routing(a, "b").replace("tcp", "tls"))) == ["a"]


def test_the_route_that_takes_a_connection_is_told() -> None:
    """At its place."""
    meshed = mesh(TCP, routing("tcp: [{match: [{port: 1}, {port: 5432}], route: [{destination: {host: a}}]}]"))
    view = look(meshed, caller())
    entry = view.entry(HOST)
    assert entry
    (step,) = told(tcp_targets(meshed, view, TCPListener(entry=entry, port=5432), get(port=5432))).steps

    assert sentence(step) == "VirtualService shop/vs tcp[0].match[1] takes the connection."
    assert step.at
    assert step.at.path == "/spec/tcp/0/match/1"
