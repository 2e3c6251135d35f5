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
        str, typer.Argument(metavar="CODE|NAME", help="A rule to explain: MF101, IST0118, or its name.", show_default=False)
    ] = "",
    config: Annotated[
        str, typer.Option("--config", help="The rules as a team's settings have them.", metavar="FILE", show_default=False)
    ] = "",
    output: Annotated[RulesFormat, typer.Option("-o", "--output", help="How to print it.")] = RulesFormat.TABLE,
) -> None:
    """List the rules, or show one rule's page.

    With --config only those that the settings leave, as bad as they say.
    """
    from kubectl_meshfix.cli.flags.settings import in_force  # noqa: PLC0415 -- asking for help loads no rule
    from kubectl_meshfix.render import catalogue  # noqa: PLC0415
    from kubectl_meshfix.render.text import machine  # noqa: PLC0415
    from kubectl_meshfix.rules import RULES, page  # noqa: PLC0415
    from kubectl_meshfix.rules.choice import is_named  # noqa: PLC0415
    from kubectl_meshfix.rules.pages import captioned  # noqa: PLC0415

    found = tuple(item for item in in_force(config) if not rule or is_named(item, rule))
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
