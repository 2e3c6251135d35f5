"""THE table of verbs. A verb is a module and a function of its name in this package, imported when the verb is called or asked for help."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from kubectl_meshfix.cli.flags.pflag import Command
from kubectl_meshfix.cli.flags.values import skip_conversion, with_false_default

VERBS = {
    "diagnose": "Find what is wrong, and show what can be fixed.",
    "explain": "Explain how a pod gets its sidecar, or why it does not.",
    "apply": "Make the fixes: show a diff, ask, then patch.",
    "undo": "Take back a run of apply.",
    "rules": "List the rules, or show the page of one.",
    "completion": "Print the completion script for a shell.",
}
"""What each verb is for, in the order of the program's help."""

HELP_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
"""How help is asked for and laid out, for the program and each verb."""


def verb_function(name: str) -> Callable[..., None]:
    """A verb as a function of its flags and arguments."""
    from kubectl_meshfix.cli.flags.options import grouped  # noqa: PLC0415 -- no flag is shown before its verb is known

    return grouped(getattr(import_module(f"{__name__}.{name}"), name))


def verb_command(name: str) -> Any:
    """A verb as a command."""
    from kubectl_meshfix.cli.verbs.examples import epilog  # noqa: PLC0415 -- as above

    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    verb = verb_function(name)
    alone.command(name, cls=Command, context_settings=HELP_SETTINGS, epilog=epilog(name) or None)(verb)
    command = typer.main.get_command(alone)
    skip_conversion(command.params, verb.__annotations__)
    return command


class Verb(Command):
    """A verb that is known by its line in the table until it is called."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Load the verb; the context and all that is done in it are the verb's own."""
        return verb_command(self.name or "").make_context(info_name, args, parent, **extra)


class Program(TyperGroup):
    """All verbs. Unlike with kubectl's own commands no flag can stand before the verb."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "commands": {name: Verb(name, short_help=text) for name, text in VERBS.items()}})

    def get_help_option(self, ctx: Any) -> Any:
        """As Typer makes it, but for its default."""
        return with_false_default(super().get_help_option(ctx))
