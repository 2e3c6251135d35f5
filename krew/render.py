"""The krew manifest of a release: ``python -m krew.render v0.1.0 dist/meshfix_* > dist/meshfix.yaml``.

Takes everything but version, addresses and checksums from plugin.yaml. Each archive, ``meshfix_OS_ARCH.tar.gz``, becomes a platform.
"""

import hashlib
import re
import sys
from pathlib import Path
from typing import Any

import yaml

from krew import platforms

TEMPLATE = Path(__file__).parent.parent / "plugin.yaml"
TAG = re.compile(r"v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")


def render(tag: str, archives: list[Path]) -> str:
    """The manifest as YAML. Raises ValueError for a tag or an archive that krew would refuse."""
    if not TAG.fullmatch(tag):
        raise ValueError(f"{tag} is not a version as krew takes it: v1.2.3 or v1.2.3-rc.1")
    if not archives:
        raise ValueError("There is no archive")
    manifest: dict[str, Any] = yaml.safe_load(TEMPLATE.read_text(encoding="utf-8"))
    manifest["spec"]["version"] = tag
    manifest["spec"]["platforms"] = [_platform(tag, archive, manifest["spec"]["homepage"]) for archive in sorted(archives)]
    return yaml.safe_dump(manifest, sort_keys=False, width=100)


def _platform(tag: str, archive: Path, homepage: str) -> dict[str, Any]:
    found = platforms.of(archive.name)
    return {
        "selector": {"matchLabels": {"os": found.os, "arch": found.arch}},
        "uri": f"{homepage}/releases/download/{tag}/{archive.name}",
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "bin": found.program,
    }


if __name__ == "__main__":
    _, wanted, *named = sys.argv
    try:
        sys.stdout.write(render(wanted, [Path(name) for name in named]))
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}.")
