"""The krew manifest: krew's own rules over plugin.yaml and over what is rendered for a release."""

import copy
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from krew.render import render
from tests.krew.refusals import refusals

ROOT = Path(__file__).parent.parent.parent
ARCHIVES = [f"meshfix_{system}_{arch}.tar.gz" for system in ("linux", "darwin", "windows") for arch in ("amd64", "arm64")]


@pytest.fixture
def release(tmp_path: Path) -> dict[str, Any]:
    """The manifest of a release with all its archives."""
    for name in ARCHIVES:
        (tmp_path / name).write_bytes(name.encode())
    manifest: dict[str, Any] = yaml.safe_load(render("v0.1.0", list(tmp_path.iterdir())))
    return manifest


def test_plugin_yaml_is_a_valid_manifest() -> None:
    """The manifest at the root passes all that krew checks in its structure, and says that it cannot be installed yet."""
    manifest = yaml.safe_load((ROOT / "plugin.yaml").read_text())

    assert refusals(manifest) == []
    assert manifest["spec"]["version"] == "v0.0.0"
    assert {platform["sha256"] for platform in manifest["spec"]["platforms"]} == {"0" * 64}


def test_a_release_is_filled_in(release: dict[str, Any]) -> None:
    """Every archive becomes a platform with its own checksum and address, and the result is valid."""
    platforms = release["spec"]["platforms"]

    assert refusals(release) == []
    assert release["spec"]["version"] == "v0.1.0"
    assert [platform["uri"].rpartition("/")[2] for platform in platforms] == sorted(ARCHIVES)
    assert all("/v0.1.0/" in platform["uri"] for platform in platforms)
    assert len({platform["sha256"] for platform in platforms}) == len(ARCHIVES)


def test_a_release_differs_from_plugin_yaml_only_where_bots_may(release: dict[str, Any]) -> None:
    """Version, addresses and checksums; a changed description or platform would cost a human review in krew's index."""
    template = yaml.safe_load((ROOT / "plugin.yaml").read_text())

    for manifest in (release, template):
        manifest["spec"].pop("version")
        for platform in manifest["spec"]["platforms"]:
            platform.pop("uri")
            platform.pop("sha256")
    key: Callable[[dict[str, Any]], str] = lambda platform: str(platform["selector"])  # noqa: E731
    assert sorted(release["spec"].pop("platforms"), key=key) == sorted(template["spec"].pop("platforms"), key=key)
    assert release == template


@pytest.mark.parametrize("version", ["0.1.0", "v0.1", "v0.1.0rc1", "v1.0.0.dev1", "v01.0.0"])
def test_versions_that_krew_refuses_are_refused(version: str, tmp_path: Path) -> None:
    """Python's way to write a pre-release is not krew's."""
    with pytest.raises(ValueError, match="version"):
        render(version, [tmp_path / ARCHIVES[0]])


def test_an_archive_of_another_name_is_refused(tmp_path: Path) -> None:
    """Nothing gets into the manifest without a platform."""
    (tmp_path / "meshfix_plan9_amd64.tar.gz").touch()

    with pytest.raises(ValueError, match="not named"):
        render("v0.1.0", list(tmp_path.iterdir()))


def _set(field: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(manifest: dict[str, Any]) -> None:
        place = manifest if field in manifest else manifest["spec"] if field in manifest["spec"] else manifest["spec"]["platforms"][0]
        place[field] = value

    return change


FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "apiVersion": _set("apiVersion", "v1"),
    "kind": _set("kind", "plugin"),
    "name": lambda manifest: manifest["metadata"].update(name="con"),
    "version": _set("version", "v1.0.0rc1"),
    "shortDescription": _set("shortDescription", "two\nlines"),
    "platforms": _set("platforms", []),
    "overlap": lambda manifest: manifest["spec"]["platforms"].append(copy.deepcopy(manifest["spec"]["platforms"][0])),
    "selector": _set("selector", {"matchLabels": {"os": "plan9"}}),
    "sha256": _set("sha256", "A" * 64),
    "bin": _set("bin", ""),
    "uri": lambda manifest: manifest["spec"]["platforms"][0].pop("uri"),
}


@pytest.mark.parametrize("field", FAULTS)
def test_our_rules_refuse_what_krew_refuses(field: str, release: dict[str, Any]) -> None:
    """The rules the manifest is held against do catch each kind of mistake."""
    FAULTS[field](release)

    assert field in refusals(release)


@pytest.mark.skipif("KREW_VALIDATOR" not in os.environ, reason="KREW_VALIDATOR names no validate-krew-manifest")
@pytest.mark.parametrize("field", [None, *FAULTS])
def test_krews_own_validator_agrees(field: str | None, release: dict[str, Any], tmp_path: Path) -> None:
    """The real validator takes what our rules take and refuses what they refuse."""
    if field:
        FAULTS[field](release)
    path = tmp_path / "meshfix.yaml"
    path.write_text(yaml.safe_dump(release))

    done = subprocess.run([os.environ["KREW_VALIDATOR"], "-manifest", path, "-skip-install"], capture_output=True, text=True, check=False)

    assert (done.returncode == 0) == (field is None), done.stderr
