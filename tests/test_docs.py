"""The pages tell the truth: their commands print what they show, every command exists, every link leads somewhere."""

import contextlib
import json
import re
import shlex
from pathlib import Path

import jsonschema
import pytest
import yaml
from typer import Exit
from typer.main import get_group

from docs.pages import PAGES, ROOT, commands, on_files, refreshed, shown, title
from kubectl_meshfix.cli.main import app
from kubectl_meshfix.cli.verbs.examples import EXAMPLES
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.governance import config
from kubectl_meshfix.governance.expectations.reading import parse_expectations
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.coverage import Status, coverage

YAML = re.compile(r"^```yaml(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?![a-z]+:)([^)\s]+)\)")

CODE = re.compile(r"`([\w.-]+(?:/[\w.-]*)*)`")
PACKAGE = ROOT / "kubectl_meshfix"

SCHEMA = ROOT / "docs" / "schema" / "config.v1.json"
TESTS_SCHEMA = ROOT / "docs" / "schema" / "tests.v1.json"

ROOMS = {path.name for top in (ROOT, PACKAGE) for path in top.iterdir() if path.is_dir()}


def named(page: Path) -> list[tuple[str, ...]]:
    """The words after ``kubectl meshfix`` of the commands on a page that have a verb."""
    return [tuple(words) for words in commands(page) if words and words[0] != "--version"]


def paths(page: Path) -> list[str]:
    """What a page names that is a path of this repository by its first folder."""
    words = CODE.findall(page.read_text(encoding="utf-8"))
    return [word for word in words if "/" in word and word.partition("/")[0] in ROOMS and not word.startswith("rules/")]


ON_FILES = [page for page in PAGES if any(on_files(arguments) for arguments in shown(page))]


@pytest.mark.parametrize("page", ON_FILES, ids=title)
def test_commands_print_what_the_page_shows(page: Path) -> None:
    """A page's commands on files, run one after the other in a copy of the examples. If the page is out of date: make docs."""
    assert page.read_text(encoding="utf-8") == refreshed(page)


@pytest.mark.parametrize("page", [page for page in PAGES if any(named(page))], ids=title)
def test_every_command_exists(page: Path) -> None:
    """Each ``kubectl meshfix …`` on a page has a verb that is there, and flags that this verb takes."""
    program = get_group(app)
    for verb, *arguments in named(page):
        _, command, _ = program.resolve_command(program.context_class(program), [verb])
        assert command, verb
        stands_in = any(word.isupper() and len(word) > 2 for word in arguments)  # FORMAT, DIR
        with contextlib.suppress(Exit, UsageError) if stands_in else contextlib.suppress(Exit):
            command.make_context(verb, arguments)


@pytest.mark.parametrize("verb", EXAMPLES)
def test_the_examples_of_help_are_commands(verb: str) -> None:
    """What a verb's help shows as examples are commands of that verb with flags that it takes, and fits a narrow terminal."""
    program = get_group(app)
    for line in EXAMPLES[verb].strip().splitlines():
        _, _, named, *arguments = shlex.split(line.split(" > ")[0], comments=True)
        _, command, _ = program.resolve_command(program.context_class(program), [named])
        assert (named, len(line) < 79) == (verb, True)
        assert command
        command.make_context(named, arguments)


@pytest.mark.parametrize("page", [page for page in PAGES if LINK.search(page.read_text(encoding="utf-8"))], ids=title)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Links within the repository name files that are there, and headings that these have."""
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not heading or heading in headings(target), link


@pytest.mark.parametrize("page", [page for page in PAGES if any(paths(page))], ids=title)
def test_every_path_exists(page: Path) -> None:
    """A file or folder of this repository that a page names is there, from the root or within the package."""
    for path in paths(page):
        assert (ROOT / path).exists() or (PACKAGE / path).exists(), path


def test_the_table_of_rooms_is_whole() -> None:
    """In CONTRIBUTING's table each path exists, each file named in a row is in the folder of that row, and no room is missing."""
    table = re.search(r"^\| folder or file .*?(?=^$)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert table
    named = set()
    for row in table[0].splitlines()[2:]:
        first, second = row.strip("| ").split(" | ")
        folders = CODE.findall(first)
        named |= set(folders)
        assert all((PACKAGE / path).exists() for path in folders), first
        assert all((PACKAGE / folders[0] / name).exists() for name in CODE.findall(second) if name.endswith(".py") and name != ".py"), (
            second
        )
    rooms = [path.parent.relative_to(PACKAGE) for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE]
    for room in rooms:
        if room.parts[0] not in {"rules", "validation"} or len(room.parts) == 1:
            assert any(name.startswith(f"{room.as_posix()}/") for name in named), room


WRITTEN = [page for page in PAGES if "rules" not in page.parts and YAML.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", WRITTEN, ids=title)
def test_every_yaml_block_can_be_read(page: Path) -> None:
    """What a page gives people to copy is YAML; a settings file is one that the program takes, and that its schema allows."""
    for block in YAML.finditer(page.read_text(encoding="utf-8")):
        value = yaml.safe_load(block["text"])

        assert isinstance(value, dict | list), block["text"]
        if block["file"] == ".meshfix.yaml":
            config.parse_settings(block["text"], "docs.yaml")
            jsonschema.validate(json.loads(yaml_as_json(value)), json.loads(SCHEMA.read_text(encoding="utf-8")))
        if isinstance(value, dict) and "tests" in value:
            parse_expectations(block["text"], "docs.yaml")
            jsonschema.validate(value, json.loads(TESTS_SCHEMA.read_text(encoding="utf-8")))


def yaml_as_json(value: object) -> str:
    """A YAML value as JSON, in which dates are text."""
    return json.dumps(value, default=str)


def test_the_rules_are_counted() -> None:
    """The comparison says how many rules there are, and how many codes of the other tools they find."""
    rows = coverage()
    found = sum(row.status is Status.FOUND for row in rows)

    counted = f"| Messages | {len(RULES)} rules, which find {found} of the {len(rows)} codes of the other two |"
    assert counted in (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")


def headings(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
