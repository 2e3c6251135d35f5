"""A connection meets the listener that istiod makes for its address and port, or none."""

import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.terms.request import Scheme
from tests.traffic.client.scenes import CATALOG, cart, cluster, entry, files, heard, mesh_config, result, service, sidecar

ONLY = mesh_config("outboundTrafficPolicy: {mode: REGISTRY_ONLY}")
DNS = mesh_config('defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: "true"}}')
DB = "db.example.com"


@pytest.mark.parametrize(
    ("port_name", "scheme", "found"),
    [
        ("http", Scheme.HTTP, "http"),
        ("grpc-api", Scheme.GRPC, "http"),
        ("http", Scheme.HTTPS, "passthrough"),
        ("http", Scheme.TCP, "passthrough"),
        ("tcp", Scheme.HTTP, f"tcp to {CATALOG}"),
        ("https", Scheme.HTTPS, f"tcp to {CATALOG}"),
        ("tls", Scheme.HTTP, f"tcp to {CATALOG}"),
        ("", Scheme.HTTP, f"http of {CATALOG}"),
        ("", Scheme.HTTPS, f"tcp to {CATALOG}"),
        ("", Scheme.TCP, f"tcp to {CATALOG}"),
        ("udp-x", Scheme.HTTP, "passthrough"),
    ],
)
def test_the_protocol_of_the_port_decides(port_name: str, scheme: Scheme, found: str) -> None:
    """HTTP is shared, TCP and sniffed ports have listeners of their own, and UDP has none."""
    mesh = files(service("catalog", 80, port_name))

    assert result(mesh, scheme=scheme) == found
    if found == "passthrough":
        assert result(files(ONLY, service("catalog", 80, port_name)), scheme=scheme) == "BLOCKED"


def test_http_1_0_is_no_http_to_a_proxy() -> None:
    """But where istiod's PILOT_HTTP10 says so."""
    istiod = """
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec: {template: {spec: {containers: [{name: discovery, env: [{name: PILOT_HTTP10, value: 'true'}]}]}}}
"""

    assert result(files(service("catalog")), version="1.0") == "passthrough"
    assert result(files(service("catalog", port_name="")), version="1.0") == f"tcp to {CATALOG}"
    assert result(files(istiod, service("catalog")), version="1.0") == "http"


def test_any_address_meets_the_listener_of_http_on_its_port() -> None:
    """Pods, addresses of nobody and hosts that the proxy does not know: the Host header decides."""
    mesh = files(service("catalog", 8080))

    assert result(mesh, "198.51.100.1", 8080) == "http"
    assert result(mesh, "api.example.com", 8080) == "http"
    assert result(mesh, "198.51.100.1", 8081) == "passthrough"
    hidden = service("catalog").replace("shop}", "shop, annotations: {networking.istio.io/exportTo: .}}")
    assert result(files(hidden)) == "passthrough"
    assert result(files(hidden, service("own", namespace="web"))) == "http"


def test_a_sidecar_that_does_not_import_a_host_takes_its_listener() -> None:
    """TCP then passes through, or is closed."""
    scoped = sidecar("{egress: [{hosts: ['./*']}], outboundTrafficPolicy: {}}")

    assert result(files(service("catalog", 80, "tcp"), scoped)) == "BLOCKED"
    assert result(files(service("catalog", 80, "tcp"), scoped.replace("outboundTrafficPolicy: {}", "ingress: []"))) == "passthrough"


def test_a_host_without_an_address_takes_all_tcp_on_its_port() -> None:
    """Other destinations too, and those that REGISTRY_ONLY forbids."""
    mesh = files(ONLY, entry("db", DB, 5432, "TCP"))

    assert result(mesh, DB, 5432, Scheme.TCP) == f"tcp to {DB}"
    assert result(mesh, "198.51.100.1", 5432, Scheme.TCP) == f"tcp to {DB}"
    assert result(files(DNS, entry("db", DB, 5432, "TCP")), "198.51.100.1", 5432, Scheme.TCP) == "passthrough"
    assert result(files(DNS, entry("db", DB, 5432, "TCP")), DB, 5432, Scheme.TCP) == f"tcp to {DB}"


def test_http_and_tcp_may_share_the_listener_of_all_addresses() -> None:
    """HTTP is told apart by its first bytes; the rest is for the host without an address."""
    mesh = files(service("catalog", 8080), entry("db", DB, 8080, "TCP"))

    assert result(mesh, "catalog.shop", 8080) == "http"
    assert result(mesh, "catalog.shop", 8080, Scheme.HTTPS) == f"tcp to {DB}"
    assert result(mesh, DB, 8080, Scheme.TCP) == f"tcp to {DB}"
    mongo = files(service("catalog", 8080), entry("db", DB, 8080, "MONGO"))
    assert result(mongo, DB, 8080, Scheme.TCP) == "passthrough"


def test_of_two_tcp_hosts_without_addresses_the_older_has_the_port() -> None:
    """In files nobody knows which that is."""
    one, two = entry("a", "a.example.com", 5432, "TCP"), entry("b", "b.example.com", 5432, "TCP")
    aged = [
        text.replace("namespace: web}", f"namespace: web, creationTimestamp: '2026-01-0{day}T00:00:00Z'}}")
        for text, day in ((one, 2), (two, 1))
    ]

    assert result(cluster(*aged), "a.example.com", 5432, Scheme.TCP) == "tcp to b.example.com"
    assert "conflict warn" in statuses(cluster(*aged), "a.example.com")
    assert "conflict unknown" in statuses(files(one, two), "b.example.com")
    assert not [item for item in statuses(files(one, two), "198.51.100.1") if "conflict" in item]


def statuses(mesh: Mesh, host: str) -> list[str]:
    """What is told of a TCP connection to 5432."""
    return [f"{step.check} {step.status}" for step in heard(mesh, host, 5432, Scheme.TCP).steps]


def test_tls_hosts_without_addresses_are_told_apart_by_their_names() -> None:
    """By SNI, an exact host before wildcards; other names pass through."""
    mesh = files(entry("a", "a.example.com", 443, "TLS"), entry("w", "*.example.com", 443, "TLS", extra="resolution: NONE"))

    assert result(mesh, "a.example.com", 443, Scheme.HTTPS) == "tcp to a.example.com"
    assert result(mesh, "b.example.com", 443, Scheme.HTTPS) == "tcp to *.example.com"
    assert result(mesh, "other.example.org", 443, Scheme.HTTPS) == "passthrough"
    assert result(mesh, "198.51.100.1", 443, Scheme.HTTPS, sni="a.example.com") == "tcp to a.example.com"
    assert result(mesh, "a.example.com", 443, Scheme.TCP) == "passthrough"


def test_ranges_of_a_service_entry_come_before_the_protocol() -> None:
    """The longest range that holds the address takes even HTTP; where the address is not known that is said."""
    wide = entry("wide", "wide.example.com", 8080, "TCP", extra="resolution: NONE, addresses: [198.51.100.0/24]")
    narrow = entry("narrow", "narrow.example.com", 8080, "TCP", extra="resolution: NONE, addresses: [198.51.100.0/28]")
    mesh = files(service("catalog", 8080), wide, narrow)

    assert result(mesh, "198.51.100.1", 8080) == "tcp to narrow.example.com"
    assert result(mesh, "198.51.100.77", 8080) == "tcp to wide.example.com"
    assert result(mesh, "catalog.shop", 8080) == "http"
    assert result(mesh, "wide.example.com", 8080) == "tcp to wide.example.com"
    assert any(step.unknown is not None for step in heard(mesh, "api.example.com", 8080).steps)


def test_a_service_entry_with_an_address_has_a_listener_there() -> None:
    """For TCP and where the protocol is sniffed."""
    mesh = files(entry("db", DB, 5432, "TCP", extra="resolution: STATIC, addresses: [203.0.113.9]"))

    assert result(mesh, "203.0.113.9", 5432, Scheme.TCP) == f"tcp to {DB}"
    assert result(mesh, DB, 5432, Scheme.TCP) == f"tcp to {DB}"
    assert result(mesh, "203.0.113.8", 5432, Scheme.TCP) == "passthrough"


def test_a_headless_service_has_listeners_at_its_pods() -> None:
    """For TCP and sniffed ports; HTTP is shared, and other ports of the pod are nobody's."""
    pod = """
kind: Pod
metadata: {name: db-0, namespace: shop, labels: {app: db}}
spec: {hostname: db-0, subdomain: db, containers: [{name: db}]}
status: {podIP: 10.1.0.7, phase: Running, conditions: [{type: Ready, status: 'True'}]}
"""
    db = "db.shop.svc.cluster.local"

    def headless(name: str) -> Mesh:
        return cluster(service("db", 5432, name, extra=", clusterIP: None"), pod)

    for host in ("10.1.0.7", "db.shop", "db-0.db.shop"):
        assert result(headless("tcp"), host, 5432, Scheme.TCP) == f"tcp to {db}"
        assert result(headless(""), host, 5432) == f"http of {db}"
        assert result(headless("http"), host, 5432) == "http"
        assert result(headless("tcp"), host, 5433, Scheme.TCP) == "passthrough"


def test_a_server_that_speaks_first_hangs_behind_a_sniffing_listener() -> None:
    """The proxy waits for the client; a declared protocol or a timeout ends that."""
    assert result(files(service("catalog", 22, "")), port=22, scheme=Scheme.TCP) == "HANGS"
    assert result(files(service("catalog", 22, "tcp")), port=22, scheme=Scheme.TCP) == f"tcp to {CATALOG}"
    assert result(files(service("catalog", 22, "")), port=22, scheme=Scheme.HTTP) == f"http of {CATALOG}"
    timed = mesh_config("protocolDetectionTimeout: 100ms")
    assert result(files(timed, service("catalog", 22, "")), port=22, scheme=Scheme.TCP) == f"tcp to {CATALOG}"


def test_the_proxys_own_ports_have_no_listener_of_http() -> None:
    """The one of outbound connections closes what is sent to it."""
    assert result(files(service("catalog", 15021)), port=15021) == "passthrough"
    assert result(files(service("catalog", 15001)), port=15001) == "BLOCKED"


def test_an_egress_entry_with_a_port_makes_the_listener_of_that_port() -> None:
    """With its own protocol, and for its own hosts alone."""
    tcp = "{egress: [{port: {number: 80, protocol: TCP, name: tcp}, hosts: ['shop/*']}, {hosts: ['*/*']}]}"
    mesh = files(service("catalog"), service("own", namespace="web"), sidecar(tcp))

    assert result(mesh) == f"tcp to {CATALOG}"
    assert result(mesh, "own.web") == "http"
    http = "{egress: [{port: {number: 80, protocol: HTTP, name: http}, hosts: ['web/*']}, {hosts: ['*/*']}]}"
    mesh = files(service("catalog", 80, "tcp"), service("own", namespace="web"), sidecar(http))
    assert result(mesh, "own.web") == "http"
    assert result(mesh) == f"tcp to {CATALOG}"


def test_a_socket_of_the_proxy_reads_what_its_egress_entry_says() -> None:
    """HTTP or TCP, whatever the Services say."""
    socket = sidecar("{egress: [{port: {number: 80, protocol: HTTP, name: http}, captureMode: NONE, hosts: ['*/*']}]}")

    assert result(files(cart(), service("catalog"), socket), "127.0.0.1") == "http"
    assert result(files(cart(), service("catalog"), socket), "127.0.0.1", version="1.0") == "HTTP_1_0"
    assert result(files(cart(), service("catalog"), socket.replace("HTTP", "TCP")), "127.0.0.1") == f"tcp to {CATALOG}"


def test_an_egress_entry_may_be_bound_to_all_addresses() -> None:
    """Its TCP hosts have no listener of their own then, and the first of them takes the port."""
    bound = sidecar("{egress: [{bind: 0.0.0.0, port: {number: 80, protocol: TCP, name: tcp}, hosts: ['shop/*']}]}")
    mesh = files(service("catalog", 80, "tcp"), bound)

    assert result(mesh) == f"tcp to {CATALOG}"
    assert result(mesh, "198.51.100.1", 80, Scheme.TCP) == f"tcp to {CATALOG}"
    assert result(files(service("catalog", 80, "tcp"), bound.replace("0.0.0.0", "192.0.2.1"))) == "passthrough"
