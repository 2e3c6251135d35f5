"""MF105: what disproves a declared protocol, what does not, and what follows."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from kubectl_meshfix.cli.flags.options import RuleFlags
from kubectl_meshfix.cli.flags.overrides import overrides, with_overrides
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.mesh.measured_traffic import Measured
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.rules.ports import conflicting_port_protocols, disproved_port_protocol, undeclared_port_protocol
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.asking import asked, fix

Json = dict[str, Any]
DISPROVED, CONFLICT, UNDECLARED = disproved_port_protocol.RULE, conflicting_port_protocols.RULE, undeclared_port_protocol.RULE

HTTP: Json = {"httpGet": {"path": "/", "port": 8080}}
HTTPS: Json = {"httpGet": {"path": "/", "port": 8080, "scheme": "HTTPS"}}
GRPC: Json = {"grpc": {"port": 8080}}
TCP: Json = {"tcpSocket": {"port": 8080}}
SHOP: Json = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"istio-injection": "enabled"}}}
PLAIN: Json = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"istio-injection": "disabled"}}}
AMBIENT = {"istio.io/dataplane-mode": "ambient"}
CLIENTS: Json = {"connectionPool": {"http": {"useClientProtocol": True}}}
ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


def service(name: str = "http", *more: Json, called: str = "api", **port: Any) -> Json:
    """A Service of the pods of ``deployment``, whose first port has a name."""
    spec = {"selector": {"app": "api"}, "ports": [{"name": name, "port": 80, "targetPort": 8080, **port}, *more]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": called, "namespace": "shop"}, "spec": spec}


def deployment(*probes: Json, name: str = "api", annotations: Mapping[str, str] | None = None) -> Json:
    """A Deployment whose container has these probes."""
    fields = zip(("readinessProbe", "livenessProbe", "startupProbe")[: len(probes)], probes, strict=True)
    container = {"name": "api", "image": "api:1", "ports": [{"name": "main", "containerPort": 8080}], **dict(fields)}
    metadata = {"labels": {"app": "api"}, "annotations": dict(annotations or {})}
    spec = {"selector": {"matchLabels": {"app": "api"}}, "template": {"metadata": metadata, "spec": {"containers": [container]}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


def istio(kind: str, spec: Json) -> Json:
    """An object of Istio's routing."""
    metadata = {"name": "api", "namespace": "shop"}
    return {"apiVersion": "networking.istio.io/v1", "kind": kind, "metadata": metadata, "spec": spec}


def rule_of(**policy: Any) -> Json:
    """A DestinationRule of the Service."""
    return istio("DestinationRule", {"host": "api", "trafficPolicy": policy})


def tls_route(port: int = 80) -> Json:
    """A VirtualService that passes TLS through."""
    destination = {"host": "api", "port": {"number": port}}
    tls = [{"match": [{"port": 443, "sniHosts": ["api.example.com"]}], "route": [{"destination": destination}]}]
    return istio("VirtualService", {"hosts": ["api.example.com"], "gateways": ["public"], "tls": tls})


def findings(
    *objects: Json, rule: Rule = DISPROVED, said: Mapping[str, str] = {}, counted: frozenset[Measured] = frozenset()
) -> list[Finding]:
    """What a rule finds in manifests, asked for no more than it declares."""
    read = from_texts({"x.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})})[0].meshes
    mesh = with_overrides(read, overrides(RuleFlags(), said, "a file")).first.with_measured({("shop", "api"): counted})
    return asked(rule, mesh)


def new_name(found: Finding) -> str:
    """The name or appProtocol that a fix writes."""
    return str(fix(found).patches[0].operations[-1].value)


@pytest.mark.parametrize(
    ("declared", "probes", "severity", "new"),
    [
        ("http", (HTTPS,), ERROR, "https"),
        ("http2-api", (HTTPS,), ERROR, "https-api"),
        ("grpc", (HTTPS,), ERROR, "https"),
        ("http", (GRPC,), ERROR, "grpc"),
        ("http-api", (TCP, GRPC), ERROR, "grpc-api"),
        ("https", (HTTP,), WARNING, "http"),
        ("tls-api", (GRPC,), WARNING, "grpc-api"),
        ("https", (HTTP, GRPC), WARNING, "http2"),
        ("tcp", (GRPC,), INFO, "grpc"),
        ("redis", (HTTP,), INFO, "http"),
    ],
)
def test_probes_disprove(declared: str, probes: tuple[Json, ...], severity: Severity, new: str) -> None:
    """What the pods are probed by is what they speak; the fix declares it and keeps what else the name says."""
    (found,) = findings(SHOP, service(declared), deployment(*probes))

    assert (found.severity, found.path) == (severity, "/spec/ports/0/name")
    assert fix(found).safety is Safety.UNSAFE
    assert new_name(found) == new
    assert not findings(SHOP, service(new), deployment(*probes))
    assert not findings(SHOP, service(new), deployment(*probes), rule=UNDECLARED)


def test_what_istiod_writes_for_a_gateway_is_left_alone() -> None:
    """The port of a gateway's health check is declared as TCP by istiod, which would write it again."""
    made = service("status", appProtocol="tcp")
    assert findings(SHOP, made, deployment(HTTP))

    made["metadata"]["labels"] = {"gateway.istio.io/managed": "istio.io-gateway-controller"}
    assert not findings(SHOP, made, deployment(HTTP))


@pytest.mark.parametrize(
    ("declared", "probes"),
    [
        ("http", (HTTP,)),
        ("http", (TCP,)),
        ("http", ()),
        ("http", (HTTP, GRPC)),
        ("http", (HTTP, HTTPS)),
        ("http", ({"httpGet": {"path": "/", "port": 8080, "scheme": "HTTPS", "host": "example.com"}},)),
        ("http", ({"httpGet": {"path": "/", "port": 8443, "scheme": "HTTPS"}},)),
        ("http2", (HTTP,)),
        ("http2", (GRPC,)),
        ("grpc", (HTTP, GRPC)),
        ("grpc-web", (HTTP,)),
        ("grpc-web", (GRPC,)),
        ("https", (HTTPS,)),
        ("https", (HTTP, HTTPS)),
        ("tcp", (HTTPS,)),
        ("tcp", (TCP,)),
        ("web", (HTTPS,)),
        ("udp", (HTTPS,)),
    ],
)
def test_what_disproves_nothing_is_silent(declared: str, probes: tuple[Json, ...]) -> None:
    """Servers that speak both, probes of another port or host, and ports that other rules are about."""
    assert not findings(SHOP, service(declared), deployment(*probes))


def test_a_server_of_grpc_that_answers_http1_may_speak_both() -> None:
    """Nobody but a person knows, so it is information, and nothing is changed."""
    (found,) = findings(SHOP, service("grpc"), deployment(HTTP))

    assert found.severity is INFO
    assert fix(found).safety is Safety.MANUAL
    assert "if the server does not speak it" in found.message


def test_an_app_protocol_is_what_is_disproved() -> None:
    """It overrides the name, and is what the fix changes."""
    (found,) = findings(SHOP, service("grpc-api", appProtocol="http"), deployment(GRPC))

    assert found.path == "/spec/ports/0/appProtocol"
    assert found.message.startswith('Port 80 has appProtocol "http", which declares http, but')
    assert new_name(found) == "grpc"


def spaced(**labels: str) -> Json:
    """Namespace shop with labels."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}}


@pytest.mark.parametrize(
    ("space", "severity"),
    [
        (SHOP, ERROR),
        (PLAIN, WARNING),
        (spaced(**AMBIENT), INFO),
        (spaced(**AMBIENT, **{"istio.io/use-waypoint": "waypoint"}), WARNING),
    ],
)
@pytest.mark.parametrize("probe", [GRPC, HTTPS])
def test_without_sidecars_it_is_a_warning(space: Json, severity: Severity, probe: Json) -> None:
    """Only callers in the mesh notice then, and nobody knows whether there are any; ztunnel alone passes everything on."""
    (found,) = findings(space, service("http"), deployment(probe))

    assert found.severity is severity


def test_tls_reaches_pods_without_a_proxy() -> None:
    """What a client sends is not routed, but it arrives; the proxy of a server refuses it."""
    (bare,) = findings(PLAIN, service("http"), deployment(HTTPS))
    (injected,) = findings(SHOP, service("http"), deployment(HTTPS))

    assert bare.message.endswith("Proxies of clients do not route TLS there, and REGISTRY_ONLY blocks it.")
    assert injected.message.endswith("so requests fail.")


def test_pods_that_differ_prove_nothing() -> None:
    """Where one workload behind the Service speaks what is declared, and another does not, the declaration is not wrong."""
    assert not findings(SHOP, service("http"), deployment(HTTP), deployment(GRPC, name="other"))


@pytest.mark.parametrize(
    ("objects", "is_found"),
    [
        ((tls_route(),), True),
        ((tls_route(81),), False),
        ((tls_route(), deployment(HTTP)), False),
        ((tls_route(), deployment(annotations={"traffic.sidecar.istio.io/excludeInboundPorts": "8080"})), False),
        ((tls_route(), PLAIN), False),
    ],
)
def test_a_route_that_passes_tls_through_disproves_http(objects: tuple[Json, ...], *, is_found: bool) -> None:
    """The server's proxy takes no TLS there. Pods without one do, and where a probe shows HTTP, the route is wrong."""
    found = findings(SHOP, service("http"), deployment(), *objects)

    assert bool(found) is is_found
    assert all(new_name(item) == "tls" and item.severity is ERROR for item in found)


UPGRADING = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "istio", "namespace": "istio-system"},
    "data": {"mesh": "h2UpgradePolicy: UPGRADE"},
}


@pytest.mark.parametrize(("declared", "is_found"), [("http", True), ("grpc", False), ("tcp", False)])
def test_a_grpc_route_disproves_http(declared: str, *, is_found: bool) -> None:
    """A route for gRPC to a port of HTTP/1.1 fails; other ports pass it on."""
    spec = {"rules": [{"backendRefs": [{"name": "api", "port": 80}]}]}
    metadata = {"name": "api", "namespace": "shop"}
    route = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "GRPCRoute", "metadata": metadata, "spec": spec}

    assert bool(findings(SHOP, service(declared), deployment(), route)) is is_found


@pytest.mark.parametrize(
    ("objects", "is_found"),
    [
        ((deployment(GRPC), rule_of(**CLIENTS)), False),
        ((deployment(GRPC), rule_of(connectionPool={"http": {"h2UpgradePolicy": "UPGRADE"}})), True),
        ((deployment(GRPC), rule_of(connectionPool={"http": {"h2UpgradePolicy": "UPGRADE"}}), PLAIN), False),
        (
            (
                deployment(GRPC),
                rule_of(portLevelSettings=[{"port": {"number": 80}, "connectionPool": {"http": {"useClientProtocol": True}}}]),
            ),
            False,
        ),
        ((deployment(GRPC), UPGRADING), True),
        ((deployment(GRPC), UPGRADING, PLAIN), False),
        ((deployment(GRPC), UPGRADING, rule_of(connectionPool={"http": {"h2UpgradePolicy": "DO_NOT_UPGRADE"}}), PLAIN), True),
        ((deployment(GRPC), rule_of(connectionPool={"http": {"h2UpgradePolicy": "DO_NOT_UPGRADE"}})), True),
        ((deployment(HTTPS), rule_of(tls={"mode": "SIMPLE"})), True),
        ((deployment(HTTPS), rule_of(tls={"mode": "SIMPLE"}), PLAIN), False),
        ((deployment(HTTPS), rule_of(tls={"mode": "DISABLE"}), PLAIN), True),
        ((deployment(HTTPS), tls_route(), PLAIN), False),
    ],
)
def test_destination_rules_can_make_up_for_the_declaration(objects: tuple[Json, ...], *, is_found: bool) -> None:
    """The client's protocol carries gRPC to the pods; an upgrade and TLS get as far as the server's proxy, where there is one."""
    assert bool(findings(SHOP, service("http"), *objects)) is is_found


@pytest.mark.parametrize(
    ("declared", "others", "port", "is_found"),
    [
        ("http", (), None, True),
        ("http", ({"name": "http-admin", "port": 81, "targetPort": 9000},), None, False),
        ("http", ({"name": "http-admin", "port": 81, "targetPort": 9000},), 8080, True),
        ("http", ({"name": "tcp-db", "port": 81, "targetPort": 9000},), None, True),
        ("grpc", (), None, False),
        ("tcp", (), None, False),
    ],
)
def test_counted_grpc_disproves_http(declared: str, others: tuple[Json, ...], port: int | None, *, is_found: bool) -> None:
    """Clients that send gRPC to a port of HTTP/1.1 fail, as far as the counters tell which port it was."""
    rows = frozenset({Measured(protocol=Protocol.GRPC, reporter="source", container_port=port)})

    found = findings(SHOP, service(declared, *others), deployment(), counted=rows)
    assert bool(found) is is_found
    assert all("clients send gRPC to it" in item.message for item in found)


def test_counted_grpc_beside_http_needs_http2() -> None:
    """A server that answers HTTP/1.1 too gets a declaration under which both work."""
    rows = frozenset({Measured(protocol=Protocol.GRPC, reporter="source")})
    (found,) = findings(SHOP, service("http"), deployment(HTTP), counted=rows)

    assert new_name(found) == "http2"


def test_one_fault_has_one_finding() -> None:
    """Where Services give the container port different protocols, that is MF103, which asks the same probes."""
    objects = (SHOP, service("http"), service("grpc", called="other"), deployment(GRPC))

    assert len(findings(*objects, rule=CONFLICT)) == 1
    assert not findings(*objects)


def test_whoever_says_that_the_declaration_is_right_is_believed() -> None:
    """A protocol in the settings outweighs every probe; another one than is declared is what gets declared."""
    objects = (SHOP, service("http"), deployment(GRPC))

    assert not findings(*objects, said={"shop/api/80": "http"})
    (found,) = findings(*objects, said={"shop/api/80": "http2"})
    assert new_name(found) == "http2"
