"""What the texts of manifests add to a report: the whole of each culprit, and each fix as an edit."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import accumulate

from kubectl_meshfix.documents.reading.manifests import Manifests, Origin
from kubectl_meshfix.documents.reading.nodes import Node
from kubectl_meshfix.documents.reading.read import find
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.plan import Change, Plan, Proposal, make_plan
from kubectl_meshfix.render.report.locations import Mark, Region, Replacement
from kubectl_meshfix.report import Diagnosis, Report
from kubectl_meshfix.targets import files as file_target

BUDGET = 500_000
"""Characters of documents that are spliced for edits in one report, some seconds of work; the mildest findings come without."""

_WORD = re.compile(r"""[^\s:,#\[\]{}"']+|\S""")


class Texts:
    """The files of a run, their lines counted when first asked for."""

    def __init__(self, manifests: Manifests) -> None:
        self.manifests = manifests
        self.left = BUDGET
        self._lines: dict[str, list[int]] = {}

    def starts(self, file: str) -> list[int]:
        """Where each line of a file begins."""
        if file not in self._lines:
            lines = self.manifests.texts[file].split("\n")
            self._lines[file] = list(accumulate((len(line) + 1 for line in lines), initial=0))[:-1]
        return self._lines[file]

    def region(self, file: str, start: int, end: int) -> Region:
        """Two offsets as lines and columns."""
        starts = self.starts(file)
        first, last = bisect_right(starts, start), bisect_right(starts, end)
        return Region(line=first, column=start - starts[first - 1] + 1, end_line=last, end_column=end - starts[last - 1] + 1)


def marks(report: Report, manifests: Manifests, *, with_edits: bool) -> tuple[Mark, ...]:
    """A mark a finding, in the report's order."""
    texts = Texts(manifests)
    edits: dict[int, tuple[Replacement, ...]] = {}
    if with_edits:
        fixable = [index for index, row in enumerate(report.findings) if row.is_fixable and not row.suppressed]
        for index in sorted(fixable, key=lambda index: report.findings[index].severity.rank):
            edits[index] = _edits(report.findings[index], texts)
    return tuple(Mark(region=_region(row, texts), edits=edits.get(index, ())) for index, row in enumerate(report.findings))


def _region(row: Diagnosis, texts: Texts) -> Region | None:
    """The culprit's value; of a collection in block style only its first line, which is what a reader wants to see marked."""
    place = row.location
    if place is None or place.file not in texts.manifests.texts:
        return None
    text, starts = texts.manifests.texts[place.file], texts.starts(place.file)
    if place.line > len(starts):
        return None
    start = min(starts[place.line - 1] + place.column - 1, len(text))
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    node = _node(row, texts)
    if node and node.start == start < node.end and node.style != "block":
        return texts.region(place.file, start, node.end)
    word = _WORD.match(text, start, line_end)
    return texts.region(place.file, start, word.end() if word else start)


def _node(row: Diagnosis, texts: Texts) -> Node | None:
    origin = texts.manifests.origins.get(row.resource.key)
    if origin is None or row.location is None or origin.file != row.location.file:
        return None
    return find(texts.manifests.documents[origin.file, origin.document], origin.prefix + row.path)


def _edits(row: Diagnosis, texts: Texts) -> tuple[Replacement, ...]:
    """A finding's fix, all of it or nothing: each object is spliced in the text of its own document."""
    if row.fix is None:
        return ()
    plan = make_plan([Proposal(code=row.code, resource=row.resource, fix=row.fix)], frozenset(Safety))
    edits: list[Replacement] = []
    for change in plan.changes:
        own = _spliced(change, texts)
        if own is None:
            return ()
        edits += own
    return tuple(edits)


def _spliced(change: Change, texts: Texts) -> list[Replacement] | None:
    origin = texts.manifests.origins.get(change.resource.key)
    if origin is None:
        return None
    document = texts.manifests.documents[origin.file, origin.document]
    before = texts.manifests.texts[origin.file][document.start : document.end]
    texts.left -= len(before)
    if texts.left < 0:
        return None
    alone = Manifests(texts={origin.file: before}, origins={change.resource.key: Origin(origin.file, 0, origin.prefix)})
    prepared = file_target.prepare(Plan(changes=(change,), held=()), alone)
    if prepared.refusals or len(prepared.edits) != 1:
        return None
    return [
        Replacement(
            resource=change.resource,
            file=origin.file,
            region=texts.region(origin.file, document.start + start, document.start + end),
            text=text,
        )
        for start, end, text in hunks(before, prepared.edits[0].after)
    ]


def hunks(before: str, after: str) -> Iterator[tuple[int, int, str]]:
    """The stretches of ``before`` that change and what takes their place, as few characters as lines and their ends allow."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    offsets = list(accumulate((len(line) for line in old), initial=0))
    for tag, first, last, low, high in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        gone, come = "".join(old[first:last]), "".join(new[low:high])
        shared = min(len(gone), len(come))
        head = next((index for index in range(shared) if gone[index] != come[index]), shared)
        tail = next((index for index in range(shared - head) if gone[-1 - index] != come[-1 - index]), shared - head)
        yield offsets[first] + head, offsets[last] - tail, come[head : len(come) - tail]
