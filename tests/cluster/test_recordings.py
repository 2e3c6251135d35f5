"""Recordings hold nothing that should not be published."""

import re
from pathlib import Path

import pytest

RECORDINGS = sorted((Path(__file__).parent.parent / "recordings").glob("*.yaml"))
LEAKS = re.compile(
    r"Bearer |eyJ[A-Za-z0-9_-]{10}|-----BEGIN|lab-(admin|viewer|nobody)|127\.0\.0\.1:\d+|https://(?!cluster\.test|kubernetes\.default)[a-z0-9.]+"
)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_no_credentials_and_no_addresses(path: Path) -> None:
    """A recording has no token, certificate or address of the machine it was made on."""
    assert LEAKS.findall(path.read_text()) == []


def test_there_are_recordings() -> None:
    """Without a cluster the tests of the loop run on something."""
    assert len(RECORDINGS) >= 6
