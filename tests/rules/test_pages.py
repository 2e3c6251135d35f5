"""Every rule's page is its documentation and its test."""

import re
from collections import Counter

import pytest

from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.plan import Proposal, make_plan
from kubectl_meshfix.report import Report
from kubectl_meshfix.rules import RULES, page
from kubectl_meshfix.rules.pages import Given, all_given, captioned, given
from kubectl_meshfix.rules.pages import examples as fences
from kubectl_meshfix.rules.rule import Rule
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.targets.files import patched_texts, prepare
from tests.fixes.risks import must_name_its_risk
from tests.rules.offers import SCENES
from tests.rules.pages import ALL, FILE, Example, asked, examples, fixed, run

HEADINGS = ["What it finds", "Why it matters", "Example", "Fix", "Fix safety", "References"]


def places(report: Report) -> list[tuple[str, str]]:
    """Where the active findings are, and their codes."""
    return sorted((f"{row.location.file}:{row.location.line}" if row.location else "nowhere", row.code) for row in report.active)


def repaired(example: Example) -> dict[str, str]:
    """An example and what stands beside it after all fixes of its rule."""
    texts = {FILE: example.text, **example.beside}
    snapshot, manifests = from_texts(texts)
    rows = [row for row in diagnose(asked(snapshot, example.answers), RULES).active if row.fix and row.code == example.rule.code]
    plan = make_plan([Proposal(code=row.code, resource=row.resource, fix=row.fix) for row in rows if row.fix], frozenset(Safety))
    edits = prepare(plan, manifests)
    assert not edits.refusals
    return {**texts, **patched_texts(edits, manifests)}


def is_patched(example: Example) -> bool:
    """Whether its rule has a fix for it that is no mere advice."""
    return any(row.code == example.rule.code and row.fix and row.fix.safety is not Safety.MANUAL for row in run(example).active)


def sections(text: str) -> dict[str, str]:
    """A page's sections by their headings, without their examples."""
    found = re.split(r"^## (.*)\n", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


by_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
by_given = pytest.mark.parametrize("item", all_given(), ids=lambda item: item.name)


def of(what: str) -> pytest.MarkDecorator:
    """A test for each example that shows one thing, by its name."""
    return pytest.mark.parametrize("example", [item for item in ALL if item.what == what], ids=str)


@by_rule
def test_page_has_the_fixed_headings(rule: Rule) -> None:
    """A page is titled by code and name and has the same six headings as every other."""
    text = page(rule)

    assert text.splitlines()[0] == f"# {rule.code} {rule.name}"
    assert list(sections(text)) == HEADINGS


@by_rule
def test_every_heading_has_something_below_it(rule: Rule) -> None:
    """There is at least a sentence under each heading; references are a list, and examples may speak for themselves."""
    for heading, text in sections(page(rule)).items():
        if heading == "References":
            assert re.search(r"^- \w", text, re.MULTILINE), heading
        elif heading != "Example":
            assert re.search(r"\w+ \w+ \w+[^.]*\.(\s|$)", text), heading


@by_rule
def test_examples_can_be_told_apart(rule: Rule) -> None:
    """A page has a bad example. Where it has several of a kind, each has a name of its own, and every example is named."""
    counts = Counter(example.what for example in examples(rule))

    assert counts["bad"]
    for example in examples(rule):
        assert example.name or counts[example.what] == 1, f"an example of {example.what} has no name"
    assert len({(example.what, example.name) for example in examples(rule)}) == counts.total()


@by_rule
def test_a_rule_is_called_like_its_module(rule: Rule) -> None:
    """Who knows the name finds the module and the page."""
    assert rule.check.__module__.rpartition(".")[2] == rule.name.replace("-", "_")


@by_rule
def test_page_shows_how_it_is_right(rule: Rule) -> None:
    """A page shows what is good, by an example of its own or by what the fixes make."""
    assert {"good", "fixed"} & {example.what for example in examples(rule)}


@of("bad")
def test_bad_example_fires_exactly_there(example: Example) -> None:
    """A bad example gives the findings it expects, on their lines, and no others of any rule; one of them is its own rule's."""
    assert example.rule.code in {code for _, code in example.expected}
    assert places(run(example)) == sorted(example.expected)


@of("good")
def test_good_example_is_silent(example: Example) -> None:
    """No rule at all has anything to say of a good example."""
    assert not example.expected
    assert places(run(example)) == []


@of("bad")
def test_fixes_make_the_fixed_example(example: Example) -> None:
    """A bad example with its rule's fixes is the fixed one, byte for byte; a second run changes nothing. Without patches there is none."""
    wanted = fixed(example)
    if wanted is None:
        assert not is_patched(example), "a fix without an expected text is untested"
        return

    after = repaired(example)

    assert after == {FILE: wanted.text, **example.beside}
    assert wanted.text != example.text
    assert repaired(wanted) == after


@of("fixed")
def test_fixed_example_is_silent(example: Example) -> None:
    """What is fixed is good: no rule has anything to say of it, beside the same objects as the bad example it comes from."""
    (bad,) = [item for item in examples(example.rule, "bad") if (found := fixed(item)) and found.text == example.text]

    assert not example.expected
    assert not example.given, "it stands beside what its bad example names"
    assert places(run(example._replace(given=bad.given))) == []


@by_given
def test_given_objects_are_silent(item: Given) -> None:
    """Objects that examples name are said to be what they are, give no finding by themselves, and are used."""
    assert re.fullmatch(r"[A-Z].*[^.]", item.says)
    assert places(run(Example(RULES[0], "good", item.name, item.text))) == []
    assert any(item in example.given for example in ALL)


@by_rule
def test_readers_see_no_marks(rule: Rule) -> None:
    """As it is read, a page has words above each example, and neither titles nor marks that only tests understand."""
    text = captioned(page(rule))

    assert not re.search(r"^```yaml .", text, re.MULTILINE)
    assert "# expect" not in text
    for example in examples(rule):
        assert example.name in text


@by_rule
def test_aliases_are_those_of_the_findings(rule: Rule) -> None:
    """A rule is known by the codes that the findings of its bad examples carry, and by no others."""
    carried = {alias for example in examples(rule, "bad") for row in run(example).active if row.code == rule.code for alias in row.aliases}

    assert carried == set(rule.aliases)
    assert len(set(rule.aliases)) == len(rule.aliases)


@by_rule
def test_page_tells_every_risk(rule: Rule) -> None:
    """What its examples' fixes risk, in files and on a cluster, stands in the page's section on safety, word for word."""
    offered = [row.fix for example in examples(rule, "bad") for row in run(example).active if row.code == rule.code]
    offered += [row.fix for scene in SCENES if scene.rule is rule for row in scene.findings]
    for fix in offered:
        must_name_its_risk(fix)
    said = " ".join(page(rule).partition("\n## Fix safety\n")[2].partition("\n## ")[0].split())

    assert not sorted({fix.risk for fix in offered if fix and fix.risk and fix.risk not in said})


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


def test_a_title_that_is_none_is_told_with_its_page() -> None:
    """Whoever writes a page learns which fence of which page it is."""
    with pytest.raises(ValueError, match=r'^# MF000 a-rule: "worse" is not a title of an example$'):
        list(fences("# MF000 a-rule\n\n```yaml worse\na: b\n```\n"))


def test_objects_that_are_not_there_are_named_by_their_file() -> None:
    """So are those that an example names."""
    with pytest.raises(KeyError, match=r"^'rules/given/nothing.yaml'$"):
        given("nothing")
    with pytest.raises(KeyError, match=r"^'rules/given/nothing.yaml'$"):
        list(fences("```yaml bad +nothing\na: b\n```\n"))
