"""Rules about ports, where their pages' examples do not reach."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from kubectl_meshfix.cli.flags.options import RuleFlags
from kubectl_meshfix.cli.flags.overrides import overrides, with_overrides
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.measured_traffic import Measured
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols import risks
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.ports import conflicting_port_protocols, reserved_port, udp_name_on_tcp_port, undeclared_port_protocol
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.fixes.risks import must_name_its_risk
from tests.rules.asking import asked

Json = dict[str, Any]

UDP, CONFLICT, RESERVED = udp_name_on_tcp_port.RULE, conflicting_port_protocols.RULE, reserved_port.RULE
UNDECLARED = undeclared_port_protocol.RULE

NAMESPACE: Json = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"istio-injection": "enabled"}}}


def service(name: str, *ports: Json, created: str | None = None, namespace: str = "shop", **spec: Any) -> Json:
    """A Service that selects the pods of ``deployment``."""
    metadata = {"name": name, "namespace": namespace, **({"creationTimestamp": created} if created else {})}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"selector": {"app": "cart"}, "ports": list(ports), **spec},
    }


def deployment(*containers: Json, name: str = "cart", **spec: Any) -> Json:
    """A Deployment of pods labelled ``app: cart``."""
    template = {"metadata": {"labels": {"app": "cart"}}, "spec": {"containers": list(containers), **spec}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shop"}, "spec": {"template": template}}


def container(*ports: int, name: str = "main", protocol: str = "TCP", **rest: Any) -> Json:
    """A container that declares ports."""
    return {"name": name, "image": "app", "ports": [{"containerPort": port, "protocol": protocol} for port in ports], **rest}


def findings(rule: Rule, *objects: Json, unread: tuple[kinds.Kind, ...] = (), said: Mapping[str, str] = {}) -> list[Finding]:
    """What a rule finds in manifests, asked for no more than it declares, when ``said`` is said of ports."""
    read = from_texts({"x.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})})[0].meshes
    mesh = with_overrides(read, overrides(RuleFlags(), said, "a file")).first
    if unread:
        mesh = Mesh(mesh.objects, live=True, coverage=dict.fromkeys(unread, Coverage(reason="forbidden")))
    return asked(rule, mesh)


def changes(finding: Finding) -> list[Operation]:
    """What a finding's fix changes, without its tests."""
    assert finding.fix
    return [operation for patch in finding.fix.patches for operation in patch.operations if operation.op != "test"]


# ---------------------------------------------------------------- MF101


@pytest.mark.parametrize(
    ("port", "is_asked_for"),
    [
        ({"port": 443, "targetPort": 9443}, True),
        ({"port": 443, "targetPort": "webhook-server"}, True),
        ({"port": 443, "name": "webhook"}, True),
        ({"port": 8443}, True),
        ({"port": 443, "targetPort": 8443}, False),
        ({"port": 80, "name": "webhook"}, False),
        ({"port": 80, "targetPort": 9443}, False),
    ],
)
def test_ports_of_webhooks_are_reported_on_request(port: Json, is_asked_for: bool) -> None:
    """Nobody in a mesh calls what only the API server calls; a hook that others call has another port."""
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart", "namespace": "shop"}, "spec": {"ports": [port]}}
    called = {"name": "a.example.com", "clientConfig": {"service": {"namespace": "shop", "name": "cart", "port": 8443}}}
    configuration = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "a"},
        "webhooks": [called],
    }

    (found,) = findings(UNDECLARED, service, configuration)

    assert found.on_request is is_asked_for


@pytest.mark.parametrize(
    ("names", "new"),
    [
        (["web", "web-http"], ["http-web", "http-81"]),
        (["web-http", "web"], ["http-web", "http-81"]),
        (["", ""], ["http", "http-81"]),
        (["web", "udp-web"], ["http-web", "http-81"]),
        (["udp-web", "web"], ["http-81", "http-web"]),
        (["web", "http-web"], ["http-80"]),
        (["http-81", "web", "web-http"], ["http-web", "http-82"]),
    ],
)
def test_ports_of_one_service_never_get_the_same_name(names: list[str], new: list[str]) -> None:
    """Each name is free also when the fixes of the other ports are made along with it: the server takes no name twice."""
    ports = [{**({"name": name} if name else {}), "port": 80 + index, "targetPort": 8080} for index, name in enumerate(names)]
    objects = (service("cart", *ports), deployment(container(8080, readinessProbe={"httpGet": {"port": 8080}})))

    found = [*findings(UNDECLARED, *objects), *findings(UDP, *objects)]

    assert [operation.value for finding in found for operation in changes(finding)] == new


@pytest.mark.parametrize(
    ("version", "flag", "are_read"),
    [
        (None, None, False),
        ("1.19.9", None, True),
        ("1.20.0", None, True),
        ("1.20.0", "true", False),
        ("1.21.0", None, False),
        ("1.21.0", "false", True),
        ("1.23.6", "false", True),
        ("1.24.0", "false", False),
        ("latest", None, False),
        ("latest", "false", True),
    ],
)
@pytest.mark.parametrize(("rule", "name"), [(UNDECLARED, "x"), (UNDECLARED, "tcp"), (UDP, "udp-x")])
def test_ports_of_an_external_name_matter_to_old_istiods_only(
    rule: Rule, name: str, version: str | None, flag: str | None, are_read: bool
) -> None:
    """Istio takes such a Service for an alias of what it names, and asks for no port, unless it is older or told not to."""
    flags = {"ENABLE_EXTERNAL_NAME_ALIAS": flag} if flag else {}
    seen = [istiod(version, **flags)] if version else []
    alias = service("cart", {"name": name, "port": 80}, type="ExternalName", externalName="cart.example.com", selector={})

    assert bool(findings(rule, alias, *seen)) is are_read


# ---------------------------------------------------------------- MF102


@pytest.mark.parametrize(
    "port",
    [
        {"name": "udp-dns", "port": 53, "protocol": "UDP"},
        {"name": "udp-x", "port": 1000, "protocol": "SCTP"},
        {"name": "udp-x", "port": 1000, "appProtocol": "tcp"},
        {"name": "udpx", "port": 1000},
    ],
    ids=["UDP", "SCTP", "overridden", "another word"],
)
def test_what_is_no_tcp_declared_as_udp_is_left_alone(port: Json) -> None:
    """A port of another L4 protocol, or whose last word is not udp, has its listener or never gets one."""
    assert not findings(UDP, service("cart", port))


@pytest.mark.parametrize(
    ("name", "others", "new"),
    [("udp-syslog", [], "tcp-syslog"), ("udp", [], "tcp"), ("udp-x", ["tcp-x"], "tcp-1000"), ("udp-mysql", [], "mysql")],
)
def test_the_new_name_is_free_and_says_the_protocol(name: str, others: list[str], new: str) -> None:
    """The word udp goes, what else the name said stays, and two ports never share a name."""
    ports = [{"name": name, "port": 1000}, *({"name": other, "port": 2000} for other in others)]

    (finding,) = findings(UDP, service("cart", *ports))

    assert changes(finding) == [Operation("replace", "/spec/ports/0/name", new)]


@pytest.mark.parametrize(
    ("spec", "unread"),
    [
        pytest.param({"clusterIP": "None"}, (), id="headless"),
        pytest.param({"selector": {}}, (), id="hand-written endpoints"),
        pytest.param({}, (kinds.INGRESS,), id="Ingresses unread"),
    ],
)
def test_a_name_that_may_be_known_elsewhere_stays(spec: Json, unread: tuple[kinds.Kind, ...]) -> None:
    """SRV records, endpoints and objects that could not be read may use the name, so appProtocol is set."""
    (finding,) = findings(UDP, service("cart", {"name": "udp-x", "port": 1000}, **spec), unread=unread)

    assert changes(finding) == [Operation("add", "/spec/ports/0/appProtocol", "tcp")]


@pytest.mark.parametrize(("other", "safety"), [("y", Safety.MANUAL), ("udp-y", Safety.UNSAFE)])
def test_a_port_that_others_lead_to_is_not_called_tcp_for_want_of_better(other: str, safety: Safety) -> None:
    """``tcp`` is right for every port alone, but what one declares of a shared container port binds those that declare nothing."""
    ports = ({"name": "udp-x", "port": 1, "targetPort": 7000}, {"name": other, "port": 2, "targetPort": 7000})
    fixes = [finding.fix for finding in findings(UDP, service("cart", *ports)) if finding.fix]

    assert {fix.safety for fix in fixes} == {safety}


def test_even_a_proven_protocol_is_not_declared_unasked() -> None:
    """Traffic that passed the mesh by becomes part of it, so the fix is unsafe however certain the protocol."""
    probed = container(1000, readinessProbe={"httpGet": {"port": 1000}})

    (finding,) = findings(UDP, service("cart", {"name": "udp-x", "port": 1000}), deployment(probed))

    assert changes(finding) == [Operation("replace", "/spec/ports/0/name", "http-x")]
    assert finding.fix
    assert finding.fix.safety is Safety.UNSAFE


# ---------------------------------------------------------------- MF103


def port(name: str, target: int | str = 8080, **rest: Any) -> Json:
    """A Service port that leads to container port 8080."""
    return {"name": name, "port": 80, "targetPort": target, **rest}


@pytest.mark.parametrize("rule", [UNDECLARED, UDP])
@pytest.mark.parametrize(
    ("name", "count"), [("kube-system", 0), ("kube-public", 0), ("kube-node-lease", 0), ("local-path-storage", 0), ("shop", 1)]
)
def test_services_where_istio_never_injects_are_left_alone(rule: Rule, name: str, count: int) -> None:
    """Those of Kubernetes itself are for its distributors to change."""
    found = findings(rule, service("cart", {"name": "udp-x" if rule is UDP else "x", "port": 1000}, namespace=name))

    assert len(found) == count


@pytest.mark.parametrize(
    ("label", "value", "count"),
    [
        ("gateway.istio.io/managed", "istio.io-gateway-controller", 0),
        ("gateway.istio.io/managed", "istio.io-mesh-controller", 0),
        ("gateway.istio.io/managed", "istio.io-eastwest-controller", 0),
        ("gateway.istio.io/managed", "ours", 1),
        ("release", "istio", 0),
        ("release", "shop", 1),
        ("app.kubernetes.io/part-of", "istio", 0),
        ("app.kubernetes.io/part-of", "shop", 1),
        ("istio", "ingressgateway", 0),
        ("operator.istio.io/component", "IngressGateways", 0),
    ],
)
def test_istios_own_services_are_not_peoples_to_declare(label: str, value: str, count: int) -> None:
    """Those that istiod makes for Gateways, and those of its charts, by each label that tells them."""
    made = service("cart", {"name": "x", "port": 1000})
    made["metadata"]["labels"] = {label: value}

    assert len(findings(UNDECLARED, made)) == count


def test_the_oldest_service_wins() -> None:
    """Age decides, not the name; the message names both protocols."""
    older = service("z", port("tcp-api"), created="2026-01-01T00:00:00Z")
    younger = service("a", port("http-api"), created="2026-02-01T00:00:00Z")

    (finding,) = findings(CONFLICT, older, younger, deployment(container(8080)))

    assert finding.message == "Services z (tcp) and a (http) share container port 8080. The server's proxy uses tcp; callers of a use http."
    assert finding.evidence[-1].startswith("z is older")
    assert finding.path == "/spec/template/spec/containers/0/ports/0/containerPort"


@pytest.mark.parametrize(
    ("one", "other", "severity"),
    [
        ("http", "tcp", [None]),
        ("http", "grpc", [None]),
        ("http", "web", []),
        ("grpc", "grpc-web", [None]),
        ("https", "tls", [Severity.INFO]),
        ("http2", "grpc", [Severity.INFO]),
        ("http", "http-api", []),
        ("web", "api", []),
    ],
)
def test_protocols_that_a_proxy_treats_alike_are_no_error(one: str, other: str, severity: list[Severity | None]) -> None:
    """What differs in name only is information; a port that declares nothing contradicts nobody, and is MF101's."""
    found = findings(CONFLICT, service("a", port(one)), service("b", port(other)), deployment(container(8080)))

    assert [finding.severity for finding in found] == severity


@pytest.mark.parametrize(
    "services",
    [
        [service("a", port("http", 8080)), service("b", port("tcp", 9090))],
        [service("a", port("http")), service("b", port("tcp"), selector={"app": "till"})],
        [service("a", port("http")), service("b", port("dns", protocol="UDP"))],
        [service("a", port("http"), {"name": "tcp", "port": 81, "targetPort": 8080})],
        [service("a", port("http")), service("b", port("tcp"), namespace="mall")],
    ],
    ids=["other container port", "other pods", "UDP", "one Service", "other namespace"],
)
def test_no_conflict_without_a_shared_container_port(services: list[Json]) -> None:
    """Only Services of one namespace that lead to one container port of one workload can disagree on it."""
    assert not findings(CONFLICT, *services, deployment(container(8080)))


@pytest.mark.parametrize("labels", [{}, {"istio.io/dataplane-mode": "ambient"}], ids=["outside", "ambient"])
def test_without_a_sidecar_nothing_conflicts(labels: Json) -> None:
    """Only a sidecar has to settle on one protocol for a container port."""
    namespace = {**NAMESPACE, "metadata": {"name": "shop", "labels": labels}}

    assert not findings(CONFLICT, namespace, service("a", port("http")), service("b", port("tcp")), deployment(container(8080)))


def test_a_tcp_port_declared_as_udp_is_another_mistake() -> None:
    """No port is given the UDP that another one of its container port declares by mistake: MF102 finds that one, and what it speaks."""
    cart = deployment(container(8080))

    assert not findings(CONFLICT, service("cart", port("udp-x")), service("shop", port("http-x")), cart)


def routed_to(name: str, kind: str = "HTTPRoute") -> Json:
    """A route to port 80 of a Service."""
    spec = {"rules": [{"backendRefs": [{"name": name, "port": 80}]}]}
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


HTTP_PROBE, GRPC_PROBE = {"readinessProbe": {"httpGet": {"port": 8080}}}, {"readinessProbe": {"grpc": {"port": 8080}}}


@pytest.mark.parametrize(
    ("older", "younger", "aged", "probe", "beside", "protocol"),
    [
        ("http", "tcp", True, {}, [], "http"),
        ("http", "tcp", False, {}, [], "http"),
        ("tcp", "http", False, {}, [], "http"),
        ("tcp", "http", True, {}, [], None),
        ("tcp", "http", True, HTTP_PROBE, [], "http"),
        ("tcp", "http", True, {}, [routed_to("a")], "http"),
        ("tcp", "http2", False, {}, [routed_to("a"), routed_to("b")], None),
        ("http2", "tcp", True, {}, [], "http2"),
        ("http2", "tcp", True, {}, [routed_to("b")], None),
        ("tcp", "grpc", True, {}, [routed_to("b", "GRPCRoute")], "grpc"),
        ("tcp", "grpc", True, GRPC_PROBE, [], "grpc"),
        ("http", "grpc", True, {}, [], None),
        ("http", "grpc", True, HTTP_PROBE, [], None),
        ("http", "grpc", True, GRPC_PROBE, [], None),
        ("tls", "redis", True, {}, [], "tls"),
        ("tls", "redis", False, {}, [], "tls"),
    ],
)
def test_a_shared_port_gets_the_protocol_that_fits_all(  # noqa: PLR0917 -- a row of a table
    older: str, younger: str, aged: bool, probe: Json, beside: list[Json], protocol: str | None
) -> None:
    """HTTP never becomes TCP, gRPC never HTTP/1.1 and HTTP/1.1 never HTTP/2 because one is in force; where none fits, a person decides."""
    ages = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z") if aged else (None, None)
    services = service("a", port(older), created=ages[0]), service("b", port(younger), created=ages[1])

    (finding,) = findings(CONFLICT, *services, deployment(container(8080, **probe)), *beside)

    assert {operation.value for operation in changes(finding)} == ({protocol} if protocol else set())


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ({"a/80": "http"}, {"a": "http"}),
        ({"shop/b/http": "grpc"}, {"a": "grpc", "b": "grpc"}),
        ({"a/80": "tcp", "b/80": "tcp"}, {"b": "tcp"}),
        ({"other/80": "tcp"}, {"a": "http"}),
    ],
)
def test_people_settle_a_conflict(said: dict[str, str], values: dict[str, str]) -> None:
    """What is said of one of the ports is true of the container port, whatever is in force; of other ports it says nothing."""
    (finding,) = findings(CONFLICT, service("a", port("tcp")), service("b", port("http")), deployment(container(8080)), said=said)

    assert finding.fix
    assert {patch.resource.name: patch.operations[-1].value for patch in finding.fix.patches} == values


@pytest.mark.parametrize(
    ("services", "said", "words"),
    [
        (("tcp", "http"), {"a/80": "tcp", "b/80": "http"}, "http and tcp"),
        (("web", "http", "grpc"), {}, "grpc and http"),
    ],
    ids=["people disagree", "nothing is in force"],
)
def test_a_conflict_is_not_settled_by_a_guess(services: tuple[str, ...], said: dict[str, str], words: str) -> None:
    """Where several protocols have an equal claim, a person decides."""
    objects = [service(name, port(word)) for name, word in zip("abc"[: len(services)], services, strict=True)]

    (finding,) = findings(CONFLICT, *objects, deployment(container(8080)), said=said)

    assert finding.fix
    assert finding.fix.safety is Safety.MANUAL
    assert words in finding.fix.advice


# ---------------------------------------------------------------- MF104


DECLARED = "/spec/template/spec/containers/0/ports/0/containerPort"
BESIDE = "/spec/template/spec/initContainers/0/ports/0/containerPort"


@pytest.mark.parametrize(
    ("objects", "paths"),
    [
        ([deployment(container(15006))], [DECLARED]),
        ([deployment(container(15053, protocol="UDP"))], [DECLARED]),
        ([deployment(container(15021, protocol="UDP"))], []),
        ([deployment(container(8080), initContainers=[container(15001, restartPolicy="Always")])], [BESIDE]),
        ([deployment(container(8080), initContainers=[container(15001)])], []),
        ([deployment(container(8080), container(15090, name="istio-proxy"))], []),
        ([deployment(container(8080)), service("cart", port("http", 15001))], ["/spec/template/spec/containers"]),
        ([deployment(container(15001)), service("cart", port("http", 15001))], [DECLARED]),
        ([deployment(container(8080)), service("cart", port("http-envoy-prom", 15090))], []),
    ],
    ids=["declared", "DNS", "UDP", "native sidecar", "init container", "the proxy's own", "targeted", "both", "scraped"],
)
def test_only_what_the_application_takes_is_reported(objects: list[Json], paths: list[str]) -> None:
    """Ports of containers that run beside the proxy, and Services that lead to a port which is the proxy's alone."""
    assert [finding.path for finding in findings(RESERVED, NAMESPACE, *objects)] == paths


@pytest.mark.parametrize("number", [15000, 15001, 15002, 15004, 15006, 15008, 15020, 15021, 15053, 15090])
def test_each_port_of_the_proxy_is_reserved(number: int) -> None:
    """Those of istio.io's list that are of a sidecar; the number after each is free unless it is one of them."""
    (finding,) = findings(RESERVED, NAMESPACE, deployment(container(number)))

    assert f"{number}, which Istio reserves for " in finding.message
    assert bool(findings(RESERVED, NAMESPACE, deployment(container(number + 1)))) is (number in (15000, 15001, 15020))


def test_outside_the_mesh_all_ports_are_free() -> None:
    """Without a proxy in the pod nobody else wants the port; a gateway is a proxy."""
    gateway = deployment({**container(15021, name="istio-proxy"), "args": ["proxy", "router"]}, container(15090, name="extra"))

    assert not findings(RESERVED, deployment(container(15001)))
    assert not findings(RESERVED, NAMESPACE, gateway)


def test_a_shared_port_of_a_headless_service_is_called_by_address() -> None:
    """Peers call pods by their addresses, for which a declared HTTP port has no virtual host."""
    headless = service("b", port("tcp"), clusterIP="None")

    (finding,) = findings(CONFLICT, service("a", port("http")), headless, deployment(container(8080)))

    assert finding.fix
    assert (finding.fix.risk or "").endswith("; requests to the address of a pod lose routes and mTLS.")


PROBED = container(8080, readinessProbe={"httpGet": {"port": 8080}})
HTTP, GRPC, TCP = (Measured(protocol=Protocol(word), reporter="destination") for word in ("http", "grpc", "tcp"))
FROM_SIDECAR = Measured(protocol=Protocol.HTTP, reporter="source")
REFUSED, OTHER_HOST = "HTTP/1.0 clients, such as nginx's proxy_pass by default, get 426", "equests with another Host header"


def istiod(version: str = "1.31.0", **env: str) -> Json:
    """The control plane, with variables."""
    discovery = {"name": "discovery", "image": f"pilot:{version}", "env": [{"name": key, "value": value} for key, value in env.items()]}
    template = {"metadata": {"labels": {"app": "istiod"}}, "spec": {"containers": [discovery]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "istiod", "namespace": "istio-system", "labels": {"app": "istiod"}},
        "spec": {"template": template},
    }


def ingress() -> Json:
    """A way in that keeps the caller's Host header."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "door", "namespace": "shop"},
        "spec": {"defaultBackend": {"service": {"name": "cart", "port": {"number": 80}}}},
    }


def behind(gateway_class: str) -> tuple[Json, Json]:
    """A gateway of a class, and its route to the Service."""
    api = "gateway.networking.k8s.io/v1"
    gateway = {"apiVersion": api, "kind": "Gateway", "metadata": {"name": "edge", "namespace": "shop"}}
    route = {"apiVersion": api, "kind": "HTTPRoute", "metadata": {"name": "cart", "namespace": "shop"}}
    rules = [{"backendRefs": [{"name": "cart", "port": 80}]}]
    return {**gateway, "spec": {"gatewayClassName": gateway_class}}, {**route, "spec": {"parentRefs": [{"name": "edge"}], "rules": rules}}


def contour() -> Json:
    """A route of a proxy that knows ports by their numbers."""
    spec = {"routes": [{"services": [{"name": "cart", "port": 80}]}]}
    return {"apiVersion": "projectcontour.io/v1", "kind": "HTTPProxy", "metadata": {"name": "door", "namespace": "shop"}, "spec": spec}


def declared(
    *objects: Json, traffic: tuple[Measured, ...] = (), live: bool = False, unread: tuple[kinds.Kind, ...] = (), **port: str
) -> tuple[Fix, list[str]]:
    """The fix of port 80 "x" of the Service cart, and what it changes; it is the first of the objects where that has no port of its own."""
    read = from_texts({"x.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": [NAMESPACE, *objects]})})[0].mesh
    mesh = Mesh(read.objects, live=live, coverage=dict.fromkeys(unread, Coverage(reason="forbidden"))).with_measured(
        {("shop", "cart"): frozenset(traffic)}
    )
    (finding,) = (item for item in asked(UNDECLARED, mesh) if item.resource.name == "cart")
    assert finding.fix
    must_name_its_risk(finding.fix)
    return finding.fix, [operation.path.rpartition("/")[2] for operation in changes(finding)]


CART = service("cart", {"name": "x", "port": 80, "targetPort": 8080})


@pytest.mark.parametrize(
    ("objects", "traffic", "risk"),
    [
        pytest.param([CART, deployment(PROBED)], [], f"{REFUSED}, and what is not HTTP fails.", id="a probe"),
        pytest.param(
            [CART, deployment(PROBED), istiod(PILOT_HTTP10="true")],
            [],
            "What is not HTTP/1 on this port, such as gRPC, fails.",
            id="a probe, and istiod takes HTTP/1.0",
        ),
        pytest.param([CART, deployment(PROBED), istiod(PILOT_HTTP10="false")], [], REFUSED, id="istiod refuses HTTP/1.0"),
        pytest.param([CART, deployment(PROBED), ingress()], [], f"{REFUSED}; r{OTHER_HOST}", id="a probe, and an Ingress"),
        pytest.param(
            [CART, deployment(container(8080, readinessProbe={"grpc": {"port": 8080}}))],
            [],
            "All requests reach the pods as HTTP/2, which an HTTP/1.1 server refuses.",
            id="a grpc probe",
        ),
        pytest.param([CART, deployment(PROBED)], [HTTP], "", id="HTTP was counted"),
        pytest.param(
            [CART, deployment(container(8080))],
            [HTTP],
            "A server that speaks HTTP/2 only, without gRPC",
            id="counted, and it may be HTTP/2",
        ),
        pytest.param(
            [CART, deployment(PROBED), deployment(container(8080), name="cart-v2")],
            [HTTP],
            "A server that speaks HTTP/2 only, without gRPC",
            id="counted, and some of the pods have a probe",
        ),
        pytest.param([service("cart", {"name": "x", "port": 70}), deployment(container(70))], [GRPC], "", id="gRPC was counted"),
        pytest.param([service("cart", {"name": "x", "port": 70}), deployment(container(70))], [TCP], "", id="TCP was counted"),
        pytest.param([CART, deployment(PROBED), ingress()], [HTTP], f"R{OTHER_HOST}", id="counted, and an Ingress"),
        pytest.param([CART, deployment(PROBED)], [HTTP, FROM_SIDECAR], f"R{OTHER_HOST}", id="counted by clients too"),
        pytest.param(
            [service("cart", CART["spec"]["ports"][0], clusterIP="None"), deployment(PROBED)],
            [HTTP],
            "Requests to the address of a pod lose routes and mTLS.",
            id="counted, and headless",
        ),
        pytest.param([CART, deployment(PROBED), *behind("istio")], [HTTP], "", id="counted, and Istio's gateway"),
        pytest.param([CART, deployment(PROBED), *behind("traefik")], [HTTP], f"R{OTHER_HOST}", id="counted, and another's gateway"),
        pytest.param([CART, deployment(PROBED), contour()], [HTTP], f"R{OTHER_HOST}", id="counted, and Contour"),
        pytest.param(
            [service("cart", CART["spec"]["ports"][0], type="LoadBalancer"), deployment(PROBED)],
            [HTTP],
            risks.RENAMED,
            id="counted, and a load balancer that may read appProtocol",
        ),
        pytest.param(
            [service("cart", {**CART["spec"]["ports"][0], "appProtocol": "example.com/x"}), deployment(PROBED)],
            [HTTP],
            risks.READ_BY_OTHERS,
            id="counted, and somebody reads the old appProtocol",
        ),
    ],
)
def test_a_declaration_is_safe_only_where_nobody_can_notice_it(objects: list[Json], traffic: list[Measured], risk: str) -> None:
    """Without counted traffic HTTP/1.0, gRPC beside HTTP/1.1 and others may be there; with it, other names and other readers may."""
    fix, changed = declared(*objects, traffic=tuple(traffic))

    assert (fix.safety is Safety.SAFE) is not bool(risk)
    assert risk in (fix.risk or "")
    assert risk or changed == ["appProtocol"]


@pytest.mark.parametrize(
    ("others", "unread", "port", "is_safe"),
    [
        ([], (), 8080, True),
        ([{"name": "app"}], (), 8080, True),
        ([], (), 9999, False),
        ([{"name": "istio-proxy", "image": "proxyv2:1.31.0"}], (), 8080, False),
        ([], (kinds.POD,), 8080, False),
        (None, (), 8080, False),
    ],
    ids=["no pods", "pods without a proxy", "only a guess", "a proxy somewhere", "pods that may not be read", "a control plane"],
)
def test_where_there_is_no_mesh_nobody_notices(others: list[Json] | None, unread: tuple[kinds.Kind, ...], port: int, is_safe: bool) -> None:
    """Without a proxy, and an istiod that would give pods one, no request is treated differently by what a probe proves."""
    metadata = {"name": "other", "namespace": "elsewhere"}
    beside = [{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": others}}] if others else []
    beside += [istiod()] if others is None else []
    cart = service("cart", {"name": "web", "port": 80, "targetPort": port})

    fix, changed = declared(cart, deployment(PROBED), *beside, live=True, unread=unread)

    assert (fix.safety is Safety.SAFE) is is_safe
    assert not is_safe or changed == ["appProtocol"]


PROXY = {"name": "istio-proxy", "image": "proxyv2:1.31.0"}


@pytest.mark.parametrize(
    ("containers", "is_safe"),
    [
        ([], True),
        ([{"name": "main"}], True),
        ([{"name": "main"}, PROXY], False),
        ([{**PROXY, "args": ["proxy", "router"]}], True),
    ],
    ids=["nobody else", "no sidecar", "a sidecar", "a gateway"],
)
def test_clients_with_sidecars_choose_their_host_header(containers: list[Json], is_safe: bool) -> None:
    """A client's sidecar routes by the header that its application sends; a gateway knows the Service by its routes."""
    metadata = {"name": "caller", "namespace": "elsewhere"}
    callers = [{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers}}] if containers else []

    fix, _ = declared(CART, deployment(PROBED), *callers, istiod(), traffic=(HTTP, FROM_SIDECAR), live=True)

    assert (fix.safety is Safety.SAFE) is is_safe
    assert is_safe or (fix.risk or "").startswith(f"R{OTHER_HOST}")


def test_whoever_shares_a_port_behind_an_ingress_waits_with_it() -> None:
    """Services on one container port are declared together or not at all: what one is called by, the other's pods are called by too."""
    probed = container(8080, readinessProbe={"httpGet": {"port": 8080}})
    found = findings(UNDECLARED, service("cart", port("a")), service("basket", port("b")), deployment(probed), ingress())

    assert [finding.fix and OTHER_HOST in (finding.fix.risk or "") for finding in found] == [True, True]
