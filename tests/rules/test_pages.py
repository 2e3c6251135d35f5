"""Every rule's page is its documentation and its test."""

import re

import msgspec
import pytest

from kubectl_meshfix.cli.work.governing import with_settings
from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.plan import Proposal, make_plan
from kubectl_meshfix.governance.config import parse_settings
from kubectl_meshfix.governance.run_coverage import RunCoverage
from kubectl_meshfix.report import Report
from kubectl_meshfix.rules import RULES, page
from kubectl_meshfix.rules.rule import Rule
from kubectl_meshfix.sources.files import from_texts
from kubectl_meshfix.targets.files import patched_texts, prepare
from tests.rules.pages import Example, examples

HEADINGS = ["What it finds", "Why it matters", "Example", "Fix", "Fix safety", "References"]

CART = """\
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  ports:
  - {name: fax, port: 80}
"""


def run(example: Example) -> Report:
    """All rules over an example; settings are laid over what is found in a Service, and only what is said of themselves counts."""
    text = example.text
    if not example.is_settings:
        return diagnose(from_texts({"page.yaml": text})[0], RULES)
    snapshot, _ = from_texts({"cart.yaml": CART})
    looked = RunCoverage(ran=RULES, namespace=None, is_partial=False, folders=(), objects=("Service shop/cart",))
    report = with_settings(diagnose(snapshot, RULES), parse_settings(text, "page.yaml"), RULES, looked)
    rows = tuple(row for row in report.findings if row.location and row.location.file == "page.yaml")
    assert [row.code for row in report.findings if row.suppressed] == ([] if rows else ["MF101"])
    return msgspec.structs.replace(report, findings=rows)


def places(report: Report) -> list[tuple[int, str]]:
    """Where the active findings are: (line, code)."""
    return sorted((row.location.line if row.location else 0, row.code) for row in report.active)


def fixed(text: str, code: str) -> str:
    """A text after all fixes of one rule."""
    snapshot, manifests = from_texts({"page.yaml": text})
    rows = [row for row in diagnose(snapshot, RULES).active if row.fix and row.code == code]
    plan = make_plan([Proposal(code=row.code, resource=row.resource, fix=row.fix) for row in rows if row.fix], frozenset(Safety))
    edits = prepare(plan, manifests)
    assert not edits.refusals
    return patched_texts(edits, manifests)["page.yaml"]


by_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


@by_rule
def test_page_has_the_fixed_headings(rule: Rule) -> None:
    """A page is titled by code and name and has the same six headings as every other."""
    lines = page(rule).splitlines()

    assert lines[0] == f"# {rule.code} {rule.name}"
    assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == HEADINGS


@by_rule
def test_bad_example_fires_exactly_there(rule: Rule) -> None:
    """A bad example gives the findings it expects, on their lines, and no others of any rule."""
    bad = examples(rule)["bad"]

    assert bad
    for example in bad:
        assert rule.code in {code for _, code in example.expected}
        assert places(run(example)) == sorted(example.expected)


@by_rule
def test_good_example_is_silent(rule: Rule) -> None:
    """No rule at all has anything to say of a good example."""
    good = examples(rule)["good"]

    assert good
    for example in good:
        assert places(run(example)) == []


@by_rule
def test_fixes_make_the_fixed_example(rule: Rule) -> None:
    """The bad example with the rule's fixes is the fixed one, byte for byte; a second run changes nothing, and the rule is silent."""
    found = examples(rule)
    if not found["fixed"]:
        fixes = [row.fix for example in found["bad"] for row in run(example).active if row.code == rule.code]
        assert all(fix is None or fix.safety is Safety.MANUAL for fix in fixes), "a fix without an expected text is untested"
        return
    for bad, expected in zip(found["bad"], found["fixed"], strict=False):
        after = fixed(bad.text, rule.code)

        assert after == expected.text
        assert fixed(after, rule.code) == after
        assert rule.code not in {code for _, code in places(run(Example(after, [])))}


def test_registry_is_sorted_and_unique() -> None:
    """Rules stand in the order of their codes, and no code or name is used twice."""
    codes = [rule.code for rule in RULES]

    assert codes == sorted(set(codes))
    assert len({rule.name for rule in RULES}) == len(RULES)


@by_rule
def test_page_says_it_in_whole_sentences(rule: Rule) -> None:
    """A summary is one line without a full stop, and the page has no unfinished words."""
    assert "\n" not in rule.summary
    assert not rule.summary.endswith(".")
    assert not re.search(r"TODO|XXX|lorem", page(rule))
