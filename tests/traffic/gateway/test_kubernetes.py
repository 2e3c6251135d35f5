"""Kubernetes' Gateways: listeners, the routes that are attached to them, and grants."""

import pytest

from kubectl_meshfix.resources.gateway_api import HTTPRoute, KubernetesGateway
from kubectl_meshfix.traffic.gateway.found import gateway_parties
from kubectl_meshfix.traffic.gateway.kubernetes.attachment import Far, judged, referring
from kubectl_meshfix.traffic.gateway.kubernetes.parents import is_served_by_istio
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.routes import Forward
from tests.traffic.gateway.scenes import Answer, ask, files, http, https, kubernetes, listener, route, routes

CATALOG = """
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: edge}
spec: {ports: [{name: http, port: 80}]}
"""
HTTP = listener("web", 80, "HTTP")
TLS = "tls: {certificateRefs: [{name: cert}]}"


def names(found: Answer) -> list[str]:
    """The routes of the virtual host, in order."""
    return [rule.at.resource.name for rule in found.host.rules if rule.at]


def grant(namespace: str = "shop", kind: str = "HTTPRoute", to: str = "Service", group: str = "gateway.networking.k8s.io") -> str:
    """A ReferenceGrant for routes of the namespace edge."""
    return f"""
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {{name: edge, namespace: {namespace}}}
spec:
  from: [{{group: {group}, kind: {kind}, namespace: edge}}]
  to: [{{group: "", kind: {to}}}]
"""


def test_the_pods_that_istiod_makes_for_a_gateway() -> None:
    """Files hold no pods of a Gateway: they are those that istiod makes, with its label and the ServiceAccount of the class."""
    (party,) = gateway_parties(files(kubernetes(HTTP)), "front", "edge")

    assert (party.plane, party.namespace, party.service_account) == (Plane.GATEWAY, "edge", "front-istio")
    assert party.labels["gateway.networking.k8s.io/gateway-name"] == "front"
    assert str(party) == "Gateway edge/front"
    assert gateway_parties(files(kubernetes(HTTP, kind="istio-waypoint")), "front", "edge")[0].plane is Plane.WAYPOINT


def test_gateways_of_other_controllers_have_no_pods_of_istio() -> None:
    """A class whose GatewayClass names another controller is not Istio's; one that was not read may be."""
    other = "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: nginx}\nspec: {controllerName: nginx.org/c}"

    assert gateway_parties(files(other, kubernetes(HTTP, kind="nginx")), "front", "edge") == ()
    found = ask(files(kubernetes(HTTP, kind="nginx"), route("r")), "edge/front", http())
    assert found.told("gatewayClass") == {"front/spec/gatewayClassName": "GatewayClass nginx was not read; Istio's is assumed."}


def test_a_route_is_attached_to_the_listener() -> None:
    """The request comes in by the Service that istiod makes, whose ports are the listeners', and the route has the virtual host."""
    found = ask(files(CATALOG, kubernetes(HTTP), route("r")), "edge/front", http())

    assert (found.host.domain, names(found), found.taken.port) == ("*", ["r"], 80)
    assert list(found.told("wayIn").values()) == ["Istiod makes Service edge/front-istio with the listeners' ports, 80 among them."]
    assert list(found.told("route").values()) == ["It is attached to listener web, hosts *."]
    assert ask(files(kubernetes(HTTP)), "edge/front", http(port=81)).failure is Failure.REFUSED


@pytest.mark.parametrize(
    ("listening", "written", "reason"),
    [
        (HTTP, route("r", parent="name: front, port: 81"), "It asks for port 81, and listener web has 80."),
        (HTTP, route("r", parent="name: front, sectionName: x"), "It asks for listener x, not for web."),
        (
            listener("web", 80, "HTTP", "*.example.com"),
            route("r", hostnames="other.org"),
            "Its hostnames, other.org, have nothing in common with *.example.com of listener web.",
        ),
        (
            HTTP,
            route("r", "shop", "name: front, namespace: edge"),
            "Listener web does not admit routes of namespace shop: allowedRoutes is Same.",
        ),
        (
            listener("web", 80, "HTTP", more="allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {team: a}}}}"),
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: b}}\n---\n"
            + route("r", "shop", "name: front, namespace: edge"),
            "Listener web does not admit routes of namespace shop: allowedRoutes is Selector team In (a).",
        ),
        (
            listener("web", 80, "HTTP", more="allowedRoutes: {kinds: [{kind: GRPCRoute}]}"),
            route("r"),
            "Listener web does not admit a HTTPRoute.",
        ),
        (HTTP, route("r", kind="TCPRoute"), "Listener web does not admit a TCPRoute."),
    ],
)
def test_why_a_route_is_not_attached(listening: str, written: str, reason: str) -> None:
    """Each reference to the Gateway has one step with the first reason against it, and the answer is 404."""
    found = ask(files(kubernetes(listening), written), "edge/front", http("a.example.com"))

    assert found.failure is Failure.NO_ROUTE
    assert found.told("route") == {"r/spec/parentRefs/0": reason}


def test_namespaces_whose_labels_were_not_read_are_taken_to_be_admitted() -> None:
    """Labels decide and the Namespace is not in the files: a step says what is assumed. A selector by name alone is decided."""
    by_label = listener("web", 80, "HTTP", more="allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {team: a}}}}")
    there = route("r", "shop", "name: front, namespace: edge")
    found = ask(files(kubernetes(by_label), there), "edge/front", http())

    assert names(found) == ["r"]
    assert list(found.told("route").values()) == ["Whether listener web admits namespace shop depends on its labels; it is taken to."]
    by_name = by_label.replace("team: a", "kubernetes.io/metadata.name: web")
    assert ask(files(kubernetes(by_name), there), "edge/front", http()).failure is Failure.NO_ROUTE


def test_the_most_specific_listener_alone_has_a_host() -> None:
    """A route without listener is on all of a Gateway's; a host that a more specific listener has is not on the wildcard one."""
    listeners = listener("any", 80, "HTTP"), listener("wild", 80, "HTTP", "*.example.com"), listener("one", 80, "HTTP", "a.example.com")
    mesh = files(
        kubernetes(*listeners),
        route("any", parent="name: front, sectionName: any"),
        route("wild", parent="name: front, sectionName: wild"),
        route("one", parent="name: front, sectionName: one"),
    )
    found = {host: names(ask(mesh, "edge/front", http(host))) for host in ("a.example.com", "b.example.com", "b.org")}

    assert found == {"a.example.com": ["one"], "b.example.com": ["wild"], "b.org": ["any"]}
    narrow = files(kubernetes(*listeners), route("r", parent="name: front, sectionName: any", hostnames="a.example.com"))
    refused = ask(narrow, "edge/front", http("a.example.com"))
    assert refused.failure is Failure.NO_ROUTE
    assert list(refused.told("route").values()) == ["Its hosts are those of a more specific listener than any."]


def test_listeners_that_are_not_programmed() -> None:
    """Each listener that istiod does not program has a step with the reason; nothing listens for it."""
    mesh = files(
        kubernetes(
            listener("one", 443, "HTTPS", "a.example.com", TLS),
            listener("same", 443, "HTTPS", "a.example.com", TLS),
            listener("tcp", 443, "TCP"),
            listener("bare", 444, "HTTPS"),
            listener("lower", 445, "http"),
            listener("away", 446, "HTTPS", more="tls: {certificateRefs: [{name: c, namespace: shop}]}"),
            listener("map", 447, "HTTPS", more="tls: {certificateRefs: [{name: c, kind: ConfigMap}]}"),
            listener("none", 448, "HTTPS", more="tls: {mode: Terminate}"),
        ),
        grant(to="Service"),
    )
    told = ask(mesh, "edge/front", https("a.example.com")).told("server")

    assert {place.removeprefix("front/spec/listeners/"): sentence for place, sentence in told.items() if "listens on" not in sentence} == {
        "1": "It conflicts with listener one on port 443, and is not programmed.",
        "2": "It conflicts with listener one on port 443, and is not programmed.",
        "3": "It is for HTTPS and has no tls, so it is not programmed.",
        "4": "Istio supports no protocol http, so it is not programmed.",
        "5": "No ReferenceGrant lets it use Secret shop/c, so it is not programmed.",
        "6": "Its certificate is no Secret but a ConfigMap, so it is not programmed.",
        "7": "It names no certificate, so it is not programmed.",
    }
    assert ask(mesh, "edge/front", https(port=446)).failure is Failure.REFUSED


def test_tls_ends_at_a_listener() -> None:
    """HTTPS goes by SNI; the certificate is taken to be good; a name that no listener has is refused."""
    mesh = files(kubernetes(listener("web", 443, "HTTPS", "*.example.com", TLS)), route("r"))
    found = ask(mesh, "edge/front", https("a.example.com"))

    assert (found.host.domain, names(found)) == ("*.example.com", ["r"])
    assert list(found.told("certificate").values()) == ["Secret edge/cert is not read; it is taken to hold a good certificate."]
    assert ask(mesh, "edge/front", https("a.org")).failure is Failure.TLS_REFUSED


def test_a_grant_lets_a_listener_use_a_secret_elsewhere() -> None:
    """A Secret of another namespace can be used with a ReferenceGrant for Gateways."""
    away = kubernetes(listener("web", 443, "HTTPS", more="tls: {certificateRefs: [{name: c, namespace: shop}]}"))

    assert names(ask(files(away, grant(kind="Gateway", to="Secret"), route("r")), "edge/front", https())) == ["r"]


@pytest.mark.parametrize(("names", "is_programmed"), [("{name: a}, {name: b}", True), ("{name: a}, {name: b}, {name: c}", False)])
def test_a_listener_has_two_certificates_at_most(names: str, is_programmed: bool) -> None:
    """One of each kind of key; with a third istiod leaves the listener out."""
    mesh = files(kubernetes(listener("web", 443, "HTTPS", more=f"tls: {{certificateRefs: [{names}]}}")), route("r"))

    assert isinstance(ask(mesh, "edge/front", https()).value, Failure) is not is_programmed


def test_client_certificates_of_a_gateway() -> None:
    """Authorities in ``tls.frontend`` make a listener want a certificate; so does the option of Istio's."""
    asking = kubernetes(listener("web", 443, "HTTPS", more=TLS))
    asking += "\n  tls: {frontend: {default: {validation: {caCertificateRefs: [{name: ca, kind: ConfigMap}]}}}}"
    by_option = kubernetes(
        listener("web", 443, "HTTPS", more="tls: {certificateRefs: [{name: c}], options: {gateway.istio.io/tls-terminate-mode: MUTUAL}}")
    )

    assert ask(files(asking, route("r")), "edge/front", https()).failure is Failure.NO_CERTIFICATE
    assert ask(files(by_option, route("r")), "edge/front", https()).failure is Failure.NO_CERTIFICATE


def test_tls_routes_go_by_the_sni() -> None:
    """TLS that goes on is routed by what the hostnames of TLSRoute and listener have in common."""
    passing = kubernetes(listener("tls", 443, "TLS", "*.example.com", "tls: {mode: Passthrough}"))
    mesh = files(CATALOG, passing, route("r", hostnames="'*.a.example.com', b.org", kind="TLSRoute"))

    assert ask(mesh, "edge/front", https("x.a.example.com")).targets[0].value.host == "catalog.edge.svc.cluster.local"
    assert ask(mesh, "edge/front", https("b.example.com")).failure is Failure.TLS_REFUSED
    assert ask(files(passing), "edge/front", https("b.example.com")).failure is Failure.REFUSED


def test_tcp_routes_share_connections_by_weight() -> None:
    """A TCP listener hands connections to its route's backends by weight; without any weight they are closed."""
    tcp = kubernetes(listener("tcp", 9000, "TCP"))
    shared = route("r", kind="TCPRoute").replace("[{name: catalog, port: 80}]", "[{name: a, port: 1, weight: 3}, {name: b, port: 2}]")
    request = Request(scheme=Scheme.TCP, host="x", port=9000)
    found = ask(files(tcp, shared), "edge/front", request)

    assert [(each.value.host.partition(".")[0], each.value.port, str(each.share)) for each in found.targets] == [
        ("a", 1, "3/4"),
        ("b", 2, "1/4"),
    ]
    closed = route("r", kind="TCPRoute", to="name: catalog, weight: 0")
    assert ask(files(tcp, closed), "edge/front", request).failure is Failure.NO_CLUSTER


def test_backends_of_other_namespaces_need_a_grant() -> None:
    """Without a ReferenceGrant the backend stays as a target without a cluster, which answers 500; with one it is used."""
    away = route("r", to="name: catalog, namespace: shop")
    refused = ask(files(kubernetes(HTTP), away, grant(kind="GRPCRoute")), "edge/front", http())
    action = refused.host.rules[0].action

    assert isinstance(action, Forward)
    assert [(target.host, target.missing_status) for target in action.targets] == [("", 500)]
    assert list(refused.told("referenceGrant").values()) == [
        "No ReferenceGrant in shop lets it use Service shop/catalog; its share of requests gets 500."
    ]
    allowed = ask(files(kubernetes(HTTP), away, grant()), "edge/front", http())
    assert list(allowed.told("referenceGrant").values()) == ["ReferenceGrant shop/edge lets it use Service shop/catalog."]
    unknown = ask(files(kubernetes(HTTP), away), "edge/front", http()).host.rules[0].action
    assert isinstance(unknown, Forward)
    assert unknown.targets[0].host == "catalog.shop.svc.cluster.local"


def test_virtual_services_cannot_follow_a_kubernetes_gateway() -> None:
    """A VirtualService that names a Kubernetes Gateway is told of, and has no effect there."""
    found = ask(files(kubernetes(HTTP), routes("vs", "shop.example.com", "edge/front")), "edge/front", http())

    assert found.failure is Failure.NO_ROUTE
    assert list(found.told("virtualService").values()) == ["It names a Kubernetes Gateway, which follows Gateway API's routes alone."]


def test_a_gateway_on_pods_of_ones_own() -> None:
    """A Gateway that names a Service is served by the pods behind it, on the port behind the Service's."""
    pods = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: own, namespace: edge}
spec:
  template:
    metadata: {labels: {istio: own}, annotations: {inject.istio.io/templates: gateway}}
    spec: {containers: [{name: istio-proxy, image: auto}]}
---
apiVersion: v1
kind: Service
metadata: {name: own, namespace: edge}
spec: {type: LoadBalancer, selector: {istio: own}, ports: [{name: http, port: 80, targetPort: 8080}]}
"""
    named = kubernetes(HTTP) + "\n  addresses: [{type: Hostname, value: own.edge.svc.cluster.local}]"
    found = ask(files(pods, named, route("r")), "edge/front", http())

    assert (names(found), found.taken.port) == (["r"], 8080)


def test_a_secret_without_keys_leaves_its_listener_unprogrammed() -> None:
    """Files that hold the Secret tell that it has no key: nothing listens."""
    empty = "apiVersion: v1\nkind: Secret\nmetadata: {name: cert, namespace: edge}\nstringData: {tls.crt: x}"
    found = ask(files(kubernetes(listener("web", 443, "HTTPS", more=TLS)), route("r"), empty), "edge/front", https())

    assert found.failure is Failure.REFUSED
    assert list(found.told("server").values()) == ["Secret edge/cert has no value for tls.crt and tls.key, so it is not programmed."]


def test_the_service_that_istiod_makes_has_the_listeners_ports() -> None:
    """In files it is not there; another port is refused, and a gateway of the cluster's own class is not for outside."""
    mesh = files(CATALOG, kubernetes(HTTP, listener("more", 8080, "HTTP")), route("r"))

    assert ask(mesh, "edge/front", http(port=8080)).host
    assert ask(mesh, "edge/front", http(port=81)).failure is Failure.REFUSED
    assert "80, 8080" in next(iter(ask(mesh, "edge/front", http(port=81)).told("wayIn").values()))


@pytest.mark.parametrize(
    ("listeners", "hostnames", "kept"),
    [
        ((("any", ""),), "", "*"),
        ((("any", ""), ("one", "a.example.com")), "", "*"),
        ((("any", ""), ("one", "a.example.com")), "a.example.com, b.org", "b.org"),
        ((("any", ""), ("wild", "*.example.com")), "a.example.com, '*.example.com', b.org", "b.org"),
        ((("any", "*.example.com"), ("wild", "*.a.example.com")), "x.a.example.com, b.example.com", "b.example.com"),
        ((("any", "*.example.com"), ("one", "a.example.com")), "a.example.com, b.example.com", "b.example.com"),
        ((("any", "*.example.com"), ("same", "*.example.org")), "a.example.com, a.example.org", "a.example.com"),
        ((("any", "a.example.com"), ("one", "*.example.com")), "a.example.com, c.example.com", "a.example.com, c.example.com"),
    ],
)
def test_hosts_of_a_more_specific_listener_are_not_kept(listeners: tuple[tuple[str, str], ...], hostnames: str, kept: str) -> None:
    """On the same port; what no other listener covers stays."""
    made = (listener(name, 80, "HTTP", host) for name, host in listeners)
    mesh = files(kubernetes(*made), route("r", parent="name: front, sectionName: any", hostnames=hostnames))
    gateway = mesh.all(KubernetesGateway)[0]
    (item,) = referring(mesh.all(HTTPRoute)[0])

    found = judged(mesh, gateway, gateway.spec.listeners[0], item)

    assert (found.far, ", ".join(found.hosts)) == (Far.ATTACHED, kept)


@pytest.mark.parametrize(
    ("other", "far"),
    [
        (listener("one", 80, "HTTP", "a.example.com"), Far.MORE_SPECIFIC),
        (listener("one", 81, "HTTP", "a.example.com"), Far.ATTACHED),
        (listener("one", 80, "HTTPS", "a.example.com"), Far.ATTACHED),
    ],
)
def test_only_listeners_of_the_same_port_take_hosts_away(other: str, far: Far) -> None:
    """And of the same protocol."""
    mesh = files(
        kubernetes(listener("any", 80, "HTTP"), other), route("r", parent="name: front, sectionName: any", hostnames="a.example.com")
    )
    gateway = mesh.all(KubernetesGateway)[0]
    (item,) = referring(mesh.all(HTTPRoute)[0])

    assert judged(mesh, gateway, gateway.spec.listeners[0], item).far is far


def test_the_reasons_are_in_their_order() -> None:
    """A reference that comes further on another listener is told of that one."""
    order = (Far.OTHER_SECTION, Far.OTHER_PORT, Far.OTHER_HOSTS, Far.OTHER_NAMESPACE, Far.OTHER_KIND, Far.MORE_SPECIFIC, Far.ATTACHED)

    assert [*Far] == [*order]
    assert sorted(Far) == [*order]


@pytest.mark.parametrize(
    ("parent", "kind", "is_served"),
    [
        ("name: front", "istio", True),
        ("name: front", "nginx", False),
        ("name: other", "istio", False),
        ("name: front, namespace: shop", "istio", False),
        ("{name: catalog, kind: Service, group: ''}", "nginx", True),
        ("{name: catalog, kind: ServiceEntry, group: networking.istio.io}", "nginx", True),
    ],
)
def test_who_follows_a_route(parent: str, kind: str, is_served: bool) -> None:
    """Istiod, for Gateways of its classes and for Services."""
    mesh = files(kubernetes(HTTP, kind=kind), route("r", parent=parent.strip("{}")))

    assert is_served_by_istio(mesh, mesh.all(HTTPRoute)[0]) is is_served
