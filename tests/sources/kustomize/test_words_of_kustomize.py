"""What kustomize says, in few words, and what it writes, object by object."""

import os
from pathlib import Path

import pytest

from kubectl_meshfix.sources.kustomize.building import Builder, build
from kubectl_meshfix.sources.kustomize.built import Builds, BuiltObject, FailedEnvironment, Identity, build_all, build_one, objects_of
from kubectl_meshfix.sources.kustomize.tree import Environment, folders_in, tree
from kubectl_meshfix.sources.programs import Failed
from tests.sources.kustomize.shop import write

DEEP = "accumulating resources: accumulation err='accumulating resources from '../b': read ROOT/../b: is a directory': "
DEEP += "recursed accumulation of path 'PARENT/b': "
LSTAT = "evalsymlink failure on 'ROOT/a.yaml' : lstat ROOT/a.yaml: no such file or directory"
ABSENT = f"accumulating resources: accumulation err='accumulating resources from 'a.yaml': {LSTAT}': "


def program(folder: Path, text: str) -> Builder:
    """A shell script that builds."""
    (folder / "build").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "build").chmod(0o755)
    return Builder(command=(str(folder / "build"),))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("error: no", "no"),
        ("Error: no.", "no"),
        ("# Warning: 'bases' is deprecated\nError:   a\n  b", "a b"),
        ("W0102 03:04:05 1 x.go:1] deprecated\nerror: no", "no"),
        ("W012 x\nerror: no", "W012 x error: no"),
        ("not a W0102 line", "not a W0102 line"),
        ('E0102 03:04:05.1 7 run.go:74] "command failed" err="a \\"b\\""', 'a "b"'),
        ('E0102 03:04:05.1 7 run.go:74] "command failed" err=<\n\ta b\n >', "a b"),
        (f"{ABSENT}must build at directory: not a valid directory: {LSTAT}", "a.yaml does not exist"),
        (f"{ABSENT}it cannot be", "accumulation err='accumulating resources from 'a.yaml': a.yaml does not exist': it cannot be"),
        (
            "accumulating components: x from 'c': must build at directory: 'c' is a file",
            "x from 'c': must build at directory: 'c' is a file",
        ),
        ("accumulating resources from 'a.yaml': open: no such file or directory", "open: no such file or directory"),
        ("accumulating components from 'c': 'c' must build at directory: 'c' is a file", "'c' must build at directory: 'c' is a file"),
        ("accumulating components from 'c': 'c': unable to find one of 'kustomization.yaml' there", "c has no kustomization.yaml"),
        (
            f"{DEEP}accumulating resources from 'c': 'c': unable to find one of 'kustomization.yaml'",
            "c, which ../b names, has no kustomization.yaml",
        ),
        (f"{DEEP}loading 'PARENT/b/x' in 'ROOT/y'", "loading '../b/x' in 'y'"),
        (f"{DEEP}x must build at directory: no such file or directory", "x must build at directory: no such file or directory"),
        (f"read ROOT/a and {LSTAT}", "read a and a.yaml does not exist"),
        ("in ROOT: no", "in .: no"),
        ('error: unknown field "foo"', 'unknown field "foo"'),
        ('"a" is none', '"a" is none'),
        ("at &{0xc0001 <nil>} end", "at end"),
        (
            'id resid.ResId{Gvk:resid.Gvk{Group:"", Version:"v1", Kind:"Secret", isClusterScoped:false}, Name:"s", Namespace:""} gone',
            "id Secret s gone",
        ),
        (
            "trouble configuring builtin PatchTransformer with config: `\npath: p\n`: failed to get the patch file from path(p): gone",
            "gone",
        ),
        ("trouble configuring builtin X with config: `a`: gone", "gone"),
    ],
)
def test_the_innermost_cause_without_paths_of_the_machine(tmp_path: Path, words: str, reason: str) -> None:
    """Frames, warnings and addresses are left out; paths are from the folder."""
    folder = tmp_path.resolve() / "a"
    folder.mkdir()
    (tmp_path / "words").write_text(words.replace("ROOT", str(folder)).replace("PARENT", str(folder.parent)))

    outcome = build(program(tmp_path, f"cat {tmp_path}/words >&2; exit 1"), str(folder))

    assert outcome == Failed(reason=reason)


def test_no_program_and_one_that_cannot_build_are_missing(tmp_path: Path) -> None:
    """That tells nothing about the folder."""
    gone = build(Builder(command=(str(tmp_path / "gone"),)), str(tmp_path))
    old = build(program(tmp_path, 'echo \'unknown command "kustomize" for "kubectl"\' >&2; exit 1'), str(tmp_path))

    assert [isinstance(one, Failed) and one.is_missing for one in (gone, old)] == [True, True]


def test_what_cannot_be_built_is_tried_once(tmp_path: Path) -> None:
    """A base that several build on, also by way of others that cannot be built, and bases that build on each other."""
    files = {"top": "../middle", "other": "../base", "middle": "../base", "base": "../round", "round": "../base"}
    write(tmp_path / "all", {f"{name}/kustomization.yaml": f"resources: [{entry}]\n" for name, entry in files.items()})
    found = tree(folders_in(str(tmp_path / "all"), recursive=True))

    builds = build_all(found, found.environments, program(tmp_path, f"basename $1 >> {tmp_path}/tried; exit 1"))

    assert sorted((tmp_path / "tried").read_text().split()) == ["base", "middle", "other", "round", "top"]
    assert [os.path.basename(one.environment.folder) for one in builds.failed] == ["other", "top"]  # noqa: PTH119


def test_a_base_stands_in_only_where_nothing_is_built_on_it(tmp_path: Path) -> None:
    """It is looked at in what could be built."""
    files = {"good": "../base", "bad": "../base, ../own", "own": "a.yaml", "base": "a.yaml"}
    write(tmp_path / "all", {f"{name}/kustomization.yaml": f"resources: [{entry}]\n" for name, entry in files.items()})
    found = tree(folders_in(str(tmp_path / "all"), recursive=True))

    builds = build_all(found, found.environments, program(tmp_path, 'case "$1" in */bad) exit 1;; esac'))

    rows = [(os.path.basename(one.environment.folder), len(one.environment.instead_of)) for one in builds.built]  # noqa: PTH119
    assert rows == [("good", 0), ("own", 1)]


@pytest.mark.parametrize(
    ("remote", "words", "reason", "command"),
    [
        (("far",), "", "it builds on far, which is not fetched", "kubectl kustomize FOLDER"),
        (("far", "b"), "", "it builds on far and 1 more, which are not fetched", "kubectl kustomize FOLDER"),
        (("far", "b", "c"), "", "it builds on far and 2 more, which are not fetched", "kubectl kustomize FOLDER"),
        ((), "no", "no", "kubectl kustomize FOLDER"),
        ((), "must specify --enable-helm", "must specify --enable-helm", "kubectl kustomize --enable-helm FOLDER"),
    ],
)
def test_why_it_was_not_built(tmp_path: Path, remote: tuple[str, ...], words: str, reason: str, command: str) -> None:
    """With the command that would check it; what is remote is not tried."""
    (one,) = tree([str(write(tmp_path / "all", {"kustomization.yaml": "resources: []"}))]).environments
    environment = Environment(folder=one.folder, parts=one.parts, remote=remote)

    assert build_one(environment, program(tmp_path, f"echo '{words}' >&2; exit 1")) == FailedEnvironment(
        environment=environment,
        reason=reason,
        command=f"{command.replace('FOLDER', one.folder)} | kubectl meshfix diagnose -f -",
        is_remote=bool(remote),
    )


def test_one_failure_tells_that_there_is_no_program(tmp_path: Path) -> None:
    """Whatever the others are."""
    (one,) = tree([str(write(tmp_path, {"kustomization.yaml": "resources: []"}))]).environments
    failed = [FailedEnvironment(environment=one, reason="no", command="x", is_builder_missing=missing) for missing in (False, True)]

    assert [Builds(built=(), failed=tuple(rows)).is_builder_missing for rows in (failed, failed[:1], [])] == [True, False, False]


POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: b\n"
ROUTE = (
    "apiVersion: 'x.io/v1'\nkind: \"Route\"\nmetadata:\n  labels:\n    name: z\n    namespace: z\n\n  name: 'r'\nspec:\n  namespace: q\n"
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (POD, [(Identity("", "Pod", "b", "a"), "v1", POD)]),
        (f"{POD}---\n{ROUTE}", [(Identity("", "Pod", "b", "a"), "v1", POD), (Identity("x.io", "Route", "", "r"), "x.io/v1", ROUTE)]),
        (f"kind: Pod\n---\napiVersion: v1\n---\n{POD}", [(Identity("", "Pod", "b", "a"), "v1", POD)]),
        ("apiVersion: v1\nkind: List\nitems: []\n", [(Identity("", "List", "", ""), "v1", "apiVersion: v1\nkind: List\nitems: []\n")]),
    ],
)
def test_objects_by_their_names(text: str, found: list[tuple[Identity, str, str]]) -> None:
    """Group, kind, namespace and name, as kustomize writes them; what has no kind or version is no object."""
    assert list(objects_of(text)) == [BuiltObject(*one) for one in found]
