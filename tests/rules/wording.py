"""What the rules say about the bad examples of their pages, in files and on a cluster, and how long it is; `make lint` prints that."""

import sys
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.rules import RULES
from tests.rules.offers import SCENES
from tests.rules.pages import examples, run


class Lengths(NamedTuple):
    """Characters of texts: in the middle, and the most."""

    median: float
    longest: int

    def __str__(self) -> str:
        """As `make lint` prints it."""
        return f"median {self.median:g}, longest {self.longest}"


class Wording(NamedTuple):
    """How long the messages and fixes are of some findings, of how many rules."""

    messages: Lengths
    fixes: Lengths
    findings: int
    rules: int

    def __str__(self) -> str:
        """As `make lint` prints it."""
        return f"messages: {self.messages}; fixes: {self.fixes}; {self.findings} findings of {self.rules} rules"


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


def measured(rows: Sequence[Diagnosis]) -> Wording:
    """The lengths of messages and of fixes, 0 where there are none."""
    messages, fixes = [row.message for row in rows], [row.fix.summary for row in rows if row.fix]
    return Wording(_lengths(messages), _lengths(fixes), len(rows), len({row.code for row in rows}))


def _lengths(texts: Sequence[str]) -> Lengths:
    counts = [len(text) for text in texts]
    return Lengths(median(counts), max(counts)) if counts else Lengths(0, 0)


if __name__ == "__main__":
    sys.stdout.write(f"{measured(tuple(findings(*sys.argv[1:2])))}\n")
