"""Findings that say the same of several objects, brought together, and the order of a report for people."""

import re
from collections.abc import Iterable, Sequence
from functools import partial

from kubectl_meshfix.fixes.fix import Fix
from kubectl_meshfix.mesh.protocols import Protocol, of_word
from kubectl_meshfix.render.report.order import Order
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.resources.meta import Ref

Group = tuple[Diagnosis, ...]
"""Findings that are told together; the first is told in full."""

_VALUE = re.compile(r'"[^"]*"|\b\d+\b')
"""What differs between findings of one rule: a quoted value, a number."""

_WORD = re.compile(r"[\w-]+")


def ordered(rows: Iterable[Diagnosis], order: Order) -> list[Diagnosis]:
    """A report's findings in an order; sorting keeps the report's own among equals."""
    return sorted(rows, key=lambda row: row.severity.rank) if order is Order.SEVERITY else list(rows)


def grouped(rows: Iterable[Diagnosis], *, also_by_values: bool = False) -> list[Group]:
    """Findings of one rule with the same message and fix but for the object's name and namespace, each where its first one stands.

    ``also_by_values``: quoted values and numbers in message and fix may differ too, but not the protocol that a value declares.
    """
    found: dict[tuple[str, ...], list[Diagnosis]] = {}
    for row in rows:
        found.setdefault(_likeness(row, also_by_values=also_by_values), []).append(row)
    return [tuple(group) for group in found.values()]


def by_rule(rows: Iterable[Diagnosis]) -> list[Group]:
    """Findings of one rule and severity together."""
    found: dict[tuple[str, str], list[Diagnosis]] = {}
    for row in rows:
        found.setdefault((row.severity, row.code), []).append(row)
    return [tuple(group) for group in found.values()]


def other_values(group: Sequence[Diagnosis]) -> list[str]:
    """What stands in the messages of others in the place of the first one's quoted values and numbers, a text for each difference."""
    values = [" ".join(_VALUE.findall(_nameless(row.resource, row.message))) for row in group]
    return [text for text in dict.fromkeys(values) if text != values[0]]


def labels(group: Sequence[Diagnosis]) -> list[tuple[str, str]]:
    """The kind and the name of each object of a group, once; the file instead where one object stands in several."""
    files: dict[str, set[str]] = {}
    for row in group:
        files.setdefault(row.subject, set()).add(row.location.file if row.location else "")
    if any(len(names) > 1 for names in files.values()):
        places = [f"{row.location.file}:{row.location.line}" if row.location else row.subject for row in group]
        return [("", place) for place in dict.fromkeys(places)]
    return list(dict.fromkeys(_label(row) for row in group))


def _label(row: Diagnosis) -> tuple[str, str]:
    kind, _, name = str(row.resource).partition(" ")
    return kind, f"{row.cluster}: {name}" if row.cluster else name


def _likeness(row: Diagnosis, *, also_by_values: bool) -> tuple[str, ...]:
    nameless = partial(_nameless, row.resource)
    fix = _fix_words(row.fix)
    suppressed = (row.suppressed.by, row.suppressed.reason) if row.suppressed else ()
    said = tuple(nameless(text) for text in (row.message, *fix))
    if also_by_values:
        said = _VALUE.sub("…", said[0]), *(_VALUE.sub(_declared, text) for text in said[1:])
    return (row.code, row.severity, *suppressed, *said)


def _declared(value: re.Match[str]) -> str:
    """What is left of a value of a fix: the protocol that it declares, which one fix cannot show for another."""
    protocol = of_word(value.group().strip('"'))
    return "…" if protocol is Protocol.UNSUPPORTED else f"{protocol}…"


def _fix_words(fix: Fix | None) -> tuple[str, ...]:
    return (fix.safety, fix.advice, fix.risk or "") if fix else ()


def _nameless(ref: Ref, text: str) -> str:
    """A text without the object's name and namespace, where these stand as words of their own."""
    names = [name for name in (ref.name, ref.namespace) if name and name in text]
    for name in names:
        if not _WORD.fullmatch(name):
            text = text.replace(name, "…")
    return _WORD.sub(lambda word: "…" if word[0] in names else word[0], text) if names else text
