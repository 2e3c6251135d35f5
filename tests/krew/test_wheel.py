"""What goes to PyPI: a wheel and an sdist that know what they are, without git and without this checkout."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata
from packaging.utils import parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from krew.addresses import addresses

ROOT = Path(__file__).parent.parent.parent
SOURCES = ("kubectl_meshfix", "tests", "docs", "examples", "krew", "benchmarks", ".ci")
FILES = (
    *("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "plugin.yaml"),
    *("requirements.txt", "requirements-runtime.txt"),
)


def build(source: Path, target: Path, kind: str) -> Path:
    """Build a wheel or an sdist as pip would, without its network."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    assert done.returncode == 0, done.stderr
    (made,) = target.iterdir()
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist of a copy of the sources that is tagged v0.2.0-rc.1."""
    copy = tmp_path_factory.mktemp("copy")
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "_version.py", "recordings"))
    for name in FILES:
        shutil.copy(ROOT / name, copy / name)
    (copy / ".gitignore").write_text("/kubectl_meshfix/_version.py\n")
    git = ("git", "-C", str(copy), "-c", "user.name=me", "-c", "user.email=me@example.invalid")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "one"), ("tag", "v0.2.0-rc.1")):
        subprocess.run([*git, *words], check=True)
    return build(copy, tmp_path_factory.mktemp("sdist"), "sdist")


@pytest.fixture(scope="module")
def unpacked(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in the sdist."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from the sdist where there is no git."""
    return zipfile.ZipFile(build(unpacked, tmp_path_factory.mktemp("wheel"), "wheel"))


pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def test_the_version_is_the_tags(sdist: Path, wheel: zipfile.ZipFile) -> None:
    """Tagged v0.2.0-rc.1, it is 0.2.0rc1 for Python, in both names, in the metadata and in the program."""
    wanted = Version("0.2.0rc1")

    assert parse_sdist_filename(sdist.name) == ("kubectl-meshfix", wanted)
    assert parse_wheel_filename(Path(wheel.filename or "").name)[:2] == ("kubectl-meshfix", wanted)
    assert metadata(wheel).version == wanted
    assert b'__version__ = "0.2.0rc1"' in wheel.read("kubectl_meshfix/_version.py")


def test_sources_without_git_still_build(unpacked: Path, tmp_path: Path) -> None:
    """A download of the sources alone, neither checkout nor sdist, is version 0.0.0."""
    copy = tmp_path / "download"
    shutil.copytree(unpacked, copy)
    (copy / "PKG-INFO").unlink()

    assert parse_wheel_filename(build(copy, tmp_path / "made", "wheel").name)[1] == Version("0.0.0")


def metadata(wheel: zipfile.ZipFile) -> Metadata:
    """The wheel's metadata. Raises where it is not valid."""
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return Metadata.from_email(wheel.read(name), validate=True)


def test_the_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    """Every file of the package with its pages, styles and types, and neither tests nor tools beside them."""
    inside = {name for name in wheel.namelist() if not name.split("/")[0].endswith(".dist-info")}
    wanted = {path.relative_to(ROOT).as_posix() for path in (ROOT / "kubectl_meshfix").rglob("*") if path.is_file()}

    assert inside == {name for name in wanted if "__pycache__" not in name} | {"kubectl_meshfix/_version.py"}
    assert {"kubectl_meshfix/py.typed", "kubectl_meshfix/render/text/page.css"} <= inside


def test_the_metadata_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    """Valid, typed and licensed; without an address, as long as plugin.yaml has only one that stands in."""
    found = metadata(wheel)

    assert found.license_expression == "Apache-2.0"
    assert str(found.requires_python) == ">=3.11"
    assert "Typing :: Typed" in (found.classifiers or [])
    assert (found.project_urls or {}) == addresses((ROOT / "plugin.yaml").read_text())
    assert any(name.endswith("/licenses/LICENSE") for name in wheel.namelist())


def test_addresses_come_from_one_place() -> None:
    """Every address of the metadata begins with the manifest's homepage; one that stands in is none."""
    manifest = (
        (ROOT / "plugin.yaml").read_text(encoding="utf-8").replace("https://example.invalid/kubectl-meshfix", "https://example.org/me/it")
    )

    assert addresses("  homepage: https://example.invalid/kubectl-meshfix\n") == {}
    assert {address[:25] for address in addresses(manifest).values()} == {"https://example.org/me/it"}


def test_the_stand_in_address_stands_in_the_manifest_alone() -> None:
    """Whoever replaces it there is done: no other file of the repository has an address of its own to the repository."""
    known = subprocess.run(["git", "grep", "-lF", "https://example.invalid"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert [path for path in known.stdout.split() if not path.startswith("tests/")] in (["plugin.yaml"], [])


def test_the_commands_can_be_imported(wheel: zipfile.ZipFile) -> None:
    """Each command that installers make leads to a function in the wheel."""
    (name,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    commands = dict(re.findall(r"^(\S+) = (\S+)$", wheel.read(name).decode(), re.MULTILINE))

    assert "kubectl-meshfix" in commands
    for place in commands.values():
        module, _, function = place.partition(":")
        assert f"def {function}(" in wheel.read(f"{module.replace('.', '/')}.py").decode()


def test_the_sdists_tests_run(unpacked: Path) -> None:
    """Whoever packages the sdist for a distribution can test it, and finds all that the tests read."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/krew/test_manifest.py", "tests/rules/test_pages.py"]
    done = subprocess.run(
        command, cwd=unpacked, env={**os.environ, "PYTHONPATH": str(unpacked)}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
