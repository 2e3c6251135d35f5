"""kubectl's flag syntax for Typer: ``-n=x``, ``-A=true``, ``--dry-run`` without a value (`spf13/pflag`)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from typer.core import TyperCommand

from kubectl_meshfix.cli.flags.complaints import in_our_words
from kubectl_meshfix.cli.flags.values import with_false_default
from kubectl_meshfix.errors import UsageError

OPTIONAL_VALUES = {"--dry-run": "client", "-v": "1", "--v": "1", "--verbose": "1", "--color": "always", "--proxies": "all"}
"""Options that may stand alone, and what they mean then."""

_FOLLOWING = {"-v": r"\d+", "--v": r"\d+", "--verbose": r"\d+", "--color": "auto|always|never"}
"""What counts as their value where it follows as a word; any other value stands after ``=``."""


def optional_value(name: str, rest: list[str]) -> str:
    """The value of an option that may stand alone, taken from ``rest`` where it follows."""
    pattern = _FOLLOWING.get(name)
    return rest.pop(0) if pattern and rest and re.fullmatch(pattern, rest[0]) else OPTIONAL_VALUES[name]


def normalised(args: Sequence[str], takes_value: Mapping[str, bool]) -> list[str]:
    """Arguments as Click reads them. ``takes_value`` tells of each option, short and long, whether a value follows. Raises UsageError."""
    result: list[str] = []
    rest = list(args)
    while rest:
        arg = rest.pop(0)
        if arg == "--":
            return [*result, arg, *rest]
        name, equals, value = arg.partition("=")
        if name in OPTIONAL_VALUES and name in takes_value:
            result += [name, value if equals else optional_value(name, rest)]
        elif name not in takes_value:
            result.append(arg)
        elif takes_value[name]:
            result += [name, value] if equals and not name.startswith("--") else [arg]
            if not equals and rest:
                result.append(rest.pop(0))
        elif value.lower() not in ("false", "f", "0"):
            if value.lower() not in ("", "true", "t", "1"):
                raise UsageError(f'{name} is a switch and takes true or false, not "{value}".')
            result.append(name)
    return result


class Command(TyperCommand):
    """A verb that reads kubectl's flag syntax, complains in our words, and groups its help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Normalise, then let Click parse. Raises UsageError."""
        takes_value = {
            name: not getattr(param, "is_flag", False)
            for param in self.params
            for name in (*param.opts, *param.secondary_opts)
            if name[:1] == "-"
        }
        switches = dict.fromkeys(ctx.help_option_names, False)
        with in_our_words(self.name or "", takes_value):
            parsed: list[str] = super().parse_args(ctx, normalised(args, takes_value | switches))
        return parsed

    def get_help_option(self, ctx: Any) -> Any:
        """As Typer makes it, but for its default."""
        return with_false_default(super().get_help_option(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """As kubectl has it: what the verb is for, examples, flags."""
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_epilog(ctx, formatter)
        self.format_options(ctx, formatter)
        if any(_is_hidden(param, self.name) for param in self.params):
            formatter.write_paragraph()
            formatter.write_text("The flags of the connection are kubectl's: kubectl meshfix options")

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, then flags; those of the connection are left to ``options``."""
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record and not _is_hidden(param, self.name):
                sections["Arguments" if param.param_type_name == "argument" else "Options"].append((_plain(record[0]), record[1]))
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def _is_hidden(param: Any, verb: str | None) -> bool:
    """Whether a flag is one of the connection that ``options`` shows instead."""
    if verb == "options" or getattr(param, "rich_help_panel", None) != CONNECTION:
        return False
    return param.name not in ("context", *(["contexts"] if verb == "diagnose" else []))


def _plain(names: str) -> str:
    """Names and value of a flag without Typer's brackets and the types that it knows of them."""
    return re.sub(r"[<\[]([\w-]+(?:\|[\w-]+)+)[>\]]", r"\1", re.sub(r" <[^<|>]*>", "", names))


CONNECTION = "Connection (as in kubectl)"
"""Flags that reach the cluster."""
