"""What is built, and how what cannot be is told."""

import os
import sys
from pathlib import Path

import pytest

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.kustomize.building import Builder, build, find_builder
from kubectl_meshfix.sources.kustomize.built import build_all
from kubectl_meshfix.sources.kustomize.environments import (
    STEADY,
    Kustomized,
    nothing_built,
    read_environment,
    read_environments,
    stray_problems,
)
from kubectl_meshfix.sources.kustomize.tree import tree
from kubectl_meshfix.sources.programs import Failed, run
from tests.sources.kustomize.shop import contents, needs_kubectl, write

REMOTE = "resources:\n- https://github.com/example/shop/base?ref=v1\n- ../base\n"


def names(found: Kustomized) -> set[str]:
    """The objects that were built."""
    return {f"{part.built.identity.kind} {part.built.identity.namespace}/{part.built.identity.name}" for part in found.objects}


@needs_kubectl
def test_each_environment_is_what_kustomize_makes_of_it(tmp_path: Path) -> None:
    """Namespaces, prefixes and suffixes are in the objects, and no file of the folder is touched."""
    before = contents(write(tmp_path))

    found = read_environments([str(tmp_path)], recursive=True)

    assert {"Deployment dev/cart", "Deployment staging/cart-rc", "Deployment prod/live-cart", "Namespace /prod"} <= names(found)
    assert contents(tmp_path) == before
    assert list(found.problems()) == []


@needs_kubectl
def test_a_remote_base_is_said_once_and_what_is_here_is_looked_at(tmp_path: Path) -> None:
    """The environment is not built, the command that checks it is named, and the base that lies here is judged in its place."""
    write(tmp_path)
    write(tmp_path, {"far/kustomization.yaml": REMOTE, "further/kustomization.yaml": "resources: [../far]\n"})
    for name in ("dev", "staging", "prod"):
        (tmp_path / name / "kustomization.yaml").unlink()

    found = read_environments([str(tmp_path)], recursive=True)

    (problem,) = found.problems()
    assert problem.reason == "it builds on remote files, which are not fetched"
    assert problem.evidence == ("https://github.com/example/shop/base?ref=v1",)
    assert problem.command == f"kubectl kustomize {tmp_path}/further | kubectl meshfix diagnose -f -"
    ref = Ref("v1", "Service", None, "cart")
    found.parts[ref] = next(part for part in found.objects if part.built.identity.name == "cart")
    assert found.could_be_wrong("MF203", ref)
    (built,) = found.builds.built
    assert (built.environment.folder, len(built.environment.instead_of)) == (str(tmp_path / "base"), 2)


@needs_kubectl
def test_what_kustomize_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    """The innermost cause, with paths from the folder, instead of a chain of accumulations."""
    write(tmp_path, {"a/kustomization.yaml": "resources: [../b]", "b/kustomization.yaml": "resources: [gone.yaml]"})

    (problem,) = read_environments([str(tmp_path)], recursive=True).problems()

    assert problem.location is not None
    assert problem.location.file == str(tmp_path / "a/kustomization.yaml")
    assert problem.reason.startswith("kustomize cannot build it: gone.yaml, which ../b names, does not exist")


@needs_kubectl
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("resources: [gone.yaml]\n", "cannot build it: gone.yaml does not exist"),
        ("secretGenerator: [{name: s, behavior: merge}]\n", "merging from generator: id Secret s does not exist; cannot merge or replace"),
        ("resources: [sub]\n", "cannot build it: sub has no kustomization.yaml"),
        ("resources: [a.yaml]\npatches: [{path: gone.yaml}]\n", "cannot build it: gone.yaml does not exist"),
    ],
)
def test_what_is_not_there_is_named_once(tmp_path: Path, text: str, reason: str) -> None:
    """The entry as it is written, and no path of the machine."""
    write(tmp_path, {"kustomization.yaml": text, "a.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n", "sub/x.txt": ""})

    (problem,) = read_environments([str(tmp_path)]).problems()

    assert problem.reason.endswith(reason)
    assert str(tmp_path) not in problem.reason


@needs_kubectl
def test_a_kustomization_that_names_nothing_hides_nothing(tmp_path: Path) -> None:
    """Kustomize refuses to build it, which is no gap in a report; alone, it is the reason why nothing was checked."""
    empty = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    write(tmp_path, {"a/kustomization.yaml": empty, "b/kustomization.yaml": "resources: []\n"})

    found = read_environments([str(tmp_path)], recursive=True)

    assert not list(found.problems())
    assert "is empty" in str(nothing_built(found, [str(tmp_path)]))


@needs_kubectl
def test_charts_in_kustomizations_need_a_flag_that_a_person_gives(tmp_path: Path) -> None:
    """HelmCharts are not inflated, and the command to do so has the flag."""
    text = "helmCharts: [{name: shop, repo: 'https://example.com', version: '1'}]\n"
    local = "helmGlobals: {chartHome: charts}\nhelmCharts: [{name: shop}]\n"
    write(tmp_path, {"a/kustomization.yaml": text, "b/kustomization.yaml": local})

    commands = [problem.command for problem in read_environments([str(tmp_path)], recursive=True).problems()]

    assert len(commands) == 2
    assert all(command.startswith("kubectl kustomize --enable-helm") for command in commands)


@needs_kubectl
def test_what_lies_beside_a_kustomization_is_no_part_of_it(tmp_path: Path) -> None:
    """A patch that is not in use is not judged, and that is said once; what lies in a folder without kustomization is no stray."""
    found = read_environments([str(write(tmp_path))], recursive=True)
    files = [str(tmp_path / name) for name in ("base/a.yaml", "base/b.yaml", "base/services.yaml", "c.yaml", "dev/d.yaml")]
    files += [str(tmp_path / "prod" / f"{number}.yaml") for number in range(5)]

    said = [(problem.location and problem.location.file, problem.reason) for problem in stray_problems(found.strays(files))]

    many = "in its folder, so they were not checked"
    assert said == [
        (str(tmp_path / "base/kustomization.yaml"), f"it does not name a.yaml, b.yaml {many}"),
        (str(tmp_path / "dev/kustomization.yaml"), "it does not name d.yaml in its folder, so it was not checked"),
        (str(tmp_path / "prod/kustomization.yaml"), f"it does not name 0.yaml, 1.yaml and 3 more {many}"),
    ]


def test_what_takes_too_long_is_not_looked_at_in_parts(tmp_path: Path) -> None:
    """A slow machine tells nothing about files: no base stands in for an environment that may be built the next time."""
    write(tmp_path, {"base/kustomization.yaml": "resources: []\n", "over/kustomization.yaml": "resources: [../base]\n"})
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 20\n")
    slow.chmod(0o755)
    found = tree([str(tmp_path / "over"), str(tmp_path / "base")])

    builds = build_all(found, found.environments, Builder(command=(str(slow),)), seconds=0.2)

    assert [(row.environment.folder, row.is_late) for row in builds.failed] == [(str(tmp_path / "over"), True)]
    assert not builds.built


def test_without_a_program_it_is_said_once(tmp_path: Path) -> None:
    """Nothing is built; the kustomizations and patches alone are no objects, and what may be judged are rules of single objects."""
    found = read_environments([str(write(tmp_path))], recursive=True, is_missing=True)

    (problem,) = found.problems()
    assert problem.reason.startswith("neither kubectl nor kustomize is on the path")
    assert {Path(file).name for file in found.files} == {"kustomization.yaml", "ports.yaml"}
    assert {rule.code for rule in RULES} > STEADY
    service = Ref("v1", "Service", None, "cart")
    assert found.could_be_wrong("MF202", service, str(tmp_path / "base/services.yaml"))
    assert not found.could_be_wrong("MF101", service, str(tmp_path / "base/services.yaml"))
    assert not found.could_be_wrong("MF202", service, str(tmp_path / "elsewhere.yaml"))


def test_a_kubectl_that_cannot_build_is_none(tmp_path: Path) -> None:
    """An old kubectl does not know the word; that is as if there were none."""
    program = tmp_path / "kubectl"
    program.write_text('#!/bin/sh\necho \'error: unknown command "kustomize" for "kubectl"\' >&2\nexit 1\n')
    program.chmod(0o755)

    found = read_environments([str(write(tmp_path / "shop"))], recursive=True, builder=find_builder({"PATH": str(tmp_path)}))

    assert found.builder is None
    assert len(list(found.problems())) == 1


def test_kustomize_itself_will_do(tmp_path: Path) -> None:
    """Where kubectl is not on the path, kustomize builds."""
    (tmp_path / "kustomize").write_text("")
    (tmp_path / "kustomize").chmod(0o755)

    assert find_builder({"PATH": str(tmp_path)}) == Builder(command=(str(tmp_path / "kustomize"), "build"))
    assert find_builder({"PATH": ""}) is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import time; time.sleep(60)", "it was not built after 0.5 seconds"),
        ("import sys, time; sys.stdout.write('a' * 3000000); sys.stdout.flush(); time.sleep(60)", "it builds more than 1 MiB"),
        ("import sys; sys.stderr.write('no'); sys.exit(3)", "no"),
        ("import sys; sys.exit(3)", f"{os.path.basename(sys.executable)} ended with code 3"),  # noqa: PTH119
    ],
)
def test_a_program_has_an_end(code: str, reason: str) -> None:
    """Neither one that never ends nor one that writes without end is waited for."""
    outcome = run([sys.executable, "-c", code], seconds=0.5 if "0.5" in reason else 20, most=2**20)

    assert outcome == Failed(reason=reason, is_late="0.5" in reason)


def test_no_program_goes_to_the_network() -> None:
    """Proxies lead nowhere, and git may use no transport."""
    code = "import os, sys; sys.exit(os.environ['HTTPS_PROXY'] + ' ' + os.environ['GIT_ALLOW_PROTOCOL'])"

    assert run([sys.executable, "-c", code]) == Failed(reason="http://127.0.0.1:9 none")


def test_a_folder_is_never_taken_for_a_flag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is handed over as a whole path."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "--enable-helm").mkdir()

    assert build(Builder(command=(sys.executable, "-c", "import sys; sys.exit(f'in {sys.argv[1]}: no')")), "--enable-helm") == Failed(
        reason="in .: no"
    )


@pytest.mark.parametrize(
    ("files", "folder", "message"),
    [
        ({}, "gone", "is not a directory"),
        ({"a/b.yaml": ""}, "a", "has no kustomization.yaml"),
        ({"a/kustomization.yaml": "resources: ["}, "a", "cannot be read"),
        ({"a/kustomization.yaml": "resources: ['https://example.com/a.yaml']"}, "a", "which is not fetched"),
        ({"a/kustomization.yaml": "resources: [gone.yaml]"}, "a", "kustomize cannot build it"),
        ({"a/kustomization.yaml": "kind: Component"}, "a", "is a component"),
    ],
)
@needs_kubectl
def test_one_folder_has_to_be_built(tmp_path: Path, files: dict[str, str], folder: str, message: str) -> None:
    """What was asked for by -k and cannot be built is an error that says why."""
    with pytest.raises(SourceError, match=message):
        read_environment(str(write(tmp_path, files) / folder))


@needs_kubectl
def test_one_folder_is_built_alone(tmp_path: Path) -> None:
    """-k looks at one environment."""
    assert {name for name in names(read_environment(str(write(tmp_path) / "dev"))) if "Service" in name} == {
        "Service dev/cart",
        "Service dev/cart-admin",
    }


@needs_kubectl
def test_of_bases_below_each_other_the_last_is_named(tmp_path: Path) -> None:
    """It is the one that names what is not there."""
    files = {"kustomization.yaml": "resources: [a]\n", "a/kustomization.yaml": "resources: [b]\n"}
    write(tmp_path, {**files, "a/b/kustomization.yaml": "resources: [gone.yaml]\n"})

    (problem,) = read_environments([str(tmp_path)]).problems()

    assert "gone.yaml, which a/b names, does not exist" in problem.reason
