"""A team's settings as defaults of the flags: a flag takes precedence over its setting."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix.cli.flags.options import RuleFlags, Scope, SelectionFlags
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.choice import chosen
from kubectl_meshfix.rules.input import stale_suppression
from kubectl_meshfix.rules.rule import Rule

if TYPE_CHECKING:
    from kubectl_meshfix.governance.config import Config

NONE = "none"
"""What --config takes to leave out settings that would be found."""


def settings(file: str, manifests: Sequence[str] = ()) -> "Config | None":
    """The settings that --config names, or those beside the manifests of -f; a cluster's are only taken by name. Raises UsageError."""
    if file == NONE or not (file or manifests):
        return None
    from kubectl_meshfix.governance import search  # noqa: PLC0415 -- few runs have settings

    file = file or search.find_settings(manifests)
    if not file:
        return None
    from kubectl_meshfix.governance.config import read_settings  # noqa: PLC0415

    return read_settings(file)


def with_defaults(config: "Config | None", selection: SelectionFlags, choice: RuleFlags) -> tuple[SelectionFlags, RuleFlags]:
    """The flags, with the settings where no flag was given."""
    if config is None:
        return selection, choice
    from kubectl_meshfix.governance.config import words  # noqa: PLC0415

    said = config.settings
    select = list(words(said.select))
    scope = selection.scope or (Scope(said.scope) if said.scope else None)
    return msgspec.structs.replace(selection, scope=scope, revision=selection.revision or said.revision), msgspec.structs.replace(
        choice,
        # which rules to ask is about the mesh; the settings themselves are looked at all the same
        select=choice.select or (select and [*select, stale_suppression.RULE.code]),
        ignore=choice.ignore or _ignored(words(said.ignore), choice.select or ()),
    )


def _ignored(ignore: Sequence[str], asked_for: Sequence[str]) -> list[str]:
    """The codes that the settings leave out, except those that --select names by their own code or name."""
    meant = {word.upper() for item in asked_for for word in item.split(",")}
    rules = chosen(RULES, ignore, ()) if ignore else ()
    return [rule.code for rule in rules if not meant & {rule.code, rule.name.upper(), *rule.aliases}]


def configured_rules(file: str) -> tuple[Rule, ...]:
    """The rules that the settings of a file leave, with the severities they give; all of them where there is no file."""
    config = settings(file)
    if config is None:
        return RULES
    from kubectl_meshfix.governance.config import words  # noqa: PLC0415
    from kubectl_meshfix.governance.severity_overrides import with_severities  # noqa: PLC0415

    said = config.settings
    return with_severities(chosen(RULES, words(said.select), words(said.ignore)), said.severities)
