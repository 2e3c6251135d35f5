"""A plan as a unified diff."""

import os
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from kubectl_meshfix.documents.editing.line_matches import line_matcher
from kubectl_meshfix.render.text.terminal import Screen, Style, safe

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""A line as ``patch`` and ``git apply`` have it: a carriage return before the line feed is a part of it."""

_NOTHING = "/dev/null"
_LAST = "\\ No newline at end of file"
_BOM = "\ufeff"


def unified(before: str, after: str, name: str, screen: Screen) -> str:
    """The lines that change, with three lines around them, for ``patch -p1`` and ``git apply``; empty where nothing does.

    As in git's patches, a tab ends a name with a space in it, and what is made or goes has no name on the other side.
    """
    end = "\t" if " " in name else ""
    names = (f"a/{name}{end}" if before else _NOTHING, f"b/{name}{end}" if after else _NOTHING)
    return "".join(_shown(_diffed(_LINE.findall(before), _LINE.findall(after), names), screen))


def _diffed(old: list[str], new: list[str], names: tuple[str, str]) -> Iterator[str]:
    """The lines of a diff as ``difflib.unified_diff`` has them, each with its own end and the headings without one."""
    for number, group in enumerate(line_matcher(old, new).get_grouped_opcodes()):
        if number == 0:
            yield f"--- {names[0]}"
            yield f"+++ {names[1]}"
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@"
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                yield from (f" {line}" for line in old[start:end])
                continue
            yield from (f"-{line}" for line in old[start:end])
            yield from (f"+{line}" for line in new[new_start:new_end])


def _range(start: int, end: int) -> str:
    """Lines as a hunk's heading counts them, from 1; an empty stretch is named by the line before it."""
    length = end - start
    return f"{start + 1}" if length == 1 else f"{start + 1 if length else start},{length}"


def patch_name(file: str) -> tuple[str, bool]:
    """A file's name in a patch, from the current folder; where it is outside of that, from the root of the file system, and False."""
    here, there = (PurePath(os.path.normpath(path)) for path in (os.getcwd(), os.path.join(os.getcwd(), file)))  # noqa: PTH109, PTH118
    if there.is_relative_to(here):
        return there.relative_to(here).as_posix(), True
    return there.as_posix().lstrip("/"), False


def _shown(lines: Iterator[str], screen: Screen) -> Iterator[str]:
    """The lines of a diff, without what a terminal obeys but for a carriage return at the end and a byte order mark at the start."""
    for number, line in enumerate(lines):
        is_content = number > 1 and not line.startswith("@")
        sign, text = line[:1], line[1:].removesuffix("\n")
        mark, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
        text, end = (text[:-1], "\r") if text.endswith("\r") else (text, "")
        yield f"{screen.paint(f'{sign}{mark}{safe(text)}', _style(line, is_content=is_content))}{end}\n"
        if is_content and not line.endswith("\n"):
            yield f"{_LAST}\n"


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


def _style(line: str, *, is_content: bool) -> Style | None:
    if not is_content:
        return Style.HUNK if line.startswith("@") else Style.STRONG
    return {"+": Style.ADDED, "-": Style.REMOVED}.get(line[:1])
