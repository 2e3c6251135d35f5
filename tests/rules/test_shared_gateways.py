"""Rules about gateways that share pods, and about the Gateway API, where their pages' examples do not reach."""

from collections.abc import Sequence
from typing import Any

import yaml

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.mesh.coverage import Coverage, Refused
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Secret
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Meta, Object
from kubectl_meshfix.rules.gateways import (
    gateway_server_ignored,
    missing_tls_secret,
    negative_status,
    route_not_attached,
    shared_gateway_certificate,
    unusable_route_backend,
)
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.asking import asked, fix

IGNORED, SHARED, SECRET = gateway_server_ignored.RULE, shared_gateway_certificate.RULE, missing_tls_secret.RULE
UNATTACHED, BACKEND, STATUS = route_not_attached.RULE, unusable_route_backend.RULE, negative_status.RULE

PODS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress, namespace: ingress}
spec:
  selector: {matchLabels: {istio: ingress}}
  template:
    metadata: {labels: {istio: ingress, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}
    spec: {containers: [{name: istio-proxy, image: auto}]}
"""


def gateway(name: str, *servers: dict[str, Any], made: str | None = None) -> str:
    """An Istio Gateway for the pods, made at a time."""
    meta = {"name": name, "namespace": "shop", **({"creationTimestamp": made} if made else {})}
    spec = {"selector": {"istio": "ingress"}, "servers": list(servers)}
    return yaml.safe_dump({"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": meta, "spec": spec})


def server(*hosts: str, protocol: str = "HTTPS", number: int = 443, bind: str = "", name: str = "", **tls: Any) -> dict[str, Any]:
    """A server; one for HTTPS has a certificate of its own unless another is given."""
    made: dict[str, Any] = {"port": {"number": number, "name": name or protocol.lower(), "protocol": protocol}, "hosts": list(hosts)}
    if protocol in ("HTTPS", "TLS"):
        made["tls"] = {"mode": "SIMPLE", "credentialName": f"{hosts[0]}-tls", **tls}
    elif tls:
        made["tls"] = tls
    return {**made, **({"bind": bind} if bind else {})}


def route(name: str, host: str, *gateways: str) -> str:
    """A VirtualService of some gateways."""
    spec = {"hosts": [host], "gateways": list(gateways), "http": [{"route": [{"destination": {"host": "cart"}}]}]}
    meta = {"name": name, "namespace": "shop"}
    return yaml.safe_dump({"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": meta, "spec": spec})


def found(
    rule: Rule, *texts: str, live: bool = True, coverage: dict[Kind, Coverage] | None = None, more: Sequence[Object] = ()
) -> list[Finding]:
    """What a rule finds in documents, on a cluster or in files."""
    snapshot, _ = from_texts({"all.yaml": "\n---\n".join(texts)})
    mesh = Mesh([*snapshot.mesh.objects, *more], live=True, coverage=coverage) if live else snapshot.mesh
    return asked(rule, mesh)


# ---------------------------------------------------------------- MF503


def test_the_younger_of_two_servers_is_ignored() -> None:
    """On a cluster the age decides, whatever the names."""
    a, b = server("a.example.com"), server("a.example.com", "b.example.com")
    (row,) = found(IGNORED, PODS, gateway("a", a, made="2026-02-01T00:00:00Z"), gateway("b", b, made="2026-01-01T00:00:00Z"))
    assert (row.resource.name, row.path, row.aliases) == ("a", "/spec/servers/0/hosts", ("IST0145", "KIA0301"))
    assert row.severity is Severity.WARNING


def test_a_server_whose_routes_are_lost_is_an_error() -> None:
    """Routes for a Gateway whose server is ignored are nowhere; those that name both Gateways are not lost."""
    both = (PODS, gateway("a", server("a.example.com", credentialName="x")), gateway("b", server("a.example.com", credentialName="x")))
    (lost,) = found(IGNORED, *both, route("r", "a.example.com", "b"))
    (kept,) = found(IGNORED, *both, route("r", "a.example.com", "a", "b"))
    assert (lost.severity, kept.severity) == (None, Severity.INFO)


def test_tls_before_plain_text_is_kept_on_a_cluster() -> None:
    """Plain text that comes after TLS shares the port; in files it may be the older one."""
    texts = (PODS, gateway("a", server("a.example.com")), gateway("b", server("b.example.com", protocol="HTTP")))
    assert found(IGNORED, *texts) == []
    (row,) = found(IGNORED, *texts, live=False)
    assert (row.resource.name, row.severity) == ("a", Severity.WARNING)
    assert "If that Gateway is older" in row.message


def test_servers_that_do_not_meet_are_left_alone() -> None:
    """Another address, another port, another host, HTTP beside HTTP, and redirects for the same hosts."""
    first = server("a.example.com")
    for other in (
        server("a.example.com", bind="10.0.0.1"),
        server("a.example.com", number=8443),
        server("b.example.com"),
        server("a.example.com", protocol="HTTP", number=80),
    ):
        assert found(IGNORED, PODS, gateway("a", first), gateway("b", other), live=False) == [], other
    plain = server("a.example.com", protocol="HTTP", number=80)
    assert found(IGNORED, PODS, gateway("a", plain), gateway("b", plain), live=False) == []
    sent = server("a.example.com", protocol="HTTP", number=80, httpsRedirect=True)
    assert found(IGNORED, PODS, gateway("a", sent), gateway("b", sent), live=False) == []


def test_names_that_only_envoy_finds_twice_cost_the_port() -> None:
    """Istio compares hosts with their namespaces, Envoy without."""
    rows = found(IGNORED, PODS, gateway("a", server("one/a.example.com")), gateway("b", server("two/a.example.com")))
    (row,) = rows
    assert "Envoy refuses the whole port" in row.message


def test_a_gateway_that_was_not_read_may_be_the_oldest() -> None:
    """Where not all Gateways could be read nothing is said of which is ignored."""
    some = {kinds.GATEWAY: Coverage(namespaces=frozenset({"shop"}))}
    assert found(IGNORED, PODS, gateway("a", server("a.example.com"), server("a.example.com")), coverage=some) == []


# ---------------------------------------------------------------- MF504


def test_a_certificate_of_two_gateways_is_found_where_hosts_differ() -> None:
    """Routes of one server that answer for the other's hosts too make it harmless."""
    a, b = server("a.example.com", credentialName="wild"), server("b.example.com", credentialName="wild")
    texts = (PODS, gateway("a", a), gateway("b", b))
    (row,) = found(SHARED, *texts, route("a", "a.example.com", "a"), route("b", "b.example.com", "b"))
    assert (row.resource.name, row.path) == ("b", "/spec/servers/0/tls/credentialName")
    assert fix(row).safety is Safety.MANUAL
    every = server("*.example.com", credentialName="wild")
    assert found(SHARED, PODS, gateway("a", every), gateway("b", b), live=False) == []


def test_servers_of_other_certificates_or_without_routes_are_left_alone() -> None:
    """Another Secret is another certificate; on a cluster nobody calls a server without routes."""
    a, b = server("a.example.com", credentialName="wild"), server("b.example.com", credentialName="wild")
    assert found(SHARED, PODS, gateway("a", a), gateway("b", b)) == []
    other = server("b.example.com", credentialName="other")
    assert found(SHARED, PODS, gateway("a", a), gateway("b", other), live=False) == []
    mutual = server("b.example.com", mode="ISTIO_MUTUAL", credentialName="")
    assert found(SHARED, PODS, gateway("a", mutual), gateway("b", mutual | {"hosts": ["c.example.com"]}), live=False) == []


# ---------------------------------------------------------------- MF507


def secrets(*there: tuple[str, str], asked_for: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Secrets of a cluster that was asked for some."""
    made = [Secret(metadata=Meta(name=name, namespace=home), is_opaque=True) for home, name in there]
    return {"more": made, "coverage": {kinds.SECRET: Coverage(namespaces=frozenset(), named=frozenset(asked_for))}}


def test_a_secret_is_missing_where_a_cluster_was_asked_for_it() -> None:
    """What was not asked for, or refused, may be there."""
    texts = (PODS, gateway("a", server("a.example.com", credentialName="wild")))
    asked_for = [("ingress", "wild")]
    (row,) = found(SECRET, *texts, **secrets(asked_for=asked_for))
    assert row.message == "There is no Secret ingress/wild. TLS handshakes with this server fail."
    assert found(SECRET, *texts, **secrets(("ingress", "wild"), asked_for=asked_for)) == []
    assert found(SECRET, *texts, **secrets(asked_for=[])) == []
    refused = {kinds.SECRET: Coverage(refused=(Refused("ingress", "wild", "forbidden"),), namespaces=frozenset())}
    assert found(SECRET, *texts, coverage=refused) == []


def test_files_without_secrets_say_nothing() -> None:
    """Secrets are rarely in files, so their absence says nothing; nor does one that a tool copies."""
    texts = (PODS, gateway("a", server("a.example.com", credentialName="wild")))
    assert found(SECRET, *texts, live=False) == []
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "wild", "namespace": "shop"}}
    assert [row.path for row in found(SECRET, *texts, yaml.safe_dump(secret), live=False)] == ["/spec/servers/0/tls/credentialName"]
    secret["metadata"] |= {"annotations": {"reflector.v1.k8s.emberstack.com/reflection-allowed": "true"}}  # type: ignore[operator]
    assert found(SECRET, *texts, yaml.safe_dump(secret), live=False) == []


def test_a_credential_of_clients_is_looked_for_where_they_are() -> None:
    """With a selector in the DestinationRule's namespace, else beside the gateways; any of these is enough."""
    tls = {"mode": "MUTUAL", "credentialName": "partner"}
    spec: dict[str, Any] = {"host": "partner.example.com", "trafficPolicy": {"tls": tls}}
    made: dict[str, Any] = {
        "apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "metadata": {"name": "p", "namespace": "shop"}, "spec": spec,
    }  # fmt: skip
    places = [("ingress", "partner"), ("shop", "partner")]
    (row,) = found(SECRET, PODS, yaml.safe_dump(made), **secrets(("shop", "partner"), asked_for=places))
    assert "ingress/partner" in row.message
    spec["workloadSelector"] = {"matchLabels": {"app": "cart"}}
    assert found(SECRET, PODS, yaml.safe_dump(made), **secrets(("shop", "partner"), asked_for=places)) == []


# ---------------------------------------------------------------- MF505, MF506, MF511

EDGE = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: ingress}
spec:
  gatewayClassName: CLASS
  listeners:
  - {name: http, port: 80, protocol: HTTP, hostname: "*.example.com"}
"""
CART = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80}]}
"""


def http_route(namespace: str = "ingress", backend: dict[str, Any] | None = None, **status: Any) -> str:
    """An HTTPRoute for the Gateway."""
    backend = backend or {"name": "cart", "namespace": "shop", "port": 80}
    spec = {"parentRefs": [{"name": "edge", "namespace": "ingress"}], "hostnames": ["a.example.com"], "rules": [{"backendRefs": [backend]}]}
    meta = {"name": "cart", "namespace": namespace, "generation": 1}
    return yaml.safe_dump({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": meta, "spec": spec, **status})


def test_gateways_of_other_controllers_are_not_judged() -> None:
    """Whom a listener of another controller admits is for that one to say."""
    assert [row.path for row in found(UNATTACHED, EDGE.replace("CLASS", "istio"), http_route("shop"))] == ["/spec/parentRefs/0"]
    assert found(UNATTACHED, EDGE.replace("CLASS", "nginx"), http_route("shop")) == []
    assert found(BACKEND, EDGE.replace("CLASS", "nginx"), CART, http_route()) == []


def test_listeners_of_other_controllers_share_certificates_in_their_own_way() -> None:
    """What a placeholder or an unknown class stands for is not known; a GatewayClass may say that it is Istio's."""
    listeners = [
        {
            "name": name,
            "port": 443,
            "protocol": "HTTPS",
            "hostname": f"{name}.example.com",
            "tls": {"certificateRefs": [{"name": "wild"}]},
        }
        for name in ("a", "b")
    ]
    made = yaml.safe_load(EDGE) | {"spec": {"gatewayClassName": "CLASS", "listeners": listeners}}
    text, metadata = yaml.safe_dump(made), {"name": "own"}
    own = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass", "metadata": metadata}
    istios = own | {"spec": {"controllerName": "istio.io/gateway-controller"}}

    assert [row.path for row in found(SHARED, text.replace("CLASS", "istio"), live=False)] == ["/spec/listeners/1/tls/certificateRefs"]
    assert found(SHARED, text.replace("CLASS", "${CLASS}"), live=False) == []
    assert found(SHARED, text.replace("CLASS", "own"), live=False) == []
    assert found(SHARED, text.replace("CLASS", "own"), yaml.safe_dump(istios), live=False) != []


def test_one_change_admits_all_namespaces_that_are_refused() -> None:
    """Routes of two namespaces want the same change of the listener, so that neither fix undoes the other."""
    rows = found(UNATTACHED, EDGE.replace("CLASS", "istio"), http_route("shop"), http_route("cart"))
    first, second = (fix(row).patches for row in rows)
    assert first == second
    assert "'values': ['ingress', 'cart', 'shop']" in str(first)


def test_a_backend_without_a_grant_is_certain_on_a_cluster() -> None:
    """Files may lack the grant; a cluster whose grants may not be read says nothing."""
    texts = (EDGE.replace("CLASS", "istio"), CART, http_route())
    (live,), (files,) = found(BACKEND, *texts), found(BACKEND, *texts, live=False)
    assert (live.severity, files.severity) == (None, Severity.WARNING)
    assert '"kind":"ReferenceGrant"' in fix(live).commands[0]
    assert found(BACKEND, *texts, coverage={kinds.REFERENCE_GRANT: Coverage(reason="forbidden")}) == []


def test_a_status_counts_if_istio_wrote_it_and_nothing_explains_it() -> None:
    """A condition of another controller is not Istio's; where a backend has no grant, that is the cause."""
    condition = {"type": "ResolvedRefs", "status": "False", "reason": "BackendNotFound", "message": "m", "observedGeneration": 1}
    backend = {"name": "cart", "port": 80}
    here = CART.replace("namespace: shop", "namespace: ingress")

    def status(controller: str, generation: int = 1) -> dict[str, Any]:
        row = {**condition, "observedGeneration": generation}
        return {"status": {"parents": [{"parentRef": {"name": "edge"}, "controllerName": controller, "conditions": [row]}]}}

    edge, istio = EDGE.replace("CLASS", "istio"), "istio.io/gateway-controller"
    assert [row.path for row in found(STATUS, edge, here, http_route(backend=backend, **status(istio)))] == [
        "/status/parents/0/conditions/0"
    ]
    assert found(STATUS, edge, here, http_route(backend=backend, **status("example.com/other"))) == []
    assert found(STATUS, edge, CART, http_route(**status(istio))) == []
    assert found(STATUS, edge, here, http_route(backend=backend, **status(istio, generation=0))) != []
