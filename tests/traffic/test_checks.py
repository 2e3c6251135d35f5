"""The table of checks of a request's chain: worded, documented, and reached, every row in every answer."""

import json
import os
import string
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

from docs import checks as pages
from kubectl_meshfix.chain.steps import Outcome, Status
from kubectl_meshfix.traffic import stages
from kubectl_meshfix.traffic.checks.table import CHECKS
from tests.traffic.recorder import FILE, key
from tests.traffic.situations.scenes import situations, traced

LONGEST = 160
"""Characters of a sentence, its arguments by their names."""

OUTCOMES = tuple(outcome for row in CHECKS for outcome in row.outcomes)
OWN_STAGES = frozenset(row.check.stage for row in CHECKS)
"""Stages of a request; a party's steps of injection are recorded beside them."""

ROOT = Path(__file__).parents[2]


@cache
def told_in_rooms() -> dict[tuple[str, str, str], str]:
    """What the tests of the rooms are told, by the answer; they run once more for it, in a process that writes it down."""
    folder = ROOT / "tests" / "traffic"
    file = ROOT / ".pytest_cache" / f"steps-{os.getpid()}.json"
    file.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.traffic.recorder", "-p", "no:cacheprovider", str(folder)]
    command += ["--ignore", str(folder / "test_checks.py")]
    try:
        run = subprocess.run(command, cwd=ROOT, env={**os.environ, FILE: str(file)}, capture_output=True, text=True, check=False)
        assert file.exists(), run.stdout[-2000:]
        return {(stage, check, words): said for stage, check, words, said in json.loads(file.read_text("utf-8"))}
    finally:
        file.unlink(missing_ok=True)


def fields(outcome: Outcome) -> set[str]:
    """The names of a sentence's arguments."""
    return {name for _, name, _, _ in string.Formatter().parse(outcome.sentence) if name}


def test_ids_are_unique_within_their_stage() -> None:
    """Stage and id name one check, which has at least one answer, a question, and a place in somebody's source."""
    counted = Counter((row.check.stage, row.check.id) for row in CHECKS)

    assert set(counted.values()) == {1}
    assert {row.check.stage for row in CHECKS} == {
        *stages.STAGES,
        stages.GATEWAY,
        stages.WAYPOINT,
        stages.ZTUNNEL,
        stages.FOUND,
        stages.EXTENSIONS,
        stages.PROXY,
    }
    assert all(row.outcomes and row.check.question.endswith("?") and row.check.source for row in CHECKS)


def test_answers_are_unique_within_their_check() -> None:
    """No two answers of one check have the same sentence."""
    counted = Counter(map(key, OUTCOMES))

    assert [which for which, number in counted.items() if number > 1] == []


def test_the_page_documents_every_answer() -> None:
    """docs/checks.md holds each question and each sentence of the table."""
    written = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")

    assert written == pages.page()
    assert [row.check.question for row in CHECKS if row.check.question not in written] == []
    assert sum(line.startswith(tuple(f"| {status}" for status in Status)) for line in written.splitlines()) >= len(OUTCOMES)


def test_sentences_are_short_and_whole() -> None:
    """A sentence has at most 160 characters and ends with a full stop."""
    assert [outcome.sentence for outcome in OUTCOMES if len(outcome.sentence) > LONGEST] == []
    assert [outcome.sentence for outcome in OUTCOMES if not outcome.sentence.endswith(".")] == []


def test_every_answer_is_reached() -> None:
    """No row of the table is there for nothing: a situation or a test of a room gets it."""
    reached = {key(step.outcome) for item in situations() for branch in traced(item.name).branches for step in branch.steps}
    reached |= {which for which in told_in_rooms() if which[0] in OWN_STAGES}

    assert [outcome.sentence for outcome in OUTCOMES if key(outcome) not in reached] == []
    assert reached <= {key(outcome) for outcome in OUTCOMES}


def test_every_sentence_gets_its_arguments() -> None:
    """A step gives all that its sentence names."""
    assert [said for said in told_in_rooms().values() if "{" in said.replace("{}", "") or not said.endswith(".")] == []
    for item in situations():
        for branch in traced(item.name).branches:
            for step in branch.steps:
                assert fields(step.outcome) <= step.args.keys(), step.outcome
