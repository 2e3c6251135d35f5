"""Finding the settings that go with some manifests."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

NAME = ".meshfix.yaml"

STDIN = "-"

SHARED = stat.S_ISVTX | stat.S_IWOTH
"""The mode of a folder like /tmp; that of a checkout in CI may let anybody write too, but is not sticky."""


def find_settings(manifests: Sequence[str]) -> str:
    """The nearest settings in a folder that holds all of the manifests, empty where there are none.

    Standard input stands in the current folder. A search ends with the repository, before the home folder, and where another file
    system begins: what lies above is about something else. In a folder that everybody shares, such as /tmp, anybody may have put it.
    """
    folder = _common([Path.cwd() if name == STDIN else Path(os.path.realpath(name)) for name in manifests])
    try:
        device, home = folder.stat().st_dev, Path.home()
        for parent in (folder, *folder.parents):
            status = parent.stat()
            if parent == home or status.st_dev != device or status.st_mode & SHARED == SHARED:
                break
            if (parent / NAME).exists():
                return _shown(parent / NAME)
            if (parent / ".git").exists():
                break
    except (OSError, RuntimeError):  # a folder that nobody may look into, or nobody at home
        return ""
    return ""


def _shown(path: Path) -> str:
    """From the current folder where it is below that."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _common(paths: Sequence[Path]) -> Path:
    folders = [path if path.is_dir() else path.parent for path in paths]
    return Path(os.path.commonpath(folders))
