"""What is known of environments: what may be written, what may be wrong, what was not looked at."""

import os
from pathlib import Path

import pytest

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.kustomize.building import Builder
from kubectl_meshfix.sources.kustomize.built import Builds, BuiltEnvironment, FailedEnvironment, objects_of
from kubectl_meshfix.sources.kustomize.environments import (
    Kustomized,
    Part,
    build_folders,
    nothing_built,
    read_environment,
    read_environments,
    stray_problems,
)
from kubectl_meshfix.sources.kustomize.tree import Environment, Tree, tree
from tests.sources.kustomize.shop import write

NONE = Builder(command=("none",))
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n"
ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: a\n"


def shop(folder: Path, builder: Builder | None = NONE, failed: tuple[str, ...] = (), *named: str) -> Kustomized:
    """An environment that was built, of a Service and a Role, and some that were not, for a reason each."""
    found = tree([str(write(folder, {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": SERVICE}))])
    (one,) = found.environments
    built = BuiltEnvironment(environment=one, objects=tuple(objects_of(f"{SERVICE}---\n{ROLE}")))
    gone = tuple(FailedEnvironment(environment=one, reason=reason, command=f"build {reason}") for reason in failed)
    return Kustomized(found, Builds(built=(built,), failed=gone), builder, named)


@pytest.mark.parametrize(
    ("named", "file", "may"),
    [
        ((), "/a/b", False),
        (("/a",), "/a/b", True),
        (("/a",), "/a", True),
        (("/a",), "/ab", False),
        (("/a", "/c"), "/c/d", True),
        (("/a", "/c"), "/a/d/e", True),
        (("/",), "/a", True),
        (("/a/b.yaml",), "/a/b.yaml", True),
        (("/a/b.yaml",), "/a/c.yaml", False),
        (("/a/../c",), "/c/d", True),
    ],
)
def test_files_below_what_was_named_may_be_written(named: tuple[str, ...], file: str, may: bool) -> None:
    """And those that were named themselves."""
    assert Kustomized(tree([]), Builds(built=(), failed=()), None, named).may_write(file) is may


def test_what_a_build_could_prove_wrong(tmp_path: Path) -> None:
    """Objects of files that a kustomization names, where nothing builds, and what stands for an environment that was not built."""
    file, ref = str(tmp_path / "a.yaml"), Ref("v1", "Service", None, "a")
    with_builder, without = shop(tmp_path), shop(tmp_path, None)
    (part,) = with_builder.objects
    instead = Environment(folder="x", parts=part.environment.environment.parts, instead_of=("y",))

    said = [
        *(with_builder.could_be_wrong("MF203", ref, file), without.could_be_wrong("MF203", ref, file)),
        *(without.could_be_wrong("MF203", ref), without.could_be_wrong("MF101", ref, file)),
        without.could_be_wrong("MF203", ref, str(tmp_path / "b.yaml")),
    ]
    with_builder.parts[ref] = part
    as_built = with_builder.could_be_wrong("MF203", ref, file)
    with_builder.parts[ref] = Part(BuiltEnvironment(environment=instead, objects=()), part.built)

    assert said == [False, True, False, False, False]
    assert (as_built, with_builder.could_be_wrong("MF203", ref), with_builder.could_be_wrong("MF101", ref)) == (False, True, False)


def test_objects_are_those_of_kinds_that_are_read(tmp_path: Path) -> None:
    """A Role is only ever compared."""
    assert [part.built.identity.kind for part in shop(tmp_path).objects] == ["Service"]


@pytest.mark.parametrize("name", ["kustomization.yaml", "./kustomization.yml", "sub/Kustomization", "sub"])
def test_a_kustomization_stands_for_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Also that of the folder where one is; other files, and what is not there, have none."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {name if name != "sub" else "sub/kustomization.yaml": "resources: []\n", "other.yaml": ""})

    found = read_environments([name, "other.yaml", "gone", "-"], is_missing=True)

    (one,) = found.tree.environments
    assert one.key == os.path.realpath("sub" if "sub" in name else ".")
    assert found.may_write("sub/x.yaml" if "sub" in name else "x.yaml")
    assert found.may_write("z.yaml") is ("sub" not in name)


def test_without_kustomizations_nothing_is_said_of_a_program(tmp_path: Path) -> None:
    """None is looked for, and none is missed; one that is there is named once."""
    none, missed = build_folders([], [], builder=NONE), build_folders([str(write(tmp_path) / "component")], [], is_missing=True)

    assert (none.builder, list(none.problems())) == (None, [])
    assert [problem.location and problem.location.file for problem in missed.problems()] == [""]
    assert [problem.location and problem.location.file for problem in shop(tmp_path / "one", None).problems()] == [
        str(tmp_path / "one/kustomization.yaml")
    ]
    assert list(Kustomized(Tree(nodes={}, within=frozenset()), Builds(built=(), failed=()), None, ()).problems()) == []


@pytest.mark.parametrize(
    ("is_remote", "command", "reason", "said"),
    [
        (False, "x", "no", [("kustomize cannot build it: no", "Make kustomize build it, and run this again.", "x")]),
        (True, "x", "no", [("it builds on remote files, which are not fetched", "Check what it builds.", "x")]),
        (False, "x --enable-helm y", "no", [("kustomize cannot build it: no", "Check what it builds.", "x --enable-helm y")]),
        (False, "x", "kustomization.yaml is empty", []),
    ],
)
def test_what_was_not_built_is_a_gap(tmp_path: Path, is_remote: bool, command: str, reason: str, said: list[tuple[str, str, str]]) -> None:
    """With what a person can do; a kustomization that names nothing hides nothing."""
    found = shop(tmp_path)
    failed = FailedEnvironment(
        environment=Environment(folder="x", parts=found.builds.built[0].environment.parts, remote=("far",)),
        reason=reason,
        command=command,
        is_remote=is_remote,
    )

    rows = list(Kustomized(found.tree, Builds(built=(), failed=(failed,)), NONE, ()).problems())

    assert [(row.reason, row.advice, row.command) for row in rows] == said
    assert all((row.evidence, row.level, row.hides) == (("far",), "warning", True) for row in rows)
    assert all(row.location and row.location.file == str(tmp_path / "kustomization.yaml") for row in rows)
    assert list(found.problems()) == []
    assert list(found.sources) == [str(tmp_path / "kustomization.yaml"), str(tmp_path / "a.yaml")]


def test_nothing_was_checked_where_all_failed(tmp_path: Path) -> None:
    """The first that names something tells why; where anything was built, or nothing failed, that is not the reason."""
    empty = "kustomization.yaml is empty"
    failed, built, alone = shop(tmp_path, NONE, (empty, "no", "nor")), shop(tmp_path, NONE, ("no",)), shop(tmp_path, NONE, (empty,))
    (part,) = built.objects
    built.parts[Ref("v1", "Service", None, "a")] = part

    error = nothing_built(failed, ["x", "y"])

    assert error
    assert (str(error), error.hint) == (
        "Nothing was checked in x, y: kustomize cannot build it: no.",
        "Check what it builds with: build no",
    )
    assert str(nothing_built(alone, ["x"])) == f"Nothing was checked in x: kustomize cannot build it: {empty}."
    assert nothing_built(built, ["x"]) is None
    assert nothing_built(shop(tmp_path), ["x"]) is None


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("a", "a in its folder, so it was"),
        ("ba", "a, b in its folder, so they were"),
        ("cab", "a, b, c in its folder, so they were"),
        ("dcba", "a, b and 2 more in its folder, so they were"),
    ],
)
def test_three_files_are_named_beside_a_kustomization(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: str, said: str) -> None:
    """Of more, two and how many; also of the folder where one is."""
    monkeypatch.chdir(tmp_path)
    found = shop(tmp_path)

    (problem,) = stray_problems(found.strays([*names, "a.yaml", "kustomization.yaml", "sub/x"]))

    assert (problem.reason, problem.level, problem.hides) == (f"it does not name {said} not checked", "info", False)
    assert shop(tmp_path, None).strays(["a"]) == {}


def test_one_folder_needs_a_program(tmp_path: Path) -> None:
    """-k says so where there is none that builds."""
    (tmp_path / "old").write_text("#!/bin/sh\necho 'unknown command \"kustomize\"' >&2; exit 1\n")
    (tmp_path / "old").chmod(0o755)

    with pytest.raises(SourceError, match=r"^Neither kubectl nor kustomize is on the path, so nothing can be built"):
        read_environment(str(write(tmp_path / "shop") / "dev"), Builder(command=(str(tmp_path / "old"),)))
