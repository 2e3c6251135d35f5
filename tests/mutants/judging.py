"""What an instrumented copy of the package calls at each condition, see ``weak``."""

import atexit
import builtins
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

FOLDER = "MESHFIX_MUTANTS_SEEN"
"""The folder in which each process writes the numbers of the changes that it told apart."""

Mutant: TypeAlias = tuple[int, Callable[[], Any] | None]
"""The number of a change, and what the condition comes to with it; None where the change makes a difference in any case."""

_seen: set[int] = set()


def _as_it_is(value: Any) -> Any:
    return value


def judged(original: Callable[[], Any], *mutants: Mutant, of: Callable[[Any], Any] = _as_it_is) -> Any:
    """The value of an expression. Notes which changes would give another one, or none."""
    found = original()
    for number, mutant in mutants:
        if number not in _seen and (mutant is None or not _is_same(of(found), mutant, of)):
            _seen.add(number)
    return found


def _is_same(found: Any, mutant: Callable[[], Any], of: Callable[[Any], Any]) -> bool:
    try:
        other = of(mutant())
        return type(found) is type(other) and bool(found == other)
    except Exception:  # whatever it is, the original did not raise it
        return False


def tested(original: Callable[[], Any], *mutants: Mutant) -> Any:
    """The same for an expression of which only the truth counts."""
    return judged(original, *mutants, of=bool)


def is_seen(number: int) -> bool:
    """Whether a change was told apart in this process."""
    return number in _seen


def forget(first: int) -> None:
    """Begin again with the changes from this number on."""
    _seen.difference_update([number for number in _seen if number >= first])


@atexit.register
def _write() -> None:
    if _seen and FOLDER in os.environ:
        Path(os.environ[FOLDER], uuid.uuid4().hex).write_text(" ".join(map(str, _seen)), "utf-8")


def install() -> None:
    """Make both functions builtins, so that no module has to import them."""
    vars(builtins).update(_weak_value=judged, _weak_test=tested)
