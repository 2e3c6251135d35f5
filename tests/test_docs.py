"""The pages tell the truth: their commands print what they show, every command exists, every link leads somewhere."""

import contextlib
import re
from pathlib import Path

import pytest
from typer import BadParameter, Exit
from typer.main import get_group

from docs.pages import PAGES, commands, on_files, refreshed, shown, title
from kubectl_meshfix.cli.main import app

LINK = re.compile(r"\]\((?![a-z]+:)([^)\s]+)\)")

ON_FILES = [page for page in PAGES if any(on_files(arguments) for arguments in shown(page))]


@pytest.mark.parametrize("page", ON_FILES, ids=title)
def test_commands_print_what_the_page_shows(page: Path) -> None:
    """A page's commands on files, run one after the other in a copy of the examples. If the page is out of date: make docs."""
    assert page.read_text(encoding="utf-8") == refreshed(page)


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_command_exists(page: Path) -> None:
    """Each ``kubectl meshfix …`` on a page has a verb that is there, and flags that this verb takes."""
    program = get_group(app)
    for verb, *arguments in (words for words in commands(page) if words and words[0] != "--version"):
        _, command, _ = program.resolve_command(program.context_class(program), [verb])
        assert command, verb
        stands_in = any(word.isupper() and len(word) > 2 for word in arguments)  # FORMAT, DIR
        with contextlib.suppress(Exit, BadParameter) if stands_in else contextlib.suppress(Exit):
            command.make_context(verb, arguments)


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Links within the repository name files that are there, and headings that these have."""
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not heading or heading in headings(target), link


def headings(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
