"""What pytest is told in a mutation run: which tests to run, and to write down which functions each test calls."""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

CHOSEN, CALLS, FAILED = "MESHFIX_MUTANTS_CHOSEN", "MESHFIX_MUTANTS_CALLS", "MESHFIX_MUTANTS_FAILED"
SEEN = "kubectl_meshfix._seen"
"""A module that only a copy has whose functions note that they are called, see ``record``."""

_calls: dict[str, tuple[float, list[str] | None]] = {}
_failed: set[str] = set()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The chosen tests alone, in their order. A test of their files that is not known runs too: a change may have renamed its case."""
    if CHOSEN in os.environ:
        chosen = json.loads(Path(os.environ[CHOSEN]).read_text("utf-8"))
        found, known = {item.nodeid: item for item in items}, {*chosen["known"]}
        items[:] = [found[test] for test in chosen["tests"] if test in found] + [item for item in items if item.nodeid not in known]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note the seconds of a test and the functions that it called."""
    seen = sys.modules[SEEN].seen if SEEN in sys.modules else set()
    seen.clear()
    started = time.perf_counter()
    answer = yield
    _calls[item.nodeid] = (time.perf_counter() - started, sorted(seen))
    return answer


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A test that fails without any change, or is skipped, tells nothing."""
    if not report.passed:
        _failed.add(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write down what was noted, and which tests failed."""
    if FAILED in os.environ:
        Path(os.environ[FAILED]).write_text(json.dumps(sorted(_failed)), "utf-8")
    if CALLS in os.environ:
        noted = {test: (0, None) if test in _failed else calls for test, calls in _calls.items()}
        Path(os.environ[CALLS]).write_text(json.dumps(noted), "utf-8")
