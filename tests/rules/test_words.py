"""What the rules say is short and in plain words, wherever their pages show what they find."""

from pathlib import Path

import pytest

from docs.pages import ROOT
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules import RULES, page
from kubectl_meshfix.rules.rule import Finding, Rule
from tests.rules import said
from tests.rules.limits import POINTER, problems
from tests.rules.wording import findings, measured
from tests.test_words import sentences
from tests.words import check

SAID = tuple(findings())

MODULES = [path for room in ("rules", "fixes", "traffic") for path in sorted((ROOT / "kubectl_meshfix" / room).rglob("*.py"))]

by_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


@by_rule
def test_findings_are_plain(rule: Rule) -> None:
    """What a rule finds is said shortly, in whole sentences, in plain words, and with fields as people write them."""
    found = [row for row in SAID if row.code == rule.code]

    assert found
    assert [problem for row in found for problem in problems(row)] == []


def test_all_that_is_said_has_been_read() -> None:
    """Message, evidence and fix of every bad example are those of said.txt. If they are to be others: make docs, and read the diff."""
    assert said.FILE.read_text(encoding="utf-8") == said.text()


def test_most_are_short() -> None:
    """Half of the messages have at most 110 characters, and half of the fixes at most 80."""
    wording = measured(SAID)

    assert wording.messages.median <= 110, str(wording)
    assert wording.fixes.median <= 80, str(wording)


@by_rule
def test_the_catalogue_and_the_pages_are_plain(rule: Rule) -> None:
    """Neither a rule's line in the catalogue nor its page has a banned word."""
    assert check(rule.summary) == []
    assert check(page(rule)) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT / "kubectl_meshfix").as_posix())
def test_sentences_are_plain(module: Path) -> None:
    """No sentence in the code has a banned word, whether an example says it or not."""
    assert [problem for text in sentences(module.read_text(encoding="utf-8")) for problem in check(text)] == []


def test_the_law_can_be_broken() -> None:
    """A finding that is too long, has a banned word, no full stop or a pointer is told."""
    cart = Ref(api_version="v1", kind="Service", namespace="shop", name="cart")

    def told(message: str, *evidence: str) -> str:
        return " ".join(problems(Finding(resource=cart, path="/spec/ports/0", message=message, evidence=evidence)))

    assert not told("Port 80 declares no protocol.", "no full stop here")
    assert "201 characters" in told("a" * 200 + ".")
    assert "full stop" in told("Port 80 declares no protocol")
    assert "pointer" in told("The field /spec/ports/0 is wrong.")
    assert "not said" in told("Port 80 declares no protocol.", "the last one wins")


def test_pointers_are_known() -> None:
    """A pointer is found in a sentence and in quotes; a path of requests or of files, an object and a label are none."""
    assert POINTER.search('The field "/spec/ports/0" is wrong.')
    assert POINTER.search("/metadata/labels/a~1b is wrong.")
    assert not POINTER.search("Service shop/spec on /v2 logs to /dev/stdout; networking.istio.io/data and shop/data/kind are names.")
