"""Findings that a team accepts, and suppressions that are stale."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.governance import object_patterns
from kubectl_meshfix.governance.config import Config, Suppression, last_day, words
from kubectl_meshfix.governance.run_coverage import RunCoverage
from kubectl_meshfix.mesh.problems import Problem
from kubectl_meshfix.render.text.terminal import count
from kubectl_meshfix.report import Diagnosis, Suppressed
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.choice import is_named

BY = "config"
"""Who suppressed a finding, in reports."""


def suppressed(rows: Iterable[Diagnosis], config: Config, today: date) -> tuple[tuple[Diagnosis, ...], list[int]]:
    """The findings, those that the settings accept marked; and how many each suppression means, expired ones too.

    What an annotation of the object suppresses already stays suppressed by that.
    """
    askable = [
        (object_patterns.matcher(item.resource), words(item.code), item, is_expired(item, today)) for item in config.settings.suppressions
    ]
    hits = [0] * len(askable)
    result = []
    for row in rows:
        names = object_patterns.names(row.resource)
        for index, (means, codes, item, expired) in enumerate(askable):
            if not any(map(means, names)) or not any(is_named(row, word) for word in codes):
                continue
            hits[index] += 1
            if not expired and row.suppressed is None:
                row = msgspec.structs.replace(row, suppressed=Suppressed(by=BY, reason=item.reason))  # noqa: PLW2901
        result.append(row)
    return tuple(result), hits


def is_expired(item: Suppression, today: date) -> bool:
    """Whether the last day is over."""
    day = last_day(item.expires) if item.expires else None
    return day is not None and day < today


def stale_suppressions(config: Config, hits: Sequence[int], today: date, extent: RunCoverage) -> Iterator[Problem]:
    """Each suppression that has expired, or that suppresses nothing in a run that would have found it."""
    for index, (item, number) in enumerate(zip(config.settings.suppressions, hits, strict=True)):
        path = pointer.join("suppressions", index)
        if reason := _expiry(item, number, today) or ("" if number else _idleness(item, config, extent)):
            yield Problem(
                resource=Ref("", object_patterns.FILE, None, config.file),
                path=path,
                reason=reason,
                location=config.places[path],
                level="info",
                about="suppression",
                evidence=(f"its reason: {item.reason}",) if is_expired(item, today) else (),
            )


def _expiry(item: Suppression, number: int, today: date) -> str:
    if not is_expired(item, today):
        return ""
    again = f": {count(number, 'finding counts', 'findings count')} again" if number else ""
    return f"The suppression of {_scope(item)} expired on {item.expires}{again}. Remove it, or set a later date."


def _idleness(item: Suppression, config: Config, extent: RunCoverage) -> str:
    if not extent.is_complete(words(item.code), object_patterns.namespace(item.resource)):
        return ""
    if extent.holds(object_patterns.matcher(item.resource)):
        return f"The suppression of {_scope(item)} suppresses nothing: the rule finds nothing there. Remove it."
    if not extent.spans(config.file):
        return ""
    return f"The suppression of {_scope(item)} suppresses nothing: no object that was read has this name. Remove it, or correct the name."


def _scope(item: Suppression) -> str:
    return f"{', '.join(words(item.code))} in {item.resource}"
