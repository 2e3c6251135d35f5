"""The HTML report: well-formed, closed to what a cluster wrote, and alive in a browser."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kubectl_meshfix.render.page import html
from tests.render.findings import RUN, diagnosed, everything, expected, finding, report

CHROMIUM = shutil.which("chromium")
VOID = frozenset({"meta", "input"})


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
        assert self.open.pop() == tag


def elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    """All elements of a page, which must be properly nested."""
    parser = Elements()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser.seen


def test_names_never_become_markup() -> None:
    """Whatever objects are called, the page has the elements and attributes of a page about tame ones."""
    wild, tame = (elements(html(found, RUN)) for found in (everything(), report(finding())))

    assert {tag for tag, _ in wild} - {tag for tag, _ in tame} <= {"li"}
    assert [tag for tag, _ in wild].count("script") == 1
    assert not any(name.startswith("on") for _, attributes in wild for name in attributes)
    assert not any(attributes.get("href", "#").startswith(("http", "java")) for _, attributes in wild if attributes.get("href"))  # type: ignore[union-attr]


def test_nothing_is_loaded_and_only_our_script_runs() -> None:
    """The page's policy lets in the one style and the one script by their hashes, and nothing else."""
    text = html(everything(), RUN)
    policy = next(attributes["content"] for tag, attributes in elements(text) if attributes.get("http-equiv"))

    assert policy
    assert re.fullmatch(r"default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; base-uri 'none'; form-action 'none'", policy)
    assert not re.search(r"""(src|href)=["'](?!#)""", text)


def test_headings_and_labels_are_in_order() -> None:
    """One first heading, sections named by their headings, and a label around every control."""
    found = elements(html(everything(), RUN))
    tags = [tag for tag, _ in found]
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]

    assert tags.count("h1") == tags.count("main") == 1
    assert len(ids) == len(set(ids))
    assert {attributes["aria-labelledby"] for tag, attributes in found if tag == "section"} <= set(ids)
    assert all(tags[index - 1] == "label" for index, tag in enumerate(tags) if tag == "input")


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_the_filter_runs_in_a_browser(tmp_path: Path) -> None:
    """Under its own policy the script runs, counts what it shows, and the console stays empty."""
    page = tmp_path / "report.html"
    page.write_text(diagnosed("html").stdout)
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    more = "--disable-component-update --disable-sync --enable-logging=stderr --dump-dom"
    done = subprocess.run(
        [str(CHROMIUM), *flags.split(), *more.split(), f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    assert f">{len(expected())} of {len(expected())} shown</output>" in done.stdout
    assert "CONSOLE" not in done.stderr
