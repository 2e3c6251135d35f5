"""What was there when a team began: an old cluster can start today, and only what is new fails."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from kubectl_meshfix.errors import TargetError, UsageError
from kubectl_meshfix.fingerprints import Fingerprint, fingerprint
from kubectl_meshfix.governance.config_files import text_of
from kubectl_meshfix.governance.run_coverage import RunCoverage
from kubectl_meshfix.report import BASELINE, Diagnosis, Suppressed
from kubectl_meshfix.targets.files import replace

VERSION = 1

WHY = "It was there when the baseline was written."

Known = Mapping[Fingerprint, int]
"""How many findings of each fingerprint there were."""


class KnownFinding(Fingerprint, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A line of the file: a fingerprint, and how many findings it stands for where that is not one."""

    count: int = 1


class _Head(msgspec.Struct, frozen=True, rename="camel"):
    schema_version: int
    tool: Literal["kubectl-meshfix"]


class _File(_Head, frozen=True, rename="camel"):
    findings: tuple[KnownFinding, ...]


def read_baseline(file: str) -> Known:
    """What a baseline knows. Raises UsageError."""
    text = text_of(file, "a baseline")
    anew = "Name another file, or write a new one with --write-baseline after moving this one."
    try:
        head = msgspec.json.decode(text, type=_Head)
        if head.schema_version != VERSION:
            raise UsageError(f"{file} is a baseline of version {head.schema_version}, and this meshfix reads version {VERSION}.", anew)
        entries = msgspec.json.decode(text, type=_File).findings
    except msgspec.DecodeError as error:
        raise UsageError(f"{file} is not a baseline of meshfix: {error}.", anew) from error
    known: Counter[Fingerprint] = Counter()
    for entry in entries:
        known[_bare(entry)] += max(entry.count, 1)
    return known


def _bare(entry: KnownFinding) -> Fingerprint:
    return Fingerprint(*(getattr(entry, field) for field in Fingerprint.__struct_fields__))


def without_known(rows: Iterable[Diagnosis], known: Known, named: Callable[[str], str]) -> tuple[tuple[Diagnosis, ...], Known]:
    """The findings, those that the baseline knows marked; and what it knows that was not found."""
    left = Counter(known)
    result = []
    for row in rows:
        key = fingerprint(row, named)
        if left[key] > 0:
            left[key] -= 1
            if row.suppressed is None:
                row = msgspec.structs.replace(row, suppressed=Suppressed(by=BASELINE, reason=WHY))  # noqa: PLW2901
        result.append(row)
    return tuple(result), +left


def gone(left: Known, extent: RunCoverage) -> int:
    """How much of what was not found a run would have found, were it still there."""
    return sum(number for key, number in left.items() if extent.is_complete((key.code,), key.namespace))


def baseline_of(rows: Iterable[Diagnosis], named: Callable[[str], str]) -> Known:
    """A baseline of the findings that nobody has accepted for another reason."""
    return Counter(fingerprint(row, named) for row in rows if row.suppressed is None or row.suppressed.by == BASELINE)


def as_text(known: Known) -> str:
    """The file: a finding a line, sorted, so that a review sees which came and went; the same findings give the same bytes."""
    entries = [KnownFinding(**msgspec.structs.asdict(key), count=number) for key, number in sorted(known.items())]
    lines = ",\n".join(f"    {msgspec.json.encode(entry).decode()}" for entry in entries)
    findings = f"[\n{lines}\n  ]" if lines else "[]"
    return f'{{\n  "schemaVersion": {VERSION},\n  "tool": "kubectl-meshfix",\n  "findings": {findings}\n}}\n'


def save(file: str, known: Known) -> tuple[int, int]:
    """Write a baseline; how many findings came and went. Only a baseline is written over. Raises UsageError and TargetError."""
    before = Counter(read_baseline(file) if os.path.lexists(file) else {})
    try:
        replace(Path(os.path.realpath(file)), as_text(known).encode())
    except OSError as error:
        raise TargetError(
            f"{file} cannot be written: {error.strerror}. Nothing was changed.", "Check the folder and its permissions."
        ) from error
    return sum((Counter(known) - before).values()), sum((before - Counter(known)).values())
