"""What is said where nothing was checked."""

from pathlib import Path

import msgspec
import pytest

from kubectl_meshfix.mesh.problems import Location, Problem
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.manifest_files import Texts
from kubectl_meshfix.sources.nothing_read import NAME_SOME, nothing_read

FILE = Ref("", "File", None, "a.yaml")
UNFILLED = Problem(resource=FILE, path="", reason="x", location=Location("a.yaml", 1, 1), level="info", hides=True)
REMARK = msgspec.structs.replace(UNFILLED, hides=False)
WARNING = msgspec.structs.replace(UNFILLED, level="warning")
NO_HELM = msgspec.structs.replace(WARNING, kept_by="no helm", reason="helm is not there")
FAILED = msgspec.structs.replace(WARNING, kept_by="helm", reason="helm fails", command="helm template c")


def manifest(kind: str, version: str = "example.com/v1") -> str:
    """A document."""
    return f"apiVersion: {version}\nkind: {kind}\n"


def chart(folder: str) -> dict[str, str]:
    """The text of a chart."""
    return {f"{folder}/Chart.yaml": "apiVersion: v2\nname: x\n"}


IN = "Nothing was checked in files: there "
EMPTY = "There is no Kubernetes object in files."
IGNORED = "Files that .gitignore names are read with --no-ignore, and those that you name."
RENDER = "Render it first: helm template a | kubectl meshfix diagnose -f - (or add --helm)"


@pytest.mark.parametrize(
    ("texts", "problems", "ignored", "message", "hint"),
    [
        ({}, [], 0, EMPTY, NAME_SOME),
        ({"a": "a: 1\n"}, [], 0, EMPTY, NAME_SOME),
        ({"a": "kind: Thing\n"}, [], 0, EMPTY, NAME_SOME),
        ({"a": manifest("null")}, [], 0, EMPTY, NAME_SOME),
        ({"a": manifest("Service", "v1")}, [], 0, EMPTY, NAME_SOME),
        ({"a": manifest("Thing")}, [], 0, IN + "is Thing, which no rule reads.", NAME_SOME),
        ({"a": manifest("Secret", "v1") + "---\n" + manifest("Service", "v1")}, [], 0, IN + "is Secret, which no rule reads.", NAME_SOME),
        ({"a": manifest("Thing") + "---\na: 1\n---\n- b\n"}, [], 0, IN + "is Thing, which no rule reads.", NAME_SOME),
        ({"a": manifest("B"), "b": manifest("B"), "c": manifest("A")}, [], 0, IN + "is A, B, which no rule reads.", NAME_SOME),
        ({name: manifest(name) for name in "CBA"}, [], 0, IN + "is A, B, C, which no rule reads.", NAME_SOME),
        ({name: manifest(name) for name in "DCBA"}, [], 0, IN + "is A, B, C and other kinds, which no rule reads.", NAME_SOME),
        ({}, [UNFILLED, REMARK, WARNING], 0, IN + "is 1 file with placeholders that are not filled in.", NAME_SOME),
        ({}, [UNFILLED, UNFILLED], 0, IN + "are 2 files with placeholders that are not filled in.", NAME_SOME),
        ({}, [REMARK], 0, EMPTY, NAME_SOME),
        ({}, [WARNING], 0, EMPTY, NAME_SOME),
        ({}, [], 1, IN + "is 1 path that .gitignore names.", IGNORED),
        ({}, [], 12, IN + "are 12 paths that .gitignore names.", IGNORED),
        (chart("a"), [], 0, IN + "is 1 Helm chart.", RENDER),
        ({**chart("a"), **chart("b")}, [], 0, IN + "are 2 Helm charts.", RENDER),
        (
            {**chart("a"), "b": manifest("Thing")},
            [UNFILLED],
            2,
            IN + "is 1 Helm chart and 1 file with placeholders that are not filled in and Thing, which no rule reads and "
            "2 paths that .gitignore names.",
            RENDER,
        ),
    ],
)
def test_what_was_there_instead_is_told(texts: dict[str, str], problems: list[Problem], ignored: int, message: str, hint: str) -> None:
    """Charts, placeholders, kinds that nobody reads and what git ignores; and how to get on."""
    error = nothing_read(["files"], Texts(texts, [], ignored), problems, recursive=True)

    assert (error.message, error.hint) == (message, hint)


@pytest.mark.parametrize(
    ("problems", "message", "hint"),
    [
        ([WARNING, NO_HELM], "Nothing was checked in files: helm is not there.", "Put helm on the path."),
        ([FAILED, NO_HELM], "Nothing was checked in files: helm fails.", "Check it with: helm template c"),
        ([WARNING], EMPTY, NAME_SOME),
    ],
)
def test_a_chart_that_should_have_been_rendered_comes_first(problems: list[Problem], message: str, hint: str) -> None:
    """Whatever else was there."""
    error = nothing_read(["files"], Texts({}, problems), [], recursive=True)

    assert (error.message, error.hint) == (message, hint)


def test_places_are_told_as_they_were_named() -> None:
    """A dot is a folder, too."""
    error = nothing_read([".", "b"], Texts({}, []), [], recursive=True)

    assert error.message == "There is no Kubernetes object in this folder, b."


def test_folders_below_may_hold_what_is_looked_for(tmp_path: Path) -> None:
    """They are told of where they hold a file with the name of a manifest, and only where they were not searched."""
    (tmp_path / "below").mkdir()
    for number in range(20):
        (tmp_path / f"note-{number}.txt").touch()
    (tmp_path / "below" / "note.txt").touch()
    paths = [str(tmp_path / "nowhere"), str(tmp_path)]

    def hint(*, recursive: bool = False) -> str:
        return nothing_read(paths, Texts({}, []), [], recursive=recursive).hint

    assert hint() == NAME_SOME
    (tmp_path / "below" / "a.yaml").touch()
    assert hint() == f"The folders in {tmp_path} hold files: add -R to read them."
    assert hint(recursive=True) == NAME_SOME
    (tmp_path / "below" / "a.yaml").rename(tmp_path / "a.yaml")
    assert hint() == NAME_SOME
