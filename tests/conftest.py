"""What all tests share."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from vcr.config import VCR

from tests import recording
from tests.render.browser import CHROMIUM, Tab, tab

os.environ.pop("COLUMNS", None)  # lines are as long as where nothing says how wide a terminal is

_PATIENT: Any = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
"""How long a draw takes says something of the machine, and nothing of the program."""

settings.register_profile("fixed", derandomize=True, **_PATIENT)
settings.register_profile("chance", max_examples=2000, **_PATIENT)
settings.load_profile("chance" if os.environ.get("MESHFIX_LAWS") else "fixed")
"""The same examples at every run, so that a red test is the change's own fault; `make laws` draws new ones."""


@pytest.fixture(autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own, so that no test writes into a person's journal."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A page of a real browser."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with tab(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def pytest_recording_configure(config: pytest.Config, vcr: VCR) -> None:
    """Register what every ``vcr_config`` may name. The plugin asks all conftests that were read, so this is the one place for it."""
    vcr.register_serializer("yaml", recording.Readable)
    vcr.register_matcher("same_body", recording.same_body)


@pytest.fixture(scope="session")
def vcr_cassette_dir() -> str:
    """All recordings in one place."""
    return str(Path(__file__).parent / "recordings")
