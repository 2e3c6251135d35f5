"""The krew manifest of a release: ``python krew/render.py v0.1.0 dist/ > meshfix.yaml``.

Takes everything but version, addresses and checksums from plugin.yaml. Each ``dist/meshfix_OS_ARCH.tar.gz`` (or ``.zip``)
becomes a platform.
"""

import hashlib
import re
import sys
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parent.parent / "plugin.yaml"
ARCHIVE = re.compile(r"meshfix_(?P<os>linux|darwin|windows)_(?P<arch>amd64|arm64)\.(tar\.gz|zip)")
VERSION = re.compile(r"v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?")


def render(version: str, archives: list[Path]) -> str:
    """The manifest as YAML. Raises ValueError for a version or an archive that krew would refuse."""
    if not VERSION.fullmatch(version):
        raise ValueError(f"{version} is not a version as krew takes it: v1.2.3 or v1.2.3-rc.1")
    if not archives:
        raise ValueError("there is no archive")
    manifest: dict[str, Any] = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    manifest["spec"]["version"] = version
    manifest["spec"]["platforms"] = [platform(version, archive, manifest["spec"]["homepage"]) for archive in sorted(archives)]
    return yaml.safe_dump(manifest, sort_keys=False, width=100)


def platform(version: str, archive: Path, homepage: str) -> dict[str, Any]:
    """One platform of the manifest. Raises ValueError for an archive of another name."""
    found = ARCHIVE.fullmatch(archive.name)
    if not found:
        raise ValueError(f"{archive.name} is not named meshfix_OS_ARCH.tar.gz")
    return {
        "selector": {"matchLabels": {"os": found["os"], "arch": found["arch"]}},
        "uri": f"{homepage}/releases/download/{version}/{archive.name}",
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "bin": "kubectl-meshfix.exe" if found["os"] == "windows" else "kubectl-meshfix",
    }


if __name__ == "__main__":
    _, wanted, folder = sys.argv
    try:
        sys.stdout.write(render(wanted, [path for path in Path(folder).iterdir() if ARCHIVE.fullmatch(path.name)]))
    except ValueError as error:
        sys.exit(f"error: {error}.")
