"""``rules``: the catalogue, and pages of rules."""

from typing import Annotated

import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.formats import RulesFormat
from kubectl_meshfix.cli.flags.manner import ColorFlags
from kubectl_meshfix.cli.flags.unknown_rules import no_rule
from kubectl_meshfix.errors import UsageError


def rules(
    colors: ColorFlags,
    wanted: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CODE|NAME|FAMILY",
            help="The rules whose pages to show (MF101, 101, IST0118, a name), or a family to list (ports, MF1).",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        str,
        typer.Option("--config", help="Show the rules and severities that this settings file sets.", metavar="FILE", show_default=False),
    ] = "",
    output: Annotated[RulesFormat, typer.Option("-o", "--output", help="Output format.")] = RulesFormat.TABLE,
) -> None:
    """List the rules, or show the pages of some.

    With --config, only the rules that the settings leave in, with the severities that they set.
    """
    from kubectl_meshfix.cli.flags.settings import configured_rules  # noqa: PLC0415 -- asking for help loads no rule
    from kubectl_meshfix.render import catalogue  # noqa: PLC0415
    from kubectl_meshfix.render.text import machine  # noqa: PLC0415
    from kubectl_meshfix.rules import RULES, page  # noqa: PLC0415
    from kubectl_meshfix.rules.choice import is_named  # noqa: PLC0415
    from kubectl_meshfix.rules.pages import captioned  # noqa: PLC0415

    words = [f"MF{word}" if word.isdecimal() else word for item in wanted or () for word in item.split(",") if word]
    left = configured_rules(config)
    for word in words:
        if not any(is_named(rule, word) for rule in RULES):
            raise no_rule(word)
        if not any(is_named(rule, word) for rule in left):
            raise UsageError(f"The settings leave {word} out.", "See its page without --config.")
    found = tuple(rule for rule in left if not words or any(is_named(rule, word) for word in words))
    if output is RulesFormat.JSON:
        console.answer(machine.as_json(machine.rules_document(found)))
    elif output is RulesFormat.YAML:
        console.answer(machine.as_yaml(machine.rules_document(found)))
    elif words and all(sum(is_named(rule, word) for rule in left) == 1 for word in words):
        console.answer("\n".join(captioned(page(rule)) for rule in found))
    else:
        console.answer(catalogue.catalogue(found, colors.screen()))
