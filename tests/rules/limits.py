"""The law of words: what must hold of all that a rule says, wherever it was seen."""

import re
from collections.abc import Iterator

from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.rules.rule import Finding
from tests.words import check

MESSAGE, FIX, REASON = 200, 160, 160
"""Characters that a message, a fix, and the risk or the reason of a fix have at most."""

FIELDS = "apiVersion|data|kind|metadata|rules|spec|status|stringData|subsets|webhooks"
POINTER = re.compile(rf"(?<![\w.:/-])/(?:{FIELDS})(?![\w-])|~[01]")
"""A JSON pointer, by the field it begins with or by what stands for a slash in it."""


def problems(found: Finding | Diagnosis) -> Iterator[str]:
    """What is wrong with the words of a finding: a sentence for each."""
    for what, text, limit in said(found):
        yield from check(text)
        if limit and len(text) > limit:
            yield f"a {what} of {len(text)} characters, at most {limit}: {text}"
        if what != "line of evidence" and not text.endswith("."):
            yield f"a {what} without a full stop: {text}"
    if POINTER.search(found.message) or (found.path and found.path in found.message):
        yield f"a JSON pointer in a message: {found.message}"


def said(found: Finding | Diagnosis) -> Iterator[tuple[str, str, int]]:
    """All texts of a finding: what each is, the text, and how long it may be; 0 for as long as it takes."""
    yield "message", found.message, MESSAGE
    yield from (("line of evidence", line, 0) for line in found.evidence)
    if fix := found.fix:
        yield "fix", fix.summary, FIX
        yield from (("reason", text, REASON) for text in (fix.risk, fix.why) if text)
