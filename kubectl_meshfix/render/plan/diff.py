"""A plan as a unified diff."""

import difflib
from typing import Any

from kubectl_meshfix.render.text.terminal import Screen, Style, safe


def unified(before: str, after: str, name: str, screen: Screen) -> str:
    """The lines that change, with three lines around them; empty where nothing does."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), f"a/{name}", f"b/{name}", lineterm="")
    return "".join(screen.paint(safe(line), _style(line)) + "\n" for line in lines)


def as_text(document: dict[str, Any]) -> str:
    """An object of a cluster as YAML, without the bookkeeping that no person edits."""
    import yaml  # noqa: PLC0415 -- diffs of files need none

    metadata = {key: value for key, value in document.get("metadata", {}).items() if key not in _BOOKKEEPING}
    if annotations := metadata.get("annotations"):
        metadata["annotations"] = {key: value for key, value in annotations.items() if key != _LAST_APPLIED}
    shown = {key: value for key, value in document.items() if key != "status"}
    return yaml.safe_dump({**shown, "metadata": metadata}, sort_keys=False, allow_unicode=True, width=10_000)


_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""The whole object on one line, as kubectl apply last sent it."""

_BOOKKEEPING = frozenset({"managedFields", "resourceVersion", "generation"})


def _style(line: str) -> Style | None:
    if line.startswith(("---", "+++")):
        return Style.STRONG
    return {"+": Style.ADDED, "-": Style.REMOVED, "@": Style.HUNK}.get(line[:1])
