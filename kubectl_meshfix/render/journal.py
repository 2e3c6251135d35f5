"""The journal's runs, for people and for programs."""

from collections.abc import Sequence
from typing import Any

import msgspec
from tabulate import tabulate

from kubectl_meshfix.render.text.machine import SCHEMA_VERSION
from kubectl_meshfix.render.text.terminal import Screen, Style, from_here, safe_line
from kubectl_meshfix.targets.journal import Unreadable
from kubectl_meshfix.targets.journal_entry import JournalEntry, ObjectChange

MOST = 3
"""How many objects of a run are named in the table."""


def table(runs: Sequence[JournalEntry | Unreadable], screen: Screen) -> str:
    """One line a run, newest first: what was changed, where, when and for which findings."""
    rows = [_row(run) for run in reversed(runs)]
    text = tabulate(rows, ["ID", "WHEN", "WHERE", "CHANGED", "FINDINGS", "STATE"], tablefmt="plain", disable_numparse=True)
    first, _, rest = text.partition("\n")
    return f"{screen.paint(first, Style.STRONG)}\n{rest}\n"


def document(runs: Sequence[JournalEntry | Unreadable]) -> dict[str, Any]:
    """The same as plain values, with every field that was touched."""
    readable = [{**msgspec.to_builtins(run), "state": state(run)} for run in runs if isinstance(run, JournalEntry)]
    return {
        "schemaVersion": SCHEMA_VERSION,
        "runs": readable,
        "unreadable": [msgspec.to_builtins(run) for run in runs if isinstance(run, Unreadable)],
    }


def state(run: JournalEntry) -> str:
    """``applied``, ``interrupted`` (nobody noted the end), ``partly undone``, ``undone``, or ``refused`` where nothing was changed."""
    states = {change.state for change in run.changes}
    if run.is_undone:
        return "undone" if "undone" in states else "refused"
    return "partly undone" if "undone" in states else "interrupted" if "planned" in states else "applied"


def _row(run: JournalEntry | Unreadable) -> list[str]:
    if isinstance(run, Unreadable):
        return [safe_line(run.id), "", "", "", "", f"unreadable: {safe_line(run.reason)}"]
    names = [str(change.resource) if isinstance(change, ObjectChange) else from_here(change.file) for change in run.changes]
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    place = (run.where.context or run.where.server) if run.where.kind == "cluster" else "files"
    return [safe_line(text) for text in (run.id, run.made, place, ", ".join(names[:MOST]) + more, " ".join(run.findings), state(run))]
