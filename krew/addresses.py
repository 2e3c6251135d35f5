"""The project's addresses in the package's metadata, from the one place that has the repository's: plugin.yaml's homepage.

hatchling calls it (`[tool.hatch.metadata.hooks.custom]`), where nothing but hatchling is installed, so the line is found without a parser.
"""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

STAND_IN = "example.invalid"


def addresses(manifest: str) -> dict[str, str]:
    """Labels as PyPI knows them and their addresses; none while the manifest has a stand-in. Raises ValueError where it has no homepage."""
    found = re.search(r"^  homepage: (https://\S+)$", manifest, re.MULTILINE)
    if not found:
        raise ValueError("plugin.yaml has no homepage")
    home = found[1]
    if STAND_IN in home:
        return {}
    return {
        "Homepage": home,
        "Documentation": f"{home}/blob/main/docs/index.md",
        "Changelog": f"{home}/blob/main/CHANGELOG.md",
        "Issues": f"{home}/issues",
        "Source": home,
    }


class Addresses(MetadataHookInterface):
    """What hatchling wants a hook to be."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add ``urls`` to a project's metadata."""
        metadata["urls"] = addresses(Path(self.root, "plugin.yaml").read_text(encoding="utf-8"))
