"""A name leads where the pod's resolver would find it, whatever the mesh thinks of it."""

import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import DNSConfig, DNSOption, PodSpec
from kubectl_meshfix.traffic.client.dns.names import candidates
from kubectl_meshfix.traffic.terms.addresses import AddressKind
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Plane
from tests.traffic.client.scenes import CATALOG, address, cart, cluster, entry, files, mesh_config, resolved, service

SETS = """
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec: {replicas: 2, serviceName: db, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db}]}}}
"""
DNS = mesh_config('defaultConfig: {proxyMetadata: {ISTIO_META_DNS_CAPTURE: "true"}}')


def headless(name: str = "db") -> str:
    """A headless Service."""
    return service(name, 5432, "tcp", extra=", clusterIP: None")


def pod(name: str, ip: str, ready: str = "True") -> str:
    """A pod of it that runs."""
    return f"""
kind: Pod
metadata: {{name: {name}, namespace: shop, labels: {{app: db}}}}
spec: {{hostname: {name}, subdomain: db, containers: [{{name: db}}]}}
status: {{podIP: {ip}, phase: Running, conditions: [{{type: Ready, status: '{ready}'}}]}}
"""


def alias(name: str, target: str) -> str:
    """An ExternalName Service."""
    return service(name, extra=f", type: ExternalName, externalName: {target}")


@pytest.mark.parametrize(
    "name", ["catalog.shop", "catalog.shop.svc", CATALOG, f"{CATALOG}."], ids=["two words", "svc", "in full", "absolute"]
)
def test_the_search_path_finds_a_service(name: str) -> None:
    """From another namespace by its namespace, with or without the rest."""
    found = address(files(service("catalog")), name)

    assert (found.kind, found.host) == (AddressKind.SERVICE, CATALOG)
    assert found.entry is not None
    assert not found.is_pod


def test_a_bare_name_is_one_of_the_own_namespace() -> None:
    """Elsewhere there may be one of that name; it is named, and not meant."""
    mesh = files(service("catalog"), service("own", namespace="web"))
    told = resolved(mesh, "catalog")

    assert told.value is Failure.NO_SUCH_NAME
    assert told.steps[-1].evidence == ("Service shop/catalog",)
    assert address(mesh, "own").host == "own.web.svc.cluster.local"


def test_a_namespace_whose_services_were_not_read_leaves_it_open() -> None:
    """Files hold a part of a whole: there may be such a Service."""
    told = resolved(files(cart()), "catalog")

    assert told.steps[-1].unknown is not None
    assert address(files(cart()), "catalog").kind is AddressKind.UNKNOWN
    assert resolved(cluster(cart()), "catalog").value is Failure.NO_SUCH_NAME


def test_exports_and_sidecars_mean_nothing_to_dns() -> None:
    """A Service that the proxy does not know resolves all the same."""
    hidden = service("catalog").replace("shop}", "shop, annotations: {networking.istio.io/exportTo: '~'}}")

    assert address(files(hidden), "catalog.shop").kind is AddressKind.SERVICE


@pytest.mark.parametrize("name", ["api.example.com", "example.com", "www.shop.example.org"])
def test_other_names_are_left_to_a_dns_outside(name: str) -> None:
    """They are taken to resolve."""
    found = address(cluster(service("catalog")), name)

    assert (found.kind, found.host, found.address) == (AddressKind.EXTERNAL, name, "")


@pytest.mark.parametrize("name", ["nosuch", "nosuch.shop", "nosuch.shop.svc", "nosuch.shop.svc.cluster.local", "x.cluster.local"])
def test_what_the_cluster_would_know_and_does_not_is_no_name(name: str) -> None:
    """Names without a dot, of a known namespace, or of the cluster's domain."""
    assert resolved(cluster(service("catalog"), service("own", namespace="web")), name).value is Failure.NO_SUCH_NAME


def test_external_names_are_followed_to_their_end() -> None:
    """To a Service, to a name outside, or to themselves, which is no name."""
    mesh = files(
        service("catalog"),
        alias("a", "b.shop.svc.cluster.local"),
        alias("b", CATALOG),
        alias("out", "api.example.com"),
        alias("c", "d.shop.svc.cluster.local"),
        alias("d", "c.shop.svc.cluster.local"),
        alias("lost", "nosuch.shop.svc.cluster.local"),
    )

    assert address(mesh, "a.shop").host == CATALOG
    assert [step.check for step in resolved(mesh, "a.shop").steps] == ["resolver", "externalName", "externalName", "name"]
    assert address(mesh, "out.shop").kind is AddressKind.EXTERNAL
    assert resolved(mesh, "c.shop").value is Failure.NO_SUCH_NAME
    assert resolved(mesh, "lost.shop").value is Failure.NO_SUCH_NAME


def test_a_headless_service_leads_to_its_pods() -> None:
    """Its name does not resolve where no pod is ready; pods of a StatefulSet have names of their own."""
    mesh = files(headless(), SETS)
    found = address(mesh, "db.shop")
    assert (found.kind, found.is_pod) == (AddressKind.HEADLESS, True)
    assert found.pod is not None
    one = address(mesh, "db-1.db.shop")
    assert (one.kind, one.host) == (AddressKind.HEADLESS, "db.shop.svc.cluster.local")
    assert resolved(mesh, "db-2.db.shop").value is Failure.NO_SUCH_NAME

    unready = cluster(headless(), pod("db-0", "10.1.0.7", ready="False"))
    assert resolved(unready, "db.shop").value is Failure.NO_SUCH_NAME
    told = headless().replace("clusterIP: None", "clusterIP: None, publishNotReadyAddresses: true")
    assert address(cluster(told, pod("db-0", "10.1.0.7", ready="False")), "db.shop").is_pod
    assert address(cluster(headless(), pod("db-0", "10.1.0.7")), "db-0.db.shop").address == "10.1.0.7"


def test_addresses_are_known_by_whose_they_are() -> None:
    """A Service's, a pod's, one that a ServiceEntry lists, the pod's own, and anybody's."""
    mesh = cluster(
        service("catalog", extra=", clusterIP: 10.96.0.5"),
        headless(),
        pod("db-0", "10.1.0.7"),
        entry("api", "api.example.com", 80, "HTTP", extra="resolution: STATIC, addresses: [203.0.113.9/32]"),
    )

    assert address(mesh, "10.96.0.5").host == CATALOG
    assert address(mesh, "10.1.0.7").kind is AddressKind.POD
    assert address(mesh, "10-1-0-7.shop.pod").kind is AddressKind.POD
    assert address(mesh, "203.0.113.9").kind is AddressKind.REGISTERED
    assert address(mesh, "127.0.0.1").kind is AddressKind.LOOPBACK
    assert address(mesh, "localhost").kind is AddressKind.LOOPBACK
    assert address(mesh, "198.51.100.1").kind is AddressKind.EXTERNAL


def test_host_aliases_come_first() -> None:
    """A pod's own ``/etc/hosts`` answers before any DNS."""
    aliased = cart(spec="hostAliases: [{ip: 10.96.0.5, hostnames: [shop.internal]}], containers: [{name: cart}]")
    mesh = files(service("catalog", extra=", clusterIP: 10.96.0.5"), aliased)

    assert address(mesh, "shop.internal").host == CATALOG


@pytest.mark.parametrize("spec", ["dnsPolicy: Default", "dnsPolicy: None", "hostNetwork: true"])
def test_pods_with_another_dns_are_told_of(spec: str) -> None:
    """Whether their DNS knows the cluster's names is not known."""
    mesh = files(service("catalog"), cart(spec=f"{spec}, containers: [{{name: cart}}]"))

    assert any(step.check == "resolver" and step.unknown is not None for step in resolved(mesh, "catalog.shop").steps)


def test_dns_capture_answers_for_service_entries() -> None:
    """With the addresses that they list, or with one that istiod gives them; ranges, refusals and resolution NONE have none."""
    given = entry("a", "a.example.com", 80, "HTTP")
    listed = entry("b", "b.example.com", 80, "HTTP", extra="resolution: DNS, addresses: [240.1.1.1]")
    none = entry("c", "c.example.com", 80, "HTTP", extra="resolution: NONE")
    wild = entry("d", "*.example.org", 80, "HTTP", extra="resolution: DNS")
    refused = entry("e", "e.example.com", 80, "HTTP").replace("web}", "web, labels: {networking.istio.io/enable-autoallocate-ip: 'false'}}")
    mesh = files(DNS, given, listed, none, wild, refused)

    assert address(mesh, "a.example.com").kind is AddressKind.REGISTERED
    assert address(mesh, "b.example.com").address == "240.1.1.1"
    assert address(mesh, "c.example.com").kind is AddressKind.EXTERNAL
    assert address(mesh, "x.example.org").host == "*.example.org"
    assert address(mesh, "e.example.com").kind is AddressKind.EXTERNAL
    assert address(mesh, "a.example.com", plane=Plane.BARE).kind is AddressKind.EXTERNAL
    assert address(files(given), "a.example.com").kind is AddressKind.EXTERNAL


def test_the_search_path_follows_the_pods_own_dns_configuration() -> None:
    """``ndots`` says which names are tried as they are first, and ``searches`` come last."""
    config = DNSConfig(searches=("corp.example",), options=(DNSOption(name="ndots", value="1"),))

    assert candidates("a.b", "web", PodSpec(dns_config=config))[0] == "a.b"
    assert candidates("a", "web", PodSpec(dns_config=config))[-2:] == ("a.corp.example", "a")
    assert candidates("a", "web", PodSpec(dns_policy="None", dns_config=config)) == ("a.corp.example", "a")
    assert candidates("a.", "web", PodSpec()) == ("a",)


def test_proxy_config_objects_may_turn_dns_capture_on() -> None:
    """One of the root namespace, of the pod's namespace, or for the pod; the pod's own annotation counts over them."""
    given = entry("a", "a.example.com", 80, "HTTP")
    settings = """
kind: ProxyConfig
apiVersion: networking.istio.io/v1beta1
metadata: {name: dns, namespace: istio-system}
spec: {environmentVariables: {ISTIO_META_DNS_CAPTURE: 'true'}}
"""
    refusing = cart(annotations="proxy.istio.io/config: 'proxyMetadata: {ISTIO_META_DNS_CAPTURE: \"false\"}'")
    others = settings.replace("istio-system", "web").replace("spec: {", "spec: {selector: {matchLabels: {app: other}}, ")

    assert address(files(given, settings), "a.example.com").kind is AddressKind.REGISTERED
    assert address(files(given, settings, refusing), "a.example.com").kind is AddressKind.EXTERNAL
    assert address(files(given, others), "a.example.com").kind is AddressKind.EXTERNAL
    assert address(files(given, others.replace("other", "cart")), "a.example.com").kind is AddressKind.REGISTERED


@pytest.mark.parametrize(
    ("text", "unread", "is_there"),
    [
        (pod("db-0", "10.0.0.1"), (), True),
        (pod("db-0", "10.0.0.1", ready="False"), (), False),
        (pod("db-0", "10.0.0.1").replace("namespace: shop", "namespace: shop, deletionTimestamp: '2026-01-01T00:00:00Z'"), (), False),
        ("", (), False),
        ("", (kinds.POD,), True),
        ("", (kinds.WORKLOAD_ENTRY,), True),
    ],
)
def test_a_headless_service_without_pods_has_no_name(text: str, unread: tuple[kinds.Kind, ...], *, is_there: bool) -> None:
    """Where all that may be behind it was read; pods that are not ready are not in DNS, unless they are published."""
    whole = cluster(headless(), text)
    mesh = Mesh(whole.objects, live=True, coverage=dict.fromkeys(unread, Coverage(reason="forbidden")))

    assert (resolved(mesh, "db.shop").value is not Failure.NO_SUCH_NAME) is is_there
    published = cluster(service("db", 5432, "tcp", extra=", clusterIP: None, publishNotReadyAddresses: true"), text)
    if "'False'" in text:
        assert resolved(published, "db.shop").value is not Failure.NO_SUCH_NAME


@pytest.mark.parametrize(("name", "is_there"), [("db-0", True), ("db-1", True), ("db-2", False), ("db-x", False), ("other-0", False)])
def test_a_stateful_set_names_as_many_pods_as_it_has(name: str, *, is_there: bool) -> None:
    """From zero up; one without a number has one."""
    assert (resolved(files(headless(), SETS), f"{name}.db.shop").value is not Failure.NO_SUCH_NAME) is (is_there or name == "other-0")
    one = SETS.replace("replicas: 2, ", "")
    assert (resolved(files(headless(), one), f"{name}.db.shop").value is not Failure.NO_SUCH_NAME) is (name in {"db-0", "other-0"})
