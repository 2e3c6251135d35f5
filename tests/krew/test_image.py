"""The image, without an engine: what its steps take and call is there, and what it becomes is small and runs as nobody."""

import re
from fnmatch import fnmatch
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent.parent
STAGES = re.split(r"^(?=FROM )", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
IGNORED = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
RELEASE = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")


def test_it_runs_as_nobody_and_without_a_shell() -> None:
    """The last stage adds the program to an image that has no root and no shell; nothing is run in it, so it needs none."""
    _, last = STAGES

    assert re.match(r"FROM gcr\.io/distroless/\S+:nonroot\n", last)
    assert re.findall(r"^[A-Z]+", last, re.MULTILINE) == ["FROM", "ARG", "COPY", "COPY", "ENTRYPOINT"]


def test_both_stages_are_of_one_debian() -> None:
    """A program that is frozen beside one C library does not run with an older one."""
    first, last = STAGES

    assert "-bookworm" in first.splitlines()[0]
    assert "-debian12" in last.splitlines()[0]


def test_the_build_gets_what_it_needs() -> None:
    """The sources, the pinned requirements and git's folder are sent to the builder; caches and environments are not."""
    needed = ("requirements.txt", "pyproject.toml", "LICENSE", "README.md", "krew", "kubectl_meshfix", ".git")

    assert not [name for name in needed if any(fnmatch(name, pattern) for pattern in IGNORED)]
    assert {line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()} >= {
        name.removeprefix("**/") for name in IGNORED if "*_" not in name
    }


def test_a_release_puts_its_archives_where_the_last_stage_looks() -> None:
    """The workflow gives a folder in the place of the first stage, with the program of each architecture under the name that is copied."""
    assert "COPY --from=build /out/$TARGETARCH /opt/meshfix" in STAGES[1]
    assert "--build-context build=image" in RELEASE
    assert '-C "image/out/$arch"' in RELEASE


def test_workflows_call_nothing_that_can_change() -> None:
    """Each action is named by the number of a commit, and each job asks for the rights that it needs."""
    for path in (ROOT / ".github" / "workflows").iterdir():
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
        assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name) for name in used)
        assert workflow["permissions"] == {}
        assert all("permissions" in job for job in workflow["jobs"].values())
