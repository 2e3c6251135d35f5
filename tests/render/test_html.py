"""The HTML pages: well-formed, closed to what a cluster wrote, and alive in a browser."""

import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from kubectl_meshfix.chain.steps import Check, Outcome, Status, Step, Where, step
from kubectl_meshfix.cli.main import app
from kubectl_meshfix.injection.explanation import Advice, Explanation, InjectionVerdict, Probe, by_stage
from kubectl_meshfix.injection.membership import Mode
from kubectl_meshfix.injection.stages import STAGES
from kubectl_meshfix.render.chain import html as chain
from kubectl_meshfix.render.chain.signs import WORDS
from kubectl_meshfix.render.report.html import html
from kubectl_meshfix.render.text.page import LONGEST
from kubectl_meshfix.report import ClusterSource, Report, ReportSource
from kubectl_meshfix.resources.meta import Ref
from tests.render.browser import Tab
from tests.render.findings import EVIL, EXAMPLES, RUN, diagnosed, everything, expected, finding, report
from tests.render.readers import AXE

VOID = frozenset({"meta", "input", "rect"})

WILD = (
    EVIL,
    "javascript:alert(1)",
    '" onmouseover="alert(1)" x="',
    "<img src=x onerror=alert(1)>",
    "</style><style>body{display:none}</style>",
    "a\u2028b\u2029c\u061cd\u2066e\U000e0041",
    "]]><!--",
    "{{7*7}}${7*7}",
    " ",
    "x" * 100_000,
)


class Elements(HTMLParser):
    """Every element with its attributes, and a complaint where one is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    """All elements of a page, which must be properly nested."""
    parser = Elements()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser.seen


def answered(stage: str, status: Status, word: str) -> Step:
    """A check of a stage that ended so, at a place of its own."""
    outcome = Outcome(Check(id=word, stage=stage, question="", source=""), status, "{word}")
    return step(outcome, Where(resource=Ref("v1", "Pod", word, word), path=f"/{status}"), evidence=(word, word), word=word)


def explanation(word: str = "word") -> Explanation:
    """A target with one of each in its chain, all of it saying one word."""
    steps = tuple(answered(name, status, word) for name in STAGES for status in Status)
    decided_by = steps[list(Status).index(Status.FAIL)]
    return Explanation(
        target=Ref("apps/v1", "Deployment", word, word),
        verdict=InjectionVerdict(injected=False, mode=Mode.NONE, decided_by=decided_by, summary=word, requested=True, as_requested=False),
        matched_webhooks=(),
        stages=by_stage(steps),
        probe=Probe(ran=True, injected=True, agrees=False, error=word, containers=(word,), changes=(word,)),
        advice=(Advice(summary=word, command=word),),
    )


def pages(word: str) -> tuple[str, str]:
    """A report, with a chain in it, and an explanation about something of this name."""
    ref = Ref("apps/v1", "Deployment", word, word)
    row = finding(code="MF305", resource=ref, location=None, message=word, evidence=(word,), path=f"/{word}", name=word)
    run = msgspec.structs.replace(RUN, chains=(explanation(word),))
    return html(report(row, context=word), run), chain.html([explanation(word)] * 2, word)


@pytest.mark.parametrize("word", WILD)
def test_names_never_become_markup(word: str) -> None:
    """Whatever objects are called, the pages have the elements and attributes of pages about tame ones, and nothing a reader obeys."""
    for wild, tame in zip(pages(word), pages("word"), strict=True):
        found, wanted = elements(wild), elements(tame)
        assert [tag for tag, _ in found] == [tag for tag, _ in wanted]
        assert [set(attributes) for _, attributes in found] == [set(attributes) for _, attributes in wanted]
        assert all(re.fullmatch(r"#(content|target-\d+)", attributes["href"] or "") for _, attributes in found if "href" in attributes)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u061c\u2028-\u202e\u2066-\u2069\U000e0041]", wild)
        assert "x" * (LONGEST + 1) not in wild


def test_nothing_is_loaded_and_only_our_script_runs() -> None:
    """The pages' policy lets in the one style and the one script by their hashes, and nothing else."""
    for text in (html(everything(), RUN), chain.html([explanation()])):
        policy = next(attributes["content"] for _, attributes in elements(text) if attributes.get("http-equiv"))

        assert policy
        assert re.fullmatch(
            r"default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; base-uri 'none'; form-action 'none'", policy
        )
        assert not re.search(r"""(src|href)=["'](?!#)|style=|url\(""", text)


def test_headings_and_labels_are_in_order() -> None:
    """One first heading and none left out below it, what is named by another is named by what is there, every control in a label."""
    for text in (html(everything(), RUN), *pages("word")):
        found = elements(text)
        tags = [tag for tag, _ in found]
        ids = [attributes["id"] for _, attributes in found if "id" in attributes]
        levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]

        assert tags.count("h1") == tags.count("main") == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert len(ids) == len(set(ids))
        assert {attributes["aria-labelledby"] for _, attributes in found if "aria-labelledby" in attributes} <= set(ids)
        assert all(tags[index - 1] == "label" for index, tag in enumerate(tags) if tag == "input")


def test_the_chain_is_whole_and_says_what_decided() -> None:
    """Every check stands in its stage with its verdict in words and its evidence; only the one that decided is said to have."""
    text = chain.html([explanation()])

    assert text.count('<li class="fail decided">') == 1
    assert text.count(">decided</span>") == 1
    assert all(text.count(f"</span> {word}</span>") >= 3 for word in WORDS.values())
    assert text.count("<summary>Evidence</summary>") == 3 * len(Status)
    assert "not as predicted" in text


def test_a_report_draws_the_chain_of_what_is_about_injection() -> None:
    """Objects with findings about injection have their chain below these, others have none; the command draws it from files alone."""
    text = diagnosed("html").stdout
    sections = text.split("<section data-group")[1:]
    with_chain = {section.split("</h2>")[0] for section in sections if 'class="chain"' in section}

    assert with_chain
    assert with_chain == {
        section.split("</h2>")[0]
        for section in sections
        if re.search(r'<article class="(error|warning|info)".*\n.*\bMF3\d\d ', section)
        and re.search(">(Namespace|Deployment|Job|Pod|StatefulSet) ", section)
    }


def test_explain_makes_a_page_of_the_same_targets_and_exit_code() -> None:
    """``explain -o html`` has each target once, those that are not as asked first, and ends as ``-o json`` does."""
    arguments = ["explain", "-f", EXAMPLES, "-R", "-o"]
    page, document = (CliRunner().invoke(app, [*arguments, output]) for output in ("html", "json"))
    kinds = re.findall(r'<article data-kind="(\w+)"', page.stdout)
    listed = page.stdout.split('<table class="overview">')[1].split("</table>")[0]

    assert page.exit_code == document.exit_code == 1
    assert len(kinds) == len(msgspec.json.decode(document.stdout)["explanations"])
    assert kinds == sorted(kinds, key=list(chain.KINDS.values()).index)
    assert kinds.count("wrong") >= 3
    assert page.stdout.count(">decided</span>") == listed.count('<a href="#target-') == len(kinds)


def shown(browser: Tab) -> int:
    """How many rows a person sees."""
    return int(browser.run("[...document.querySelectorAll('article')].filter((row) => row.checkVisibility()).length"))


def type_in(browser: Tab, words: str) -> None:
    """Type into the search, and wait until the page has answered."""
    browser.run(f"filter.elements.words.value = {words!r}; filter.dispatchEvent(new Event('input', {{bubbles: true}}))")
    browser.run("new Promise((resolve) => setTimeout(resolve, 200))")


def test_the_filter_works_in_a_browser(browser: Tab, tmp_path: Path) -> None:
    """Search, boxes and the links of the summary narrow what is shown, say how much that is, and the console stays empty."""
    page = tmp_path / "report.html"
    page.write_text(diagnosed("html").stdout)
    browser.open(page)
    total = len(expected())

    assert shown(browser) == total
    assert browser.run("document.querySelector('output').textContent") == f"{total} of {total} shown"
    type_in(browser, "mf303 PAYMENTS")
    assert shown(browser) == 1
    type_in(browser, "xyzzy")
    assert shown(browser) == 0
    assert "Change the search" in browser.run("document.querySelector('output').textContent")
    type_in(browser, "")
    browser.run("document.querySelector('[value=error]').click(); new Promise((resolve) => setTimeout(resolve, 200))")
    assert shown(browser) == sum(row["severity"] != "error" for row in expected())
    browser.run("document.querySelector('[value=error]').click(); document.querySelector('[data-words=MF303]').click()")
    assert shown(browser) == sum("MF303" in str(row) for row in expected())
    assert browser.heard() == []


@pytest.mark.parametrize("word", WILD)
def test_no_name_does_anything_in_a_browser(browser: Tab, word: str, tmp_path: Path) -> None:
    """The browser, too, finds nothing to run or to load in a hostile name, and no page grows wider than its window."""
    for number, text in enumerate(pages(word)):
        page = tmp_path / f"{number}.html"
        page.write_text(text)
        browser.open(page, width=390)
        browser.run("document.querySelectorAll('details').forEach((item) => { item.open = true; })")

        assert browser.heard() == []
        assert browser.run("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.skipif(AXE is None, reason="NODE_PATH names no folder with axe-core")
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "light"), (1280, "dark")])
def test_axe_finds_nothing(browser: Tab, width: int, scheme: str, tmp_path: Path) -> None:
    """A report and explanations, all details open, keep to axe-core's rules on a phone, on a desk and in the dark."""
    explained = CliRunner().invoke(app, ["explain", "-f", EXAMPLES, "-R", "-n", "shop", "-o", "html"]).stdout
    assert AXE
    for number, text in enumerate((html(everything(), RUN), html(report(), RUN), *pages("word"), diagnosed("html").stdout, explained)):
        page = tmp_path / f"{number}.html"
        page.write_text(text)
        browser.open(page, width=width, prefers_color_scheme=scheme)
        browser.run("document.querySelectorAll('details').forEach((item) => { item.open = true; })")
        browser.run(f"{AXE.read_text()};0")
        found = browser.run("axe.run().then((result) => result.violations.map((rule) => [rule.id, rule.nodes.map((node) => node.html)]))")

        assert found == []


def test_paper_shows_everything(browser: Tab, tmp_path: Path) -> None:
    """Before printing all details are opened, and closed again after it."""
    page = tmp_path / "report.html"
    page.write_text(html(everything(), RUN))
    browser.open(page)
    closed = "document.querySelectorAll('details:not([open])').length"
    before = browser.run(closed)
    browser.run("dispatchEvent(new Event('beforeprint'))")

    assert browser.run(closed) == 0 < before
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert browser.run(closed) == before


def several() -> Report:
    """A report of two clusters."""
    clusters = tuple(ClusterSource(context=name, server="https://c") for name in ("blue", "red"))
    return msgspec.structs.replace(report(finding()), source=ReportSource(kind="cluster", clusters=clusters))


@pytest.mark.parametrize(
    ("found", "where"),
    [
        (report(finding()), "1 file,"),
        (report(finding(), context="blue"), "blue (https://c),"),
        (several(), "2 clusters: blue, red,"),
    ],
    ids=["files", "cluster", "clusters"],
)
def test_the_page_says_what_was_read(found: Report, where: str) -> None:
    """Which files, which cluster and where it answers, or which clusters."""
    assert f'<p class="faint">{where} <time>' in html(found, RUN)


def test_every_cluster_has_its_counts_or_was_not_checked() -> None:
    """A cluster without findings is on the page too, and one that could not be read stands first, without a number."""
    away = ClusterSource(context="far", error="no answer")
    found = several()
    rows = tuple(msgspec.structs.replace(row, cluster="red") for row in found.findings)
    source = msgspec.structs.replace(found.source, clusters=(*found.source.clusters, away))

    page = html(msgspec.structs.replace(found, findings=rows, source=source), RUN)

    table = page.split("<caption>By cluster</caption>")[1].split("</table>")[0]
    said = [" ".join(re.sub("<[^>]*>", " ", row).split()) for row in table.split("<tr>")[1:]]
    assert said == ["far not checked", "red ✗ 0 ! 1 i 0", "blue ✗ 0 ! 0 i 0"]
