"""A server takes what its proxy has a filter chain for, by port, by what it accepts and by what comes."""

import msgspec
import pytest

from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.traffic.server.accept import Chain, accept
from kubectl_meshfix.traffic.server.inbound import by_proxy
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.wire import Transport, Wire
from tests.traffic.scenes import GET, GROUND, files, live, mesh_config, peer, reached, taken

CART = "cluster.local/ns/web/sa/cart"
PLAIN, TLS = Wire(transport=Transport.PLAIN, is_http=True), Wire(transport=Transport.TLS)
MUTUAL = Wire(transport=Transport.ISTIO, is_http=True, identity=CART, announces_http=True, by_proxy=True)
BYTES = Wire(transport=Transport.PLAIN)
MUTUAL_BYTES = Wire(transport=Transport.ISTIO, identity=CART, by_proxy=True)
HBONE = Wire(transport=Transport.HBONE, is_http=True, identity=CART)
UNINJECTED = GROUND.replace("istio-injection: enabled", "istio-injection: disabled")


def port(name: str, ground: str = GROUND) -> str:
    """The ground, with another name for the catalog's port."""
    return ground.replace("{name: http, port: 80", f"{{name: {name}, port: 80")


def seen(mesh: Mesh, wire: Wire, request: Request = GET) -> str:
    """What becomes of a connection: HTTP or TCP, with an identity or without, or the failure."""
    found = taken(mesh, wire, request).value
    if isinstance(found, Failure):
        return found.name
    if found.failure:
        return found.failure.name
    return ("HTTP" if found.is_http else "TCP") + (" identified" if found.identity else "")


@pytest.mark.parametrize(
    ("name", "mode", "found"),
    [
        ("http", "STRICT", "NO_FILTER_CHAIN NO_CERTIFICATE HTTP+ NO_FILTER_CHAIN NOT_HTTP"),
        ("tcp", "STRICT", "NO_FILTER_CHAIN NO_CERTIFICATE TCP+ NO_FILTER_CHAIN TCP+"),
        ("web", "STRICT", "NO_FILTER_CHAIN NO_CERTIFICATE HTTP+ NO_FILTER_CHAIN TCP+"),
        ("http", "PERMISSIVE", "HTTP TLS_REFUSED HTTP+ NOT_HTTP NOT_HTTP"),
        ("tcp", "PERMISSIVE", "TCP TCP TCP+ TCP TCP+"),
        ("web", "PERMISSIVE", "HTTP TCP HTTP+ TCP TCP+"),
        ("http", "DISABLE", "HTTP TLS_TO_HTTP TLS_TO_HTTP NOT_HTTP TLS_TO_HTTP"),
        ("tcp", "DISABLE", "TCP TCP TLS_TO_PLAIN_TEXT TCP TLS_TO_PLAIN_TEXT"),
        ("web", "DISABLE", "HTTP TCP TLS_TO_PLAIN_TEXT TCP TLS_TO_PLAIN_TEXT"),
    ],
)
def test_chains(name: str, mode: str, found: str) -> None:
    """For plain text, TLS, mutual TLS, bytes that are no HTTP, and those in mutual TLS; ``+`` means that the server learns who calls."""
    mesh = files(peer(mode), ground=port(name))
    answers = [seen(mesh, wire) for wire in (PLAIN, TLS, MUTUAL, BYTES, MUTUAL_BYTES)]

    assert " ".join(answers).replace(" identified", "+") == found


def test_a_tunnel_always_identifies() -> None:
    """HBONE is mutual TLS whatever the mode."""
    for mode in ("STRICT", "PERMISSIVE", "DISABLE"):
        assert seen(files(peer(mode)), HBONE) == "HTTP identified"


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ((), "HTTP"),
        ((peer("STRICT", "istio-system"),), "NO_FILTER_CHAIN"),
        ((peer("STRICT"), peer("PERMISSIVE", app="catalog")), "HTTP"),
        ((peer("STRICT", app="catalog", ports="{8080: PERMISSIVE}"),), "HTTP"),
        ((peer("STRICT", app="catalog", ports="{80: PERMISSIVE}"),), "NO_FILTER_CHAIN"),
    ],
)
def test_ports_of_policies_are_the_containers(texts: tuple[str, ...], found: str) -> None:
    """A Service's port is none."""
    assert seen(files(*texts), PLAIN) == found


def test_policies_that_were_not_read_may_refuse() -> None:
    """PERMISSIVE is assumed, and said to be."""
    unread = Mesh(live().objects, live=True, coverage={kinds.PEER_AUTHENTICATION: Coverage(reason="forbidden")})
    (endpoint,) = reached(files())
    found = told(accept(unread, endpoint, PLAIN, GET))

    assert isinstance(found.value, Chain)
    assert [step.check for step in found.steps if step.unknown is not None] == ["peerAuthentication"]


def test_a_pod_without_a_proxy_takes_what_comes() -> None:
    """All but the mesh's TLS; whether an application speaks TLS, nobody knows."""
    bare = files(peer("STRICT"), ground=UNINJECTED)
    found = taken(bare, PLAIN).value

    assert isinstance(found, Chain)
    assert not found.is_captured
    assert seen(bare, MUTUAL) == "TLS_TO_PLAIN_TEXT"
    assert [step.check for step in taken(bare, TLS).steps if step.unknown is not None] == ["applicationTLS"]
    https = Request(scheme=Scheme.HTTPS, host="catalog.shop", port=443)
    assert not [step for step in taken(bare, TLS, https).steps if step.unknown is not None]


@pytest.mark.parametrize(
    ("annotation", "is_captured"),
    [
        ("traffic.sidecar.istio.io/excludeInboundPorts: '8080'", False),
        ("traffic.sidecar.istio.io/excludeInboundPorts: '80'", True),
        ("traffic.sidecar.istio.io/includeInboundPorts: ''", False),
        ("traffic.sidecar.istio.io/includeInboundPorts: '8080', traffic.sidecar.istio.io/excludeInboundPorts: '8080'", True),
        ("sidecar.istio.io/interceptionMode: NONE", False),
    ],
)
def test_a_port_that_is_not_redirected_knows_no_policy(annotation: str, is_captured: bool) -> None:
    """Plain text reaches the application even where the mode is STRICT, and the mesh's TLS reaches it too."""
    ground = GROUND.replace(
        "metadata: {labels: {app: catalog, version: v1}}", f"metadata: {{labels: {{app: catalog}}, annotations: {{{annotation}}}}}"
    )
    mesh = files(peer("STRICT"), ground=ground)

    assert seen(mesh, PLAIN) == ("NO_FILTER_CHAIN" if is_captured else "HTTP")
    assert seen(mesh, MUTUAL) == ("HTTP identified" if is_captured else "TLS_TO_PLAIN_TEXT")


SECOND = """
kind: Service
metadata: {name: %s, namespace: shop%s}
spec: {selector: {app: catalog}, ports: [{name: tcp, port: 90, targetPort: 8080}]}
"""


def test_of_several_services_the_oldest_declares_the_port() -> None:
    """Files have no ages: names decide, and that is said."""
    said = taken(files(SECOND % ("before", "")), PLAIN)
    aged = GROUND.replace(
        "name: catalog, namespace: shop}\nspec: {selector", "name: catalog, namespace: shop, creationTimestamp: '2'}\nspec: {selector"
    )

    assert seen(files(SECOND % ("zulu", ", creationTimestamp: '1'"), ground=aged), BYTES) == "TCP"
    assert seen(files(SECOND % ("before", ", creationTimestamp: '3'"), ground=aged), BYTES) == "NOT_HTTP"
    assert isinstance(said.value, Chain)
    assert not said.value.is_http
    assert [step.check for step in said.steps if step.unknown is not None] == ["serviceOrder"]


def test_an_undeclared_port_is_sniffed() -> None:
    """It obeys the same mode, and goes to the address that was called."""
    (endpoint,) = reached(files())
    other = msgspec.structs.replace(endpoint, port=9999)

    for texts, wire, wanted in (((), BYTES, False), ((), PLAIN, True), ((peer("STRICT"),), PLAIN, Failure.NO_FILTER_CHAIN)):
        found = told(accept(files(*texts), other, wire, GET)).value
        assert (found.is_http if isinstance(found, Chain) else found) == wanted
    own = told(accept(files(), msgspec.structs.replace(endpoint, port=15006), PLAIN, GET))
    assert own.value is Failure.REFUSED


def test_a_service_entry_declares_ports_of_the_pods_that_it_selects() -> None:
    """As a Service does."""
    entry = """
kind: ServiceEntry
metadata: {name: depot, namespace: shop}
spec:
  hosts: [depot.example.com]
  ports: [{number: 9999, name: tcp, protocol: TCP}]
  resolution: STATIC
  workloadSelector: {labels: {app: catalog}}
"""
    (endpoint,) = reached(files())
    found = told(accept(files(entry), msgspec.structs.replace(endpoint, port=9999), PLAIN, GET)).value

    assert isinstance(found, Chain)
    assert not found.is_http


def test_gateways_ignore_peer_authentication() -> None:
    """What they do with it is another room's."""
    gate = Endpoint(party=Party(plane=Plane.GATEWAY, namespace="shop", labels={"app": "catalog"}), port=8080)

    assert isinstance(told(accept(files(peer("STRICT")), gate, PLAIN, GET)).value, Chain)


def test_http_1_0() -> None:
    """A port for HTTP refuses it, a sniffed one takes it for bytes; a caller's proxy makes HTTP/1.1 of it."""
    old = msgspec.structs.replace(GET, version="1.0")

    assert seen(files(), PLAIN, old) == "HTTP_1_0"
    assert seen(files(ground=port("web")), PLAIN, old) == "TCP"
    assert seen(files(), MUTUAL, old) == "HTTP identified"
    assert seen(files(mesh_config("defaultConfig: {proxyMetadata: {ISTIO_META_HTTP10: '1'}}")), PLAIN, old) == "HTTP"


def test_a_request_without_a_host() -> None:
    """HTTP needs one."""
    assert seen(files(), PLAIN, msgspec.structs.replace(GET, headers=(("host", ""),))) == "NO_HOST"


def test_servers_that_speak_first_hang() -> None:
    """Where the proxy waits for the caller's first bytes: not inside of mutual TLS, not where TCP is declared and TLS disabled."""
    query = Request(scheme=Scheme.TCP, host="catalog.shop", port=80)
    mysql = port("mysql")

    assert seen(files(ground=mysql), BYTES, query) == "HANGS"
    assert seen(files(ground=mysql), MUTUAL_BYTES, query) == "TCP identified"
    assert seen(files(peer("DISABLE"), ground=mysql), BYTES, query) == "TCP"
    assert seen(files(mesh_config("protocolDetectionTimeout: 5s"), ground=mysql), BYTES, query) == "TCP"
    assert seen(files(ground=port("tcp")), BYTES, query) == "TCP"


def test_a_caller_of_another_trust_domain() -> None:
    """It is refused, unless its domain is an alias."""
    foreign = msgspec.structs.replace(MUTUAL, identity="other/ns/web/sa/cart")

    assert seen(files(), foreign) == "BAD_CERTIFICATE"
    assert seen(files(mesh_config("trustDomainAliases: [other]")), foreign) == "HTTP identified"


def test_where_the_application_is_called() -> None:
    """At the pod's address, or at 127.0.0.1 where the mesh says so."""
    here, there = taken(files(mesh_config("inboundTrafficPolicy: {mode: LOCALHOST}"))).value, taken(files()).value

    assert isinstance(here, Chain)
    assert isinstance(there, Chain)
    assert (here.application, there.application) == ("127.0.0.1:8080", "")


SIDECAR = """
kind: Sidecar
metadata: {name: ports, namespace: shop}
spec:
  ingress:
  - {port: {number: 9080, name: http, protocol: HTTP}, defaultEndpoint: "127.0.0.1:8080"}
  - {port: {number: 9090, name: tcp, protocol: TCP}, defaultEndpoint: "0.0.0.0:9090"}
"""


def test_the_ingress_of_a_sidecar_declares_all_ports() -> None:
    """Those of Services are undeclared then, and sniffed; a default endpoint is where the application is called."""
    mesh = files(SIDECAR)
    (sidecar,) = mesh.all(Sidecar)
    (endpoint,) = reached(mesh)

    def chain(port: int, wire: Wire) -> Chain:
        found = told(by_proxy(mesh, msgspec.structs.replace(endpoint, port=port), wire, GET, sidecar)).value
        assert isinstance(found, Chain)
        return found

    assert chain(8080, BYTES) == Chain(is_http=False, port=8080)
    assert chain(9080, MUTUAL) == Chain(is_http=True, port=9080, identity=CART, application="127.0.0.1:8080")
    assert chain(9090, PLAIN) == Chain(is_http=False, port=9090)
