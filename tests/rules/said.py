"""Every word that the rules say of the bad examples of their pages, once for each wording; ``make docs`` writes ``said.txt``.

Rules' pages show where something is found. What is told of it, and what a fix would do, is read here, in a change's diff.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from kubectl_meshfix.fixes.fix import Fix
from kubectl_meshfix.report import Diagnosis
from tests.rules.wording import findings

FILE = Path(__file__).with_name("said.txt")


def text() -> str:
    """The whole file."""
    return "\n".join("\n".join(_said(row)) + "\n" for row in findings())


def _said(row: Diagnosis) -> Iterator[str]:
    asked = ", on request" if row.on_request else ""
    yield f"{row.code} {row.name} ({', '.join(row.aliases)}): {row.severity}{asked}"
    yield f"{row.resource} {row.path}"
    yield row.message
    yield from (f"- {line}" for line in row.evidence)
    if row.fix:
        yield from _fix(row.fix)


def _fix(fix: Fix) -> Iterator[str]:
    yield f"{fix.safety}: {fix.advice}"
    if fix.risk:
        yield f"risk: {fix.risk}"
    yield from (f"$ {command}" for command in fix.commands)
    for patch in fix.patches:
        yield f"patch of {patch.resource}:"
        yield from (f"  {msgspec.json.encode(operation).decode()}" for operation in patch.operations)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
