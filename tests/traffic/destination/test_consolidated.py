"""How DestinationRules of one host are merged, and which of the merged ones a pod uses."""

from typing import Any

import msgspec
import pytest

from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.traffic.destination.consolidated import consolidated, for_pod, is_order_known, readings
from tests.traffic.objects import rule

HOST, CART = "reviews.shop.svc.cluster.local", {"app": "cart"}


def made(name: str, age: int | None = None, exports: tuple[str, ...] = (), app: str = "", **spec: Any) -> DestinationRule:
    """A rule; ``age`` is the year in which it was made, ``app`` the label that it selects."""
    if app:
        spec["workloadSelector"] = {"matchLabels": {"app": app}}
    found = rule(HOST, name=name, exportTo=list(exports), **spec)
    if age is None:
        return found
    metadata = msgspec.structs.replace(found.metadata, creation_timestamp=f"{age}-01-01T00:00:00Z")
    return msgspec.structs.replace(found, metadata=metadata)


def names(*rules: DestinationRule) -> list[str]:
    """The names of the rules that become one, one text for each."""
    return [" ".join(item.name for item in one.rules) for one in consolidated(rules)]


@pytest.mark.parametrize(
    ("rules", "merged"),
    [
        ([made("b", 2024), made("a", 2025)], ["b a"]),
        ([made("b", 2025), made("a", 2024)], ["a b"]),
        ([made("b"), made("a")], ["a b"]),
        ([made("a", 2024, ("web",)), made("b", 2025, ("web",))], ["a b"]),
        ([made("a", 2024, ("web",)), made("b", 2025, ("web", "shop"))], ["a b"]),
        ([made("a", 2024, ("web", "shop")), made("b", 2025, ("web",))], ["a", "b"]),
        ([made("a", 2024), made("b", 2025, ("web",))], ["a", "b"]),
        ([made("a", 2024), made("b", 2025, app="cart")], ["b", "a"]),
        ([made("a", 2024, (".",)), made("b", 2025, app="cart")], ["b a"]),
        ([made("a", 2024, app="cart"), made("b", 2025, app="cart")], ["a b"]),
        ([made("a", 2024, app="cart"), made("b", 2025, app="other")], ["a", "b"]),
        ([made("a", 2024, app="cart"), made("b", 2025, app="other"), made("c", 2023, (".",))], ["a c", "b c"]),
    ],
    ids=[
        "oldest first",
        "its order of files is nothing",
        "no ages",
        "equal exports",
        "further exports later",
        "further exports first",
        "exported to all",
        "a selector",
        "a selector merged",
        "one selector",
        "two selectors",
        "one for all beside two selectors",
    ],
)
def test_rules_are_merged_by_age_exports_and_selector(rules: list[DestinationRule], merged: list[str]) -> None:
    """Those with a selector come first, then the oldest; what is exported as an older one, or further, is merged into it."""
    assert names(*rules) == merged


@pytest.mark.parametrize(
    ("namespace", "labels", "used"),
    [("shop", CART, "own"), ("shop", {"app": "x"}, "all"), ("web", CART, "all"), ("shop", {}, "all")],
)
def test_a_selector_is_for_pods_of_its_own_namespace(namespace: str, labels: dict[str, str], used: str) -> None:
    """Others use what is for all pods."""
    found = for_pod(consolidated([made("own", 2024, app="cart"), made("all", 2023)]), namespace, labels)

    assert found
    assert " ".join(item.name for item in found.rules) == used


def test_without_a_rule_for_all_pods_others_use_none() -> None:
    """And of several such rules the last one is used."""
    assert for_pod(consolidated([made("own", 2024, app="cart")]), "web", CART) is None
    last = for_pod(consolidated([made("a", 2023, ("web",)), made("b", 2024, ("x",))]), "shop", CART)
    assert last
    assert [item.name for item in last.rules] == ["b"]


@pytest.mark.parametrize(
    ("rules", "is_known", "count"),
    [
        ([made("a"), made("b", app="cart")], True, 1),
        ([made("a", 2023), made("b", 2024)], True, 1),
        ([made("a", 2023), made("b")], False, 2),
        ([made("a"), made("b"), made("c")], False, 6),
        ([made(name) for name in "abcd"], False, 2),
        ([made("a"), made("b"), made("c", app="x"), made("d", app="y")], False, 4),
        ([made("a", app="x"), made("b", app="y")], False, 2),
    ],
    ids=["one of each", "ages", "one age", "three", "four", "two of each", "two selectors"],
)
def test_where_ages_are_not_known_every_order_is_read(rules: list[DestinationRule], is_known: bool, count: int) -> None:
    """The first is that of names; of more than three rules only that and its contrary."""
    found = list(readings(rules))

    assert (is_order_known(rules), len(found)) == (is_known, count)
    assert [[item.name for item in one.rules] for one in found[0]] == [text.split() for text in names(*rules)]
