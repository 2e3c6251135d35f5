"""The site as it is built: the catalogue's filter, the marked lines of rule pages, and what axe-core says of both."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.render.browser import Tab
from tests.render.readers import AXE

pytest.importorskip("furo")

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ("rules/README.md", "rules/MF603.md", "rules/given.md", "checks.md")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of a few pages, built with the settings of the whole one."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for page in PAGES:
        (source / page).parent.mkdir(exist_ok=True)
        shutil.copy(DOCS / page, source / page)
    (source / "index.md").write_text("# Home\n\n```{toctree}\n:caption: Reference\n:hidden:\n\nrules/README\nchecks\n```\n")
    subprocess.run([sys.executable, "-m", "sphinx", "-q", "-c", DOCS, "-b", "html", source, built], cwd=DOCS.parent, check=True)
    return built


def test_what_a_rule_finds_is_marked(site: Path) -> None:
    """The lines of a rule page's examples that name the rule are marked, and no others."""
    page = (site / "rules/MF603.html").read_text(encoding="utf-8")
    marked = [part.split("\n")[0] for part in page.split('<span class="hll">')[1:]]

    assert marked
    assert all("# MF603" in line for line in marked)


def test_rules_are_below_the_catalogue(site: Path) -> None:
    """The side bar has the pages of rules below the catalogue, and its headings have a level."""
    bar = (site / "index.html").read_text(encoding="utf-8").split('class="sidebar-tree"')[1].split("<article")[0]

    assert 'class="toctree-l2"><a class="reference internal" href="rules/MF603.html">' in bar
    assert bar.count('role="heading"') == bar.count('role="heading" aria-level="2"') == 1


def test_the_catalogue_is_filtered(site: Path, browser: Tab) -> None:
    """Words and boxes narrow the rows, with how many are left; other pages of tables have no filter."""
    browser.open(site / "rules/README.html")
    rows = "[...document.querySelectorAll('section#rules tbody tr')].filter((row) => row.checkVisibility()).map((row) => row.textContent)"
    said = "document.querySelector('.filter output').textContent"
    change = "document.querySelector('.filter').dispatchEvent(new Event('input'))"
    every = browser.run(rows)

    assert browser.run(said) == f"{len(every)} of {len(every)} rules"
    browser.run(f"document.querySelector('.filter [type=search]').value = 'IST0118 ports'; {change}")
    assert [row.split()[0] for row in browser.run(rows)] == ["MF101"]
    browser.run("document.querySelector('.filter [value=warning]').click()")
    assert browser.run(rows) == []
    browser.run(f"document.querySelector('.filter [type=search]').value = ''; {change}")
    assert len(browser.run(rows)) == sum("warning" not in row.split() for row in every)
    browser.open(site / "checks.html")
    assert browser.run("document.querySelector('.filter')") is None
    assert not [word for word in browser.heard() if "exceptionDetails" in word]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_can_be_read_by_all(site: Path, browser: Tab, width: int, scheme: str) -> None:
    """No page is wider than its window, and axe-core, where it is installed, finds nothing."""
    for page in ("index", "rules/README", "rules/MF603"):
        browser.open(site / f"{page}.html", width=width, prefers_color_scheme=scheme)

        assert browser.run("document.documentElement.scrollWidth <= innerWidth")
        if AXE:
            browser.run(f"{AXE.read_text()};0")
            assert (
                browser.run("axe.run().then((result) => result.violations.map((rule) => [rule.id, rule.nodes.map((node) => node.html)]))")
                == []
            )
