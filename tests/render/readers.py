"""Programs that read reports and come with npm, looked for in ``NODE_PATH`` as Node.js itself does (`.ci/run` puts them there)."""

import os
from pathlib import Path


def module(path: str) -> Path | None:
    """A file of an installed npm package."""
    folders = (Path(folder) for folder in os.environ.get("NODE_PATH", "").split(os.pathsep) if folder)
    return next((folder / path for folder in folders if (folder / path).is_file()), None)


AXE = module("axe-core/axe.min.js")
SARIF = "@microsoft/sarif-multitool-linux"
SARIF_SCHEMA = module(f"{SARIF}/sarif-2.1.0.json")
SARIF_VALIDATOR = module(f"{SARIF}/Sarif.Multitool")
