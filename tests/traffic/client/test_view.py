"""A proxy knows what is exported to its namespace, discovered, for its revision, and imported by the one Sidecar it uses."""

import pytest

from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic.client.view import follows, told_view
from kubectl_meshfix.traffic.terms.parties import Plane
from tests.traffic.client.scenes import CATALOG, caller, cluster, entry, files, known, mesh_config, service, sidecar, view, words

ROUTE = """
kind: VirtualService
metadata: {name: catalog, namespace: shop}
spec: {hosts: [catalog], http: [{route: [{destination: {host: catalog}}]}]}
"""


def test_without_a_sidecar_all_that_is_exported_is_known() -> None:
    """Services of every namespace are, by port too; those exported elsewhere are not."""
    mesh = files(
        service("catalog"),
        service("db", 5432, "tcp"),
        service("own").replace("shop}", "shop, annotations: {networking.istio.io/exportTo: .}}"),
    )
    seen = view(mesh)

    assert set(seen.by_host) == {CATALOG, "db.shop.svc.cluster.local"}
    assert [item.host for item in seen.on_port(5432)] == ["db.shop.svc.cluster.local"]
    assert seen.entry("own.shop.svc.cluster.local") is None
    assert "host warn" in known(mesh, "own.shop.svc.cluster.local")


@pytest.mark.parametrize(
    ("egress", "is_known"),
    [
        ("*/*", True),
        ("shop/*", True),
        ("./*", False),
        ("shop/catalog", False),
        (f"shop/{CATALOG}", True),
        (f"*/{CATALOG}", True),
        ("*/*.shop.svc.cluster.local", True),
        ("shop/*.example.com", False),
        ("~/*", False),
        ("shop", False),
        ("a/b/c", False),
    ],
)
def test_an_egress_entry_imports_full_names(egress: str, is_known: bool) -> None:
    """``namespace/name``, with a wildcard at the start of the name; a short name imports nothing, neither does what has not one slash."""
    mesh = files(service("catalog"), sidecar(f"{{egress: [{{hosts: ['{egress}']}}]}}"))

    assert (view(mesh).entry(CATALOG) is not None) is is_known


def test_exclusions_take_hosts_out_again() -> None:
    """``~`` before a namespace leaves out what it names, whatever else imports it."""
    mesh = files(service("catalog"), service("cart"), sidecar(f"{{egress: [{{hosts: ['*/*', '~shop/{CATALOG}']}}]}}"))

    assert set(view(mesh).by_host) == {"cart.shop.svc.cluster.local"}


def test_an_old_istiod_has_no_exclusions() -> None:
    """Before 1.32 such a host is one of a namespace that does not exist."""
    istiod = """
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec: {template: {spec: {containers: [{name: discovery, image: "pilot:1.30.1"}]}}}
"""
    mesh = files(istiod, service("catalog"), sidecar(f"{{egress: [{{hosts: ['*/*', '~shop/{CATALOG}']}}]}}"))

    assert view(mesh).entry(CATALOG) is not None


def test_a_sidecar_that_selects_the_pods_is_used_alone() -> None:
    """It comes before the namespace's own and the root's, which add nothing to it; one for other pods is passed over."""
    selecting = sidecar("{workloadSelector: {labels: {app: cart}}, egress: [{hosts: ['./*']}]}", "cart")
    other = sidecar("{workloadSelector: {labels: {app: other}}, egress: [{hosts: ['*/*']}]}", "a-other")
    general = sidecar("{egress: [{hosts: ['*/*']}]}")
    mesh = files(service("catalog"), selecting, general, other)

    assert view(mesh).sidecar == mesh.get(Sidecar, "web", "cart")
    assert not view(mesh).by_host
    assert known(mesh)[:2] == ["workloadSelector skipped", "sidecar pass"]


def test_the_root_namespace_has_a_sidecar_for_all() -> None:
    """It is read as if it stood in the caller's namespace; one there with a selector is for the root namespace alone."""
    root = sidecar("{egress: [{hosts: ['./*']}]}", "all", "istio-system")
    picky = sidecar("{workloadSelector: {labels: {app: cart}}, egress: [{hosts: ['*/*']}]}", "cart", "istio-system")
    mesh = files(service("catalog"), service("own", namespace="web"), root, picky)

    assert set(view(mesh).by_host) == {"own.web.svc.cluster.local"}
    assert any("root namespace's Sidecar istio-system/all" in text for text in words(told(told_view(mesh, caller(mesh)))))


def test_of_two_sidecars_the_older_one_counts_and_files_do_not_know_it() -> None:
    """On a cluster creation times decide; in files the step says that they are not known."""
    first = sidecar("{egress: [{hosts: ['*/*']}]}", "first")
    second = sidecar("{egress: [{hosts: ['./*']}]}", "second")

    assert "sidecar unknown" in known(files(service("catalog"), first, second))
    aged = [
        text.replace("namespace: web}", f"namespace: web, creationTimestamp: '{made}'}}")
        for text, made in ((first, "2026-01-02T00:00:00Z"), (second, "2026-01-01T00:00:00Z"))
    ]
    assert not view(cluster(service("catalog"), *aged)).by_host


def test_gateways_have_no_sidecar() -> None:
    """They know whatever is exported to their namespace."""
    mesh = files(service("catalog"), sidecar("{egress: [{hosts: ['~/*']}]}"))

    assert view(mesh, plane=Plane.GATEWAY).entry(CATALOG) is not None


def test_an_empty_policy_of_a_sidecar_is_registry_only() -> None:
    """``outboundTrafficPolicy: {}`` is the enum's first value; without it the mesh's policy counts."""
    assert view(files()).allows_any
    assert not view(files(sidecar("{outboundTrafficPolicy: {}}"))).allows_any
    assert view(
        files(sidecar("{outboundTrafficPolicy: {mode: ALLOW_ANY}}"), mesh_config("outboundTrafficPolicy: {mode: REGISTRY_ONLY}"))
    ).allows_any
    assert not view(files(mesh_config("outboundTrafficPolicy: {mode: REGISTRY_ONLY}"))).allows_any


def test_of_one_host_in_several_namespaces_the_own_comes_first() -> None:
    """Then Services of Kubernetes, then the oldest; ServiceEntries may have the host of a Service."""
    theirs = entry("copy", CATALOG, 80, "HTTP", namespace="other")
    mesh = files(service("catalog"), theirs)
    assert view(mesh).by_host[CATALOG].namespace == "shop"
    assert "host pass" in known(mesh)

    mesh = files(service("catalog"), entry("copy", CATALOG, 80, "HTTP"))
    assert view(mesh).by_host[CATALOG].namespace == "web"

    mesh = files(entry("a", "api.example.com", 80, "HTTP", namespace="a"), entry("b", "api.example.com", 80, "HTTP", namespace="b"))
    assert "host unknown" in known(mesh, "api.example.com")


def test_entries_of_one_host_and_namespace_share_their_ports() -> None:
    """Two ServiceEntries that are alike but for their ports are one host with both."""
    mesh = files(entry("a", "api.example.com", 80, "HTTP"), entry("b", "api.example.com", 443, "TLS"))
    found = view(mesh).entry("api.example.com")

    assert found is not None
    assert [port.number for port in found.ports] == [80, 443]


def test_discovery_selectors_hide_whole_namespaces() -> None:
    """Of a namespace that none of them selects nothing is known; of one that files do not hold, that is not known."""
    selectors = mesh_config('discoverySelectors: [{matchLabels: {mesh: "on"}}]')
    hidden = "kind: Namespace\nmetadata: {name: shop, labels: {team: a}}\n"
    shown = "kind: Namespace\nmetadata: {name: shop, labels: {mesh: 'on'}}\n"

    assert view(files(selectors, hidden, service("catalog"))).entry(CATALOG) is None
    assert "discoverySelectors warn" in known(files(selectors, hidden, service("catalog")))
    assert "discoverySelectors unknown" in known(files(selectors, service("catalog")))
    assert view(files(mesh_config('discoverySelectors: [{matchLabels: {mesh: "on"}}]'), shown, service("catalog"))).entry(CATALOG)


def test_objects_for_another_revision_are_not_read() -> None:
    """The label ``istio.io/rev`` counts on Istio's own objects, and is compared as it is written."""
    mine = entry("api", "api.example.com", 80, "HTTP")
    theirs = mine.replace("namespace: web}", "namespace: web, labels: {istio.io/rev: canary}}")

    assert view(files(theirs)).entry("api.example.com") is None
    assert "discoverySelectors warn" in known(files(theirs), "api.example.com")
    assert view(files(mine)).entry("api.example.com")
    labelled = service("catalog").replace("namespace: shop}", "namespace: shop, labels: {istio.io/rev: canary}}")
    assert view(files(labelled)).entry(CATALOG)


def test_a_route_that_is_followed_brings_the_clusters_of_its_destinations() -> None:
    """They are known as destinations, and have neither a listener nor a virtual host; only the ports that are named."""
    route = """
kind: VirtualService
metadata: {name: own, namespace: web}
spec: {hosts: [own], http: [{route: [{destination: {host: catalog.shop.svc.cluster.local, port: {number: 81}}}]}]}
"""
    two = service("catalog").replace("port: 80}", "port: 80}, {name: http-b, port: 81}")
    mesh = files(two, service("own", namespace="web"), route, sidecar("{egress: [{hosts: ['./*']}]}"))
    found = view(mesh).entry(CATALOG)

    assert found is not None
    assert [port.number for port in found.ports] == [81]
    assert CATALOG not in view(mesh).by_host
    assert "host warn" in known(mesh)
    elsewhere = route.replace("http: [{", "http: [{match: [{sourceNamespace: other}], ")
    assert view(files(two, elsewhere, sidecar("{egress: [{hosts: ['./*']}]}"))).entry(CATALOG) is None


def test_a_route_of_a_service_brings_the_clusters_of_its_backends() -> None:
    """Istiod makes a VirtualService of it: its backends and copies are known on the ports that it names, though no Sidecar imports them."""
    route = """
kind: HTTPRoute
apiVersion: gateway.networking.k8s.io/v1
metadata: {name: catalog, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: catalog}]
  rules:
  - backendRefs: [{name: next, namespace: other, port: 80}, {name: idle, namespace: other, port: 80, weight: 0}, {name: none, kind: Pod}]
    filters: [{type: RequestMirror, requestMirror: {backendRef: {name: copy, namespace: other, port: 80}}}]
"""
    others = [service(name, namespace="other") for name in ("next", "copy", "idle")]
    importing = sidecar("{egress: [{hosts: ['shop/*']}]}")

    seen = view(files(service("catalog"), route, importing, *others))
    assert set(seen.scope.implied) == {"next.other.svc.cluster.local", "copy.other.svc.cluster.local"}
    assert not view(files(service("catalog"), importing, *others)).scope.implied


def test_a_virtual_service_is_followed_where_its_own_namespace_is_imported() -> None:
    """It is not the namespace of its hosts that counts."""
    mesh = files(service("catalog"), ROUTE, sidecar("{egress: [{hosts: ['shop/*']}]}"))
    (found,) = mesh.all(VirtualService)
    assert follows(mesh, view(mesh), found)

    moved = files(service("catalog"), ROUTE.replace("namespace: shop", "namespace: web"), sidecar("{egress: [{hosts: ['shop/*']}]}"))
    (found,) = moved.all(VirtualService)
    assert not follows(moved, view(moved), found)


def test_a_virtual_service_for_more_than_is_imported_is_followed() -> None:
    """A wildcard host and an imported host need only have a name in common."""
    wide = ROUTE.replace("hosts: [catalog]", "hosts: ['*.shop.svc.cluster.local']")
    mesh = files(service("catalog"), wide, sidecar(f"{{egress: [{{hosts: ['shop/{CATALOG}']}}]}}"))
    (found,) = mesh.all(VirtualService)

    assert follows(mesh, view(mesh), found)


def test_an_egress_entry_with_a_port_decides_on_that_port_alone() -> None:
    """Its hosts are those of the port; the entry without a port is for all others."""
    both = "{egress: [{port: {number: 80, protocol: HTTP, name: http}, hosts: ['./*']}, {hosts: ['*/*']}]}"
    mesh = files(service("catalog"), service("own", namespace="web"), service("catalog-b", 81), sidecar(both))
    seen = view(mesh)

    assert [item.host for item in seen.on_port(80)] == ["own.web.svc.cluster.local"]
    assert [item.host for item in seen.on_port(81)] == ["catalog-b.shop.svc.cluster.local"]
    assert seen.entry(CATALOG) is not None


def test_external_names_stand_for_the_host_at_the_end_of_their_chain() -> None:
    """Through others too; those of a circle stand for nothing."""

    def alias(name: str, target: str) -> str:
        return service(name, extra=f", type: ExternalName, externalName: {target}")

    mesh = files(
        service("catalog"),
        alias("a", "b.shop.svc.cluster.local"),
        alias("b", CATALOG),
        alias("c", "d.shop.svc.cluster.local"),
        alias("d", "c.shop.svc.cluster.local"),
    )
    seen = view(mesh)
    catalog = seen.by_host[CATALOG]

    assert [item.host.partition(".")[0] for item in seen.aliases(catalog, 80)] == ["a", "b"]
