"""The codes of istioctl and Kiali: each is found by a rule, or is argued."""

from pathlib import Path

from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.coverage import ARGUED, Status, coverage
from kubectl_meshfix.rules.foreign_codes import ISTIOCTL, KIALI

PARITY = Path(__file__).parent.parent.parent / "docs" / "parity.md"


def test_aliases_are_codes_that_the_tools_have() -> None:
    """A rule's alias is a code of istioctl or Kiali; one that is misspelt would name nothing."""
    assert {alias for rule in RULES for alias in rule.aliases} <= {*ISTIOCTL, *KIALI}


def test_what_is_argued_is_not_found_and_stands_in_the_page() -> None:
    """A code that no rule is to find has its argument in docs/parity.md, and none that a rule finds is among them."""
    page = PARITY.read_text(encoding="utf-8")

    assert not [code for code in ARGUED if code not in page]
    assert not [row.code for row in coverage() if row.rules and row.code in ARGUED]


def test_no_code_is_left_open() -> None:
    """Each code of the other tools is found by a rule, or argued."""
    assert not [row.code for row in coverage() if row.status is Status.MISSING]


def test_every_code_has_a_row() -> None:
    """Codes are listed once, in their order, those of istioctl first; each status says what it means."""
    rows = coverage()

    assert [row.code for row in rows] == [*sorted(ISTIOCTL), *sorted(KIALI)]
    assert all(bool(row.rules) == (row.status is Status.FOUND) and bool(row.reason) == (row.status is Status.ARGUED) for row in rows)
