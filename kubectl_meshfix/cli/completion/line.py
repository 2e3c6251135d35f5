"""A command line that is being typed: the verb's parameters, and the values typed so far."""

import inspect
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import get_args, get_origin

import msgspec
from typer.models import ArgumentInfo, OptionInfo

from kubectl_meshfix.cli.flags.pflag import OPTIONAL_VALUES, optional_value
from kubectl_meshfix.cli.flags.values import value_type
from kubectl_meshfix.cli.verbs import verb_function


class Parameter(msgspec.Struct, frozen=True):
    """One flag or argument of a verb. ``names`` are a flag's, short and long; an argument has none."""

    name: str
    names: tuple[str, ...]
    help: str
    metavar: str
    choices: tuple[str, ...]
    takes_value: bool
    is_many: bool


class Line(msgspec.Struct, frozen=True):
    """What is typed before the word to complete: each flag's values, the arguments, and the flag whose value comes next.

    ``is_closed``: a ``--`` was typed, after which nothing is a flag.
    """

    verb: str
    parameters: tuple[Parameter, ...]
    given: Mapping[str, Sequence[str]]
    arguments: Sequence[str]
    awaiting: Parameter | None
    is_closed: bool

    def flag(self, name: str) -> Parameter | None:
        """The flag of that name, ``-n`` or ``--namespace``."""
        return next((parameter for parameter in self.parameters if name in parameter.names), None)

    def argument(self) -> Parameter | None:
        """The argument that a next word would be."""
        arguments = [parameter for parameter in self.parameters if not parameter.names]
        position = min(len(self.arguments), len(arguments) - 1)
        return arguments[position] if arguments and (arguments[position].is_many or position == len(self.arguments)) else None


def parameters(verb: str) -> tuple[Parameter, ...]:
    """A verb's flags and arguments, in the order of its help."""
    signature = inspect.signature(verb_function(verb))
    return (*(_parameter(item) for item in signature.parameters.values()), HELP)


HELP = Parameter("help", ("-h", "--help"), "Show this message and exit.", "", (), takes_value=False, is_many=False)


def _parameter(item: inspect.Parameter) -> Parameter:
    annotation, *details = get_args(item.annotation)
    info = next(detail for detail in details if isinstance(detail, OptionInfo | ArgumentInfo))
    kind = value_type(annotation)
    is_many = get_origin(kind) is list
    return Parameter(
        name=item.name,
        names=tuple(name for name in (info.default, *(info.param_decls or ())) if isinstance(info, OptionInfo) and isinstance(name, str)),
        help=info.help or "",
        metavar=str(info.metavar or ""),
        choices=tuple(kind) if isinstance(kind, type) and issubclass(kind, StrEnum) else (),
        takes_value=kind is not bool,
        is_many=is_many,
    )


def parse_line(verb: str, words: Sequence[str]) -> Line:
    """The words after the verb, read as ``pflag.normalised`` reads a whole line."""
    known = parameters(verb)
    by_name = {name: parameter for parameter in known for name in parameter.names}
    given: dict[str, list[str]] = {}
    arguments: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            return Line(verb, known, given, [*arguments, *rest], None, is_closed=True)
        if name not in by_name and word[:2] in by_name and not word.startswith("--"):
            name, equals, value = word[:2], "=", word[2:]
        if name not in by_name:
            arguments += [] if word.startswith("-") and word != "-" else [word]
            continue
        parameter = by_name[name]
        values = given.setdefault(parameter.name, [])
        if equals or not parameter.takes_value:
            values.append(value)
        elif name in OPTIONAL_VALUES:
            values.append(optional_value(name, rest))
        elif rest:
            values.append(rest.pop(0))
        else:
            return Line(verb, known, given, arguments, parameter, is_closed=False)
    return Line(verb, known, given, arguments, None, is_closed=False)
