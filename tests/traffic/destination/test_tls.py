"""What a proxy sends is what the DestinationRule asks for, else what istiod finds that the endpoint takes."""

from typing import Any

import msgspec
import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.traffic.destination.tls import plain_wire
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.wire import Transport
from tests.traffic.scenes import BARE, CART, CATALOG, GET, GROUND, files, live, mesh_config, peer, rule, sent

PLAIN, TLS, MUTUAL, HBONE = Transport.PLAIN, Transport.TLS, Transport.ISTIO, Transport.HBONE
UNINJECTED = GROUND.replace("istio-injection: enabled", "istio-injection: disabled")
AMBIENT = GROUND.replace("istio-injection: enabled", "istio.io/dataplane-mode: ambient")


def tls(mode: str, **rest: Any) -> str:
    """A DestinationRule of the catalog that asks for a mode."""
    return rule(trafficPolicy={"tls": {"mode": mode, **rest}})


FOR_CART = rule(
    namespace="web",
    workloadSelector={"matchLabels": {"app": "cart"}},
    trafficPolicy={"tls": {"mode": "SIMPLE", "credentialName": "catalog"}},
)


@pytest.mark.parametrize(
    ("texts", "transport"),
    [
        ((), MUTUAL),
        ((tls("DISABLE"),), PLAIN),
        ((tls(""),), PLAIN),
        ((tls("SIMPLE"),), TLS),
        ((tls("MUTUAL", clientCertificate="/c", privateKey="/k"),), TLS),
        ((tls("MUTUAL"),), PLAIN),
        ((tls("SIMPLE", credentialName="catalog"),), PLAIN),
        ((tls("SIMPLE", credentialName="configmap://catalog"),), TLS),
        ((FOR_CART,), TLS),
        ((tls("ISTIO_MUTUAL"), peer("DISABLE")), MUTUAL),
        ((peer("DISABLE"),), PLAIN),
        ((peer("DISABLE", "istio-system"),), PLAIN),
        ((peer("DISABLE"), peer("STRICT", app="catalog")), PLAIN),
        ((peer("DISABLE", app="catalog"),), PLAIN),
        ((peer("STRICT"), peer("DISABLE", app="catalog")), PLAIN),
        ((peer("STRICT", app="catalog", ports="{8080: DISABLE}"),), PLAIN),
        ((peer("STRICT", app="catalog", ports="{80: DISABLE}"),), MUTUAL),
        ((mesh_config("enableAutoMtls: false"),), PLAIN),
        ((mesh_config("enableAutoMtls: false"), tls("ISTIO_MUTUAL")), MUTUAL),
    ],
)  # fmt: skip
def test_to_a_sidecar(texts: tuple[str, ...], transport: Transport) -> None:
    """The rule first, then the namespace's PeerAuthentication for all pods, then each pod's own."""
    assert sent(files(*texts)).value.transport is transport


@pytest.mark.parametrize(("texts", "transport"), [((), PLAIN), ((tls("ISTIO_MUTUAL"),), MUTUAL), ((tls("SIMPLE"),), TLS)])
def test_to_a_pod_without_a_sidecar(texts: tuple[str, ...], transport: Transport) -> None:
    """Plain text, unless a rule asks for something else whatever the pod is."""
    assert sent(files(*texts, ground=UNINJECTED)).value.transport is transport


@pytest.mark.parametrize(("mode", "transport"), [("DISABLE", PLAIN), ("SIMPLE", PLAIN), ("ISTIO_MUTUAL", MUTUAL)])
def test_a_policy_for_the_port_that_sets_no_tls_is_a_trap(mode: str, transport: Transport) -> None:
    """The rest of the rule marks the endpoints all the same, and does not set up the connection."""
    trap = rule(trafficPolicy={"tls": {"mode": mode}, "portLevelSettings": [{"port": {"number": 80}}]})

    assert sent(files(trap)).value.transport is transport
    assert sent(files(trap)).steps[-1].status.value == "warn"
    assert sent(files(trap, ground=UNINJECTED)).value.transport is PLAIN


def test_labels_are_what_callers_look_at() -> None:
    """A template that says disabled keeps the mesh's TLS away."""
    labelled = GROUND.replace("version: v1}", "version: v1, security.istio.io/tlsMode: disabled}")

    assert sent(files(ground=labelled)).value.transport is PLAIN


HEADLESS = GROUND.replace("spec: {selector: {app: catalog}", "spec: {clusterIP: None, selector: {app: catalog}")
BESIDE = """
kind: Deployment
metadata: {name: old, namespace: shop}
spec: {template: {metadata: {labels: {app: catalog, sidecar.istio.io/inject: "false"}}}}
"""


def test_all_pods_of_a_headless_service_decide_together() -> None:
    """One without a sidecar, and all get plain text; no pod's own PeerAuthentication counts."""
    assert sent(files(ground=HEADLESS)).value.transport is MUTUAL
    assert sent(files(peer("DISABLE", app="catalog"), ground=HEADLESS)).value.transport is MUTUAL
    assert sent(files(BESIDE, ground=HEADLESS)).value.transport is PLAIN
    assert sent(files(peer("DISABLE"), ground=HEADLESS)).value.transport is PLAIN


def test_a_host_outside_of_the_mesh_gets_plain_text() -> None:
    """A ServiceEntry is outside unless it says otherwise."""
    outside = """
kind: ServiceEntry
metadata: {name: api, namespace: web}
spec: {hosts: [api.example.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}
"""
    assert sent(files(outside), "api.example.com").value.transport is PLAIN


def test_ambient_pods_get_a_tunnel() -> None:
    """Instead of plain text and of the mesh's own TLS; only where istiod knows of ambient."""
    assert sent(files(ground=AMBIENT)).value.transport is HBONE
    assert sent(files(tls("ISTIO_MUTUAL"), ground=AMBIENT)).value.transport is HBONE
    assert sent(files(tls("SIMPLE"), ground=AMBIENT)).value.transport is TLS
    without = """
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec: {template: {metadata: {labels: {app: istiod}}, spec: {containers: [{name: discovery, image: "istio/pilot:1.27.0"}]}}}
"""
    assert sent(files(without, ground=AMBIENT)).value.transport is PLAIN
    for value, transport in (("true", HBONE), ("1", HBONE), ("false", PLAIN), ("yes", PLAIN)):
        env = f'env: [{{name: PILOT_ENABLE_AMBIENT, value: "{value}"}}], image:'
        assert sent(files(without.replace("image:", env), ground=AMBIENT)).value.transport is transport


def test_a_caller_without_a_proxy_sends_what_its_application_sends() -> None:
    """No rule counts for it."""
    https = Request(scheme=Scheme.HTTPS, host="catalog.shop", port=443)

    assert sent(files(tls("SIMPLE")), party=BARE).value.transport is PLAIN
    assert plain_wire(BARE, https).transport is TLS
    assert plain_wire(BARE, https).sni == "catalog.shop"
    assert plain_wire(CART, GET).by_proxy


def test_an_identity_goes_with_the_meshs_tls_alone() -> None:
    """By the trust domain of the mesh."""
    config = mesh_config("trustDomain: prod")

    assert sent(files(config)).value.identity == "prod/ns/web/sa/cart"
    assert sent(files(config, tls("DISABLE"))).value.identity == ""
    assert sent(files(tls("SIMPLE"))).value.identity == ""


def test_names_in_tls() -> None:
    """The mesh's own say the cluster, others the host that is called; a rule may say another."""
    subset = rule(subsets=[{"name": "v1", "labels": {}}])

    assert sent(files(subset), subset="v1").value.sni == f"outbound_.80_.v1_.{CATALOG}"
    assert sent(files(tls("SIMPLE"))).value.sni == "catalog.shop"
    assert sent(files(tls("SIMPLE", sni="a.example.com"))).value.sni == "a.example.com"


@pytest.mark.parametrize(
    ("port", "version", "is_http2"), [("http", "1.1", False), ("http", "2", False), ("grpc", "1.1", True), ("web", "2", True)]
)
def test_the_version_that_goes_out(port: str, version: str, *, is_http2: bool) -> None:
    """HTTP/1.1 on http, HTTP/2 on http2 and grpc, the caller's own where the port is sniffed."""
    mesh = files(ground=GROUND.replace("{name: http, port: 80", f"{{name: {port}, port: 80"))

    assert sent(mesh, request=msgspec.structs.replace(GET, version=version)).value.is_http2 is is_http2


def test_a_gateway_uses_credentials() -> None:
    """Only sidecars ignore them."""
    gate = Party(plane=Plane.GATEWAY, namespace="web", labels={})

    assert sent(files(tls("SIMPLE", credentialName="x")), party=gate).value.transport is TLS


def test_policies_that_were_not_read_may_say_otherwise() -> None:
    """The mesh's TLS is assumed, and said to be."""
    pod = """
kind: Pod
metadata: {name: catalog, namespace: shop, labels: {app: catalog, security.istio.io/tlsMode: istio}}
spec: {containers: [{name: istio-proxy, image: "proxyv2:1"}, {name: app, image: a}]}
status: {conditions: [{type: Ready, status: "True"}]}
"""
    mesh = Mesh(live(pod).objects, live=True, coverage={kinds.PEER_AUTHENTICATION: Coverage(reason="forbidden")})

    assert sent(mesh).value.transport is MUTUAL
    assert sent(mesh).steps[-1].unknown is not None


RING = """
kind: Service
metadata: {name: ring, namespace: shop}
spec: {clusterIP: None, selector: {app: ring}, ports: [{name: http, port: 80}]}
---
kind: Deployment
metadata: {name: ring, namespace: shop}
spec:
  template:
    metadata: {labels: {app: ring}}
    spec: {serviceAccountName: ring, containers: [{name: app, image: app}]}
"""


def test_of_the_server_a_certificate_is_expected() -> None:
    """That of the endpoints where requests may go elsewhere, those that a rule names, and any where they go to the endpoints themselves."""
    ring, other = "cluster.local/ns/shop/sa/ring", "spiffe://cluster.local/ns/shop/sa/other"

    assert sent(files()).value.expects == frozenset()
    assert sent(files(RING), host="ring.shop.svc.cluster.local").value.expects == frozenset({ring})
    named = sent(files(tls("ISTIO_MUTUAL", subjectAltNames=[other])))
    assert named.value.expects == frozenset({"cluster.local/ns/shop/sa/other"})
    assert str(named.value.expected_by) == "DestinationRule shop/rule"


@pytest.mark.parametrize(("key", "transport"), [("networking.istio.io/tunnel: http", HBONE), ("networking.istio.io/tunnel: tcp", PLAIN)])
def test_a_pod_may_say_that_it_takes_a_tunnel(key: str, transport: Transport) -> None:
    """By its label, where it does not take the mesh's own TLS."""
    labelled = UNINJECTED.replace("version: v1}", f"version: v1, {key}}}")

    assert sent(files(ground=labelled)).value.transport is transport
    assert sent(files(ground=GROUND.replace("version: v1}", f"version: v1, {key}}}"))).value.transport is MUTUAL


@pytest.mark.parametrize(
    ("scheme", "reads_http", "transport", "sni", "is_http"),
    [
        (Scheme.HTTP, None, PLAIN, "", True),
        (Scheme.HTTPS, False, TLS, "catalog.shop", False),
        (Scheme.HTTPS, True, PLAIN, "", True),
        (Scheme.TCP, False, PLAIN, "", False),
    ],
)
def test_plain_text_is_what_the_application_sends(
    scheme: Scheme, *, reads_http: bool | None, transport: Transport, sni: str, is_http: bool
) -> None:
    """Its own TLS goes through a proxy that does not read HTTP, with its own SNI; a proxy that took it off reads HTTP."""
    request = Request(scheme=scheme, host="catalog.shop", port=80)
    found = sent(files(tls("DISABLE")), request=request, reads_http=reads_http).value

    assert (found.transport, found.sni, found.is_http, found.announces_http) == (transport, sni, is_http, bool(reads_http is not False))


def test_a_client_certificate_goes_with_mutual_tls_alone() -> None:
    """That of files or of a credential; the mesh's own is an identity."""
    mutual = tls("MUTUAL", clientCertificate="/c", privateKey="/k")

    assert sent(files(mutual)).value.has_client_certificate
    assert not sent(files(tls("SIMPLE"))).value.has_client_certificate
    assert not sent(files(tls("ISTIO_MUTUAL"))).value.has_client_certificate
    assert not sent(files(tls("MUTUAL"))).value.has_client_certificate
    for half in ({"clientCertificate": "/c"}, {"privateKey": "/k"}):
        assert sent(files(tls("MUTUAL", **half))).value.transport is PLAIN
