"""What the registry knows of each rule without its module: ``index.json``, which `docs/rule_index.py` makes of the modules."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.rules.rule import Finding, Rule
from kubectl_meshfix.severity import Severity

FILE = "index.json"


class Row(Struct, frozen=True):
    """A rule as the index holds it: ``module`` is below this package, and kinds are by their plural and group."""

    code: str
    name: str
    severity: Severity
    summary: str
    module: str
    inputs: tuple[str, ...]
    optional: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    compares: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    of_answers: bool = False


def row(rule: Rule) -> Row:
    """The row of a rule whose module is there."""
    return Row(
        code=rule.code,
        name=rule.name,
        severity=rule.severity,
        summary=rule.summary,
        module=rule.check.__module__.removeprefix(f"{__package__}."),
        inputs=tuple(kind.resource for kind in rule.inputs),
        optional=tuple(kind.resource for kind in rule.optional),
        about=tuple(kind.resource for kind in rule.about),
        needs=tuple(kind.resource for kind in rule.needs),
        compares=tuple(kind.resource for kind in rule.compares),
        words=rule.words,
        aliases=rule.aliases,
        of_answers=rule.of_answers,
    )


def read_index() -> tuple[Rule, ...]:
    """Every rule, sorted by code. A module is imported when its rule is first asked."""
    by_resource = {kind.resource: kind for kind in kinds.KINDS}

    def named(resources: tuple[str, ...]) -> tuple[Kind, ...]:
        return tuple(map(by_resource.__getitem__, resources))

    text = Path(__file__).with_name(FILE).read_bytes()
    return tuple(
        Rule(
            code=item.code,
            name=item.name,
            severity=item.severity,
            summary=item.summary,
            inputs=named(item.inputs),
            optional=named(item.optional),
            about=named(item.about),
            needs=named(item.needs),
            compares=named(item.compares),
            words=item.words,
            aliases=item.aliases,
            of_answers=item.of_answers,
            check=_later(f"{__package__}.{item.module}"),
        )
        for item in msgspec.json.decode(text, type=tuple[Row, ...])
    )


def _later(module: str) -> Callable[[Mesh], Iterator[Finding]]:
    """The check of a module that is not imported yet; it says whose it is, as the check itself would."""

    def check(mesh: Mesh) -> Iterator[Finding]:
        rule: Rule = import_module(module).RULE
        return rule.check(mesh)

    check.__module__ = module
    return check
