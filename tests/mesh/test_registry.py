"""The registry knows who registers a host, who sees it, and when its silence means anything."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.registry import Entry, Port, is_absent, is_unplaced, registry
from kubectl_meshfix.mesh.snapshot import Mesh, UndeclaredInputError
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.mesh.workload_selectors import is_installed, misses, nearly_selected, selects, selects_nothing, selects_nowhere
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ConfigMap, Pod, PodTemplate, Service, ServicePort, ServiceSpec
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking import ServerPort, ServiceEntry, ServiceEntrySpec, WorkloadEntry, WorkloadEntrySpec
from kubectl_meshfix.resources.meta import Meta
from kubectl_meshfix.resources.workloads import CronJob, CronJobSpec, Deployment, JobTemplate, WorkloadSpec

HOST = "reviews.shop.svc.cluster.local"


def service(name: str, namespace: str = "shop", *, export_to: str = "", labels: dict[str, str] | None = None, **spec: Any) -> Service:
    """A Service with one port, 80."""
    annotations = {"networking.istio.io/exportTo": export_to} if export_to else {}
    ports = (ServicePort(name="http", port=80, target_port=8080),)
    meta = Meta(name=name, namespace=namespace, annotations=annotations, labels=labels or {})
    return Service(metadata=meta, spec=ServiceSpec(**{"ports": ports, **spec}))


def entry(name: str, namespace: str, *hosts: str, export_to: tuple[str, ...] = ()) -> ServiceEntry:
    """A ServiceEntry with one port, 443."""
    ports = (ServerPort(number=443, name="https", protocol="HTTPS"),)
    return ServiceEntry(metadata=Meta(name=name, namespace=namespace), spec=ServiceEntrySpec(hosts=hosts, ports=ports, export_to=export_to))


def deployment(namespace: str, **labels: str) -> Deployment:
    """A Deployment whose pods get labels."""
    spec = WorkloadSpec(template=PodTemplate(metadata=Meta(labels=labels)))
    return Deployment(metadata=Meta(name="-".join(labels.values()), namespace=namespace), spec=spec)


def hosts_seen(mesh: Mesh, host: str, *namespaces: str) -> list[str]:
    """The registered hosts that answer for a host."""
    return [found.host for found in registry(mesh).visible(host, namespaces)]


def test_an_entry_says_what_its_object_says() -> None:
    """Ports carry their protocol and a numeric target; the host of a Service is its full name."""
    (found,) = registry(Mesh([service("reviews")])).visible(HOST, ["shop"])

    assert found == Entry(
        host=HOST,
        namespace="shop",
        resource=service("reviews").ref,
        ports=(Port(80, found.ports[0].protocol, 8080),),
        namespaces=frozenset({"*"}),
    )
    assert found.ports[0].protocol == "http"


@pytest.mark.parametrize(
    ("export_to", "seen_by"),
    [
        ("", {"shop", "web", "other"}),
        ("*", {"shop", "web", "other"}),
        ("~", set()),
        (".", {"shop"}),
        ("web , .", {"shop", "web"}),
        ("web", {"web"}),
        ("~,*", {"shop", "web", "other"}),
        ("~,web", set()),
    ],
)
def test_export_to_of_a_service_says_who_sees_it(export_to: str, seen_by: set[str]) -> None:
    """A star wins over all, then the tilde; a dot is the own namespace; absence means everywhere."""
    mesh = Mesh([service("reviews", export_to=export_to)])

    assert {namespace for namespace in ("shop", "web", "other") if hosts_seen(mesh, HOST, namespace)} == seen_by


def test_the_mesh_configuration_has_the_default_of_export_to() -> None:
    """``defaultServiceExportTo`` counts for Services and ServiceEntries that say nothing, and only for those."""
    settings = ConfigMap(metadata=Meta(name="istio", namespace="istio-system"), data={"mesh": "defaultServiceExportTo: ['.']"})
    mesh = Mesh([settings, service("reviews"), entry("api", "shop", "api.example.com"), service("ratings", export_to="*")])

    assert hosts_seen(mesh, HOST, "shop") == [HOST]
    assert not hosts_seen(mesh, HOST, "web")
    assert not hosts_seen(mesh, "api.example.com", "web")
    assert hosts_seen(mesh, "ratings.shop.svc.cluster.local", "web")


def test_wildcard_entries_cover_hosts_they_do_not_name() -> None:
    """A wildcard answers for every host with its ending, for itself and for narrower wildcards, unless an entry of that host does."""
    mesh = Mesh([entry("eu", "shop", "*.eu.example.com"), entry("api", "shop", "api.eu.example.com")])

    assert hosts_seen(mesh, "api.eu.example.com", "shop") == ["api.eu.example.com"]
    assert hosts_seen(mesh, "www.eu.example.com", "shop") == ["*.eu.example.com"]
    assert hosts_seen(mesh, "*.de.eu.example.com", "shop") == ["*.eu.example.com"]
    assert hosts_seen(mesh, "*.eu.example.com", "shop") == ["*.eu.example.com"]
    assert not hosts_seen(mesh, "eu.example.com", "shop")


def test_a_hidden_wildcard_covers_nothing() -> None:
    """A catch-all that is private to its namespace does not answer for others."""
    mesh = Mesh([entry("all", "egress", "*", export_to=(".",))])

    assert hosts_seen(mesh, "example.com", "egress") == ["*"]
    assert not hosts_seen(mesh, "example.com", "shop")


def test_several_objects_may_register_one_host() -> None:
    """All that are visible answer, so that their ports count together."""
    mesh = Mesh([entry("one", "a", "api.example.com"), entry("two", "b", "api.example.com", export_to=(".",))])

    assert len(registry(mesh).visible("api.example.com", ["shop"])) == 1
    assert len(registry(mesh).visible("api.example.com", ["b"])) == 2


def test_a_view_without_the_inputs_is_refused() -> None:
    """The registry is not handed out to rules that do not declare what it reads, made before or not."""
    mesh = Mesh([service("reviews")])
    registry(mesh)

    with pytest.raises(UndeclaredInputError):
        registry(mesh.restricted_to(kinds.SERVICE))


# ---------------------------------------------------------------- absence


def test_a_cluster_that_was_read_knows_what_it_lacks() -> None:
    """Live and complete, every host without an entry is absent."""
    mesh = Mesh([], live=True)

    assert is_absent(mesh, HOST, "web")
    assert is_absent(mesh, "api.example.com", "web")


@pytest.mark.parametrize("host", ["reviews.shop.svc.clusterset.local", "reviews.shop.svc.corp.example", "reviews.shop.global"])
def test_nobody_knows_the_hosts_of_other_clusters(host: str) -> None:
    """Names under another domain may be registered by clusters that were not read."""
    assert not is_absent(Mesh([], live=True), host, "shop")


@pytest.mark.parametrize(
    "labels",
    [
        {"istio": "eastwestgateway"},
        {"topology.istio.io/network": "network1"},
        {"gateway.istio.io/managed": "istio.io-eastwest-controller"},
    ],
)
def test_an_east_west_gateway_means_more_clusters(labels: dict[str, str]) -> None:
    """Behind it, other clusters have Services of the same hosts; hosts outside of Kubernetes are still known."""
    mesh = Mesh([service("eastwest", "istio-system", labels=labels)], live=True)

    assert not is_absent(mesh, HOST, "shop")
    assert is_absent(mesh, "api.example.com", "shop")


def test_a_namespaced_user_knows_one_namespace() -> None:
    """Where only a namespace was read, only its Services are known to be missing, and no host outside."""
    only_shop = Coverage(namespaces=frozenset({"shop"}))
    mesh = Mesh([], live=True, coverage={kinds.SERVICE: only_shop, kinds.SERVICE_ENTRY: only_shop})

    assert is_absent(mesh, HOST, "shop")
    assert not is_absent(mesh, "reviews.web.svc.cluster.local", "shop")
    assert not is_absent(mesh, "api.example.com", "shop")


def test_files_speak_for_namespaces_of_which_they_hold_a_service() -> None:
    """A namespace without any Service in the files is not known, nor is one that an installer fills."""
    mesh = Mesh([service("cart"), service("kiali", "istio-system")])

    assert is_absent(mesh, HOST, "web")
    assert not is_absent(mesh, "reviews.web.svc.cluster.local", "shop")
    assert not is_absent(mesh, "istiod.istio-system.svc.cluster.local", "shop")


def test_files_speak_for_outer_hosts_beside_a_service_entry() -> None:
    """Hosts outside of Kubernetes are known where the VirtualService's namespace holds a ServiceEntry."""
    mesh = Mesh([entry("api", "shop", "api.example.com")])

    assert is_absent(mesh, "www.example.com", "shop")
    assert not is_absent(mesh, "www.example.com", "web")


def test_files_do_not_hold_what_istiod_makes() -> None:
    """The Service of a Kubernetes Gateway is never in files."""
    gateway = KubernetesGateway(metadata=Meta(name="public", namespace="shop"))

    assert not is_absent(Mesh([service("cart"), gateway]), "public-istio.shop.svc.cluster.local", "shop")
    assert is_absent(Mesh([service("cart"), gateway], live=True), "public-istio.shop.svc.cluster.local", "shop")


def test_files_without_a_namespace_may_belong_anywhere() -> None:
    """``default`` is where files without a namespace are read into; on a cluster it is a namespace like others."""
    assert is_unplaced(Mesh([]), "shop", "default")
    assert not is_unplaced(Mesh([]), "shop")
    assert not is_unplaced(Mesh([], live=True), "default")


# ---------------------------------------------------------------- workloads


def test_a_selector_finds_templates_pods_and_workload_entries() -> None:
    """Whatever gets the labels counts: a template deep in a CronJob, a live pod, a virtual machine."""
    template = PodTemplate(metadata=Meta(labels={"app": "report"}))
    job = CronJob(
        metadata=Meta(name="report", namespace="shop"), spec=CronJobSpec(job_template=JobTemplate(spec=WorkloadSpec(template=template)))
    )
    machine = WorkloadEntry(metadata=Meta(name="vm", namespace="shop"), spec=WorkloadEntrySpec(labels={"app": "vm"}))
    pod = Pod(metadata=Meta(name="pod", namespace="web", labels={"app": "pod"}))
    mesh = Mesh([job, machine, pod])

    assert [selects(mesh, {"app": name}, "shop") for name in ("report", "vm", "pod")] == [True, True, False]
    assert selects(mesh, {"app": "pod"})


def test_a_cluster_knows_what_its_selectors_miss() -> None:
    """Live, absence counts where every kind of workload could be read."""
    half = {kinds.CRON_JOB: Coverage(reason="forbidden")}

    assert selects_nothing(Mesh([], live=True), {"app": "cart"}, "shop")
    assert selects_nowhere(Mesh([], live=True), {"app": "cart"})
    assert not selects_nothing(Mesh([], live=True, coverage=half), {"app": "cart"}, "shop")
    assert not selects_nowhere(Mesh([], live=True, coverage=half), {"app": "cart"})


def test_files_know_what_selectors_miss_where_they_hold_workloads() -> None:
    """One workload makes a namespace known, those of two namespaces the mesh, except for what installers bring."""
    mesh = Mesh([deployment("shop", app="cart"), deployment("web", app="front")])

    assert selects_nothing(mesh, {"app": "crat"}, "shop")
    assert selects_nothing(mesh, {"app": "front"}, "shop")
    assert not selects_nothing(mesh, {"app": "crat"}, "other")
    assert not selects_nothing(mesh, {"istio": "ingressgateway"}, "shop")
    assert selects_nowhere(mesh, {"app": "crat"})
    assert not selects_nowhere(Mesh([deployment("shop", app="cart")]), {"app": "crat"})


def test_files_without_a_namespace_may_be_what_a_selector_means() -> None:
    """A match among workloads without a namespace, or for a selector without one, is a match."""
    loose = deployment("default", app="cart")

    assert not selects_nothing(Mesh([loose, deployment("shop", app="web")]), {"app": "cart"}, "shop")
    assert not selects_nothing(Mesh([deployment("shop", app="cart"), deployment("default", app="web")]), {"app": "cart"}, "default")


@pytest.mark.parametrize(
    ("labels", "installed"),
    [
        ({"istio": "ingressgateway"}, True),
        ({"app": "istio-eastwestgateway"}, True),
        ({"gateway.networking.k8s.io/gateway-name": "public"}, True),
        ({"istio": "public"}, False),
    ],
)
def test_labels_of_what_others_install_are_known(labels: dict[str, str], installed: bool) -> None:
    """Istio's own gateways and those made for Kubernetes Gateways are rarely in files."""
    assert is_installed(labels) is installed


def test_the_one_label_to_blame_is_named() -> None:
    """The pointer goes on to a label only where that one alone finds nothing."""
    mesh = Mesh([deployment("shop", app="cart", tier="back"), deployment("shop", app="front", tier="web")])

    assert misses(mesh, {"app": "crat", "tier": "back"}, "shop") == ("app",)
    assert misses(mesh, {"app": "cart", "tier": "web"}, "shop") == ()
    assert misses(mesh, {"app": "crat", "tier": "bakc"}, "shop") == ()


def test_labels_are_corrected_together_or_not_at_all() -> None:
    """What comes out finds a workload; a key that no candidate has is no slip of the keyboard."""
    workloads = Mesh([deployment("shop", app="checkout", tier="backend")]).workloads

    assert nearly_selected({"app": "chekout", "tier": "backend"}, workloads) == {"app": "checkout", "tier": "backend"}
    assert nearly_selected({"application": "checkout"}, workloads) is None
    assert nearly_selected({"app": "orders"}, workloads) is None


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "candidates", "found"),
    [
        ("reveiws", ["reviews", "ratings"], "reviews"),
        ("productpge", ["productpage"], "productpage"),
        ("crat", ["cart", "web"], "cart"),
        ("db", ["dc"], None),
        ("cart", ["carts", "card"], None),
        ("cart", ["carts", "carttt"], "carts"),
        ("orders", ["cart"], None),
        ("reviews-v1", ["reviews-v2"], None),
        ("reviews-v10", ["reviews-v2"], None),
        ("reviews", [], None),
    ],
)
def test_nearest_is_a_slip_of_the_keyboard_away(name: str, candidates: Iterable[str], found: str | None) -> None:
    """At most two letters for long names and one for short ones, never two candidates, never another number."""
    assert nearest(name, candidates) == found


@given(st.text("abc-1", max_size=12), st.lists(st.text("abc-1", max_size=12)))
def test_nearest_is_one_of_the_candidates(name: str, candidates: list[str]) -> None:
    """Nothing is invented, and the order of candidates leaves no trace."""
    found = nearest(name, candidates)

    assert found is None or found in candidates
    assert found == nearest(name, reversed(candidates))
