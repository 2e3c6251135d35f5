"""Rules about routing, where their pages' examples do not reach."""

from typing import Any

import pytest

from kubectl_meshfix.documents.patch import patched
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.routing import (
    ambiguous_destination_port,
    sidecar_selects_nothing,
    undefined_subset,
    unknown_destination_host,
    unknown_gateway,
)
from kubectl_meshfix.rules.routing.wording import few
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from tests.rules.asking import findings, fix, only, paths
from tests.traffic.objects import deployment, gateway_pods, make, mesh_config, routes, rule, service, to

HOST, SUBSET, GATEWAY, PORT, SIDECAR = (
    unknown_destination_host.RULE,
    undefined_subset.RULE,
    unknown_gateway.RULE,
    ambiguous_destination_port.RULE,
    sidecar_selects_nothing.RULE,
)
SHOP_ONLY = Coverage(namespaces=frozenset({"shop"}))


def written(found: Finding) -> Any:
    """What a finding's one patch writes."""
    (patch,) = fix(found).patches
    assert patch.operations[0].op == "test"
    return patch.operations[-1].value


# ---------------------------------------------------------------- MF401


def test_the_consequence_fits_the_place() -> None:
    """HTTP requests get an answer, connections do not, mirrors are missed by nobody."""
    http = {"mirror": {"host": "b"}}
    found = findings(HOST, routes({**to("a"), **http}, tcp=[to("c")]))

    assert [item.message.rpartition(". ")[2] for item in found] == [
        "Requests fail with 503.",
        "Nothing is mirrored.",
        "Connections are closed.",
    ]


def test_a_delegate_is_checked_like_any_other() -> None:
    """A VirtualService without hosts is one that others delegate to; its delegation alone is no destination."""
    delegate = routes(to("reviws"), name="delegate")
    root = routes({"delegate": {"name": "delegate", "namespace": "shop"}}, hosts=["reviews"])

    assert [found.resource.name for found in findings(HOST, delegate, root, service("reviews"))] == ["delegate"]


def test_a_lone_virtual_service_in_a_file_is_left_alone() -> None:
    """Files that hold no Service of the namespace and no ServiceEntry cannot tell what exists."""
    assert not paths(HOST, routes(to("reviews"), to("api.example.com"), to("reviews.other.svc.cluster.local")), live=False)


def test_files_tell_what_they_miss_as_information() -> None:
    """A host that may stand in other files is no error, unless its name is a slip for one that stands here."""
    found = findings(HOST, routes(to("ratings"), to("reveiws")), service("reviews"), live=False)

    assert [(item.severity, fix(item).safety) for item in found] == [(Severity.INFO, Safety.MANUAL), (None, Safety.UNSAFE)]
    assert "If there is none elsewhere" in found[0].message
    assert [item.evidence for item in found] == [
        ("ratings means ratings.shop.svc.cluster.local",),
        ("reveiws means reveiws.shop.svc.cluster.local",),
    ]


def test_files_without_a_namespace_may_be_what_is_meant() -> None:
    """A Service that names no namespace answers for any, and so does every Service for a VirtualService that names none."""
    loose = service("reviews", "default")
    assert not paths(HOST, routes(to("reviews")), loose, service("cart"), live=False)
    assert not paths(HOST, routes(to("reviews"), namespace="default"), service("reviews"), service("cart", "default"), live=False)
    assert paths(HOST, routes(to("reviews")), loose, service("cart"))


@pytest.mark.parametrize("host", ["reviews.shop", "reviews.shop.svc", "reviews.shop.svc.cluster"])
def test_a_shortened_name_is_written_in_full(host: str) -> None:
    """A dotted name that begins a Service's host is known to be meant, in files as on a cluster."""
    for live in (True, False):
        found = only(HOST, routes(to(host), namespace="web"), service("reviews"), live=live)

        assert written(found) == "reviews.shop.svc.cluster.local"
        assert "does not expand dotted names" in found.message
        assert found.severity is None


def test_a_shortened_name_is_fine_where_somebody_has_it() -> None:
    """A ServiceEntry may well register a name with one dot."""
    entry = make(ServiceEntry, "odd", hosts=["reviews.shop"])

    assert not paths(HOST, routes(to("reviews.shop")), service("reviews"), entry)


def test_the_same_name_in_one_other_namespace_is_meant() -> None:
    """The full host is written; where two namespaces have the name, a person decides."""
    one, two = service("reviews", "books"), service("reviews", "films")

    assert written(only(HOST, routes(to("reviews")), one)) == "reviews.books.svc.cluster.local"
    assert written(only(HOST, routes(to("reviews.boks.svc.cluster.local")), one)) == "reviews.books.svc.cluster.local"
    both = fix(only(HOST, routes(to("reviews")), one, two))
    assert both.safety is Safety.MANUAL
    assert "reviews.books.svc.cluster.local, reviews.films.svc.cluster.local" in both.summary


def test_a_namespace_left_out_of_a_full_host_is_the_own_one() -> None:
    """``reviews.svc.cluster.local`` becomes the Service beside the VirtualService."""
    objects = (service("reviews"), service("reviews", "films"))

    assert written(only(HOST, routes(to("reviews.svc.cluster.local")), *objects)) == "reviews.shop.svc.cluster.local"


def test_a_slip_stays_as_short_as_it_was() -> None:
    """A short name is corrected to a short name, a full one to a full one."""
    found = findings(HOST, routes(to("reveiws"), to("reveiws.shop.svc.cluster.local")), service("reviews"))

    assert [written(item) for item in found] == ["reviews", "reviews.shop.svc.cluster.local"]


def test_a_host_that_clients_cannot_see_is_not_proposed() -> None:
    """Nearly the same name is of no use where it is not exported to those that follow the VirtualService."""
    assert fix(only(HOST, routes(to("reveiws")), service("reviews", export_to="web"))).safety is Safety.MANUAL
    assert fix(only(HOST, routes(to("reveiws")), service("reviews", export_to="."))).safety is Safety.UNSAFE


def test_an_outer_host_is_corrected_to_a_registered_one() -> None:
    """Slips happen in hosts outside of Kubernetes too."""
    entry = make(ServiceEntry, "api", hosts=["api.example.com"])

    assert written(only(HOST, routes(to("api.exmaple.com")), entry)) == "api.example.com"


def test_a_wildcard_gives_a_cluster_to_itself_alone() -> None:
    """A real mesh answers 503 for a host that only a wildcard covers, and routes to the wildcard; an entry of the host itself is enough."""
    wildcard = make(ServiceEntry, "eu", hosts=["*.eu.example.com"])
    own = make(ServiceEntry, "www", hosts=["www.eu.example.com"])

    for live in (True, False):
        covered = only(HOST, routes(to("www.eu.example.com")), wildcard, live=live)
        assert covered.severity is None
        assert covered.message == (
            "Only *.eu.example.com covers www.eu.example.com, which has no cluster of its own. Requests fail with 503."
        )
        assert not paths(HOST, routes(to("*.eu.example.com")), wildcard, live=live)
        assert not paths(HOST, routes(to("www.eu.example.com")), wildcard, own, live=live)


def test_a_wildcard_elsewhere_is_information_in_files() -> None:
    """Where files hold the wildcard in another namespace, the host itself may be registered elsewhere too."""
    wildcard = make(ServiceEntry, "eu", namespace="egress", hosts=["*.eu.example.com"])
    beside = make(ServiceEntry, "us", hosts=["www.us.example.com"])

    assert not paths(HOST, routes(to("www.eu.example.com")), wildcard, live=False)
    assert only(HOST, routes(to("www.eu.example.com")), wildcard, beside, live=False).severity is Severity.INFO
    assert only(HOST, routes(to("www.eu.example.com")), wildcard, beside, live=True).severity is None


def test_a_hidden_entry_of_the_host_comes_before_a_wildcard() -> None:
    """What is not exported can be: that is the way out."""
    wildcard = make(ServiceEntry, "eu", hosts=["*.eu.example.com"])
    hidden = make(ServiceEntry, "www", namespace="egress", hosts=["www.eu.example.com"], exportTo=["."])

    assert "is not exported to shop" in only(HOST, routes(to("www.eu.example.com")), wildcard, hidden).message


@pytest.mark.parametrize(
    ("host", "better"),
    [
        ("reviews.shop.svc.cluster.locale", "reviews.shop.svc.cluster.local"),
        ("reviews.shop.svc.clutser.local", "reviews.shop.svc.cluster.local"),
        ("reviews.shop.scv.cluster.local", "reviews.shop.svc.cluster.local"),
        ("reviews.shop.svc.clusterset.local", None),
        ("gone.shop.svc.cluster.locale", None),
    ],
)
def test_a_slip_in_the_domain_is_corrected(host: str, better: str | None) -> None:
    """Other domains are other clusters, and nothing is said of what nobody has."""
    for live in (True, False):
        found = findings(HOST, routes(to(host)), service("reviews"), live=live)
        assert [written(item) for item in found] == ([better] if better else [])
        assert all(item.severity is None for item in found)


def test_hosts_are_compared_as_they_are_written() -> None:
    """Istio finds no cluster for another spelling."""
    assert written(only(HOST, routes(to("Reviews")), service("reviews"))) == "reviews"


def test_a_service_that_is_not_exported_is_named() -> None:
    """What exists out of sight is not called missing, and the annotation that hides it is named."""
    found = only(HOST, routes(to("reviews.books.svc.cluster.local")), service("reviews", "books", export_to="."))

    assert "is not exported to shop" in found.message
    assert found.evidence == ("Service books/reviews is exported to books",)
    assert "networking.istio.io/exportTo" in fix(found).summary


def test_a_service_of_the_callers_namespace_is_reached_whoever_it_is_exported_to() -> None:
    """Sidecars get a cluster for what a VirtualService routes to beside them; of what is for nobody they get no endpoints."""
    elsewhere = service("reviews", export_to="web")

    assert not paths(HOST, routes(to("reviews")), elsewhere)
    assert paths(HOST, routes(to("reviews"), exportTo=["books"]), elsewhere)
    assert only(HOST, routes(to("reviews")), service("reviews", export_to="~")).message == (
        "reviews is exported to no namespace. Requests fail with 503."
    )


def shared(*weights: int | None, **other: Any) -> VirtualService:
    """A route of Service reviews and another destination, with their weights."""
    both = ({"host": "reviews"}, {"host": "reviews", **other})
    made = [{"destination": to, **({"weight": weight} if weight is not None else {})} for to, weight in zip(both, weights, strict=False)]
    return routes({"route": made})


@pytest.mark.parametrize(
    ("weights", "is_idle"),
    [((100, 0), True), ((100, None), True), ((0, 0), False), ((None, None), False), ((1, 99), False), ((100,), False)],
)
@pytest.mark.parametrize(
    ("rule_of", "other"), [(HOST, {"host": "gone"}), (SUBSET, {"subset": "v9"}), (HOST, {"port": {"number": 81}}), (PORT, {"host": "two"})]
)
def test_a_destination_without_a_weight_gets_no_request_yet(
    weights: tuple[int | None, ...], is_idle: bool, rule_of: Rule, other: dict[str, Any]
) -> None:
    """Beside others that have one it gets none, so nothing fails until its weight changes."""
    objects = (service("reviews"), service("two", "shop", ("http", 81), ("http-b", 82)), rule("reviews", "v1"))
    rows = findings(rule_of, shared(*weights, **other), *objects)

    if len(weights) == 2:
        (found,) = rows
        assert found.severity is (Severity.WARNING if is_idle else None)
        assert found.message.endswith("equests fail with 503 once it has a weight.") is is_idle
    else:
        assert not rows


def test_a_gateway_has_to_see_a_service_from_where_its_pods_are() -> None:
    """Routes of a gateway are followed there alone, and nothing is said where its pods are not known."""
    gateway, pods = make(Gateway, "public", selector={"istio": "public"}), gateway_pods("public", istio="public")
    bound = routes(to("reviews.books.svc.cluster.local"), gateways=["public"])

    assert not paths(HOST, bound, gateway, pods, service("reviews", "books", export_to="ingress"))
    assert not paths(HOST, bound, gateway, service("reviews", "books", export_to="."))
    assert "is not exported to ingress" in only(HOST, bound, gateway, pods, service("reviews", "books", export_to=".")).message


@pytest.mark.parametrize(
    ("export_to", "fires"),
    [([], False), (["*"], False), (["."], False), (["web"], True), (["web", "."], False), (["~"], False)],
)
def test_destinations_are_seen_from_where_the_virtual_service_applies(export_to: list[str], fires: bool) -> None:
    """``exportTo`` names the namespaces whose proxies have to see the host; with ``*`` its own stands for all, with ``~`` none is left."""
    entry = make(ServiceEntry, "api", hosts=["api.example.com"], exportTo=["."])

    assert bool(paths(HOST, routes(to("api.example.com"), exportTo=export_to), entry)) is fires


def test_the_mesh_configuration_may_hide_services() -> None:
    """``defaultServiceExportTo: ["."]`` makes a Service of another namespace unknown."""
    objects = (routes(to("reviews.books.svc.cluster.local")), service("reviews", "books"))

    assert not paths(HOST, *objects)
    assert paths(HOST, *objects, mesh_config("defaultServiceExportTo: ['.']"))


def test_a_namespaced_user_is_told_of_the_own_namespace_only() -> None:
    """What was not read is not called missing."""
    coverage = {kinds.SERVICE: SHOP_ONLY, kinds.SERVICE_ENTRY: SHOP_ONLY}
    objects = (routes(to("reviews"), to("reviews.web.svc.cluster.local"), to("api.example.com")), service("cart"))

    assert paths(HOST, *objects, coverage=coverage) == ["/spec/http/0/route/0/destination/host"]


def test_a_port_has_to_be_one_of_the_host() -> None:
    """All visible registrations of a host count together; the only port is the fix."""
    entry = make(ServiceEntry, "extra", hosts=["reviews.shop.svc.cluster.local"], ports=[{"number": 8443, "protocol": "TLS"}])

    assert not paths(HOST, routes(to("reviews", port=80), to("reviews", port=8443)), service("reviews"), entry)
    assert paths(HOST, routes(to("reviews", port=81)), service("reviews")) == ["/spec/http/0/route/0/destination/port/number"]
    assert written(only(HOST, routes(to("reviews", port=81)), service("reviews"))) == 80


def test_a_port_that_nothing_points_at_is_for_a_person() -> None:
    """With several ports and none that leads to the number, nobody can tell which is meant."""
    found = only(HOST, routes(to("reviews", port=81)), service("reviews", "shop", ("http", 80), ("grpc", 9000)))

    assert fix(found).safety is Safety.MANUAL
    assert "80, 9000" in fix(found).summary
    assert "only 80, 9000" in found.message


def test_a_headless_service_without_ports_has_none() -> None:
    """Istio makes no cluster for a port that is not declared, whatever the pods listen on."""
    headless = make(Service, "db", clusterIP="None", selector={"app": "db"})

    assert paths(HOST, routes(tcp=[to("db", port=5432)]), headless) == ["/spec/tcp/0/route/0/destination/port/number"]
    assert not paths(HOST, routes(tcp=[to("db")]), headless)


def test_an_external_name_has_the_ports_of_its_target() -> None:
    """An alias's ports are looked for at the host it stands for, which may not be here."""
    alias = make(Service, "api", type="ExternalName", externalName="api.example.com")

    assert not paths(HOST, routes(to("api", port=443)), alias)


@pytest.mark.parametrize(
    ("ports", "spec", "fires"),
    [
        ([], {"hosts": ["cart"]}, True),
        ([], {"hosts": ["api"]}, True),
        ([443], {"hosts": ["cart"]}, True),
        ([80], {"hosts": ["cart"]}, False),
        ([], {"hosts": ["cart"], "gateways": ["public"]}, False),
        ([], {"hosts": ["gone"]}, False),
    ],
)
def test_sidecars_resolve_an_external_name_on_its_own_ports(ports: list[int], spec: dict[str, Any], fires: bool) -> None:
    """A gateway resolves it on any; where it is not known on which ports calls come, nothing is said."""
    listed = [{"name": f"http-{number}", "port": number} for number in ports]
    alias = make(Service, "api", type="ExternalName", externalName="stock.shop.svc.cluster.local", ports=listed)

    found = findings(HOST, routes(to("api", port=80), **spec), alias, service("cart"))
    assert [item.path for item in found] == (["/spec/http/0/route/0/destination/host"] if fires else [])


# ---------------------------------------------------------------- MF402


def test_subsets_of_mirrors_and_of_all_protocols_are_looked_at() -> None:
    """The pointer names the subset."""
    http = {**to("reviews", "v1"), "mirror": {"host": "reviews", "subset": "v9"}}
    found = paths(SUBSET, routes(http, tcp=[to("reviews", "v8")]), service("reviews"), rule("reviews", "v1"))

    assert found == ["/spec/http/0/mirror/subset", "/spec/tcp/0/route/0/destination/subset"]


def test_the_first_namespace_with_a_rule_decides() -> None:
    """A wildcard rule beside the clients makes them forget the subsets beside the host."""
    own = routes(to("reviews.shop.svc.cluster.local", "v1"), namespace="web", exportTo=["."])
    objects = (own, service("reviews"), rule("reviews", "v1"))

    assert not paths(SUBSET, *objects)
    found = only(SUBSET, *objects, rule("*.local", name="mtls", namespace="web"))
    assert "for the proxies that use this VirtualService" in found.message
    assert found.evidence[-1].startswith("DestinationRule shop/rule defines v1, but those proxies")


def test_a_rule_that_somebody_follows_is_enough() -> None:
    """A VirtualService for the whole mesh is only wrong where no namespace has the subset."""
    everywhere = routes(to("reviews.shop.svc.cluster.local", "v1"), namespace="web")

    assert not paths(SUBSET, everywhere, service("reviews"), rule("reviews.shop.svc.cluster.local", "v1", namespace="other"))


def test_a_gateway_does_not_look_beside_the_virtual_service() -> None:
    """Gateway pods follow rules of their own namespace, of the host's and of the root; the fix says where to."""
    gateway = make(Gateway, "public", "ingress", selector={"istio": "public"})
    pods = gateway_pods("public", istio="public")
    bound = routes(to("reviews.shop.svc.cluster.local", "v1"), namespace="routes", gateways=["ingress/public"])
    beside = rule("reviews.shop.svc.cluster.local", "v1", namespace="routes")

    found = only(SUBSET, bound, service("reviews"), beside, gateway, pods)
    assert "namespace shop" in fix(found).summary
    assert "else one of shop" in (fix(found).why or "")
    assert not paths(SUBSET, bound, service("reviews"), beside, gateway)
    assert not paths(SUBSET, bound, service("reviews"), rule("reviews", "v1"), gateway, pods)


def test_a_virtual_service_nobody_follows_is_left_alone() -> None:
    """``exportTo: ["~"]`` is how people switch one off."""
    assert not paths(SUBSET, routes(to("reviews", "v1"), exportTo=["~"]), service("reviews"))


def test_an_unknown_host_is_told_once() -> None:
    """Where the host itself is missing, its subset is no second finding."""
    assert not paths(SUBSET, routes(to("reviews", "v1")), service("cart"))


def test_rules_that_were_not_read_may_define_it() -> None:
    """With one namespace to read, only a rule beside the host settles the matter."""
    coverage = {kinds.DESTINATION_RULE: SHOP_ONLY}
    objects = (routes(to("reviews", "v1")), service("reviews"))

    assert not paths(SUBSET, *objects, coverage=coverage)
    assert paths(SUBSET, *objects, rule("reviews", "v2"), coverage=coverage)
    assert paths(SUBSET, *objects)


def test_a_subset_is_added_where_pods_have_it() -> None:
    """Proven by its siblings it is safe; without any it is a guess; without pods it is for a person."""
    objects = (routes(to("reviews", "v2")), service("reviews"), deployment("reviews-v2", app="reviews", version="v2"))
    proven, guessed = only(SUBSET, *objects, rule("reviews", "v1")), only(SUBSET, *objects, rule("reviews"))

    assert (fix(proven).safety, written(proven)) == (Safety.SAFE, {"name": "v2", "labels": {"version": "v2"}})
    assert (fix(guessed).safety, written(guessed)) == (Safety.UNSAFE, [{"name": "v2", "labels": {"version": "v2"}}])
    assert fix(only(SUBSET, *objects[:2], rule("reviews", "v1"))).safety is Safety.MANUAL
    for found, before in ((proven, {"host": "reviews", "subsets": [{"name": "v1"}]}), (guessed, {"host": "reviews"})):
        after = patched({"spec": before}, fix(found).patches[0].operations)
        assert [item["name"] for item in after["spec"]["subsets"]][-1] == "v2"


def test_a_subset_gets_the_label_of_its_siblings() -> None:
    """Teams that name subsets after another label get that one."""
    odd = make(DestinationRule, "odd", host="reviews", subsets=[{"name": "blue", "labels": {"colour": "blue"}}])
    found = only(SUBSET, routes(to("reviews", "green")), service("reviews"), odd, deployment("green", app="reviews", colour="green"))

    assert written(found) == {"name": "green", "labels": {"colour": "green"}}


def test_pods_of_other_services_do_not_count() -> None:
    """The label has to be on pods behind the host, or the subset would be empty."""
    other = deployment("cart-v2", app="cart", version="v2")

    assert fix(only(SUBSET, routes(to("reviews", "v2")), service("reviews"), rule("reviews", "v1"), other)).safety is Safety.MANUAL


def test_a_misspelt_subset_is_corrected() -> None:
    """A slip for a subset that exists changes the VirtualService; another number is no slip."""
    found = findings(SUBSET, routes(to("reviews", "cnaary"), to("reviews", "v3")), service("reviews"), rule("reviews", "canary", "v2"))

    assert [fix(item).safety for item in found] == [Safety.UNSAFE, Safety.MANUAL]
    assert written(found[0]) == "canary"


def test_a_missing_rule_is_written_out() -> None:
    """The command makes a rule in the host's namespace, and says which wildcard it replaces."""
    found = only(SUBSET, routes(to("reviews", "v1")), service("reviews"), rule("*.local", name="mtls", namespace="istio-system"))

    assert "replaces DestinationRule istio-system/mtls" in (fix(found).why or "")
    (command,) = fix(found).commands
    assert command.startswith("echo '{")
    assert '"namespace":"shop"' in command
    assert '"labels":{"LABEL":"VALUE"}' in command
    assert command.endswith("| kubectl apply --dry-run=server -f -")
    assert "\n" not in command


def test_a_rule_is_written_with_the_label_that_pods_have() -> None:
    """Where one label of the pods behind the host has the subset's name for its value, nothing is left to fill in."""
    pods = deployment("reviews-v1", app="reviews", track="v1")
    found = only(SUBSET, routes(to("reviews", "v1")), service("reviews"), pods)

    (command,) = fix(found).commands
    assert '"labels":{"track":"v1"}' in command
    assert command.endswith("| kubectl apply -f -")


# ---------------------------------------------------------------- MF403


@pytest.mark.parametrize(
    "name",
    ["mesh", "public", "./public", "shop/public", "public.shop.svc.cluster.local", "shop/auto", "x~istio-autogenerated-k8s-gateway~http"],
)
def test_gateways_that_exist_are_silent(name: str) -> None:
    """Istio's and Kubernetes' gateways in any spelling, the mesh, and what istiod makes itself."""
    gateways = (make(Gateway, "public"), make(KubernetesGateway, "auto"))

    assert not paths(GATEWAY, routes(gateways=[name]), *gateways)


def test_a_gateway_of_that_name_elsewhere_is_meant() -> None:
    """One is written, two are for a person."""
    one, two = make(Gateway, "public", "ingress"), make(KubernetesGateway, "public", "edge")

    assert written(only(GATEWAY, routes(gateways=["public"]), one)) == "ingress/public"
    assert fix(only(GATEWAY, routes(gateways=["public"]), one, two)).safety is Safety.MANUAL


def test_a_misspelt_gateway_is_corrected() -> None:
    """Within the namespace that was meant, as short as possible."""
    gateways = (make(Gateway, "public"), make(Gateway, "private", "ingress"))
    found = findings(GATEWAY, routes(gateways=["pubilc", "ingress/pirvate"]), *gateways)

    assert [written(item) for item in found] == ["public", "ingress/private"]


def test_files_do_not_know_gateways_of_other_namespaces() -> None:
    """A lone VirtualService is silent; a short name that another namespace has is an error; the rest is information."""
    bound = routes(gateways=["istio-system/public"])
    assert not paths(GATEWAY, bound, live=False)
    assert not paths(GATEWAY, bound, make(Gateway, "public", "ingress"), live=False)
    assert only(GATEWAY, bound, make(Gateway, "other", "istio-system"), live=False).severity is Severity.INFO
    assert only(GATEWAY, routes(gateways=["public"]), make(Gateway, "public", "ingress"), live=False).severity is None
    assert not paths(GATEWAY, bound, make(Gateway, "public", "default"), make(Gateway, "other", "istio-system"), live=False)


def test_a_namespace_that_was_not_read_may_have_the_gateway() -> None:
    """Both kinds of gateways have to be known there."""
    bound = routes(gateways=["ingress/public", "public"])

    assert paths(GATEWAY, bound, coverage={kinds.GATEWAY: SHOP_ONLY}) == ["/spec/gateways/1"]
    assert not paths(GATEWAY, bound, make(Gateway, "public"), coverage={kinds.KUBERNETES_GATEWAY: SHOP_ONLY})


# ---------------------------------------------------------------- MF404

TWO = (("http", 8080), ("tcp-sync", 9000))


@pytest.mark.parametrize(
    ("hosts", "spec", "fires"),
    [
        (["reviews"], {}, False),
        (["one-of-two"], {}, False),
        (["one-of-two", "cart"], {}, True),
        (["reviews", "cart"], {}, True),
        (["*"], {}, True),
        ([], {}, True),
        (["shop.example.com"], {"gateways": ["gone"]}, True),
        (["shop.example.com"], {"gateways": ["fitting"]}, False),
        (["shop.example.com"], {"gateways": ["wide"]}, True),
        (["reviews"], {"gateways": ["fitting", "mesh"]}, False),
    ],
)
def test_a_port_may_be_left_out_where_calls_come_on_ports_the_host_has(hosts: list[str], spec: dict[str, Any], fires: bool) -> None:
    """Istio takes the port that was called; hosts and gateways tell which these are, or nobody knows."""
    fitting = make(
        Gateway, "fitting", servers=[{"port": {"number": 8080, "protocol": "HTTP"}}, {"port": {"number": 5432, "protocol": "TCP"}}]
    )
    wide = make(Gateway, "wide", servers=[{"port": {"number": 8080, "protocol": "HTTP"}}, {"port": {"number": 443, "protocol": "HTTPS"}}])
    objects = (service("reviews", "shop", *TWO), service("one-of-two", "shop", TWO[0]), service("cart"), fitting, wide)

    assert bool(paths(PORT, routes(to("reviews"), hosts=hosts, **spec), *objects)) is fires


@pytest.mark.parametrize(
    ("spec", "fires"),
    [
        ({"hosts": ["cart"]}, True),
        ({"hosts": ["stock"]}, False),
        ({"hosts": ["cart", "stock"]}, False),
        ({"hosts": ["cart"], "gateways": ["public"]}, False),
        ({"hosts": ["cart"], "gateways": ["public", "mesh"]}, True),
        ({"hosts": ["gone"]}, False),
        ({"hosts": ["*"]}, False),
    ],
)
def test_a_sidecar_does_not_take_the_only_port_for_another(spec: dict[str, Any], fires: bool) -> None:
    """A gateway does; where it is not known on which ports calls come, nothing is said."""
    found = findings(PORT, routes(to("stock"), **spec), service("stock", "shop", ("http", 7000)), service("cart"))

    assert [item.path for item in found] == (["/spec/http/0/route/0/destination/host"] if fires else [])
    for item in found:
        assert fix(item).patches[0].operations[-1].value == {"number": 7000}


def test_one_port_or_a_chosen_one_is_clear() -> None:
    """Nothing is open where there is nothing to choose, or it was chosen; an unknown host is another rule's matter."""
    objects = (service("reviews", "shop", *TWO), service("cart"))

    assert not paths(PORT, routes(to("cart"), to("reviews", port=9000), to("gone")), *objects)


@pytest.mark.parametrize(
    ("protocol", "ports", "chosen"),
    [
        ("http", TWO, 8080),
        ("tcp", TWO, 9000),
        ("tls", (("http", 80), ("https", 443)), 443),
        ("http", (("http", 80), ("grpc", 9000)), None),
        ("http", (("web", 80), ("tcp", 9000)), None),
    ],
)
def test_the_port_that_speaks_the_protocol_is_chosen(protocol: str, ports: tuple[tuple[str, int], ...], chosen: int | None) -> None:
    """One that fits is written; two, or none that says so, are for a person."""
    spec: dict[str, Any] = {protocol: [to("reviews")]}
    found = only(PORT, make(VirtualService, "vs", "shop", None, **spec), service("reviews", "shop", *ports))

    assert found.path == f"/spec/{protocol}/0/route/0/destination/host"
    assert (written(found) == {"number": chosen}) if chosen else (fix(found).safety is Safety.MANUAL)


def test_a_message_names_a_few_of_many_ports() -> None:
    """A host with many ports makes no long message; the choice has all of them."""
    ports = tuple((f"http-{number}", number) for number in range(8001, 8007))
    found = only(PORT, routes(to("reviews"), hosts=["*"]), service("reviews", "shop", *ports))

    assert "has 6 (8001, 8002, 8003, 8004 and 2 more)" in found.message
    assert "8005, 8006" in fix(found).summary
    assert few([1, 2, 3, 4]) == "1, 2, 3, 4"
    assert few([1, 2, 3, 4, 5]) == "1, 2, 3, 4 and 1 more"


# ---------------------------------------------------------------- MF405


def sidecar(namespace: str = "shop", **labels: str) -> Sidecar:
    """A Sidecar with a selector."""
    obj: Sidecar = make(Sidecar, "sidecar", namespace, workloadSelector={"labels": labels})
    return obj


def test_a_sidecar_selects_within_its_namespace() -> None:
    """A workload of another namespace does not count, even for a Sidecar of the root namespace."""
    assert paths(SIDECAR, sidecar(app="cart"), deployment("cart", "web", app="cart")) == ["/metadata"]
    assert paths(SIDECAR, sidecar("istio-system", app="cart"), deployment("cart", app="cart"))
    assert not paths(SIDECAR, sidecar(app="cart"), deployment("cart", app="cart"))


def test_a_label_with_a_slash_is_pointed_at() -> None:
    """JSON pointers escape it, in the finding and in the fix."""
    found = only(
        SIDECAR, sidecar(**{"app.kubernetes.io/name": "chekout"}), deployment("checkout", **{"app.kubernetes.io/name": "checkout"})
    )

    assert found.path == "/spec/workloadSelector/labels/app.kubernetes.io~1name"
    after = patched({"spec": {"workloadSelector": {"labels": {"app.kubernetes.io/name": "chekout"}}}}, fix(found).patches[0].operations)
    assert after["spec"]["workloadSelector"]["labels"] == {"app.kubernetes.io/name": "checkout"}


def test_sidecars_in_files_are_information_unless_misspelt() -> None:
    """What the files do not hold may stand elsewhere."""
    pods = deployment("checkout", app="checkout")

    assert only(SIDECAR, sidecar(app="orders"), pods, live=False).severity is Severity.INFO
    assert only(SIDECAR, sidecar(app="chekout"), pods, live=False).severity is None
    assert not paths(SIDECAR, sidecar("web", app="orders"), pods, live=False)
