"""ztunnel sends HBONE to who takes it, and enforces what policies say of layer 4; the rest of them counts in ways of its own."""

from typing import Any

import msgspec
import pytest

from kubectl_meshfix.chain.steps import Status, answer, told
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import PeerAuthentication
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic.ambient.ztunnel import send, take
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.wire import Transport, Wire
from tests.traffic.objects import make
from tests.traffic.policy.policies import CART, operation, policy, source, when

CALLER = Party(plane=Plane.AMBIENT, namespace="shop", service_account="cart")
CATALOG = Party(plane=Plane.AMBIENT, namespace="shop", labels={"app": "catalog"}, service_account="catalog")
WAYPOINT = Party(plane=Plane.WAYPOINT, namespace="shop", service_account="waypoint")
ENDPOINT = Endpoint(party=CATALOG, port=8080)
GET = Request(scheme=Scheme.HTTP, host="catalog", port=80, source_ip="10.1.2.3")
HBONE = Wire(transport=Transport.HBONE, is_http=True, identity=CART, source_ip="10.1.2.3")
PLAIN = Wire(transport=Transport.PLAIN, is_http=True, source_ip="10.1.2.3")


def decision(*objects: Object, wire: Wire = HBONE, sender: Party = CALLER) -> str:
    """``allowed``, or why not; ``?`` where that is not known."""
    found = answer(take(Mesh(objects, live=True), ENDPOINT, wire, sender))
    if len(found) > 1:
        return "?"
    return found[0].value.failure.name if found[0].value.failure else "allowed"


def strict(namespace: str = "shop", **spec: Any) -> PeerAuthentication:
    """A PeerAuthentication."""
    made: PeerAuthentication = make(PeerAuthentication, "default", namespace, **{"mtls": {"mode": "STRICT"}, **spec})
    return made


@pytest.mark.parametrize(
    ("plane", "labels", "wanted"),
    [
        (Plane.AMBIENT, {}, Transport.HBONE),
        (Plane.SIDECAR, {}, Transport.PLAIN),
        (Plane.SIDECAR, {"networking.istio.io/tunnel": "http"}, Transport.HBONE),
        (Plane.BARE, {}, Transport.PLAIN),
        (Plane.OUTSIDE, {}, Transport.PLAIN),
    ],
)
def test_hbone_goes_to_who_takes_it(plane: Plane, labels: dict[str, str], wanted: Transport) -> None:
    """Only HBONE carries an identity; all others get plain text without one."""
    server = Party(plane=plane, namespace="shop", labels=labels)
    found = answer(send(Mesh((), live=True), CALLER, Endpoint(party=server, port=8080), GET))

    assert (found.transport, found.identity) == (wanted, CART if wanted is Transport.HBONE else "")


@pytest.mark.parametrize(
    ("objects", "hbone", "plain"),
    [
        ((), "allowed", "allowed"),
        ((strict(),), "allowed", "NO_FILTER_CHAIN"),
        ((strict("istio-system"),), "allowed", "NO_FILTER_CHAIN"),
        ((strict(mtls={"mode": "DISABLE"}),), "allowed", "allowed"),
        ((strict(selector={"matchLabels": {"app": "catalog"}}, portLevelMtls={"8080": {"mode": "PERMISSIVE"}}),), "allowed", "allowed"),
        ((policy("a", "ALLOW", source(principals=[CART])),), "allowed", "NOT_ALLOWED"),
        ((policy("a", "ALLOW", operation(ports=["80"])),), "NOT_ALLOWED", "NOT_ALLOWED"),
        ((policy("a", "ALLOW", operation(ports=["8080"])),), "allowed", "allowed"),
        ((policy("a", "DENY", source(notPrincipals=["*"])),), "allowed", "DENIED"),
        ((policy("a", "DENY", source(ipBlocks=["10.0.0.0/8"])),), "DENIED", "DENIED"),
        ((policy("a", "ALLOW", when("source.namespace", "shop")),), "allowed", "NOT_ALLOWED"),
        ((policy("a", "ALLOW", {}, selector={"matchLabels": {"app": "cart"}}),), "allowed", "allowed"),
        ((policy("a", "DENY", {}, namespace="istio-system"),), "DENIED", "DENIED"),
        ((policy("a", "DENY", {}, namespace="bank"),), "allowed", "allowed"),
    ],
)
def test_layer_4_decides(objects: tuple[Object, ...], hbone: str, plain: str) -> None:
    """PeerAuthentications refuse plain text, policies decide by identity, address and container port."""
    assert (decision(*objects), decision(*objects, wire=PLAIN)) == (hbone, plain)


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (policy("a", "ALLOW", operation(methods=["GET"])), "NOT_ALLOWED"),
        (policy("a", "ALLOW", operation(methods=["GET"]), source(principals=[CART])), "allowed"),
        (policy("a", "ALLOW", {**source(principals=[CART]), **operation(paths=["/"])}), "NOT_ALLOWED"),
        (policy("a", "DENY", operation(methods=["GET"])), "allowed"),
        (policy("a", "DENY", operation(methods=["POST"], ports=["8080"])), "DENIED"),
        (policy("a", "DENY", {**source(principals=[CART]), **operation(methods=["GET"])}), "allowed"),
        (policy("a", "DENY", when("request.headers[x]", "y")), "allowed"),
        (policy("a", "DENY", {"from": [{"source": {"requestPrincipals": ["*"]}}, {"source": {"principals": [CART]}}]}), "DENIED"),
        (policy("a", "DENY", {}), "DENIED"),
        (policy("a", "DENY", source(remoteIpBlocks=["10.0.0.0/8"])), "allowed"),
        (policy("a", "ALLOW", source(trustDomains=["other"], principals=[CART])), "allowed"),
        (policy("a", "ALLOW", source(trustDomains=["cluster.local"])), "NOT_ALLOWED"),
        (policy("a", "ALLOW", when("source.serviceAccount", "cart")), "NOT_ALLOWED"),
        (policy("a", "ALLOW", source(serviceAccounts=["cart"])), "allowed"),
        (policy("a", "ALLOW", source(namespaces=["sh*"])), "allowed"),
        (policy("a", "ALLOW", source(namespaces=["s*p"])), "NOT_ALLOWED"),
        (policy("a", "DENY", source(notNamespaces=["s*p"])), "DENIED"),
        (policy("a", "CUSTOM", {}, provider={"name": "x"}), "allowed"),
        (policy("a", "AUDIT", {}), "allowed"),
        (policy("a", "DENY", {}, dry_run="true"), "allowed"),
        (policy("a", "DENY", {}, targetRefs=[{"kind": "Service", "name": "catalog"}]), "allowed"),
    ],
)
def test_what_is_of_http_counts_otherwise_than_in_envoy(made: Any, wanted: str) -> None:
    """An ALLOW rule with a field of HTTP is dropped; in a DENY rule the field vanishes, and what has nothing else left never matches."""
    assert decision(made) == wanted


def test_behind_a_waypoint_policies_see_its_identity() -> None:
    """A policy that names the caller refuses the waypoint, and the step says whose identity it sees."""
    wire = msgspec.structs.replace(HBONE, identity="cluster.local/ns/shop/sa/waypoint")
    mesh = Mesh((policy("a", "ALLOW", source(principals=[CART])),), live=True)
    found = told(take(mesh, ENDPOINT, wire, WAYPOINT))

    assert [way.value.failure.name for way in found.value if way.value.failure] == ["NOT_ALLOWED"]
    assert any("not the caller" in sentence(step) for step in found.steps if step.status is Status.WARN)


def test_an_address_that_is_not_known_leaves_both_ways_open() -> None:
    """Where the caller's address decides, and nobody said it."""
    unsaid = msgspec.structs.replace(HBONE, source_ip="")

    assert decision(policy("a", "DENY", source(ipBlocks=["10.0.0.0/8"])), wire=unsaid) == "?"


def test_peer_authentications_that_may_not_be_read_are_told() -> None:
    """Plain text is taken to be let in, and the step says that this is not known."""
    coverage = {kinds.PEER_AUTHENTICATION: Coverage(reason="forbidden")}
    found = told(take(Mesh((), live=True, coverage=coverage), ENDPOINT, PLAIN))

    assert [step.status for step in found.steps if step.check == "peerAuthentication"] == [Status.UNKNOWN]
