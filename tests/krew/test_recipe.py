"""docs/releasing.md's recipe is one command, whose steps all are there, and none deletes what another made.

Freezing takes minutes, so `make dist` is read here line by line (``make -n``), and all of its lines but those that freeze and try out
the archive are run. The whole recipe is run where the archive is made: by hand, and by CI's job ``archive``.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from krew import platforms
from krew.versions import tag
from kubectl_meshfix import __version__
from tests.krew.refusals import refusals

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8")
COMMANDS = [
    line.partition("#")[0].strip()
    for line in PAGE.partition("## Trying it without releasing\n\n")[2].partition("\n\n")[0].splitlines()
    if line.startswith("    ")
]
TARGETS = [target for command in COMMANDS if command.startswith("make ") for target in command.split()[1:]]
ARCHIVE = platforms.here().archive

pytestmark = pytest.mark.skipif(not shutil.which("make") or not shutil.which("git"), reason="make or git is not installed")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The sources in a repository of their own, in which the recipe has been run for an older version."""
    folder = tmp_path / "clone"
    left_out = shutil.ignore_patterns(".*", "__pycache__", "_version.py", "build", "dist", "recordings", "tests")
    shutil.copytree(ROOT, folder, ignore=left_out)
    (folder / ".gitignore").write_text("/kubectl_meshfix/_version.py\n/dist/\n/runtime\n/ready\n")
    git = ("git", "-C", str(folder), "-c", "user.name=me", "-c", "user.email=me@example.invalid")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "one"), ("tag", "v0.3.0-rc.1")):
        subprocess.run([*git, *words], check=True)
    (folder / "dist").mkdir()
    for name in (ARCHIVE, "meshfix.yaml", "kubectl_meshfix-0.2.0-py3-none-any.whl", "kubectl_meshfix-0.2.0.tar.gz"):
        (folder / "dist" / name).write_text(f"the older {name}")
    for name in ("runtime", "ready"):
        (folder / name).touch()
    return folder


def make(folder: Path, *words: str) -> list[str]:
    """The lines that make prints, with the packages of this environment as those that it would set up: nothing is installed into it."""
    command = ["make", "RUNTIME=runtime", "READY=ready", f"VENV={sys.prefix}", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_every_step_is_there() -> None:
    """The page has the steps, each target is one of the Makefile's, and each file is in the repository or made in dist."""
    offered = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert TARGETS == ["dist"]
    assert set(TARGETS) <= set(offered)
    for command in COMMANDS:
        for path in re.findall(r"(?<![\w.])(\w+/\S*)", command):
            assert path.startswith(("bin/", "dist/")) or (ROOT / path).exists(), command


@pytest.mark.parametrize("target", ["dist", "wheel"])
def test_no_target_deletes_what_another_makes(target: str, clone: Path) -> None:
    """All that making a release deletes is the wheel and the sdist, which it then makes."""
    deletions = [line for line in make(clone, "-n", target) if re.search(r"\brm\b", line)]

    assert deletions == ["rm -f dist/kubectl_meshfix-*"]


def test_wheel_leaves_the_archive_and_its_manifest(clone: Path) -> None:
    """`make wheel` after `make dist` replaces the older wheel and sdist, and leaves every other file as it is."""
    make(clone, "wheel")

    assert {path.name for path in (clone / "dist").iterdir()} == {
        *(ARCHIVE, "meshfix.yaml"),
        *("kubectl_meshfix-0.3.0rc1-py3-none-any.whl", "kubectl_meshfix-0.3.0rc1.tar.gz"),
    }
    assert (clone / "dist" / ARCHIVE).read_text() == f"the older {ARCHIVE}"
    assert (clone / "dist" / "meshfix.yaml").read_text() == "the older meshfix.yaml"


def test_dist_writes_the_manifest_of_its_archive(clone: Path) -> None:
    """What `make dist` runs after freezing writes a manifest that krew takes, of this archive and of no other in dist."""
    (clone / "dist" / "meshfix_plan9_amd64.tar.gz").touch()
    lines = make(clone, "-n", "dist")
    (rendering,) = (line for line in lines if "krew.render" in line)
    make(clone, "wheel")

    subprocess.run(["sh", "-ec", rendering], cwd=clone, check=True)

    manifest = yaml.safe_load((clone / "dist" / "meshfix.yaml").read_text())
    (platform,) = manifest["spec"]["platforms"]
    assert refusals(manifest) == []
    assert manifest["spec"]["version"] == "v0.3.0-rc.1"
    assert platform["uri"].endswith(f"/v0.3.0-rc.1/{ARCHIVE}")
    assert platform["sha256"] == hashlib.sha256((clone / "dist" / ARCHIVE).read_bytes()).hexdigest()
    assert lines.index(rendering) > next(number for number, line in enumerate(lines) if "krew.freeze" in line)


def test_the_tag_of_this_build_is_told() -> None:
    """Without a tag to compare, krew.versions prints the one of what is installed."""
    done = subprocess.run([sys.executable, "-m", "krew.versions"], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == f"{tag(__version__)}\n"
