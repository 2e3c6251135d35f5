"""The krew manifest: krew's own rules (`internal/index/validation/validate.go`) over plugin.yaml and what krew/render.py makes of it."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent


def load_render() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("render", ROOT / "krew" / "render.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def faults(manifest: dict[str, Any]) -> list[str]:
    """What krew's validator would refuse."""
    spec = manifest["spec"]
    rules = {
        "apiVersion": manifest["apiVersion"] == "krew.googlecontainertools.github.com/v1alpha2",
        "kind": manifest["kind"] == "Plugin",
        "name": re.fullmatch(r"[\w-]+", manifest["metadata"]["name"]),
        "version": re.fullmatch(r"v\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?", spec["version"]),
        "shortDescription": spec["shortDescription"] and not re.search(r"[\r\n]", spec["shortDescription"]),
        "platforms": spec["platforms"],
    }
    found = [name for name, holds in rules.items() if not holds]
    pairs = []
    for platform in spec["platforms"]:
        labels = platform["selector"]["matchLabels"]
        pairs.append((labels["os"], labels["arch"]))
        checks = {
            "selector": set(labels) <= {"os", "arch"},
            "uri": platform["uri"].endswith((".tar.gz", ".zip")),
            "sha256": re.fullmatch(r"[a-f0-9]{64}", platform["sha256"]),
            "bin": platform["bin"] and ".." not in platform["bin"] and (labels["os"] != "windows" or platform["bin"].endswith(".exe")),
            "files": all(rule.get("from") and rule.get("to") for rule in platform.get("files", [{"from": "*", "to": "."}])),
        }
        found += [name for name, holds in checks.items() if not holds]
    return found + ([] if len(pairs) == len(set(pairs)) else ["overlap"])


def test_plugin_yaml_is_a_valid_manifest() -> None:
    """The manifest at the root passes all that krew checks in its structure, and says that it cannot be installed yet."""
    manifest = yaml.safe_load((ROOT / "plugin.yaml").read_text())

    assert faults(manifest) == []
    assert manifest["spec"]["version"] == "v0.0.0"
    assert {platform["sha256"] for platform in manifest["spec"]["platforms"]} == {"0" * 64}


def test_render_fills_in_a_release(tmp_path: Path) -> None:
    """Every archive becomes a platform with its own checksum, and the result is valid."""
    for name in ("meshfix_linux_amd64.tar.gz", "meshfix_darwin_arm64.tar.gz", "meshfix_windows_amd64.zip"):
        (tmp_path / name).write_bytes(name.encode())

    manifest = yaml.safe_load(load_render().render("v0.1.0", list(tmp_path.iterdir())))

    assert faults(manifest) == []
    assert manifest["spec"]["version"] == "v0.1.0"
    assert len({platform["sha256"] for platform in manifest["spec"]["platforms"]}) == 3
    assert all("/v0.1.0/" in platform["uri"] for platform in manifest["spec"]["platforms"])


@pytest.mark.parametrize("version", ["0.1.0", "v0.1", "v0.1.0rc1", "v1.0.0.dev1"])
def test_render_refuses_versions_that_krew_refuses(version: str, tmp_path: Path) -> None:
    """Python's way to write a pre-release is not krew's."""
    with pytest.raises(ValueError, match="version"):
        load_render().render(version, [tmp_path / "meshfix_linux_amd64.tar.gz"])
