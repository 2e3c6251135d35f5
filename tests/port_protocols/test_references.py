"""Who names a Service's port: where somebody does, its name stays or is changed along."""

from typing import Any

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.named_ports import named_ports
from kubectl_meshfix.mesh.overrides import Overrides
from kubectl_meshfix.mesh.port_fix import PortFix
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols import declaring, references
from kubectl_meshfix.port_protocols.evidence import infer
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.fixes.objects import made

PORTS = [{"name": "web", "port": 80}, {"name": "admin", "port": 81}]
TRAEFIK = "traefik.io/v1alpha1"


def service(**rest: Any) -> Service:
    """A Service with a port called web."""
    spec = {"selector": {"app": "cart"}, "clusterIP": "10.0.0.1", "ports": PORTS, **rest.pop("spec", {})}
    found = made("v1", "Service", spec, **rest)
    assert isinstance(found, Service)
    return found


def route(kind: str = "IngressRoute", namespace: str = "shop", **target: Any) -> Object:
    """A router of Traefik's that leads to one Service."""
    return made(TRAEFIK, kind, {"routes": [{"services": [{"name": "cart", **target}]}]}, name="entry", namespace=namespace)


def template(**container: Any) -> Object:
    """A Deployment in another namespace's neighbourhood, with one container."""
    namespace = container.pop("namespace", "shop")
    spec = {"template": {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [container]}}}
    return made("apps/v1", "Deployment", spec, name="caller", namespace=namespace)


def entry(**ports_by_name: int) -> Object:
    """A virtual machine that the Service selects."""
    return made("networking.istio.io/v1", "WorkloadEntry", {"labels": {"app": "cart"}, "ports": ports_by_name}, name="vm")


GATEWAY_API = "gateway.networking.k8s.io/v1"


def section(**rest: str) -> dict[str, str]:
    """A target of Gateway API: the Service's port called web."""
    return {"group": "", "kind": "Service", "name": "cart", "sectionName": "web", **rest}


def alb(key: str, value: str, backend: str = "use-annotation") -> Object:
    """An Ingress of AWS's controller with an annotation."""
    spec = {"defaultBackend": {"service": {"name": backend, "port": {"name": "x"}}}}
    return made("networking.k8s.io/v1", "Ingress", spec, name="edge", annotations={f"alb.ingress.kubernetes.io/{key}": value})


CHANGED_ALONG: list[tuple[Object, str]] = [
    (route(port="web"), "/spec/routes/0/services/0/port"),
    (route("IngressRouteTCP", port="web"), "/spec/routes/0/services/0/port"),
    (
        made(TRAEFIK, "IngressRoute", {"routes": [{"services": [{"name": "cart", "namespace": "shop", "port": "web"}]}]}, namespace="edge"),
        "/spec/routes/0/services/0/port",
    ),
    (
        made(TRAEFIK, "TraefikService", {"weighted": {"services": [{"name": "x"}, {"name": "cart", "port": "web"}]}}),
        "/spec/weighted/services/1/port",
    ),
    (made(TRAEFIK, "TraefikService", {"mirroring": {"name": "cart", "port": "web"}}), "/spec/mirroring/port"),
    (
        made(TRAEFIK, "TraefikService", {"mirroring": {"name": "x", "mirrors": [{"name": "cart", "port": "web"}]}}),
        "/spec/mirroring/mirrors/0/port",
    ),
    (made("elbv2.k8s.aws/v1beta1", "TargetGroupBinding", {"serviceRef": {"name": "cart", "port": "web"}}), "/spec/serviceRef/port"),
    (made(GATEWAY_API, "BackendTLSPolicy", {"targetRefs": [{"name": "x"}, section()]}), "/spec/targetRefs/1/sectionName"),
    (made(GATEWAY_API, "HTTPRoute", {"parentRefs": [section()]}), "/spec/parentRefs/0/sectionName"),
    (made(GATEWAY_API, "GRPCRoute", {"parentRefs": [section(namespace="shop")]}, namespace="other"), "/spec/parentRefs/0/sectionName"),
    (made(TRAEFIK, "Middleware", {"errors": {"service": {"name": "cart", "port": "web"}}}), "/spec/errors/service/port"),
    (
        made("apisix.apache.org/v2", "ApisixRoute", {"http": [{"backends": [{"serviceName": "cart", "servicePort": "web"}]}]}),
        "/spec/http/0/backends/0/servicePort",
    ),
    (
        made("http.keda.sh/v1alpha1", "HTTPScaledObject", {"scaleTargetRef": {"name": "x", "service": "cart", "portName": "web"}}),
        "/spec/scaleTargetRef/portName",
    ),
    (made("http.keda.sh/v1beta1", "InterceptorRoute", {"target": {"service": "cart", "portName": "web"}}), "/spec/target/portName"),
    (
        made("monitoring.coreos.com/v1", "Prometheus", {"alerting": {"alertmanagers": [{"name": "cart", "port": "web"}]}}),
        "/spec/alerting/alertmanagers/0/port",
    ),
    (
        made(
            "cilium.io/v2",
            "CiliumLocalRedirectPolicy",
            {"redirectFrontend": {"serviceMatcher": {"serviceName": "cart", "toPorts": [{"port": "80", "name": "web"}]}}},
        ),
        "/spec/redirectFrontend/serviceMatcher/toPorts/0/name",
    ),
    (made("operator.victoriametrics.com/v1beta1", "VMServiceScrape", {"endpoints": [{"port": "web"}]}), "/spec/endpoints/0/port"),
]


UNCHANGEABLE: list[tuple[Object, str]] = [
    (template(args=["--store=dnssrv+_web._tcp.cart.shop.svc.cluster.local"]), "uses it in _web._tcp.cart.shop."),
    (template(command=["lookup", "_web._tcp.cart"]), "uses it in _web._tcp.cart."),
    (template(args=["_web._tcp.cart.shop"], namespace="other"), "uses it in _web._tcp.cart.shop."),
    (template(env=[{"name": "CART", "value": "http://cart:$(CART_SERVICE_PORT_WEB)"}]), "uses it in CART_SERVICE_PORT_WEB."),
    (entry(web=8080), "maps it to a port of its own"),
    (
        made("networking.istio.io/v1", "WorkloadGroup", {"metadata": {"labels": {"app": "cart"}}, "template": {"ports": {"web": 8080}}}),
        "maps it to a port of its own",
    ),
    (alb("actions.split", '{"forwardConfig": {"targetGroups": [{"serviceName": "cart", "servicePort": "web"}]}}'), "actions.split"),
    (alb("healthcheck-port", "web", backend="cart"), "healthcheck-port"),
]

NOT_MEANT: list[Object] = [
    route(port=80),
    route(port="admin"),
    route(namespace="edge", port="web"),
    made(TRAEFIK, "IngressRoute", {"routes": [{"services": [{"name": "cart", "kind": "TraefikService", "port": "web"}]}]}),
    made("elbv2.k8s.aws/v1beta1", "TargetGroupBinding", {"serviceRef": {"name": "cart", "port": "web"}}, namespace="other"),
    template(args=["_web._tcp.cart"], namespace="other"),
    template(args=["_web._tcp.cart.other.svc"]),
    template(args=["_web._tcp.cart-db"]),
    template(args=["_web._udp.cart"]),
    template(args=["$(CART_SERVICE_PORT)", "$(OLD_CART_SERVICE_PORT_WEB)"]),
    template(args=["$(CART_SERVICE_PORT_WEB)"], namespace="other"),
    entry(admin=8080),
    made("networking.istio.io/v1", "WorkloadEntry", {"labels": {"app": "x"}, "ports": {"web": 8080}}, name="vm"),
    made("networking.istio.io/v1", "WorkloadEntry", {"labels": {"app": "cart"}, "ports": {"web": 8080}}, name="vm", namespace="other"),
    made("networking.istio.io/v1", "WorkloadGroup", {"metadata": {"labels": {"app": "cart"}}, "template": {"ports": {"admin": 8080}}}),
    made("networking.istio.io/v1", "WorkloadGroup", {"metadata": {"labels": {"app": "x"}}, "template": {"ports": {"web": 8080}}}),
    made(GATEWAY_API, "BackendTLSPolicy", {"targetRefs": [{"group": "", "kind": "Service", "name": "cart"}]}),
    made(GATEWAY_API, "BackendTLSPolicy", {"targetRefs": [section(kind="ServiceImport", group="multicluster.x-k8s.io")]}),
    made(GATEWAY_API, "BackendTLSPolicy", {"targetRefs": [section()]}, namespace="other"),
    made(GATEWAY_API, "HTTPRoute", {"parentRefs": [{"name": "cart", "sectionName": "web"}]}),
    made(TRAEFIK, "Middleware", {"errors": {"service": {"name": "cart", "port": 80}}}),
    alb("actions.split", "redirect"),
    alb("healthcheck-port", "traffic-port", backend="cart"),
]


def declared(mesh: Mesh, wanted: PortFix) -> Fix:
    """The fix of the first port of the first Service, which speaks HTTP."""
    preferred = mesh.with_overrides(Overrides(port_fix=wanted))
    return declaring.declared_as(preferred, mesh.all(Service)[0], 0, Protocol.HTTP)


def paths(fix: Fix) -> set[str]:
    """Where a fix changes the Service."""
    return {item.path for patch in fix.patches if patch.resource.kind == "Service" for item in patch.operations if item.op != "test"}


NAME, APP_PROTOCOL = {"/spec/ports/0/name"}, {"/spec/ports/0/appProtocol"}


@pytest.mark.parametrize(("referent", "path"), CHANGED_ALONG)
def test_what_a_router_names_stays_or_goes_along(referent: Object, path: str) -> None:
    """``auto`` sets appProtocol where a router names the port; ``rename`` changes the router in the same fix, for which it waits."""
    mesh = Mesh([service(), referent], live=True)

    kept = declared(mesh, PortFix.AUTO)
    assert paths(kept) == APP_PROTOCOL
    assert str(referent.ref) in kept.summary
    renamed = declared(mesh, PortFix.RENAME)
    assert paths(renamed) == NAME
    assert renamed.safety is Safety.UNSAFE
    along = next(patch for patch in renamed.patches if patch.resource == referent.ref)
    assert along.operations == (Operation("test", path, "web"), Operation("replace", path, "http-web"))


@pytest.mark.parametrize(("referent", "words"), UNCHANGEABLE)
def test_what_a_text_names_stays_in_any_case(referent: Object, words: str) -> None:
    """A name that stands in a command, an argument, a variable or a map cannot be changed along, so it is never renamed."""
    for wanted in (PortFix.AUTO, PortFix.RENAME):
        fix = declared(Mesh([service(), referent]), wanted)

        assert paths(fix) == APP_PROTOCOL
        assert f"{referent.ref} " in fix.summary
        assert words in fix.summary


@pytest.mark.parametrize("other", NOT_MEANT, ids=str)
def test_others_do_not_hinder(other: Object) -> None:
    """Numbers, other ports, other Services and other namespaces leave the port free to be renamed."""
    assert references.to_port(Mesh([service(), other]), service(), "web") == ()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cloud.google.com/app-protocols", '{"web":"HTTPS"}'),
        ("cloud.google.com/backend-config", '{"ports": {"web":"my-config"}}'),
        ("service.beta.kubernetes.io/aws-load-balancer-ssl-ports", "admin,web"),
    ],
)
def test_an_annotation_means_a_port_by_its_name(key: str, value: str) -> None:
    """Load balancers of clouds are told of ports by name, in annotations of the Service itself."""
    fix = declared(Mesh([service(annotations={key: value})]), PortFix.RENAME)

    assert paths(fix) == APP_PROTOCOL
    assert key in fix.summary
    for other in ({key: value.replace("web", "web-2")}, {"note": value}):
        assert paths(declared(Mesh([service(annotations=other)]), PortFix.RENAME)) == NAME


@pytest.mark.parametrize("kind", references.REFERRING, ids=str)
def test_what_may_not_be_read_keeps_the_name(kind: Kind) -> None:
    """A kind that is forbidden stops nothing: the careful choice is made, and said so."""
    mesh = Mesh([service()], live=True, coverage={kind: Coverage(reason="forbidden")})

    fix = declared(mesh, PortFix.AUTO)

    assert paths(fix) == APP_PROTOCOL
    assert f"{kind} objects that may refer to it could not be read" in fix.summary


def test_a_namespace_is_enough_where_a_kind_speaks_of_its_own() -> None:
    """An Ingress leads to its own namespace, so reading that is enough; a ServiceMonitor may look from anywhere."""
    here = Coverage(namespaces=frozenset({"shop"}))

    near = Mesh([service()], live=True, coverage={kinds.INGRESS: here, kinds.ROUTE: here, kinds.TARGET_GROUP_BINDING: here})
    assert paths(declared(near, PortFix.AUTO)) == NAME
    far = Mesh([service()], live=True, coverage={kinds.SERVICE_MONITOR: here})
    assert paths(declared(far, PortFix.AUTO)) == APP_PROTOCOL


def test_traefik_keeps_the_callers_host() -> None:
    """A route of Traefik's passes the caller's Host header on, unless it is set not to, or has none."""
    assert references.exposing(Mesh([service(), route(port=80)]), service())
    assert not references.exposing(Mesh([service(), route(port=80, passHostHeader=False)]), service())
    assert not references.exposing(Mesh([service(), route("IngressRouteTCP", port=80)]), service())


def test_a_new_name_that_is_taken_gives_way() -> None:
    """Where another port has the name already, the next best is taken; thirty ports get thirty names."""
    taken = service(spec={"ports": [{"name": "web", "port": 80}, {"name": "http-web", "port": 81}]})
    mesh = Mesh([taken])
    assert declared(mesh, PortFix.AUTO).patches[0].operations[-1].value == "http-80"

    many = service(spec={"ports": [{"name": f"p{number}-http", "port": 8000 + number} for number in range(30)]})
    names = [declaring.name_for(many, place, Protocol.HTTP) for place in range(30)]
    assert len(set(names)) == 30
    assert all(name.startswith("http-") for name in names)


@pytest.mark.parametrize(
    ("manager", "is_written"),
    [
        ("staff", True),
        ("", True),
        ("endpointslice-controller.k8s.io", False),
        ("endpointslicemirroring-controller.k8s.io", False),
    ],
)
def test_a_slice_that_a_controller_wrote_is_left_alone(manager: str, is_written: bool) -> None:
    """Renaming a port of a Service without a selector renames it in people's slices; controllers write theirs anew by themselves."""
    labels = {"kubernetes.io/service-name": "cart"} | ({"endpointslice.kubernetes.io/managed-by": manager} if manager else {})
    ports = [{"name": "admin", "port": 81}, {"name": "web", "port": 80}]
    found = made("discovery.k8s.io/v1", "EndpointSlice", {}, name="cart-1", labels=labels, addressType="IPv4", ports=ports)
    without_selector = service(spec={"selector": {}})

    mentions = references.by_hand(Mesh([without_selector, found]), without_selector, "web")

    assert [row.path for row in mentions] == (["/ports/1/name"] if is_written else [])


@pytest.mark.parametrize(
    ("reference", "is_meant"),
    [
        ("{targetRef: {group: '', kind: Service, name: cart, sectionName: web}}", True),
        ("{targetRefs: [{kind: Service, name: cart, sectionName: web}]}", True),
        ("{pools: [{service: cart, servicePort: web}]}", True),
        ("{backend: {service: {name: cart, port: {name: web}}}}", True),
        ("{backend: {serviceName: cart, serviceNamespace: other, servicePort: web}}", False),
        ("{targetRef: {group: gateway.networking.k8s.io, kind: Gateway, name: cart, sectionName: web}}", False),
        ("{containers: [{name: cart, ports: [{name: web}]}]}", False),
        ("{backend: {service: {name: cart, port: 80}}}", False),
    ],
)
def test_in_files_objects_of_any_kind_are_searched(reference: str, is_meant: bool) -> None:
    """A policy of whatever API keeps the name of the port that it is for, though nobody here knows its kind."""
    text = f"""
apiVersion: v1
kind: Service
metadata: {{name: cart, namespace: shop}}
spec: {{selector: {{app: cart}}, ports: [{{name: web, port: 80}}]}}
---
apiVersion: policy.example.com/v1
kind: RetryPolicy
metadata: {{name: calm, namespace: shop}}
spec: {reference}
"""
    mesh = from_texts({"a.yaml": text})[0].mesh

    fix = declared(mesh, PortFix.AUTO)

    assert paths(fix) == (APP_PROTOCOL if is_meant else NAME)
    assert ("because RetryPolicy shop/calm refers to it" in fix.summary) is is_meant


def test_a_value_with_aliases_is_searched_once() -> None:
    """Ten levels of ten aliases are ten billion places, and no reference is in any of them."""
    value: Any = {"name": "x"}
    for _ in range(10):
        value = {"services": [value] * 10}

    assert not list(named_ports(value))


def test_a_policy_for_tls_is_a_witness_of_tls() -> None:
    """A gateway that speaks TLS to the pods makes HTTPS of its HTTPRoutes' HTTP; a policy for another port makes nothing."""
    backend = service(spec={"ports": [{"name": "web", "port": 80, "targetPort": 7000}, {"name": "admin", "port": 81, "targetPort": 7001}]})
    policy = made(GATEWAY_API, "BackendTLSPolicy", {"targetRefs": [section()]})
    routed = made(GATEWAY_API, "HTTPRoute", {"rules": [{"backendRefs": [{"name": "cart", "port": port} for port in (80, 81)]}]}, name="r")
    mesh = Mesh([backend, policy, routed])

    inferred = [infer(mesh, backend, port) for port in backend.spec.ports]

    assert [witness.protocol for witness in inferred[0].witnesses if "Route" in witness.text] == [Protocol.HTTPS]
    assert [witness.protocol for witness in inferred[1].witnesses if "Route" in witness.text] == [Protocol.HTTP]
    assert any("makes gateways speak TLS to it: tls (claim)" in line for line in inferred[0].evidence)


@pytest.mark.parametrize(
    ("router", "is_meant"),
    [
        (made("projectcontour.io/v1", "HTTPProxy", {"routes": [{"services": [{"name": "cart", "port": 80}]}]}), True),
        (made("k8s.nginx.org/v1", "VirtualServer", {"upstreams": [{"name": "x", "service": "cart", "port": 80}]}), True),
        (made("getambassador.io/v3alpha1", "Mapping", {"service": "cart:80"}), True),
        (made("getambassador.io/v3alpha1", "Mapping", {"service": "http://cart.shop:80"}, namespace="edge"), True),
        (made("getambassador.io/v3alpha1", "Mapping", {"service": "cart.other"}), False),
        (made("apisix.apache.org/v2", "ApisixRoute", {"http": [{"backends": [{"serviceName": "cart", "servicePort": 80}]}]}), True),
        (made("http.keda.sh/v1beta1", "InterceptorRoute", {"target": {"service": "cart", "port": 80}}), True),
        (made("projectcontour.io/v1", "HTTPProxy", {"routes": [{"services": [{"name": "cart", "port": 80}]}]}, namespace="other"), False),
    ],
)
def test_proxies_of_others_keep_the_host_header(router: Object, is_meant: bool) -> None:
    """Whoever sends requests to a Service on behalf of callers is known, also where the port is a number."""
    assert (str(router.ref) in references.exposing(Mesh([service(), router]), service())) is is_meant


@pytest.mark.parametrize(
    ("port", "found"),
    [({"targetPort": "web"}, 1), ({"targetPort": "other"}, 0), ({"targetPort": 80}, 0), (None, 0)],
)
def test_an_openshift_route_names_a_port_or_takes_any(port: dict[str, Any] | None, found: int) -> None:
    """One without a port refers to no name."""
    spec = {"to": {"kind": "Service", "name": "cart"}, **({"port": port} if port else {})}
    route = made("route.openshift.io/v1", "Route", spec)

    assert len(references.to_port(Mesh([service(), route], live=True), service(), "web")) == found


def test_a_service_without_a_selector_has_no_virtual_machines() -> None:
    """Only what a selector takes maps a port's name to a port of its own."""
    group = made("networking.istio.io/v1", "WorkloadGroup", {"template": {"ports": {"web": 8080}}})
    bare = service(spec={"selector": {}})

    assert references.to_port(Mesh([bare, entry(web=8080), group]), bare, "web") == ()


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ({"metadata": {"labels": {"app": "cart"}}, "template": {"labels": {"tier": "x"}}}, 1),
        ({"metadata": {"labels": {"tier": "x"}}, "template": {"labels": {"app": "cart"}}}, 1),
        ({"metadata": {"labels": {"app": "other"}}, "template": {"labels": {"app": "cart"}}}, 0),
        ({"metadata": {"labels": {}}, "template": {"labels": {}}}, 0),
    ],
)
def test_the_labels_of_a_groups_machines_are_those_of_its_metadata_first(labels: dict[str, Any], found: int) -> None:
    """A WorkloadGroup labels its machines in two places (`pilot/pkg/autoregistration`)."""
    group = made("networking.istio.io/v1", "WorkloadGroup", {**labels, "template": {**labels["template"], "ports": {"web": 8080}}})

    assert len(references.to_port(Mesh([service(), group]), service(), "web")) == found


@pytest.mark.parametrize(
    ("rest", "others", "is_changed_along"),
    [
        ({}, [], True),
        ({}, [("other", "web", "shop")], False),
        ({}, [("other", "admin", "shop")], True),
        ({}, [("other", "web", "edge")], True),
        ({"namespaceSelector": {"any": True}}, [("other", "web", "edge")], False),
        ({"namespaceSelector": {"matchNames": ["edge", "shop"]}}, [("other", "web", "edge")], False),
        ({"namespaceSelector": {"matchNames": ["shop"]}}, [("other", "web", "edge")], True),
        ({"selector": {"matchLabels": {"name": "cart"}}}, [("other", "web", "shop")], True),
    ],
)
def test_a_monitor_that_watches_others_too_is_not_changed(
    rest: dict[str, Any], others: list[tuple[str, str, str]], is_changed_along: bool
) -> None:
    """It names the port of each Service that it selects, so a rename beside them would lose those."""
    watched = service(labels={"name": "cart"})
    beside = [service(name=name, namespace=namespace, spec={"ports": [{"name": word, "port": 80}]}) for name, word, namespace in others]
    monitor = made("monitoring.coreos.com/v1", "ServiceMonitor", {"endpoints": [{"port": "admin"}, {"port": "web"}], **rest}, name="m")

    (found,) = references.to_port(Mesh([watched, *beside, monitor], live=True), watched, "web")

    assert found.path == ("/spec/endpoints/1/port" if is_changed_along else "")


@pytest.mark.parametrize(
    "rest",
    [{"selector": {"matchLabels": {"name": "x"}}}, {"namespaceSelector": {"matchNames": ["edge"]}}, {"endpoints": [{"port": "admin"}]}],
)
def test_a_monitor_of_others_names_no_port_of_this_service(rest: dict[str, Any]) -> None:
    """By its labels, its namespaces and its endpoints."""
    monitor = made("monitoring.coreos.com/v1", "ServiceMonitor", {"endpoints": [{"port": "web"}], **rest}, name="m")

    assert references.to_port(Mesh([service(labels={"name": "cart"}), monitor], live=True), service(labels={"name": "cart"}), "web") == ()


@pytest.mark.parametrize(
    ("spec", "paths_"),
    [
        ({"defaultBackend": {"service": {"name": "cart", "port": {"name": "web"}}}}, ["/spec/defaultBackend/service/port/name"]),
        ({"defaultBackend": {"service": {"name": "x", "port": {"name": "web"}}}}, []),
        ({"defaultBackend": {"service": {"name": "cart", "port": {"number": 80}}}}, []),
        ({"defaultBackend": {"resource": {"kind": "Bucket", "name": "cart"}}}, []),
        (
            {
                "rules": [
                    {"host": "x"},
                    {"http": {"paths": [{"backend": {"resource": {"kind": "Bucket", "name": "b"}}}]}},
                    {"http": {"paths": [{"backend": {}}, {"backend": {"service": {"name": "cart", "port": {"name": "web"}}}}]}},
                ]
            },
            ["/spec/rules/2/http/paths/1/backend/service/port/name"],
        ),
    ],
)
def test_an_ingress_names_a_port_in_each_of_its_backends(spec: dict[str, Any], paths_: list[str]) -> None:
    """A rule without paths, and a backend that is no Service, name none."""
    ingress = made("networking.k8s.io/v1", "Ingress", spec, name="edge")

    found = references.to_port(Mesh([service(), ingress], live=True), service(), "web")

    assert [item.path for item in found] == paths_


@pytest.mark.parametrize(
    ("to", "others", "path"),
    [
        ({"kind": "Service", "name": "cart"}, [], "/spec/port/targetPort"),
        ({"kind": "Service", "name": "cart"}, [{"kind": "Service", "name": "x"}], ""),
        ({"kind": "Service", "name": "x"}, [{"kind": "Service", "name": "cart"}], ""),
        ({"kind": "Service", "name": "cart"}, [{"kind": "Service", "name": "cart"}], "/spec/port/targetPort"),
        ({"kind": "Service", "name": "x"}, [], None),
        ({"kind": "Other", "name": "cart"}, [], None),
    ],
)
def test_an_openshift_route_to_several_services_is_not_changed(to: dict[str, str], others: list[dict[str, str]], path: str | None) -> None:
    """Its port is meant for all of them."""
    spec = {"to": to, "alternateBackends": others, "port": {"targetPort": "web"}}
    mesh = Mesh([service(), made("route.openshift.io/v1", "Route", spec, name="r")], live=True)

    assert [item.path for item in references.to_port(mesh, service(), "web")] == ([] if path is None else [path])
    assert bool(references.exposing(mesh, service())) is (path is not None)


@pytest.mark.parametrize(("selector", "name", "found"), [({}, "web", 1), ({}, "admin", 0), ({}, "", 0), ({"app": "cart"}, "web", 0)])
def test_endpoints_name_the_ports_of_a_service_without_a_selector(selector: dict[str, str], name: str, found: int) -> None:
    """The endpoints of any other are written by a controller."""
    subsets = [{"ports": [{"name": "x", "port": 1}]}, {"ports": [{"name": "x", "port": 1}, {"name": "web", "port": 80}, {"port": 81}]}]
    bare = service(spec={"selector": selector})
    mesh = Mesh([bare, made("v1", "Endpoints", {}, name="cart", subsets=subsets)], live=True)

    assert [item.path for item in references.by_hand(mesh, bare, name)] == ["/subsets/1/ports/1/name"] * found


@pytest.mark.parametrize("length", [57, 58, 59])
def test_a_new_name_fits_a_dns_label(length: int) -> None:
    """It has at most 63 characters; what does not fit gives way to the port's number."""
    name = "p" * length
    named = service(spec={"ports": [{"name": name, "port": 80}]})

    assert declaring.name_for(named, 0, Protocol.HTTP) == (f"http-p{'p' * (length - 1)}" if length <= 58 else "http-80")
