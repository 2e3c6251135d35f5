"""How often a law is tried, and on whose manifests: seldom and on ours at every run, at length where the environment asks for it.

MESHFIX_LAWS=30 MESHFIX_MANIFESTS=/path/to/manifests pytest tests/documents/editing/test_laws.py
"""

import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

EXAMPLES = Path(__file__).parent.parent.parent / "examples"

LARGE = 30_000
"""Characters; a law that is tried on longer texts takes too long to be tried often."""


def often(count: int) -> Callable[[Any], Any]:
    """So many examples of a law, or as many times more as MESHFIX_LAWS says."""
    times = int(os.environ.get("MESHFIX_LAWS", "1"))
    return settings(max_examples=count * times, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def manifests() -> Sequence[str]:
    """The texts of the examples, and of all YAML and JSON below MESHFIX_MANIFESTS; each as it is, and as a checkout on Windows has it."""
    folders = [EXAMPLES, *map(Path, filter(None, [os.environ.get("MESHFIX_MANIFESTS", "")]))]
    found = (
        path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in (".yaml", ".yml", ".json") and path.is_file()
    )
    texts = (path.read_bytes() for path in found)
    written = [text.decode() for text in texts if len(text) < LARGE and _is_text(text)]
    return (*written, *(text.replace("\n", "\r\n") for text in written if "\r\n" not in text))


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False
