"""``rules``: the catalogue, and pages of rules."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.formats.rules import RulesFormat
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
    is_coverage: Annotated[
        bool, typer.Option("--coverage", help="List the codes of istioctl and Kiali, and the rules that find the same.")
    ] = False,
    output: Annotated[
        RulesFormat, typer.Option("-o", "--output", help="Output format. markdown prints the pages as they are written.")
    ] = RulesFormat.TABLE,
) -> None:
    """List the rules, or show the pages of some.

    Pages are laid out for a terminal. In a pipe, and with -o markdown, they are Markdown.

    With --config, only the rules that the settings leave in, with the severities that they set.
    """
    from kubectl_meshfix.cli.flags.settings import configured_rules  # noqa: PLC0415 -- asking for help loads no rule
    from kubectl_meshfix.render import catalogue  # noqa: PLC0415
    from kubectl_meshfix.rules import RULES, page  # noqa: PLC0415
    from kubectl_meshfix.rules.choice import is_named  # noqa: PLC0415
    from kubectl_meshfix.rules.pages import captioned  # noqa: PLC0415

    if is_coverage:
        return _coverage(wanted or (), output, colors)
    words = [f"MF{word}" if word.isdecimal() else word for item in wanted or () for word in item.split(",") if word]
    left = configured_rules(config)
    for word in words:
        if not any(is_named(rule, word) for rule in RULES):
            raise no_rule(word)
        if not any(is_named(rule, word) for rule in left):
            raise UsageError(f"The settings leave {word} out.", "See its page without --config.")
    found = tuple(rule for rule in left if not words or any(is_named(rule, word) for word in words))
    if output in (RulesFormat.JSON, RulesFormat.YAML):
        from kubectl_meshfix.render.text import machine  # noqa: PLC0415 -- for programs alone

        document = machine.rules_document(found)
        console.answer(machine.as_json(document) if output is RulesFormat.JSON else machine.as_yaml(document))
    elif output is RulesFormat.MARKDOWN or (words and all(sum(is_named(rule, word) for rule in left) == 1 for word in words)):
        pages = [captioned(page(rule)) for rule in found]
        if output is RulesFormat.TABLE and sys.stdout.isatty():
            from kubectl_meshfix.render.text.rule_page import on_terminal  # noqa: PLC0415

            pages = [on_terminal(text, colors.screen()) for text in pages]
        console.answer("\n".join(pages))
    else:
        console.answer(catalogue.catalogue(found, colors.screen()))
    return None


def _coverage(wanted: Sequence[str], output: RulesFormat, colors: ColorFlags) -> None:
    """The codes of other tools, all of them or those that begin with a word."""
    from kubectl_meshfix.render import catalogue  # noqa: PLC0415
    from kubectl_meshfix.render.text import machine  # noqa: PLC0415
    from kubectl_meshfix.rules.coverage import coverage  # noqa: PLC0415

    words = tuple(word.upper() for word in wanted)
    rows = tuple(row for row in coverage() if not words or row.code.startswith(words))
    if not rows:
        raise UsageError(f"No code of istioctl or Kiali begins with {' or '.join(words)}.", "They begin with IST and KIA.")
    match output:
        case RulesFormat.JSON:
            console.answer(machine.as_json(machine.coverage_document(rows)))
        case RulesFormat.YAML:
            console.answer(machine.as_yaml(machine.coverage_document(rows)))
        case RulesFormat.MARKDOWN:
            console.answer(catalogue.coverage_markdown(rows))
        case RulesFormat.TABLE:
            console.answer(catalogue.coverage(rows, colors.screen()))
