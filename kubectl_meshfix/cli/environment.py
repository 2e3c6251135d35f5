"""What a run takes from its environment: the time, and the root of the checkout."""

import os
from datetime import UTC, datetime
from pathlib import Path

from kubectl_meshfix.errors import UsageError


def root(folder: Path) -> Path:
    """The checkout that a CI system names files from: what it says itself, else the nearest repository, else this folder."""
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        workspace = Path(os.environ.get(name) or "/nowhere")
        if folder.is_relative_to(workspace):
            return workspace
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)


def now() -> datetime:
    """The time, or ``SOURCE_DATE_EPOCH``, so that a report can be made again byte for byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f'SOURCE_DATE_EPOCH is "{epoch}", not a number of seconds since 1970.', "Unset it, or correct it.") from error
