"""Typer's complaints about a command line in our words: what is wrong, the nearest word that is right, and where to read on."""

import contextlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import typer

from kubectl_meshfix.errors import UsageError

_COMPLAINT: type[Exception] = typer.BadParameter.__mro__[1]
"""Click's ``UsageError``: Typer's own copy since 0.26, click's before."""


@contextlib.contextmanager
def in_our_words(verb: str, flags: Iterable[str] = ()) -> Iterator[None]:
    """Turn a complaint about the words after ``verb`` ("" for the program's own) into a UsageError. ``flags``: those it takes."""
    try:
        yield
    except _COMPLAINT as error:
        raise _sentence(error, verb, flags) from error


def help_of(verb: str) -> str:
    """Where the help of a verb, or of the program, is."""
    return f"See: kubectl meshfix {verb} --help" if verb else "See: kubectl meshfix --help"


def near(word: str, known: Iterable[str]) -> str:
    """``Did you mean x or y? ``, or nothing."""
    import difflib  # noqa: PLC0415 -- only for a mistake

    found = difflib.get_close_matches(word, list(known), n=3, cutoff=0.7)
    return f"Did you mean {' or '.join(found)}? " if found else ""


def _sentence(error: Any, verb: str, flags: Iterable[str]) -> UsageError:
    where = help_of(verb)
    message: str = error.message
    named = getattr(error, "option_name", "")
    match type(error).__name__:
        case "NoSuchOption":
            from kubectl_meshfix.cli.flags.near_misses import near_miss  # noqa: PLC0415 -- only for a flag that is not there

            known = near_miss(verb, named)
            place = f"kubectl meshfix {verb}".rstrip()
            hint = f"{known.hint} {where}" if known else near(named, [*flags, "--help"]) + where
            return UsageError(known.sentence if known else f"{place} has no flag {named}.", hint)
        case "BadOptionUsage":
            return UsageError(f"{named} takes no value." if "not take" in message else f"{named} needs a value.", where)
        case "MissingParameter":
            return UsageError(f"{error.param.metavar or error.param.name} is missing.", where)
    if extra := re.fullmatch(r"Got unexpected extra argument(?:s|\(s\))? \((.*?)\)\.?", message, re.DOTALL):
        return UsageError(f"There is a word too many: {extra[1]}.", where)
    return UsageError(message if message.endswith((".", "?")) else f"{message}.", where)
