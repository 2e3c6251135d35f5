"""kubectl's flag syntax for Typer: ``-n=x``, ``-A=true``, ``--dry-run`` without a value (`spf13/pflag`)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from typer.core import TyperCommand

from kubectl_meshfix.cli.flags.values import with_false_default

OPTIONAL_VALUES = {"--dry-run": "client", "-v": "1", "--verbose": "1"}
"""Options that may stand alone, and what they mean then. A value follows only after ``=``, or for ``-v`` as a number."""


def normalised(args: Sequence[str], takes_value: Mapping[str, bool]) -> list[str]:
    """Arguments as Click reads them. ``takes_value`` tells of each option, short and long, whether a value follows."""
    result: list[str] = []
    rest = list(args)
    while rest:
        arg = rest.pop(0)
        if arg == "--":
            return [*result, arg, *rest]
        name, equals, value = arg.partition("=")
        if name in OPTIONAL_VALUES:
            follows = not equals and name in ("-v", "--verbose") and rest and re.fullmatch(r"\d+", rest[0])
            result += [name, value if equals else rest.pop(0) if follows else OPTIONAL_VALUES[name]]
        elif name not in takes_value:
            result.append(arg)
        elif takes_value[name]:
            result += [name, value] if equals and not name.startswith("--") else [arg]
            if not equals and rest:
                result.append(rest.pop(0))
        elif value.lower() not in ("false", "f", "0"):
            result.append(name if value.lower() in ("", "true", "t", "1") else arg)
    return result


class Command(TyperCommand):
    """A verb that reads kubectl's flag syntax and groups its help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Normalise, then let Click parse."""
        takes_value = {
            name: not getattr(param, "is_flag", False)
            for param in self.params
            for name in (*param.opts, *param.secondary_opts)
            if name[:1] == "-"
        }
        parsed: list[str] = super().parse_args(ctx, normalised(args, takes_value))
        return parsed

    def get_help_option(self, ctx: Any) -> Any:
        """As Typer makes it, but for its default."""
        return with_false_default(super().get_help_option(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """One section a panel, kubectl's connection flags last."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record:
                panel = getattr(param, "rich_help_panel", None) or ("Arguments" if param.param_type_name == "argument" else "Options")
                sections.setdefault(panel, []).append(record)
        for title in sorted(sections, key=lambda name: (name == CONNECTION, name != "Arguments")):
            with formatter.section(title):
                formatter.write_dl(sections[title])


CONNECTION = "Connection (as in kubectl)"
"""The last section of a verb's help."""
