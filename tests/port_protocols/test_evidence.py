"""What each witness says of a port, and what becomes of several."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kubectl_meshfix.mesh.measured_traffic import Measured
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.port_protocols import evidence
from kubectl_meshfix.port_protocols.evidence.witness import Inference, Strength, Witness, weigh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.sources.manifest_meshes import from_texts

Json = dict[str, Any]

# ---------------------------------------------------------------- what several make

DECLARABLE = [protocol for protocol in Protocol if protocol not in (Protocol.UDP, Protocol.UNSUPPORTED)]


@st.composite
def heard_witnesses(draw: st.DrawFn) -> list[Witness]:
    """Any witnesses but a person."""
    rows = draw(st.lists(st.tuples(st.sampled_from(DECLARABLE), st.sampled_from([*Strength][:-1]), st.booleans()), max_size=6))
    return [
        Witness(
            protocol=protocol,
            strength=strength,
            text=f"witness {index}",
            speaks_first=flag and protocol not in HTTP_LIKE,
            allows_http2=flag and protocol is Protocol.HTTP and strength is Strength.PROOF,
        )
        for index, (protocol, strength, flag) in enumerate(rows)
    ]


often_false = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
"""For a law with a condition that few witnesses meet: others are drawn until enough do, and none at all is a failure."""


@given(heard_witnesses())
def test_nothing_is_proposed_that_no_witness_of_the_strongest_kind_says(heard: list[Witness]) -> None:
    """No protocol is invented, and a hint never outvotes a proof; but a probe over HTTP/1.1 cannot show the HTTP/2 that a name claims."""
    inference = weigh(heard)
    proofs = [witness for witness in heard if witness.strength >= Strength.PROOF]
    said = {witness.protocol for witness in proofs or heard}
    if all(witness.allows_http2 for witness in proofs) and {witness.protocol for witness in heard} == {Protocol.HTTP, Protocol.HTTP2}:
        said |= {Protocol.HTTP2}

    assert inference.protocol is None or inference.protocol in said


@often_false
@given(heard_witnesses())
def test_what_is_proven_is_disputed_by_nobody(heard: list[Witness]) -> None:
    """A single witness that cannot be true of the protocol makes the fix unsafe, however weak it is."""
    inference = weigh(heard)

    assume(inference.is_proven)
    allowed = {inference.protocol, Protocol.HTTP if inference.protocol in HTTP_LIKE else Protocol.TCP}
    allowed |= {Protocol.HTTP2} if inference.protocol is Protocol.GRPC else set()
    allowed |= {Protocol.TLS} if inference.protocol is Protocol.HTTPS else set()
    assert {witness.protocol for witness in heard} <= allowed
    assert any(witness.strength >= Strength.PROOF and witness.protocol is inference.protocol for witness in heard)


@often_false
@given(heard_witnesses())
def test_a_contradiction_is_shown_and_never_settled(heard: list[Witness]) -> None:
    """Without a proof, HTTP and what is not HTTP together are no protocol at all; all that was heard is listed."""
    inference = weigh(heard)
    said = {witness.protocol in HTTP_LIKE for witness in heard}

    assert len(inference.evidence) == len(heard)
    assume(len(said) == 2 and all(witness.strength < Strength.PROOF for witness in heard))
    assert inference.protocol is None


@given(heard_witnesses())
def test_server_first_is_never_called_http(heard: list[Witness]) -> None:
    """Whatever else is said and however strongly: to wait for the client's first bytes would hang."""
    assume(any(witness.speaks_first for witness in heard))
    assert weigh(heard).protocol not in HTTP_LIKE


@given(heard_witnesses())
def test_plain_http_is_never_forced_on_what_speaks_http2(heard: list[Witness]) -> None:
    """To a port that is declared http the proxies speak HTTP/1.1, which a gRPC server does not take."""
    assume({witness.protocol for witness in heard} & {Protocol.GRPC, Protocol.HTTP2})
    assert weigh(heard).protocol is not Protocol.HTTP


@given(heard_witnesses(), st.randoms())
def test_the_order_does_not_matter(heard: list[Witness], random: Any) -> None:
    """The same witnesses make the same case."""
    shuffled = [*heard]
    random.shuffle(shuffled)

    assert weigh(shuffled) == weigh(heard)


# ---------------------------------------------------------------- what each says


def service(*ports: Json, annotations: Json | None = None, **spec: Any) -> Json:
    """A Service that selects the pods of ``pod``."""
    metadata = {"name": "cart", "namespace": "shop", "labels": {"team": "a"}, "annotations": annotations or {}}
    spec = {"selector": {"app": "cart"}, "ports": list(ports) or [{"name": "x", "port": 81, "targetPort": 7000}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def pod(annotations: Json | None = None, port: str = "y", **container: Any) -> Json:
    """A pod with container port 7000, and an exporter beside it."""
    metadata = {"name": "cart", "namespace": "shop", "labels": {"app": "cart"}, "annotations": annotations or {}}
    main = {"name": "main", "image": "app", "ports": [{"name": port, "containerPort": 7000}], **container}
    exporter = {"name": "exporter", "image": "exporter", "ports": [{"name": "exp", "containerPort": 7001}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [main, exporter]}}


def route(
    kind: str, spec: Json, api: str = "gateway.networking.k8s.io/v1", annotations: Json | None = None, namespace: str = "shop"
) -> Json:
    """Any object with a spec."""
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": "edge", "namespace": namespace, "annotations": annotations or {}},
        "spec": spec,
    }


def inferred(*objects: Json, position: int = 0, traffic: Sequence[Measured] = ()) -> Inference:
    """What is inferred of a port of ``service``, to which there was traffic."""
    mesh = from_texts({"x.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})})[0].mesh
    mesh = mesh.with_measured({("shop", "cart"): frozenset(traffic)})
    found = mesh.get(Service, "shop", "cart")
    assert found
    assert not mesh.problems
    return evidence.infer(mesh.restricted_to(kinds.SERVICE, *evidence.KINDS), found, found.spec.ports[position])


def scrape(**more: str) -> Json:
    """Prometheus' annotations."""
    return {"prometheus.io/scrape": "true", **{f"prometheus.io/{key}": value for key, value in more.items()}}


@pytest.mark.parametrize(
    ("annotations", "protocol"),
    [
        (scrape(port="7000"), Protocol.HTTP),
        (scrape(port="7000", scheme="https"), Protocol.HTTPS),
        (scrape(port="7000", path="/m"), Protocol.HTTP),
        (scrape(port="7001"), None),
        (scrape(port="81"), None),
        (scrape(), None),
        (scrape(port="7000") | {"prometheus.io/scrape": "false"}, None),
        ({"prometheus.io/port": "7000"}, None),
        (scrape(port="seven"), None),
    ],
)
def test_a_scraped_port_speaks_http(annotations: Json, protocol: Protocol | None) -> None:
    """On pods and on Services alike, the annotation means the pods' port, and no other port is concluded from it."""
    for objects in ((service(), pod(annotations)), (service(annotations=annotations), pod())):
        inference = inferred(*objects)

        assert inference.protocol is protocol
        assert not inference.is_proven


MONITORING = "monitoring.coreos.com/v1"


@pytest.mark.parametrize(
    ("endpoint", "protocol"),
    [
        ({"port": "x"}, Protocol.HTTP),
        ({"port": "x", "scheme": "https"}, Protocol.HTTPS),
        ({"port": "x", "scheme": "HTTPS", "tlsConfig": {"insecureSkipVerify": True}}, Protocol.HTTPS),
        ({"port": "x", "scheme": "https", "tlsConfig": {"certFile": "/etc/prom-certs/cert-chain.pem"}}, None),
        ({"port": "x", "scheme": "https", "tlsConfig": {"cert": {"secret": {"name": "a", "key": "b"}}}}, None),
        ({"targetPort": "y"}, Protocol.HTTP),
        ({"targetPort": 7000}, Protocol.HTTP),
        ({"port": "y"}, None),
        ({"port": "exp"}, None),
        ({"targetPort": 7001}, None),
        ({"targetPort": 81}, None),
        ({}, None),
    ],
)
def test_a_service_monitor_names_the_services_port(endpoint: Json, protocol: Protocol | None) -> None:
    """By the Service's name for it, or the container's port; HTTPS with a client certificate may be the mesh's own and says nothing."""
    monitor = route("ServiceMonitor", {"selector": {"matchLabels": {"team": "a"}}, "endpoints": [endpoint]}, MONITORING)

    assert inferred(service(), pod(), monitor).protocol is protocol


@pytest.mark.parametrize(
    ("endpoint", "protocol"),
    [
        ({"port": "y"}, Protocol.HTTP),
        ({"port": "y", "scheme": "https"}, Protocol.HTTPS),
        ({"portNumber": 7000}, Protocol.HTTP),
        ({"targetPort": "y"}, Protocol.HTTP),
        ({"targetPort": 7000}, Protocol.HTTP),
        ({"port": "x"}, None),
        ({"port": "exp"}, None),
        ({"portNumber": 7001}, None),
    ],
)
def test_a_pod_monitor_names_the_containers_port(endpoint: Json, protocol: Protocol | None) -> None:
    """By the container's name for it or its number, never by the Service's."""
    monitor = route("PodMonitor", {"selector": {"matchLabels": {"app": "cart"}}, "podMetricsEndpoints": [endpoint]}, MONITORING)

    assert inferred(service(), pod(), monitor).protocol is protocol


@pytest.mark.parametrize(
    ("where", "namespace", "is_heard"),
    [
        ({}, "shop", True),
        ({}, "monitoring", False),
        ({"namespaceSelector": {"any": True}}, "monitoring", True),
        ({"namespaceSelector": {"matchNames": ["shop"]}}, "monitoring", True),
        ({"namespaceSelector": {"matchNames": ["mall"]}}, "shop", False),
    ],
)
def test_a_monitor_looks_where_it_is_told(where: Json, namespace: str, is_heard: bool) -> None:
    """In its own namespace unless it names others; its selector has to match."""
    watching = {"selector": {"matchLabels": {"team": "a"}}, "endpoints": [{"port": "x"}], **where}
    elsewhere = {**watching, "selector": {"matchLabels": {"team": "b"}}}

    assert bool(inferred(service(), pod(), route("ServiceMonitor", watching, MONITORING, namespace=namespace)).witnesses) is is_heard
    assert not inferred(service(), pod(), route("ServiceMonitor", elsewhere, MONITORING, namespace=namespace)).witnesses


def backend(**port: Any) -> Json:
    """An Ingress's spec."""
    return {"rules": [{"http": {"paths": [{"backend": {"service": {"name": "cart", "port": port}}}]}}]}


NGINX, ALB = "nginx.ingress.kubernetes.io", "alb.ingress.kubernetes.io"


@pytest.mark.parametrize(
    ("annotations", "protocol"),
    [
        ({}, Protocol.HTTP),
        ({f"{NGINX}/backend-protocol": "HTTPS"}, Protocol.HTTPS),
        ({f"{NGINX}/backend-protocol": "grpc"}, Protocol.GRPC),
        ({f"{NGINX}/backend-protocol": "GRPCS"}, Protocol.HTTPS),
        ({f"{NGINX}/backend-protocol": "FCGI"}, Protocol.TCP),
        ({f"{NGINX}/backend-protocol": "AUTO_HTTP"}, None),
        ({f"{NGINX}/backend-protocol": "SPDY"}, None),
        ({f"{NGINX}/ssl-passthrough": "true"}, Protocol.TLS),
        ({f"{ALB}/backend-protocol": "HTTPS"}, Protocol.HTTPS),
        ({f"{ALB}/backend-protocol-version": "GRPC"}, Protocol.GRPC),
        ({f"{ALB}/backend-protocol": "HTTP", f"{ALB}/backend-protocol-version": "GRPC"}, Protocol.GRPC),
    ],
)
def test_an_ingress_speaks_to_the_backend_as_its_controller_is_told(annotations: Json, protocol: Protocol | None) -> None:
    """Plain HTTP unless an annotation says otherwise."""
    ingress = route("Ingress", backend(number=81), "networking.k8s.io/v1", annotations)

    inference = inferred(service(), ingress)

    assert inference.protocol is protocol
    assert not inference.is_proven


ISTIO = "networking.istio.io/v1"
PORT = {"host": "cart", "port": {"number": 81}}


@pytest.mark.parametrize(
    ("objects", "protocol"),
    [
        ([route("Ingress", backend(name="x"), "networking.k8s.io/v1")], Protocol.HTTP),
        ([route("Ingress", backend(number=82), "networking.k8s.io/v1")], None),
        (
            [route("Ingress", {"defaultBackend": {"service": {"name": "cart", "port": {"number": 81}}}}, "networking.k8s.io/v1")],
            Protocol.HTTP,
        ),
        ([route("HTTPRoute", {"rules": [{"backendRefs": [{"name": "cart", "port": 81}]}]})], Protocol.HTTP),
        ([route("HTTPRoute", {"rules": [{"backendRefs": [{"name": "cart", "port": 7000}]}]})], None),
        ([route("HTTPRoute", {"rules": [{"backendRefs": [{"name": "cart", "port": 81, "namespace": "mall"}]}]})], None),
        ([route("HTTPRoute", {"rules": [{"backendRefs": [{"name": "cart", "port": 81, "group": "multicluster.x-k8s.io"}]}]})], None),
        ([route("HTTPRoute", {"parentRefs": [{"group": "", "kind": "Service", "name": "cart", "port": 81}]})], Protocol.HTTP),
        ([route("HTTPRoute", {"parentRefs": [{"group": "", "kind": "Service", "name": "cart", "port": 82}]})], None),
        ([route("GRPCRoute", {"rules": [{"backendRefs": [{"name": "cart", "port": 81}]}]})], Protocol.GRPC),
        (
            [route("TCPRoute", {"rules": [{"backendRefs": [{"name": "cart", "port": 81}]}]}, "gateway.networking.k8s.io/v1alpha2")],
            Protocol.TCP,
        ),
        ([route("TLSRoute", {"rules": [{"backendRefs": [{"name": "cart", "port": 81}]}]})], Protocol.TLS),
        ([route("VirtualService", {"hosts": ["cart"], "http": [{"route": [{"destination": PORT}]}]}, ISTIO)], Protocol.HTTP),
        ([route("VirtualService", {"hosts": ["cart"], "http": [{"route": [{"destination": {"host": "cart"}}]}]}, ISTIO)], Protocol.HTTP),
        ([route("VirtualService", {"hosts": ["cart"], "tls": [{"route": [{"destination": PORT}]}]}, ISTIO)], Protocol.TLS),
        ([route("VirtualService", {"hosts": ["cart"], "tcp": [{"route": [{"destination": PORT}]}]}, ISTIO)], Protocol.TCP),
    ],
)
def test_what_leads_to_a_port_takes_it_for_something(objects: list[Json], protocol: Protocol | None) -> None:
    """Each kind of route for what it routes, to the port that it names; it may be unused, so it proves nothing."""
    inference = inferred(service(), *objects)

    assert inference.protocol is protocol
    assert not inference.is_proven


def test_a_route_without_a_port_says_nothing_of_several() -> None:
    """It is known where it leads only if there is one port."""
    routed = route("VirtualService", {"hosts": ["cart"], "http": [{"route": [{"destination": {"host": "cart"}}]}]}, ISTIO)

    assert inferred(service({"name": "x", "port": 81}, {"name": "y", "port": 82}), routed).protocol is None


@pytest.mark.parametrize(("mode", "protocol"), [("Terminate", Protocol.TCP), ("Passthrough", Protocol.TLS)])
def test_a_gateway_may_take_tls_off(mode: str, protocol: Protocol) -> None:
    """What a TLSRoute leads to speaks TLS only where the Gateway hands it on."""
    listener = {"name": "tls", "port": 443, "protocol": "TLS", "tls": {"mode": mode}}
    gateway = route("Gateway", {"listeners": [listener]})
    routed = route("TLSRoute", {"parentRefs": [{"name": "edge"}], "rules": [{"backendRefs": [{"name": "cart", "port": 81}]}]})

    assert inferred(service(), gateway, routed).protocol is protocol


@pytest.mark.parametrize(
    ("container", "protocol", "is_proven"),
    [
        ({"readinessProbe": {"httpGet": {"port": 7000}}}, Protocol.HTTP, True),
        ({"startupProbe": {"httpGet": {"port": "y", "scheme": "HTTPS"}}}, Protocol.HTTPS, True),
        ({"livenessProbe": {"grpc": {"port": 7000}}}, Protocol.GRPC, True),
        ({"livenessProbe": {"tcpSocket": {"port": 7000}}}, None, False),
        ({"readinessProbe": {"httpGet": {"port": 7001}}}, None, False),
        ({"readinessProbe": {"httpGet": {"port": 7000}}, "livenessProbe": {"grpc": {"port": 7000}}}, None, False),
        ({"readinessProbe": {"httpGet": {"port": 7000}}, "port": "main-grpc"}, None, False),
        ({"readinessProbe": {"httpGet": {"port": 7000}}, "port": "main-h2c"}, Protocol.HTTP2, False),
        ({"readinessProbe": {"httpGet": {"port": 7000}}, "livenessProbe": {"grpc": {"port": 7000}}, "port": "main-h2c"}, None, False),
        ({"readinessProbe": {"httpGet": {"port": 7000, "scheme": "HTTPS"}}, "port": "main-h2c"}, Protocol.HTTPS, False),
        ({"readinessProbe": {"grpc": {"port": 7000}}, "port": "main-http"}, Protocol.GRPC, True),
        ({"readinessProbe": {"httpGet": {"port": 7000}}, "port": "mysql"}, None, False),
        ({"readinessProbe": {"httpGet": {"port": 7000}}, "port": "postgres"}, Protocol.HTTP, False),
        ({"port": "http"}, Protocol.HTTP, False),
        ({"port": "grpc-https"}, None, False),
    ],
)
def test_pods_speak_for_their_ports(container: Json, protocol: Protocol | None, is_proven: bool) -> None:
    """A probe of the very port proves it; of both HTTP/1.1 and gRPC, or against a name that says gRPC, no single word is right.

    Against a name that says HTTP/2 it proves nothing: kubelet asks by HTTP/1.1, which servers of HTTP/2 without TLS speak too.
    """
    inference = inferred(service(), pod(**container))

    assert (inference.protocol, inference.is_proven) == (protocol, is_proven)


@pytest.mark.parametrize(
    ("sibling", "protocol", "is_proven"),
    [("http-a", Protocol.HTTP, True), ("grpc", Protocol.GRPC, True), ("tcp-a", Protocol.TCP, False), ("a", None, False)],
)
def test_another_port_of_the_same_container_port_speaks_for_it(sibling: str, protocol: Protocol | None, is_proven: bool) -> None:
    """They have to agree; but everything works as tcp, so tcp proves nothing."""
    inference = inferred(service({"name": "x", "port": 81, "targetPort": 7000}, {"name": sibling, "port": 82, "targetPort": 7000}), pod())

    assert (inference.protocol, inference.is_proven) == (protocol, is_proven)


SIBLING = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "other", "namespace": "shop"}}


@pytest.mark.parametrize("pods", [[], [pod()]], ids=["no pods yet", "pods"])
@pytest.mark.parametrize(
    ("sibling", "protocol", "is_proven"),
    [
        ({"name": "http-a", "port": 82, "targetPort": 7000}, Protocol.HTTP, True),
        ({"name": "web", "port": 82, "targetPort": 7000}, Protocol.HTTP, False),
        ({"name": "udp-a", "port": 50051, "targetPort": 7000}, Protocol.GRPC, False),
        ({"name": "web", "port": 443, "targetPort": 7000}, None, False),
        ({"name": "http-a", "port": 82, "targetPort": 7001}, None, False),
    ],
)
def test_services_of_one_selector_are_told_the_same(pods: list[Json], sibling: Json, protocol: Protocol | None, is_proven: bool) -> None:
    """Two Services on one container port hear the same witnesses, also where the pods get their labels only now: they have to agree."""
    other = {**SIBLING, "spec": {"selector": {"app": "cart"}, "ports": [sibling]}}
    inference = inferred(service(), other, *pods)

    assert (inference.protocol, inference.is_proven) == (protocol, is_proven)


@pytest.mark.parametrize(
    ("port", "image", "protocol"),
    [
        ({"name": "web", "port": 443, "targetPort": 7000}, "app", None),
        ({"name": "x", "port": 80, "targetPort": 8443}, "app", None),
        ({"name": "x", "port": 8080, "targetPort": 3306}, "mysql:8", None),
        ({"name": "api-http", "port": 13306, "targetPort": 3306}, "mysql:8", None),
        ({"name": "x", "port": 81, "targetPort": 3306}, "registry.example/mysql:8", Protocol.TCP),
        ({"name": "metrics", "port": 9092}, "kafka", None),
        ({"name": "x", "port": 50051}, "app", Protocol.GRPC),
        ({"name": "x", "port": 80, "appProtocol": "company.example/grpc"}, "app", Protocol.GRPC),
        ({"name": "grpc-x", "port": 81, "appProtocol": "https1"}, "app", Protocol.GRPC),
        ({"name": "grpc-x", "port": 81, "appProtocol": "postgres"}, "app", None),
    ],
)
def test_what_only_words_and_numbers_say_has_to_agree(port: Json, image: str, protocol: Protocol | None) -> None:
    """A word against a number is a contradiction too: nobody guesses which of the two is out of date."""
    inference = inferred(service(port), pod(image=image))

    assert inference.protocol is protocol
    assert not inference.is_proven
    assert inference.evidence


@pytest.mark.parametrize("number", [2, 3, 15])
def test_services_of_equal_ports_are_told_apart(number: int) -> None:
    """Each is a witness for the others, by its own name, though one list of ports is kept for all of them."""
    services = [service({"name": "web", "port": 80, "targetPort": 7000}) for _ in range(number)]
    for at, item in enumerate(services):
        item["metadata"]["name"] = f"cart-{at:02}"
    mesh = from_texts({"x.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": [*services, pod()]})})[0].mesh
    view = mesh.restricted_to(kinds.SERVICE, *evidence.KINDS)

    for found in mesh.all(Service):
        text = " ".join(evidence.infer(view, found, found.spec.ports[0]).evidence)
        others = [item["metadata"]["name"] for item in services if item["metadata"]["name"] != found.name]

        assert f"Service shop/{found.name}," not in text
        assert all(f"Service shop/{name}," in text for name in others[:8])


def test_an_image_speaks_for_its_own_port_alone() -> None:
    """What a database's container serves on another port is nobody's guess."""
    assert not inferred(service({"name": "x", "port": 81, "targetPort": 9999}), pod(image="mysql:8")).witnesses
    assert inferred(service({"name": "x", "port": 81, "targetPort": 3306}), pod(image="mysql:8")).witnesses


def test_every_piece_shows_its_strength() -> None:
    """Strongest first, each with what it speaks for and how strongly."""
    objects = (service({"name": "web", "port": 80, "targetPort": 7000}), pod(readinessProbe={"httpGet": {"port": 7000}}))

    assert inferred(*objects).evidence == (
        "httpGet probe of Pod shop/cart: http (proof)",
        'port name "web": http (claim)',
        "port number 80: http (hint)",
    )


# ---------------------------------------------------------------- what the proxies saw


def counted(protocol: str, reporter: str = "destination", port: int | None = None) -> Measured:
    """One observation."""
    return Measured(protocol=Protocol(protocol), reporter=reporter, container_port=port)


def namespace(**labels: str) -> Json:
    """The Service's namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}}


INJECTED = namespace(**{"istio-injection": "enabled"})
AMBIENT = namespace(**{"istio.io/dataplane-mode": "ambient"})
X, Y = {"name": "x", "port": 81, "targetPort": 7000}, {"name": "y", "port": 82, "targetPort": 7001}


@pytest.mark.parametrize(
    ("where", "traffic", "protocol", "is_proven"),
    [
        (INJECTED, [counted("http")], Protocol.HTTP, True),
        (INJECTED, [counted("http", "source")], Protocol.HTTP, True),
        (AMBIENT, [counted("http", "waypoint")], Protocol.HTTP, True),
        (INJECTED, [counted("grpc")], Protocol.GRPC, True),
        (INJECTED, [counted("http"), counted("grpc")], None, False),
        (INJECTED, [counted("tcp")], Protocol.TCP, True),
        (INJECTED, [counted("tcp", "source")], None, False),
        (INJECTED, [counted("http"), counted("tcp", "source")], None, False),
        (AMBIENT, [counted("tcp")], None, False),
        (AMBIENT, [counted("tcp"), counted("http", "waypoint")], Protocol.HTTP, True),
        (namespace(), [counted("tcp")], None, False),
        (INJECTED, [], None, False),
    ],
)
def test_what_was_seen_is_what_it_speaks(where: Json, traffic: list[Measured], protocol: Protocol | None, is_proven: bool) -> None:
    """HTTP is only counted where its bytes are HTTP; "tcp" only means that they are not where the server's sidecar says so."""
    inference = inferred(where, service(X), pod(), traffic=traffic)

    assert (inference.protocol, inference.is_proven) == (protocol, is_proven)


@pytest.mark.parametrize(
    ("other", "traffic", "protocol", "is_proven"),
    [
        (Y, [counted("http")], None, False),
        ({**Y, "name": "http-y"}, [counted("http")], None, False),
        ({**Y, "name": "tcp-y"}, [counted("http")], Protocol.HTTP, False),
        ({**Y, "name": "http-y"}, [counted("tcp")], Protocol.TCP, False),
        ({**Y, "name": "tcp-y"}, [counted("tcp")], None, False),
        ({**Y, "protocol": "UDP"}, [counted("http")], Protocol.HTTP, True),
        (Y, [counted("http", port=7000)], Protocol.HTTP, True),
        (Y, [counted("http", port=7001)], None, False),
        (Y, [counted("http", port=7000), counted("tcp", port=7001)], Protocol.HTTP, True),
        (Y, [counted("http", port=81)], None, False),
    ],
)
def test_of_several_ports_the_metrics_tell_little(other: Json, traffic: list[Measured], protocol: Protocol | None, is_proven: bool) -> None:
    """They name the Service: what is counted is known to be of a port where that is a label, or no other port can have been meant."""
    inference = inferred(INJECTED, service(X, other), pod(), traffic=traffic)

    assert (inference.protocol, inference.is_proven) == (protocol, is_proven)


def test_a_declared_port_is_counted_as_declared() -> None:
    """So the counters bear no witness to what it speaks."""
    assert not [
        row for row in inferred(INJECTED, service({**X, "name": "tcp-x"}), pod(), traffic=[counted("tcp")]).evidence if "(measured)" in row
    ]


def test_what_was_seen_does_not_outvote_a_proof() -> None:
    """Both would have to be true; a person finds out."""
    probed = pod(readinessProbe={"httpGet": {"port": 7000}})

    assert inferred(INJECTED, service(X), probed, traffic=[counted("grpc")]).protocol is None
    assert inferred(INJECTED, service(X), pod(port="mysql"), traffic=[counted("http")]).protocol is None


def test_sidecars_of_both_kinds_behind_one_service_have_sniffed_it() -> None:
    """What counts is that every pod has one; a pod without any may have been counted by somebody else."""
    ordinary, native, bare = pod(), pod(), pod()
    native["metadata"] = {**native["metadata"], "name": "native", "annotations": {"sidecar.istio.io/nativeSidecar": "true"}}
    bare["metadata"] = {**bare["metadata"], "name": "bare", "labels": {**bare["metadata"]["labels"], "sidecar.istio.io/inject": "false"}}
    measured = [counted("tcp")]

    assert inferred(INJECTED, service(X), ordinary, native, traffic=measured).protocol is Protocol.TCP
    assert inferred(INJECTED, service(X), native, traffic=measured).protocol is Protocol.TCP
    assert inferred(INJECTED, service(X), ordinary, bare, traffic=measured).protocol is None


def said(protocol: Protocol, strength: Strength = Strength.CLAIM, text: str = "", **rest: bool) -> Witness:
    """A witness."""
    return Witness(protocol=protocol, strength=strength, text=text or f"{protocol} {strength}", **rest)


MEASURED, PROOF, CLAIM, HINT = Strength.MEASURED, Strength.PROOF, Strength.CLAIM, Strength.HINT


@pytest.mark.parametrize(
    ("witnesses", "protocol", "is_proven", "is_measured"),
    [
        ([], None, False, False),
        ([said(Protocol.HTTP, MEASURED)], Protocol.HTTP, True, True),
        ([said(Protocol.HTTP, MEASURED), said(Protocol.REDIS)], Protocol.HTTP, False, False),
        ([said(Protocol.HTTP, MEASURED), said(Protocol.HTTP)], Protocol.HTTP, True, True),
        ([said(Protocol.HTTP, MEASURED), said(Protocol.GRPC, MEASURED)], None, False, False),
        ([said(Protocol.HTTP, PROOF)], Protocol.HTTP, True, False),
        ([said(Protocol.HTTP, PROOF), said(Protocol.HTTP2)], None, False, False),
        ([said(Protocol.HTTP, PROOF, allows_http2=True), said(Protocol.HTTP2)], Protocol.HTTP2, False, False),
        ([said(Protocol.HTTP, PROOF), said(Protocol.MYSQL, HINT, speaks_first=True)], None, False, False),
        ([said(Protocol.TCP, PROOF), said(Protocol.MYSQL, HINT, speaks_first=True)], Protocol.TCP, False, False),
        ([said(Protocol.TLS), said(Protocol.HTTPS, HINT)], Protocol.TLS, False, False),
        ([said(Protocol.TLS), said(Protocol.HTTPS)], Protocol.HTTPS, False, False),
        ([said(Protocol.HTTP), said(Protocol.REDIS, HINT)], None, False, False),
        ([said(Protocol.REDIS), said(Protocol.TCP, HINT)], Protocol.REDIS, False, False),
        ([said(Protocol.HTTP, HINT)], Protocol.HTTP, False, False),
    ],
)  # fmt: skip
def test_witnesses_are_weighed(witnesses: list[Witness], protocol: Protocol | None, is_proven: bool, is_measured: bool) -> None:
    """Proofs decide, all have to agree for it to be proven, and a count has to be of that protocol alone."""
    found = weigh(witnesses)

    assert (found.protocol, found.is_proven, found.is_measured) == (protocol, is_proven, is_measured)


def test_one_probe_that_shows_http_1_is_enough_against_http_2() -> None:
    """Only where no proof could have shown HTTP/2 does a name that claims it count."""
    claim = Witness(protocol=Protocol.HTTP2, strength=Strength.CLAIM, text="name")
    probe, traffic = (
        Witness(protocol=Protocol.HTTP, strength=Strength.PROOF, text=text, allows_http2=text == "probe") for text in ("probe", "route")
    )

    assert weigh([claim, probe]).protocol is Protocol.HTTP2
    assert weigh([claim, probe, traffic]).protocol is not Protocol.HTTP2
