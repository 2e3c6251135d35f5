"""Helm's templates beside a plan: they are never edited, and what was rendered from them comes back."""

from collections.abc import Collection, Iterable, Iterator

from kubectl_meshfix.render.text.terminal import safe_line
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.severity import Severity

UNREADABLE = "MF001"


def remarks(findings: Iterable[Diagnosis], changing: Collection[Ref]) -> str:
    """A line for each file that was not looked at, and for each template that an object which changes was rendered from."""
    return "".join(f"{safe_line(line)}\n" for line in dict.fromkeys(_remarks(findings, changing)))


def _remarks(findings: Iterable[Diagnosis], changing: Collection[Ref]) -> Iterator[str]:
    for row in findings:
        place = row.location
        if place and row.code == UNREADABLE and (row.severity is not Severity.INFO or "not checked" in row.message):
            yield f"Not looked at: {place.file}, line {place.line}. {row.message}"
        elif place and place.template and row.resource in changing:
            yield (
                f"{row.resource} was rendered from {place.template}: make its change there, or in the value that is filled in, "
                "or the next helm template brings the old text back."
            )
