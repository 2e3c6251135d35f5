"""The endpoints of a cluster are the pods that its Service selects, or what a ServiceEntry lists."""

from typing import Any, NamedTuple

import pytest

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.destination.endpoints import endpoints, endpoints_of_address
from kubectl_meshfix.traffic.registry import Entry, registry
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Plane
from tests.traffic.scenes import CART, CATALOG, behind, clustered, files, live, objects, reached, rule


class Called(NamedTuple):
    """An address that was called."""

    entry: Entry | None = None
    address: str = ""
    is_pod: bool = False
    pod: Workload | None = None
    without: Ref | None = None


def pod(name: str, *, ready: bool = True, ip: str = "", version: str = "v1", proxy: bool = True, **meta: Any) -> str:
    """A pod of the catalog's Deployment."""
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "catalog", "controller": True}
    labels = {
        "app": "catalog",
        "version": version,
        "pod-template-hash": name[-2:],
        **({"security.istio.io/tlsMode": "istio"} if proxy else {}),
    }
    containers = [{"name": "app", "image": "app", "ports": [{"name": "web", "containerPort": 8080}]}]
    raw = {
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "labels": labels, "ownerReferences": [owner], **meta},
        "spec": {"containers": [*containers, *([{"name": "istio-proxy", "image": "proxyv2:1"}] if proxy else [])]},
        "status": {"phase": "Running", "podIP": ip, "conditions": [{"type": "Ready", "status": str(ready)}]},
    }
    return repr(raw).replace("True", "true").replace("False", "false").replace("'true'", '"True"').replace("'false'", '"False"')


def test_manifests_tell_pods_and_not_whether_they_are_ready() -> None:
    """Alike pods are one endpoint; its port is the target port."""
    (found,) = reached(files())

    assert (str(found.party), found.port, found.count, found.has_tls_label) == ("Deployment shop/catalog", 8080, 2, True)
    assert isinstance(found.ready, Unknown)
    assert found.ready.kind is UnknownKind.RUNTIME


def test_live_pods_that_are_alike_are_one_endpoint() -> None:
    """Pods that are not ready, end, or are drained get no requests; those without a sidecar are told apart."""
    mesh = live(
        pod("catalog-a1", ip="10.0.0.1"),
        pod("catalog-b2", ip="10.0.0.2"),
        pod("catalog-c3", ip="10.0.0.3", proxy=False),
        pod("catalog-d4", ready=False),
        pod("catalog-e5", deletionTimestamp="2026-01-01T00:00:00Z"),
    )
    found = [(item.party.plane, item.count, item.has_tls_label, item.address) for item in reached(mesh)]

    assert found == [(Plane.SIDECAR, 2, True, "10.0.0.1"), (Plane.BARE, 1, False, "10.0.0.3")]


def test_no_ready_pod_is_no_endpoint() -> None:
    """Unless the Service publishes addresses that are not ready."""
    found = behind(live(pod("catalog-a1", ready=False)))
    assert found.value is Failure.NO_ENDPOINT
    assert found.steps[-1].outcome.sentence.startswith("No pod behind")
    service = """
kind: Service
metadata: {name: all, namespace: shop}
spec: {selector: {app: catalog}, publishNotReadyAddresses: true, ports: [{name: http, port: 80, targetPort: web}]}
"""
    assert reached(live(service, pod("catalog-a1", ready=False)), host="all.shop.svc.cluster.local")[0].ready is False


def test_a_live_deployment_without_pods_has_no_endpoint() -> None:
    """Where pods may not be read, its template tells."""
    assert behind(live()).value is Failure.NO_ENDPOINT
    unread = Mesh(live().objects, live=True, coverage={kinds.POD: Coverage(reason="forbidden")})
    (found,) = reached(unread)
    assert isinstance(found.ready, Unknown)
    assert found.ready.kind is UnknownKind.UNREADABLE


def test_a_workload_of_no_replicas_has_no_pods() -> None:
    """The workload is named."""
    scaled = files(
        """
kind: Deployment
metadata: {name: catalog, namespace: shop}
spec: {replicas: 0, template: {metadata: {labels: {app: catalog}}}}
"""
    )
    found = behind(scaled)

    assert found.value is Failure.NO_ENDPOINT
    assert [step.check for step in found.steps] == ["replicas", "endpoints"]


SERVICE = """
kind: Service
metadata: {name: other, namespace: shop}
spec: {%s, ports: [{name: http, port: 80, targetPort: %s}]}
"""
OTHER = "other.shop.svc.cluster.local"


def test_a_target_port_by_name_is_each_pods_own() -> None:
    """A pod without it is no endpoint."""
    assert reached(files(SERVICE % ("selector: {app: catalog}", "web")), host=OTHER)[0].port == 8080
    found = behind(files(SERVICE % ("selector: {app: catalog}", "metrics")), host=OTHER)
    assert found.value is Failure.NO_ENDPOINT
    assert found.steps[0].check == "targetPort"


def test_subsets_are_some_of_the_pods() -> None:
    """By labels of pods; a subset without pods has no endpoint, and one that contradicts the selector has none either."""
    subsets = [
        {"name": "v1", "labels": {"version": "v1"}},
        {"name": "v2", "labels": {"version": "v2"}},
        {"name": "odd", "labels": {"app": "odd"}},
        {"name": "here", "labels": {"topology.kubernetes.io/region": "west"}},
    ]
    mesh = live(rule(subsets=subsets), pod("catalog-a1"))

    assert len(reached(mesh, subset="v1")) == 1
    assert behind(mesh, subset="v2").value is Failure.NO_ENDPOINT
    assert behind(mesh, subset="odd").value is Failure.NO_ENDPOINT
    assert [step.check for step in behind(mesh, subset="here").steps] == ["topology", "endpoints"]


def test_pods_that_files_do_not_hold_are_assumed() -> None:
    """With the labels that are selected, in a namespace whose pods get a sidecar; files that hold workloads of the namespace know."""
    lonely = files(ground="\n---\n".join(str(text) for text in _without_deployment()))
    (found,) = reached(lonely)

    assert (found.party.plane, found.port, found.has_tls_label) == (Plane.SIDECAR, 8080, True)
    assert isinstance(found.ready, Unknown)
    assert found.ready.kind is UnknownKind.NOT_IN_FILES
    assert behind(files(SERVICE % ("selector: {app: nobody}", "80")), host=OTHER).value is Failure.NO_ENDPOINT


def _without_deployment() -> list[str]:
    return [
        "{kind: Namespace, metadata: {name: shop, labels: {istio-injection: enabled}}}",
        (SERVICE % ("selector: {app: catalog}", "8080")).replace("other", "catalog"),
    ]


def test_a_service_without_a_selector_has_the_endpoints_that_are_listed() -> None:
    """In EndpointSlices or Endpoints, by the port's name; a pod that is named is that pod."""
    by_hand = """
kind: EndpointSlice
metadata: {name: other-1, namespace: shop, labels: {kubernetes.io/service-name: other}}
addressType: IPv4
ports: [{name: http, port: 9000}]
endpoints:
- {addresses: [192.0.2.1]}
- {addresses: [192.0.2.2], conditions: {ready: false}}
- {addresses: [10.0.0.1], targetRef: {kind: Pod, name: catalog-a1}}
"""
    older = """
kind: Endpoints
metadata: {name: other, namespace: shop}
subsets: [{addresses: [{ip: 192.0.2.9}], ports: [{name: http, port: 9000}]}]
"""
    service = SERVICE % ("type: ClusterIP", "80")
    found = reached(live(service, by_hand, pod("catalog-a1", ip="10.0.0.1")), host=OTHER)

    assert [(item.party.plane, item.address, item.port) for item in found] == [
        (Plane.OUTSIDE, "192.0.2.1", 9000),
        (Plane.SIDECAR, "10.0.0.1", 9000),
    ]
    assert [item.address for item in reached(files(service, older), host=OTHER)] == ["192.0.2.9"]
    assert behind(live(service), host=OTHER).value is Failure.NO_ENDPOINT
    assert isinstance(reached(files(service), host=OTHER)[0].ready, Unknown)


def test_a_headless_service_is_called_on_the_port_that_its_callers_name() -> None:
    """At the pods' own addresses; where the address is known, that pod is the only one."""
    service = SERVICE % ("clusterIP: None, selector: {app: catalog}", "8080")
    found = behind(files(service), host=OTHER)
    assert not isinstance(found.value, Failure)
    assert found.value[0].port == 80
    assert found.steps[0].check == "headless"
    mesh = live(service, pod("catalog-a1", ip="10.0.0.1"), pod("catalog-b2", ip="10.0.0.2", proxy=False))
    (entry,) = registry(mesh).exact[OTHER]
    one = answer(endpoints(mesh, CART, clustered(mesh, host=OTHER), Called(entry, "10.0.0.2", is_pod=True)))
    assert not isinstance(one, Failure)
    assert [(item.party.plane, item.port) for item in one] == [(Plane.BARE, 80)]


def test_local_traffic_is_for_pods_of_the_node() -> None:
    """It is said, for nobody knows on which node the caller is."""
    service = SERVICE % ("internalTrafficPolicy: Local, selector: {app: catalog}", "8080")

    assert behind(files(service), host=OTHER).steps[-1].check == "internalTrafficPolicy"


def test_passthrough_sends_to_the_address_that_was_called() -> None:
    """Whatever the subset; kube-proxy chooses there, and refuses where there is nobody."""
    subsets = [{"name": "v1", "labels": {"version": "v1"}}]
    passing = rule(subsets=subsets, trafficPolicy={"loadBalancer": {"simple": "PASSTHROUGH"}})
    mesh = live(passing, SERVICE % ("selector: {app: nobody}", "8080"), pod("catalog-a1", version="v2"))
    found = clustered(mesh, subset="v1")

    assert [item.port for item in reached(mesh, subset="v1")] == [8080]
    (nobody,) = registry(mesh).exact[OTHER]
    assert answer(endpoints(mesh, CART, found, Called(nobody), 80)) is Failure.REFUSED


ENTRY = """
kind: ServiceEntry
metadata: {name: depot, namespace: shop}
spec: {hosts: [depot.example.com], ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8081}], location: MESH_INTERNAL, %s}
"""
DEPOT = "depot.example.com"


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ("resolution: NONE", [("", 8081, False)]),
        ("resolution: DNS", [(DEPOT, 8081, False)]),
        ("resolution: STATIC, endpoints: [{address: 192.0.2.1}, {address: a.example.com}]", [("192.0.2.1", 8081, False)]),
        ("resolution: STATIC, endpoints: [{address: 192.0.2.1, ports: {http: 9}, serviceAccount: vm}]", [("192.0.2.1", 9, True)]),
        (
            "resolution: STATIC, endpoints: [{address: 192.0.2.1, labels: {security.istio.io/tlsMode: disabled}, serviceAccount: vm}]",
            [("192.0.2.1", 8081, False)],
        ),
        ("resolution: DNS, endpoints: [{address: a.example.com}]", [("a.example.com", 8081, False)]),
    ],
)
def test_service_entries_list_their_endpoints(spec: str, found: list[tuple[str, int, bool]]) -> None:
    """A host name is no address of type STATIC; of type DNS without endpoints, the host is one."""
    assert [(item.address, item.port, item.has_tls_label) for item in reached(live(ENTRY % spec), host=DEPOT)] == found


def test_entries_of_one_host_and_namespace_add_up() -> None:
    """Each with its own endpoints."""
    mesh = live(
        ENTRY % "resolution: DNS", (ENTRY % "resolution: STATIC, endpoints: [{address: 192.0.2.1}]").replace("name: depot", "name: other")
    )

    assert [item.address for item in reached(mesh, host=DEPOT)] == [DEPOT, "192.0.2.1"]


def test_a_static_entry_without_endpoints_has_none() -> None:
    """It has a cluster."""
    assert behind(live(ENTRY % "resolution: STATIC"), host=DEPOT).value is Failure.NO_ENDPOINT


MACHINE = """
kind: WorkloadEntry
metadata: {name: vm, namespace: shop, labels: {app: catalog}}
spec: {address: %s, serviceAccount: vm, ports: {http: 8000}}
"""


def test_selectors_find_pods_and_machines() -> None:
    """Those of ServiceEntries pods too, those of Services WorkloadEntries too if they have an address."""
    spec = "resolution: STATIC, workloadSelector: {labels: {app: catalog}}"
    mesh = live(ENTRY % spec, MACHINE % "192.0.2.7", pod("catalog-a1", ip="10.0.0.1"))

    assert [(item.address, item.port) for item in reached(mesh, host=DEPOT)] == [("10.0.0.1", 8081), ("192.0.2.7", 8000)]
    assert [(item.address, item.port) for item in reached(mesh)] == [("10.0.0.1", 8080), ("192.0.2.7", 8000)]
    assert len(reached(live(MACHINE % "vm.example.com", pod("catalog-a1")))) == 1


def test_kube_proxy_chooses_a_ready_pod() -> None:
    """Without one, or on another port, nobody answers; WorkloadEntries are not its own."""
    ready, not_ready = live(MACHINE % "192.0.2.7", pod("catalog-a1")), live(pod("catalog-a1", ready=False))

    def answered(mesh: Mesh, port: int = 80) -> Any:
        (entry,) = registry(mesh).exact[CATALOG]
        return answer(endpoints_of_address(mesh, Called(entry), port))

    assert [item.port for item in answered(ready)] == [8080]
    assert answered(not_ready) is Failure.REFUSED
    assert answered(ready, 8080) is Failure.REFUSED


def test_a_headless_service_is_its_pods() -> None:
    """Callers without a proxy call them on the port that they name."""
    for selector, wanted in (("catalog", [9090]), ("nobody", [])):
        mesh = files(SERVICE % (f"clusterIP: None, selector: {{app: {selector}}}", "8080"))
        (entry,) = registry(mesh).exact[OTHER]
        found = answer(endpoints_of_address(mesh, Called(entry), 9090))
        assert ([] if isinstance(found, Failure) else [item.port for item in found]) == wanted


def test_an_address_is_a_pods_or_somebody_elses() -> None:
    """A pod's own address is called on the port that is named."""
    mesh = live(pod("catalog-a1", ip="10.0.0.1"))
    (workload,) = [item for item in mesh.workloads if item.name == "catalog"]

    def answered(called: Called) -> Any:
        return answer(endpoints_of_address(mesh, called, 9090))

    assert [(item.party.plane, item.port) for item in answered(Called(pod=workload))] == [(Plane.SIDECAR, 9090)]
    assert [(item.party.plane, item.port) for item in answered(Called(address="10.0.0.1"))] == [(Plane.SIDECAR, 9090)]
    assert [(item.party.plane, item.address) for item in answered(Called(address="192.0.2.1"))] == [(Plane.OUTSIDE, "192.0.2.1")]


def test_both_ways_where_nobody_knows_whether_pods_get_a_sidecar() -> None:
    """Each takes something for granted."""
    webhook = """
kind: MutatingWebhookConfiguration
apiVersion: admissionregistration.k8s.io/v1
metadata: {name: istio-sidecar-injector, labels: {app: sidecar-injector}}
webhooks:
- name: namespace.sidecar-injector.istio.io
  clientConfig: {service: {name: istiod, namespace: istio-system}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  matchConditions: [{name: odd, expression: "object.metadata.name != 'x'"}]
"""
    found = reached(Mesh(objects(webhook, *(_without_deployment()))))

    assert [(item.party.plane, item.given[0].is_so) for item in found] == [(Plane.SIDECAR, True), (Plane.BARE, False)]


@pytest.mark.parametrize(
    ("is_live", "kind"), [(False, UnknownKind.NOT_IN_FILES), (True, UnknownKind.UNREADABLE)], ids=["files", "a cluster"]
)
def test_why_endpoints_are_not_known(is_live: bool, kind: UnknownKind) -> None:
    """Files may lack them, and a cluster may refuse to list them."""
    bare = objects(SERVICE % ("type: ClusterIP", "8080"))
    refused = dict.fromkeys((kinds.ENDPOINTS, kinds.ENDPOINT_SLICE), Coverage(reason="forbidden"))
    mesh = Mesh(bare, live=is_live, coverage=refused if is_live else None)

    (found,) = reached(mesh, host=OTHER)

    assert isinstance(found.ready, Unknown)
    assert (found.ready.kind, found.party.plane, found.port) == (kind, Plane.OUTSIDE, 80)
