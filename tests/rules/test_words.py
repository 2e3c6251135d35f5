"""What the rules say is short and in plain words, wherever their pages show what they find."""

from pathlib import Path

import pytest

from docs.pages import ROOT
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.rules import RULES, page
from kubectl_meshfix.rules.rule import Rule
from tests.rules.wording import POINTER, findings, lengths, measured, texts
from tests.test_words import sentences
from tests.words import check

MESSAGE, FIX, RISK = 200, 160, 160
"""Characters that a message, a fix and a risk have at most."""

MEDIAN_MESSAGE, MEDIAN_FIX = 110, 80

SAID = tuple(findings())

MODULES = [path for room in ("rules", "fixes", "traffic") for path in sorted((ROOT / "kubectl_meshfix" / room).rglob("*.py"))]

by_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def of(rule: Rule) -> list[Diagnosis]:
    """What is found in a rule's examples."""
    return [row for row in SAID if row.code == rule.code]


@by_rule
def test_every_rule_is_read(rule: Rule) -> None:
    """Each rule says something."""
    assert of(rule)


@by_rule
def test_messages_are_short(rule: Rule) -> None:
    """No message is longer than one that is read once."""
    assert [row.message for row in of(rule) if len(row.message) > MESSAGE] == []


@by_rule
def test_fixes_are_short(rule: Rule) -> None:
    """No fix is longer, nor its risk, nor the reason why a person has to make it."""
    fixes = [row.fix for row in of(rule) if row.fix]

    assert [fix.summary for fix in fixes if len(fix.summary) > FIX] == []
    assert [fix.risk for fix in fixes if fix.risk and len(fix.risk) > RISK] == []
    assert [fix.why for fix in fixes if fix.why and len(fix.why) > RISK] == []


def test_most_are_shorter() -> None:
    """Half of the messages have at most 110 characters, and half of the fixes at most 80."""
    messages, fixes = [row.message for row in SAID], [row.fix.summary for row in SAID if row.fix]

    assert lengths(messages).median <= MEDIAN_MESSAGE, measured(SAID)
    assert lengths(fixes).median <= MEDIAN_FIX, measured(SAID)


@by_rule
def test_findings_are_plain(rule: Rule) -> None:
    """Messages, evidence, fixes, their risks and the rule's line in the catalogue have none of the banned words."""
    assert [problem for text in (rule.summary, *(text for row in of(rule) for text in texts(row))) for problem in check(text)] == []


@by_rule
def test_messages_have_no_pointers(rule: Rule) -> None:
    """A message names a field as people write it, never as a JSON pointer; also not the one that it is about."""
    assert [row.message for row in of(rule) if POINTER.search(row.message) or (row.path and row.path in row.message)] == []


@by_rule
def test_messages_are_whole_sentences(rule: Rule) -> None:
    """Messages, fixes and reasons end with a full stop."""
    said = [text for row in of(rule) for text in (row.message, row.fix.advice if row.fix else ".")]

    assert [text for text in said if not text.endswith(".")] == []


@by_rule
def test_pages_are_plain(rule: Rule) -> None:
    """A rule's page has none of the banned words either."""
    assert check(page(rule)) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT / "kubectl_meshfix").as_posix())
def test_sentences_are_plain(module: Path) -> None:
    """No sentence in the code has a banned word, whether an example says it or not."""
    assert [problem for text in sentences(module.read_text(encoding="utf-8")) for problem in check(text)] == []


def test_pointers_are_known() -> None:
    """A pointer is found in a sentence and in quotes; a path of requests, of files, an object and a label are none."""
    assert POINTER.search('The field "/spec/ports/0" is wrong.')
    assert POINTER.search("/metadata/labels/a~1b is wrong.")
    assert not POINTER.search("Service shop/spec on /v2 logs to /dev/stdout; networking.istio.io/data and shop/data/kind are names.")
