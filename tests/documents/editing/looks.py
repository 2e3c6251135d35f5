"""How edits look: each of some texts, written as people write them, after each operation that fits it; ``make docs`` writes ``looks.txt``.

The laws say that an edit gives the right value and leaves other lines alone. Where its lines begin, and what stands around them, is read
here, in a change's diff.
"""

from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from kubectl_meshfix.documents.editing.splice import splice
from kubectl_meshfix.documents.patch import Operation, PatchConflictError, patched
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.errors import TargetError

FILE = Path(__file__).with_name("looks.txt")

TEXTS = (
    "a:\n  b: 1\n  c: 2\nd: 3\n",
    "a:\n  # above b\n  b: 1  # beside b\n  # above c\n  c: 2\n\n# above d\nd: 3\n",
    "a:\n    b:\n        c: 1\n",
    "a:\n- b: 1\n  c: 2\n- b: 3\n",
    "a:\n  - b: 1\n    c: 2\n  # above the second\n  - b: 3\n\nd: 4\n",
    "a:\n  -   b: 1\n      c: 2\n",
    "a:\n- - 1\n  - 2\n- []\n",
    "a: [1, 2]\n",
    "a: [ {b: 1}, {b: 2} ]\n",
    "a: {b: 1, c: 2}\nd: {}\n",
    "a: { b: 1 }\n",
    "a: {\n  b: 1,\n  c: 2,\n}\n",
    "a: [\n  1,\n  2\n]\n",
    "a: \"one\"\nb: 'two'\nc: three\n",
    "a: |\n  one\n  two\nb: 1\n",
    "a: >-\n  one\n  two\n\nb: 1\n",
    "a: |+\n  one\n\n# end\n",
    "a:\nb:\n",
    "a:  # beside a\nb: ~\n",
    "a: &x\n  b: 1\nc: *x\n",
    "a: &x 1\nb: 2\n",
    "a: !!str 1\n",
    "a:\n-   &x b: 1\n-   !!map\n    c: 2\n",
    "a:\n-   &x 1\n-   2\n",
    "a:\n-   !!str 1\n-\n",
    "x: &x\n  b: 1\na:\n  <<: *x\n  c: 2\n",
    "? a\n: b: 1\n",
    "---\na:\n  b: 1\n...\n",
    "a:\r\n  b: 1\r\n  c: 2\r\n",
    "a:\n  b: 1",
    "a:\n  b:\n  - 1",
    "- a: 1\n- b: 2\n",
    "a: one\n  two\n",
    '{"a": {"b": 1}, "d": [1, 2]}\n',
    '{\n  "a": {\n    "b": 1,\n    "c": 2\n  },\n  "d": []\n}\n',
    '{\n    "a": [\n        {"b": 1}\n    ]\n}',
    "# only above\n\na: 1\n\n# only below\n",
    "a:\n\tb: 1\n",
    "a:\n\n  b: 1\n\n\n  c: 2\n",
    'a: "one\\ttwo"\nb: 0x10\nc: 2001-01-01\n',
)

VALUES: tuple[Any, ...] = (5, "yes", "one\ntwo\n", {"x": 5, "y": {"z": []}}, [5, {"x": 6, "y": 7}])


def operations(value: Any, path: str = "") -> Iterator[Operation]:
    """What may be done to each place of a value: replace it, remove it, and add something beside or below it."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    yield from (Operation("replace", path, new) for new in (VALUES if path else VALUES[::3]))
    if path:
        yield Operation("remove", path)
    if isinstance(value, dict):
        yield from (Operation("add", f"{path}/new", new) for new in VALUES)
    if isinstance(value, list):
        yield from (Operation("add", f"{path}/{place}", new) for place in ("0", "1", "-") for new in VALUES[::3])
    for key, item in inside:
        yield from operations(item, f"{path}/{key}")


def shown(text: str, operation: Operation) -> str | None:
    """The text after an operation, or why it is refused; None where the operation does not fit the value."""
    try:
        patched(read(text).documents[0].value, [operation])
    except PatchConflictError:
        return None
    try:
        return splice(text, 0, [operation])
    except TargetError as error:
        return f"refused: {error.message}\n"


def text() -> str:
    """The whole file: a text, then the lines that each operation takes out and puts in, by their numbers before it."""
    blocks = []
    for before in TEXTS:
        documents = read(before).documents
        rows = [f"| {line}" for line in _lines(before)]
        for operation in operations(documents[0].value) if documents else ():
            if (after := shown(before, operation)) is not None:
                words = "" if operation.op == "remove" else f" {operation.value!r}"
                rows.append(f"{operation.op} {operation.path}{words}")
                rows += _changed(_lines(before), _lines(after)) if not after.startswith("refused") else [after.rstrip()]
        blocks.append("\n".join(rows))
    return "\n\n".join(blocks) + "\n"


def _changed(before: list[str], after: list[str]) -> Iterator[str]:
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from (f"{start + 1}- {line}" for line in before[start:end])
            yield from (f"{start + 1}+ {line}" for line in after[new_start:new_end])


def _lines(text: str) -> list[str]:
    """The lines with the ends that are not seen otherwise."""
    lines = text.replace("\r\n", "\\r\n").replace("\t", "\\t").split("\n")
    return lines[:-1] if text.endswith("\n") else [*lines[:-1], f"{lines[-1]}\\"]


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
