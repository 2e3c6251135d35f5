"""THE table of verbs. A verb is a module and a function of its name in this package, imported when the verb is called or asked for help."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.complaints import help_of, in_our_words, near
from kubectl_meshfix.cli.flags.pflag import Command
from kubectl_meshfix.cli.flags.spelling import ALIASES, arranged
from kubectl_meshfix.cli.flags.values import skip_conversion, with_false_default
from kubectl_meshfix.errors import UsageError

VERBS = {
    "diagnose": "Find what is wrong, and show what can be fixed.",
    "explain": "Explain how a pod gets its sidecar, or why it does not.",
    "trace": "Trace a request: which objects decide on it, and what its caller gets.",
    "test": "Hold a team's expectations against what trace and explain predict.",
    "apply": "Make the fixes: show a diff, ask, then patch.",
    "undo": "Take back a run of apply.",
    "rules": "List the rules, or show pages of some.",
    "version": "Print the versions of kubectl-meshfix, Kubernetes and Istio.",
    "options": "List the flags that choose and reach the cluster.",
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
    others = [alias for alias, meant in ALIASES.items() if meant == (name,)]
    called = [f"Other names: {', '.join(others)}."] if others else []
    alone.command(name, cls=Command, context_settings=HELP_SETTINGS, epilog="\n\n".join(filter(None, [*called, epilog(name)])) or None)(
        verb
    )
    command = typer.main.get_command(alone)
    skip_conversion(command.params, verb.__annotations__)
    return command


class Verb(Command):
    """A verb that is known by its line in the table until it is called."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Load the verb; the context and all that is done in it are the verb's own."""
        return verb_command(self.name or "").make_context(info_name, args, parent, **extra)


class Program(TyperGroup):
    """All verbs. Unlike with kubectl, which runs plugins by their first word, flags may stand before the verb."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "commands": {name: Verb(name, short_help=text) for name, text in VERBS.items()}})

    def get_help_option(self, ctx: Any) -> Any:
        """As Typer makes it, but for its default."""
        return with_false_default(super().get_help_option(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Bring the words into Click's order, then let it parse. Raises UsageError."""
        console.hush(False)
        with in_our_words("", ("--version",)):
            parsed: list[str] = super().parse_args(ctx, arranged(args))
        return parsed

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb. Raises UsageError for a word that is none."""
        name = args[0]
        if name not in self.commands and name.lower() not in self.commands:
            raise _no_verb(name)
        return super().resolve_command(ctx, [name if name in self.commands else name.lower(), *args[1:]])


_NOT_OURS = {
    "get": "kubectl get shows objects. Run: kubectl meshfix diagnose, for what is wrong with them.",
    "describe": "Run: kubectl meshfix explain TYPE/NAME, for its sidecar, or trace TYPE/NAME URL, for what happens to its requests.",
    "proxy-config": "Run: kubectl meshfix trace TYPE/NAME URL, for what a proxy does with a request.",
    "pc": "Run: kubectl meshfix trace TYPE/NAME URL, for what a proxy does with a request.",
    "troubleshoot": "Run: kubectl meshfix trace TYPE/NAME URL, for why a request fails.",
    "curl": "Run: kubectl meshfix trace TYPE/NAME URL, for what a request would get.",
    "request": "Run: kubectl meshfix trace TYPE/NAME URL, for what a request would get.",
    "route": "Run: kubectl meshfix trace TYPE/NAME URL, for the route that a request takes.",
    "routes": "Run: kubectl meshfix trace TYPE/NAME URL, for the route that a request takes.",
    "authz": "Run: kubectl meshfix trace TYPE/NAME URL, for the policies that decide on a request.",
    "status": "Run: kubectl meshfix diagnose, or kubectl meshfix version.",
    "plan": "Run: kubectl meshfix apply --dry-run.",
    "rollback": "Run: kubectl meshfix undo.",
    "revert": "Run: kubectl meshfix undo.",
    "list": "Run: kubectl meshfix rules, or kubectl meshfix undo --list.",
    "install": "Nothing is installed in a cluster. Run: kubectl meshfix diagnose.",
}
"""Verbs of others, and what to run here."""


def _no_verb(word: str) -> UsageError:
    place = f'kubectl meshfix has no verb "{word}".'
    if hint := _NOT_OURS.get(word.lower()):
        return UsageError(place, hint)
    if "/" in word or "." in word:
        return UsageError(place, f"Name a verb first: kubectl meshfix diagnose {word}.")
    return UsageError(place, near(word.lower(), (*VERBS, *ALIASES, "help")) + help_of(""))
