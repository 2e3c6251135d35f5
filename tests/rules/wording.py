"""What the rules say about the bad examples of their pages, in files and on a cluster, and how long it is; `make lint` prints that."""

import re
import sys
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.rules import RULES
from tests.rules.offers import SCENES
from tests.rules.pages import examples, run

FIELDS = "apiVersion|data|kind|metadata|rules|spec|status|stringData|subsets|webhooks"
POINTER = re.compile(rf"(?<![\w.:/-])/(?:{FIELDS})(?![\w-])|~[01]")
"""A JSON pointer, by the field it begins with or by what stands for a slash in it."""


class Lengths(NamedTuple):
    """Characters of texts: in the middle, and the most."""

    median: float
    longest: int

    def __str__(self) -> str:
        """As `make lint` prints it."""
        return f"median {self.median:g}, longest {self.longest}"


def findings(prefix: str = "") -> Iterator[Diagnosis]:
    """What rules find in their own bad examples, once for each wording; only of codes that begin with ``prefix``."""
    seen: set[tuple[object, ...]] = set()
    for row in _all(prefix):
        words = (row.code, row.message, row.fix and (row.fix.advice, row.fix.risk))
        if words not in seen:
            seen.add(words)
            yield row


def _all(prefix: str) -> Iterator[Diagnosis]:
    for rule in RULES:
        if rule.code.startswith(prefix):
            for example in examples(rule, "bad"):
                yield from (row for row in run(example).active if row.code == rule.code)
            for scene in SCENES:
                yield from scene.findings if scene.rule is rule else ()


def texts(row: Diagnosis) -> Iterator[str]:
    """All that a finding says."""
    yield row.message
    yield from row.evidence
    if row.fix:
        yield from filter(None, (row.fix.summary, row.fix.why, row.fix.risk))


def lengths(said: Sequence[str]) -> Lengths:
    """How long texts are. Raises ValueError where there are none."""
    counts = [len(text) for text in said]
    return Lengths(median(counts), max(counts))


def measured(rows: Sequence[Diagnosis]) -> str:
    """How long messages and fixes are, in a line."""
    messages, fixes = [row.message for row in rows], [row.fix.summary for row in rows if row.fix]
    rules = len({row.code for row in rows})
    return f"messages: {lengths(messages)}; fixes: {lengths(fixes)}; {len(rows)} findings of {rules} rules"


if __name__ == "__main__":
    sys.stdout.write(f"{measured(tuple(findings(*sys.argv[1:2])))}\n")
