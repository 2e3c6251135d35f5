"""The common fixes in a line: another value, a label less, a reference to something that there is, a choice among few.

What else a Fix can hold, such as its risk, is passed on by keyword.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety, manual
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources.meta import Ref

Value = str | int


def replacement(path: str, old: Value, new: Value) -> tuple[Operation, ...]:
    """Operations that write another value at a JSON pointer, if the old one is still there."""
    return Operation("test", path, old), Operation("replace", path, new)


def removal(path: str, old: Any) -> tuple[Operation, ...]:
    """Operations that remove a value at a JSON pointer, if it is still there."""
    return Operation("test", path, old), Operation("remove", path)


def patch(
    resource: Ref,
    operations: Iterable[Operation],
    summary: str,
    safety: Safety = Safety.UNSAFE,
    *,
    commands: tuple[str, ...] = (),
    **more: str,
) -> Fix:
    """A fix of one object. ``commands`` are for what is left to do after it."""
    patches = (Patch(resource=resource, operations=tuple(operations)),)
    return Fix(summary=summary, safety=safety, patches=patches, commands=commands, **more)


def corrected(resource: Ref, path: str, written: Value, better: Sequence[Value], otherwise: Fix, **more: str) -> Fix:
    """What to do about a reference to nothing: write what it was meant to be, choose where that may be several, else ``otherwise``.

    Unsafe: what was meant is an inference.
    """
    if len(better) == 1:
        return patch(
            resource, replacement(path, written, better[0]), f"Replace {written} with {better[0]}.", Safety.UNSAFE, commands=(), **more
        )
    return choice("Use {}.", better) if better else otherwise


def few(names: Sequence[str]) -> str:
    """Names as a sentence takes them: one, two, or the first two and how many more there are."""
    if len(names) < 3:
        return " and ".join(names)
    return f"{names[0]}, {names[1]} and {len(names) - 2} more"


def near(written: str, names: Iterable[str]) -> tuple[str, ...]:
    """The one name that another is a slip of the keyboard away from, or none, as ``corrected`` takes it."""
    found = nearest(written, names)
    return (found,) if found else ()


def choice(text: str, options: Iterable[object], *commands: str, **more: str) -> Fix:
    """A fix that is left to a person, who has a few ways: ``{}`` in the text becomes "one of a, b"."""
    return manual(text.replace("{}", f"one of {', '.join(map(str, options))}"), *commands, **more)
