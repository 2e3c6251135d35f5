"""A route leads somewhere where the caller's proxy has a cluster for its host, port and subset."""

from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_meshfix.chain.steps import Where, answer
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic.destination.cluster import cluster
from kubectl_meshfix.traffic.registry import Resolution
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.routes import Target
from tests.traffic.scenes import CATALOG, asked, clustered, files, live, rule, view

V1 = [{"name": "v1", "labels": {"version": "v1"}}]
V2 = [{"name": "v2", "labels": {"version": "v2"}}]
GATEWAY = Party(plane=Plane.GATEWAY, namespace="web", labels={"app": "gate"})


def ends(mesh: Mesh, **target: Any) -> tuple[str, str]:
    """The check and status that decide over a cluster that there is not."""
    found = asked(mesh, **target)
    assert found.value is Failure.NO_CLUSTER
    return found.steps[-1].check, found.steps[-1].status.value


def test_a_service_in_scope_has_a_cluster() -> None:
    """By its host in full; case counts, and a host that is not full is no host."""
    assert clustered(files()).port.number == 80
    assert ends(live(), host="catalog.shop") == ("host", "fail")
    assert ends(live(), host=CATALOG.upper()) == ("host", "fail")


def test_a_name_with_a_dot_is_not_completed() -> None:
    """It is no host, in files neither, where the Service that is meant is there."""
    found = asked(files(), host="catalog.shop")

    assert found.value is Failure.NO_CLUSTER
    assert found.steps[-1].args["meant"] == CATALOG


def test_a_gateway_chooses_an_endpoint_of_a_headless_service() -> None:
    """Sidecars send to the pod that was called, unless istiod is told otherwise."""
    headless = "{kind: Service, metadata: {name: pods, namespace: shop}, spec: {clusterIP: None, ports: [{name: http, port: 80}]}}"
    told = """
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod}}
spec:
  template:
    metadata: {labels: {app: istiod}}
    spec: {containers: [{name: discovery, image: a, env: [{name: PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES, value: "true"}]}]}
"""
    host = "pods.shop.svc.cluster.local"

    assert clustered(live(headless), host).resolution is Resolution.NONE
    assert clustered(live(headless), host, party=GATEWAY).resolution is Resolution.STATIC
    assert clustered(live(headless, told), host).resolution is Resolution.STATIC


def test_what_is_not_in_the_files_may_be_elsewhere() -> None:
    """Files speak for namespaces of which they hold a Service."""
    assert ends(files(), host="gone.shop.svc.cluster.local") == ("host", "fail")
    found = asked(files(), host="prices.erp.svc.cluster.local")
    assert isinstance(found.value, Unknown)
    assert found.steps[-1].unknown == found.value


def test_a_host_that_is_hidden_has_no_cluster() -> None:
    """A Service that is exported to its own namespace alone is told apart from one that nobody registers."""
    hidden = """
kind: Service
metadata: {name: vault, namespace: shop, annotations: {networking.istio.io/exportTo: "."}}
spec: {selector: {app: vault}, ports: [{name: http, port: 80}]}
"""
    found = asked(live(hidden), host="vault.shop.svc.cluster.local")
    assert found.value is Failure.NO_CLUSTER
    assert found.steps[-1].outcome.sentence.endswith("hides it.")


def test_a_route_without_a_port_takes_the_port_of_the_call() -> None:
    """A sidecar knows on a port the hosts that have that port; a gateway, and a TCP route, take the only port that there is."""
    assert clustered(live(), port=0).port.number == 80
    assert asked(live(), port=0, called=8080).value is Failure.NO_CLUSTER
    found = asked(live(), port=0, called=8080, party=GATEWAY)
    assert clustered(live(), port=0, party=GATEWAY) == found.value


def test_a_port_has_to_be_one_of_the_hosts() -> None:
    """A target port is none, and neither is one of UDP."""
    udp = "{kind: Service, metadata: {name: dns, namespace: shop}, spec: {ports: [{name: dns, port: 53, protocol: UDP}]}}"
    assert ends(live(), port=8080) == ("port", "fail")
    assert ends(live(udp), host="dns.shop.svc.cluster.local", port=53) == ("port", "fail")


ALIAS = """
kind: Service
metadata: {name: shelf, namespace: web}
spec: {type: ExternalName, externalName: %s, ports: [{name: http, port: 80}]}
"""


def test_an_external_name_is_what_it_names() -> None:
    """Where the sidecar knows it on the port that was called, and where that is registered."""
    mesh = live(ALIAS % CATALOG)
    host = "shelf.web.svc.cluster.local"

    assert clustered(mesh, host=host).entry.host == CATALOG
    assert ends(mesh, host=host, called=8080) == ("alias", "fail")
    assert ends(live(ALIAS % "example.com"), host=host) == ("host", "fail")


def test_subsets_are_those_of_the_rule_in_force() -> None:
    """An undefined one has no cluster; who defines it for others is told."""
    home, own = rule(subsets=V1), rule("own", "web", host="*.shop.svc.cluster.local", subsets=V2)

    assert clustered(live(home), subset="v1").labels == {"version": "v1"}
    assert ends(live(home), subset="v9") == ("subset", "fail")
    shadowed = asked(live(home, own), subset="v1")
    assert shadowed.value is Failure.NO_CLUSTER
    assert shadowed.steps[-1].evidence == ("DestinationRule shop/rule defines it, and is not in force for this caller",)


def test_subsets_that_were_not_read_may_be_defined() -> None:
    """Files without a DestinationRule of the host's namespace do not tell."""
    assert isinstance(asked(files(), subset="v1").value, Unknown)
    assert asked(files(rule(subsets=V2)), subset="v1").value is Failure.NO_CLUSTER


def test_rules_of_one_host_are_merged_or_not() -> None:
    """With equal ``exportTo`` subsets add up and the first policy holds; else the youngest alone is used."""
    old: dict[str, Any] = {"created": "2026-01-01T00:00:00Z", "subsets": V1, "trafficPolicy": {"tls": {"mode": "DISABLE"}}}
    new: dict[str, Any] = {"created": "2026-01-02T00:00:00Z", "subsets": V2, "trafficPolicy": {"tls": {"mode": "SIMPLE"}}}
    both, apart = live(rule("a", **old), rule("b", **new)), live(rule("a", **old), rule("b", exports='["*"]', **new))

    assert [clustered(both, subset=name).labels for name in ("v1", "v2")] == [{"version": "v1"}, {"version": "v2"}]
    tls = clustered(both).tls
    assert tls
    assert tls.mode == "DISABLE"
    assert ends(apart, subset="v1") == ("subset", "fail")
    assert clustered(apart, subset="v2").tls


def test_ages_that_decide_and_are_not_known_are_said_not_to_be() -> None:
    """The order of names is assumed; where the result is the same either way, nothing is said."""
    said = asked(files(rule("a", subsets=V1), rule("b", exports='["*"]', subsets=V2)), subset="v2")
    silent = asked(files(rule("a", subsets=V1), rule("b", subsets=V2)), subset="v2")

    assert [step.check for step in said.steps if step.unknown is not None] == ["ruleOrder"]
    assert not [step for step in silent.steps if step.unknown is not None]


def test_a_rule_for_some_pods_is_used_by_them_alone() -> None:
    """Without what is for all pods; a rule that picks other pods hides the one beside the host."""
    some: dict[str, Any] = {"namespace": "web", "workloadSelector": {"matchLabels": {"app": "cart"}}}
    home, all_pods = rule(subsets=V1), rule("all", "web", subsets=V1)

    assert clustered(live(home, rule("some", subsets=V2, **some)), subset="v2").is_for_some
    assert ends(live(home, all_pods, rule("some", subsets=V2, **some)), subset="v1") == ("subset", "fail")
    other = Party(plane=Plane.SIDECAR, namespace="web", labels={"app": "other"})
    assert asked(live(home, rule("some", subsets=V2, **some)), subset="v1", party=other).value is Failure.NO_CLUSTER
    assert clustered(live(home, all_pods, rule("some", subsets=V2, **some)), subset="v1", party=other)


PORT_80: dict[str, Any] = {"port": {"number": 80}}


@pytest.mark.parametrize(
    ("policy", "own", "mode", "of_endpoints"),
    [
        ({}, {}, None, None),
        ({"tls": {"mode": "DISABLE"}}, {}, "DISABLE", "DISABLE"),
        ({"tls": {"mode": "SIMPLE"}, "portLevelSettings": [PORT_80]}, {}, None, "SIMPLE"),
        ({"tls": {"mode": "SIMPLE"}, "portLevelSettings": [{**PORT_80, "tls": {"mode": "DISABLE"}}]}, {}, "DISABLE", "DISABLE"),
        ({"tls": {"mode": "SIMPLE"}, "portLevelSettings": [{"port": {"number": 443}}]}, {}, "SIMPLE", "SIMPLE"),
        ({"tls": {"mode": "SIMPLE"}}, {"connectionPool": {}}, "SIMPLE", "SIMPLE"),
        ({"tls": {"mode": "SIMPLE"}}, {"tls": {"mode": "DISABLE"}}, "DISABLE", "DISABLE"),
        ({"tls": {"mode": "SIMPLE"}}, {"portLevelSettings": [PORT_80]}, None, "SIMPLE"),
    ],
)
def test_a_policy_for_the_port_replaces_all_that_is_beside_it(
    policy: dict[str, Any], own: dict[str, Any], mode: str | None, of_endpoints: str | None
) -> None:
    """A subset's replaces what it sets; endpoints are marked by the policy that has ``tls`` all the same."""
    mesh = live(rule(trafficPolicy=policy, subsets=[{"name": "v1", "labels": {}, "trafficPolicy": own}]))
    found = clustered(mesh, subset="v1" if own else "")

    assert (found.tls.mode if found.tls else None) == mode
    assert found.endpoint_tls == of_endpoints


def test_where_a_policy_stands_is_told() -> None:
    """As a pointer into the rule."""
    level = {"portLevelSettings": [PORT_80 | {"tls": {"mode": "SIMPLE"}}]}
    found = clustered(live(rule(subsets=[{"name": "v1", "trafficPolicy": level}])), subset="v1")

    assert found.tls_at
    assert found.tls_at.path == "/spec/subsets/0/trafficPolicy/portLevelSettings/0/tls"


@pytest.mark.parametrize(
    ("pool", "is_http2", "keeps", "is_limited"),
    [
        ({}, False, False, False),
        ({"http": {"h2UpgradePolicy": "UPGRADE"}}, True, False, False),
        ({"http": {"useClientProtocol": True, "h2UpgradePolicy": "UPGRADE"}}, False, True, False),
        ({"http": {"http1MaxPendingRequests": 1}}, False, False, True),
        ({"tcp": {"maxConnections": 1}}, False, False, True),
    ],
)
def test_a_pool_decides_on_the_version_and_the_number_of_requests(pool: Any, is_http2: bool, keeps: bool, is_limited: bool) -> None:
    """Only a limit lets requests overflow."""
    found = clustered(live(rule(trafficPolicy={"connectionPool": pool})))

    assert (found.is_http2, found.keeps_version, found.limits is not None) == (is_http2, keeps, is_limited)


def test_outlier_detection_and_passthrough_are_told() -> None:
    """The first leaves endpoints out, the second sends to the address that was called."""
    found = clustered(live(rule(trafficPolicy={"outlierDetection": {}, "loadBalancer": {"simple": "PASSTHROUGH"}})))

    assert found.ejects
    assert found.resolution is Resolution.NONE
    assert found.asks_endpoints


def test_an_entry_of_type_dns_that_selects_nothing_has_no_cluster() -> None:
    """One that selects pods has."""
    entry = """
kind: ServiceEntry
metadata: {name: depot, namespace: shop}
spec:
  hosts: [depot.example.com]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: DNS
  workloadSelector: {labels: {app: %s}}
"""
    assert ends(live(entry % "nobody"), host="depot.example.com") == ("sources", "fail")
    assert clustered(live(entry % "catalog"), host="depot.example.com")


def test_a_subset_of_an_entry_of_type_dns_needs_an_endpoint_with_its_labels() -> None:
    """The host itself has none."""
    entry = """
kind: ServiceEntry
metadata: {name: depot, namespace: shop}
spec: {hosts: [depot.example.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]%s}
"""
    subsets, host = rule(host="depot.example.com", subsets=V1), "depot.example.com"
    labelled = ", endpoints: [{address: a.example.com, labels: {version: v1}}]"

    assert ends(live(entry % "", subsets), host=host, subset="v1") == ("sources", "fail")
    assert clustered(live(entry % labelled, subsets), host=host, subset="v1")


def test_a_subset_has_the_type_of_its_hosts_cluster() -> None:
    """Where the host's requests go to the address that was called, a subset's do, whatever its own load balancer."""
    balancer, own = {"loadBalancer": {"simple": "PASSTHROUGH"}}, {"loadBalancer": {"simple": "RANDOM"}}
    both = rule(trafficPolicy=balancer, subsets=[{"name": "v1", "trafficPolicy": own}])

    assert clustered(live(both), subset="v1").resolution is Resolution.NONE
    assert clustered(live(rule(trafficPolicy=own, subsets=[{"name": "v1"}])), subset="v1").resolution is Resolution.STATIC


def test_files_that_hold_the_routes_hold_the_hosts_beside_them() -> None:
    """Where a ServiceEntry lies beside the VirtualService, another one would too, whoever calls."""
    entry = """
kind: ServiceEntry
metadata: {name: partners, namespace: shop}
spec: {hosts: ["*.example.com"], ports: [{number: 80, name: http, protocol: HTTP}]}
"""
    route = "{kind: VirtualService, metadata: {name: stock, namespace: shop}, spec: {hosts: [stock.example.com]}}"
    mesh = files(entry, route)
    place = Where(next(iter(mesh.all(VirtualService))).ref, "/spec/http/0/route/0/destination")
    target = Target(host="stock.example.com", port=80, at=place)

    assert answer(cluster(mesh, view(mesh), target, 80)) is Failure.NO_CLUSTER
    assert isinstance(answer(cluster(mesh, view(mesh), replace(target, at=None), 80)), Unknown)
