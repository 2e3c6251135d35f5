"""Which DestinationRules a client follows is looked up as pilot does."""

import msgspec
import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic.destination.destination_rules import full_host, rules_covering, rules_in_force
from tests.traffic.objects import deployment, mesh_config, rule

HOST = "reviews.shop.svc.cluster.local"


def in_force(*rules: DestinationRule, client: str = "web", config: str = "") -> list[str]:
    """The namespaces and names of the rules that a client follows for a host of the namespace ``shop``."""
    objects = [*rules, mesh_config(config)] if config else rules
    return [f"{found.namespace}/{found.name}" for found in rules_in_force(Mesh(objects), HOST, client, "shop")]


@pytest.mark.parametrize("host", ["reviews", HOST, f"*{HOST}", "*.shop.svc.cluster.local", "*.local", "*"])
def test_short_full_and_wildcard_hosts_mean_the_service(host: str) -> None:
    """A short one means the namespace of its rule."""
    assert in_force(rule(host)) == ["shop/rule"]


def test_a_wildcard_rule_that_does_not_cover_the_host_is_passed_over() -> None:
    """Nor does one hide a rule that does cover it, whatever their lengths."""
    others = (rule("*.example.com", name="short"), rule("*.other.namespaces.svc.cluster.local", name="long"))

    assert in_force(*others) == []
    assert in_force(*others, rule("*.local", name="wide")) == ["shop/wide"]
    assert [found.name for found in rules_covering(Mesh([*others, rule("reviews")]), HOST)] == ["rule"]


def test_rules_of_a_wildcard_host_are_listed_once() -> None:
    """A rule whose host is the one asked for is not one that covers it, too."""
    mesh = Mesh([rule("*.example.com", name="same"), rule("*.com", name="wider")])

    assert [found.name for found in rules_covering(mesh, "*.example.com")] == ["same", "wider"]


def test_the_most_specific_host_of_a_namespace_decides() -> None:
    """The host itself before the longer wildcard before the shorter one."""
    wide, narrow, exact = rule("*.local", name="wide"), rule("*.shop.svc.cluster.local", name="narrow"), rule("reviews", name="exact")

    assert in_force(wide, narrow, exact) == ["shop/exact"]
    assert in_force(wide, narrow) == ["shop/narrow"]
    assert in_force(wide) == ["shop/wide"]


def test_rules_of_one_host_are_in_force_together() -> None:
    """However the host is written."""
    assert in_force(rule("reviews", name="one"), rule(HOST, name="two")) == ["shop/one", "shop/two"]


def test_the_clients_namespace_comes_before_the_hosts_before_the_root() -> None:
    """The first that has any decides, even by a wildcard."""
    own, home, root = rule("*.local", namespace="web"), rule("reviews"), rule(HOST, namespace="istio-system")

    assert in_force(own, home, root) == ["web/rule"]
    assert in_force(home, root) == ["shop/rule"]
    assert in_force(root) == ["istio-system/rule"]
    assert in_force(rule(HOST, namespace="other")) == []


@pytest.mark.parametrize(
    ("namespace", "export_to", "followed"),
    [
        ("shop", ["*"], True),
        ("shop", ["."], False),
        ("shop", ["shop"], False),
        ("shop", ["web"], True),
        ("shop", ["other"], False),
        ("web", ["."], True),
        ("web", ["web"], True),
        ("web", ["other"], False),
        ("istio-system", ["."], False),
    ],
)
def test_a_rule_has_to_be_exported_to_the_client(namespace: str, export_to: list[str], followed: bool) -> None:
    """A private one is for clients of its own namespace."""
    assert bool(in_force(rule(HOST, namespace=namespace, exportTo=export_to))) is followed


@pytest.mark.parametrize(("export_to", "followed"), [([], False), (["*"], False), (["."], True)])
def test_the_root_namespace_keeps_private_rules_for_its_own_clients(export_to: list[str], followed: bool) -> None:
    """Its other rules are found as the last resort of all, and so of its own clients too."""
    private = rule(HOST, namespace="istio-system", name="private", exportTo=["."])
    wide = rule(HOST, namespace="istio-system", exportTo=export_to)

    assert in_force(wide, client="istio-system") == ["istio-system/rule"]
    assert ("istio-system/rule" in in_force(private, wide, client="istio-system")) is followed


def aged(found: DestinationRule, created: str) -> DestinationRule:
    """The rule as of a day of January."""
    return msgspec.structs.replace(
        found, metadata=msgspec.structs.replace(found.metadata, creation_timestamp=f"2026-01-{created}T00:00:00Z")
    )


def test_an_exact_rule_that_is_not_exported_hides_a_wildcard_beside_it() -> None:
    """The most specific host of a namespace is chosen before it is asked whether it is exported to the client."""
    wide, exact = rule("*.local", name="wide"), rule("reviews", name="exact", exportTo=["other"])

    assert in_force(wide, exact) == []
    assert in_force(wide, rule("reviews", name="private", exportTo=["."])) == ["shop/wide"]
    assert in_force(wide, exact, rule(HOST, namespace="istio-system")) == ["istio-system/rule"]


def test_of_rules_that_are_not_merged_the_youngest_alone_is_used() -> None:
    """Rules with unequal ``exportTo`` stay apart; those of equal, or of an older one that the younger includes, become one."""
    old, young = aged(rule("reviews", name="old"), "01"), aged(rule("reviews", name="young", exportTo=["*"]), "02")

    assert in_force(old, young) == ["shop/young"]
    assert in_force(aged(old, "03"), young) == ["shop/old"]
    assert in_force(
        aged(rule("reviews", name="old", exportTo=["web"]), "01"), aged(rule("reviews", name="young", exportTo=["*", "web"]), "02")
    ) == [
        "shop/old",
        "shop/young",
    ]


def test_without_their_ages_any_of_several_rules_may_be_used() -> None:
    """Manifests do not say which is older."""
    assert in_force(rule("reviews", name="one"), rule("reviews", name="two", exportTo=["*"])) == ["shop/one", "shop/two"]


def test_a_selector_that_picks_no_pod_leaves_the_rule_for_all_pods() -> None:
    """A rule with a selector is used alone by the pods it picks, and by none where there is no such pod."""
    own = rule("reviews." + "shop.svc.cluster.local", name="own", namespace="web")
    picky = rule(HOST, name="picky", namespace="web", workloadSelector={"matchLabels": {"app": "cart"}})
    other, cart = deployment("other", "web", app="other"), deployment("cart", "web", app="cart")

    def used(*objects: Object) -> list[str]:
        return [found.name for found in rules_in_force(Mesh([rule("reviews"), *objects]), HOST, "web", "shop")]

    assert used(own, picky, cart) == ["picky", "own"]
    assert used(own, picky, other) == ["own"]
    assert used(picky, other) == [], "the rule beside the host is not asked"


def test_a_host_is_compared_as_it_is_written() -> None:
    """A rule for another spelling is for another host."""
    assert in_force(rule("Reviews")) == []


def test_a_rule_for_some_clients_is_private() -> None:
    """A workload selector keeps it to its namespace, whatever it exports."""
    picky = rule("reviews", exportTo=["*"], workloadSelector={"matchLabels": {"app": "web"}})

    assert in_force(picky) == []
    assert in_force(picky, client="shop") == ["shop/rule"]


def test_the_mesh_configuration_may_make_rules_private_and_name_the_root() -> None:
    """``defaultDestinationRuleExportTo`` counts where a rule says nothing."""
    assert in_force(rule("reviews"), config="defaultDestinationRuleExportTo: ['.']") == []
    assert in_force(rule(HOST, namespace="roots"), config="rootNamespace: roots") == ["roots/rule"]


def test_a_short_host_is_one_of_the_rules_namespace() -> None:
    """A dotted one stays as it is."""
    assert full_host(rule("reviews", namespace="web")) == "reviews.web.svc.cluster.local"
    assert full_host(rule("reviews.shop", namespace="web")) == "reviews.shop"
