"""``rules``: the catalogue, and one rule's page."""

import difflib
import sys
from typing import Annotated

import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.formats import RulesFormat
from kubectl_meshfix.errors import UsageError


def rules(
    rule: Annotated[
        str, typer.Argument(metavar="CODE|NAME", help="The rule whose page to show: MF101, IST0118, or its name.", show_default=False)
    ] = "",
    config: Annotated[
        str,
        typer.Option("--config", help="Show the rules and severities that this settings file sets.", metavar="FILE", show_default=False),
    ] = "",
    output: Annotated[RulesFormat, typer.Option("-o", "--output", help="Output format.")] = RulesFormat.TABLE,
) -> None:
    """List the rules, or show one rule's page.

    With --config, only the rules that the settings leave in, with the severities that they set.
    """
    from kubectl_meshfix.cli.flags.settings import configured_rules  # noqa: PLC0415 -- asking for help loads no rule
    from kubectl_meshfix.render import catalogue  # noqa: PLC0415
    from kubectl_meshfix.render.text import machine  # noqa: PLC0415
    from kubectl_meshfix.rules import RULES, page  # noqa: PLC0415
    from kubectl_meshfix.rules.choice import is_named  # noqa: PLC0415
    from kubectl_meshfix.rules.pages import captioned  # noqa: PLC0415

    found = tuple(item for item in configured_rules(config) if not rule or is_named(item, rule))
    if not found:
        known = [name for item in RULES for name in (item.code, item.name, *item.aliases)]
        near = difflib.get_close_matches(rule, known, n=3) or difflib.get_close_matches(rule.upper(), known, n=3)
        if any(is_named(item, rule) for item in RULES):
            raise UsageError(f"The settings leave {rule} out.", "See its page without --config.")
        raise UsageError(
            f'No rule is called "{rule}".', f"Did you mean {' or '.join(near)}?" if near else "See all of them with: kubectl meshfix rules"
        )
    if output is RulesFormat.JSON:
        console.answer(machine.as_json(machine.rules_document(found)))
    elif output is RulesFormat.YAML:
        console.answer(machine.as_yaml(machine.rules_document(found)))
    elif rule and len(found) == 1:
        console.answer(captioned(page(found[0])))
    else:
        console.answer(catalogue.catalogue(found, console.screen(sys.stdout)))
