"""What tests of changed files share."""

import shutil
from pathlib import Path

import pytest

from kubectl_meshfix.targets import cluster, journaled_apply

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.fixture(params=["\n", "\r\n"], ids=["LF", "CRLF"])
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A copy of the examples, with one of the two line ends."""
    folder = tmp_path / "shop"
    shutil.copytree(EXAMPLES, folder)
    for path in folder.rglob("*.yaml"):
        path.write_bytes(path.read_bytes().replace(b"\n", request.param.encode()))
    return folder


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between two tries."""
    monkeypatch.setattr(cluster, "PAUSE", 0)
    monkeypatch.setattr(journaled_apply, "PAUSE", 0)
