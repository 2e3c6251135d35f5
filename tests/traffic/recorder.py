"""A plugin for pytest: which answers of the table of checks a run of tests gets, and whether any of them lacks an argument.

It stands before all rooms of ``traffic``, which take ``step`` from here; at the end it writes one line an answer into a file.
"""

import json
import os
from pathlib import Path
from typing import Any

from kubectl_meshfix.chain import steps
from kubectl_meshfix.chain.words import sentence

FILE = "MESHFIX_STEPS"
"""The variable with the file's path."""

_made = steps.step
_told: dict[tuple[str, str, str], str] = {}


def key(outcome: steps.Outcome) -> tuple[str, str, str]:
    """What tells an answer from all others."""
    return outcome.check.stage, outcome.check.id, outcome.sentence


def _recorded(outcome: steps.Outcome, *args: Any, **more: Any) -> steps.Step:
    made = _made(outcome, *args, **more)
    _told[key(outcome)] = sentence(made)
    return made


steps.step = _recorded


def pytest_sessionfinish() -> None:
    """Write what was told."""
    Path(os.environ[FILE]).write_text(json.dumps([[*which, said] for which, said in _told.items()]), "utf-8")
