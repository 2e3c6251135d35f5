"""Which rules a word means."""

import pytest

from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.choice import chosen, is_named

RULE = next(rule for rule in RULES if rule.code == "MF901")


@pytest.mark.parametrize(
    ("word", "is_meant"),
    [
        ("MF901", True),
        ("mf901", True),
        ("MF9", True),
        ("MF8", False),
        ("901", False),
        ("invalid-mesh-config", True),
        ("Invalid-Mesh-Config", True),
        ("invalid-mesh", False),
        ("ist0106", True),
        ("IST010", False),
        ("control_plane", True),
        ("Control-Plane", True),
        ("ambient", False),
        ("", False),
    ],
)
def test_a_word_means_a_rule(word: str, is_meant: bool) -> None:
    """By the beginning of its code, its whole name, a whole code of others, or its family; no word means none."""
    assert is_named(RULE, word) is is_meant


@pytest.mark.parametrize(
    ("select", "ignore", "codes"),
    [
        ([], [], ["MF901", "MF902"]),
        ([""], [], []),
        (["MF901"], [], ["MF901"]),
        ([], ["MF901"], ["MF902"]),
        (["MF9"], ["MF902"], ["MF901"]),
    ],
)
def test_rules_are_selected_before_they_are_ignored(select: list[str], ignore: list[str], codes: list[str]) -> None:
    """Everything is selected where nobody selects."""
    rules = [rule for rule in RULES if rule.code in ("MF901", "MF902")]
    assert [rule.code for rule in chosen(rules, select, ignore)] == codes
