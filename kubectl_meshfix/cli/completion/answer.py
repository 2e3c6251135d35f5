"""The answer to a TAB: ``kubectl_complete-meshfix WORD…``, the last word being the one that is typed.

kubectl calls it (`pkg/cmd/plugin/plugin_completion.go`), and so do the scripts that ``completion`` prints, by the verb ``__complete``.
A line is a word, a TAB and what it is; the last one is ``:`` and what the shell shall do (cobra's ShellCompDirective). Whatever goes
wrong, nothing but words comes out: the person is in the middle of a line.
"""

import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.completion.candidates import VALUES, Candidate
from kubectl_meshfix.cli.completion.line import Line, Parameter, parse_line
from kubectl_meshfix.cli.flags.options import before_the_verb
from kubectl_meshfix.cli.flags.spelling import ALIASES, split_leading
from kubectl_meshfix.cli.verbs import VERBS
from kubectl_meshfix.render.text.terminal import safe_line

FILES, NO_SPACE, NO_FILES = 0, 2, 4


def main() -> None:
    """The program ``kubectl_complete-meshfix``."""
    console.open_streams()
    print_answer(sys.argv[1:])


def print_answer(words: Sequence[str]) -> None:
    """Complete the last of ``words``. Never raises; an error goes where cobra's scripts put theirs."""
    try:
        console.answer(completions(words))
    except Exception:
        if log := os.environ.get("BASH_COMP_DEBUG_FILE"):
            with Path(log).open("a", encoding="utf-8") as file:
                file.write(traceback.format_exc())
        console.answer(f":{NO_FILES}\n")


def completions(words: Sequence[str]) -> str:
    """The lines for the shell."""
    *before, typed = words or ("",)
    leading, before = split_leading(before)
    if not before:
        said = parse_line("diagnose", leading)
        return _values(said, said.awaiting, typed) if said.awaiting else _lines(_first_words(typed), typed)
    verb, *rest = before
    if verb == "help":
        return _lines([Candidate(name, about) for name, about in VERBS.items()] if not rest else [], typed)
    verb = ALIASES.get(verb, (verb,))[0]
    if verb not in VERBS:
        return f":{NO_FILES}\n"
    rest = [*leading, *rest]
    said = parse_line(verb, rest)
    if said.awaiting:
        return _values(said, said.awaiting, typed)
    if typed.startswith("-") and not said.is_closed:
        name, equals, value = typed.partition("=")
        flag = said.flag(name)
        return _values(said, flag, value) if equals and flag else _lines(_flags(said, typed), typed)
    argument = said.argument()
    return _values(said, argument, typed) if argument else f":{NO_FILES}\n"


def _first_words(typed: str) -> Iterable[Candidate]:
    """Verbs, their other names once one is begun, and flags that may stand before a verb once a dash is typed."""
    yield from (Candidate(verb, about) for verb, about in VERBS.items())
    yield Candidate("help", "Show the help of a verb.")
    if typed.startswith("-"):
        yield from (Candidate("--help", "Show the help."), Candidate("--version", "Print the version."))
        yield from (Candidate(name) for name in before_the_verb() if name.startswith("--"))
    elif typed:
        yield from (Candidate(alias, f"the same as {' '.join(meant)}") for alias, meant in ALIASES.items())


def _flags(said: Line, typed: str) -> Iterable[Candidate]:
    """Flags that can still be given; short ones where nothing but a dash is typed."""
    for parameter in said.parameters:
        if parameter.is_many or parameter.name not in said.given:
            for name in parameter.names:
                if name.startswith("--") or typed == "-":
                    yield Candidate(name, parameter.help)


def _values(said: Line, parameter: Parameter, typed: str) -> str:
    if parameter.name in VALUES:
        return _lines(VALUES[parameter.name](said, typed), typed)
    if parameter.metavar in ("FILE", "PATH", "DIR"):
        return f":{FILES}\n"
    return _lines(map(Candidate, parameter.choices), typed)


def _lines(candidates: Iterable[Candidate], typed: str) -> str:
    """Those that begin as typed. What a terminal would obey is no part of any name that can be typed."""
    fitting = [one for one in candidates if one.text.startswith(typed) and one.text.isprintable() and not one.text.startswith(":")]
    rows = [f"{one.text}\t{safe_line(one.about)}" if one.about else one.text for one in fitting]
    directive = NO_FILES | (NO_SPACE if any(one.is_partial for one in fitting) else 0)
    return "".join(f"{row}\n" for row in [*rows, f":{directive}"])
