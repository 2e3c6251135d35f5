"""One rule asked about objects in YAML, and about the same ones with a few words changed."""

from collections.abc import Iterable, Mapping
from itertools import chain

import yaml

from kubectl_meshfix.mesh.answers import NONE_ASKED, Answers
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object, Ref
from kubectl_meshfix.rules.rule import Finding, Rule
from tests.injection.installations import decoded
from tests.rules.asking import asked, fix

Change = tuple[str, str]


def objects(*texts: str) -> list[Object]:
    """The objects of some YAML texts."""
    return [decoded(item) for item in chain.from_iterable(map(yaml.safe_load_all, texts)) if item]


def changed(text: str, *changes: Change) -> str:
    """A text with something else in place of some words, each of which stands in it."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def said(  # noqa: PLR0913 -- what a source knows, each by its name
    rule: Rule,
    text: str,
    *changes: Change,
    live: bool = False,
    at: str | None = None,
    coverage: Mapping[Kind, Coverage] | None = None,
    alternatives: Iterable[Ref] = (),
    answers: Answers = NONE_ASKED,
) -> list[Finding]:
    """What a rule says of a text with some changes."""
    mesh = Mesh(objects(changed(text, *changes)), live=live, taken_at=at, coverage=coverage, alternatives=alternatives)
    return asked(rule, mesh.with_answers(answers))


def summaries(found: Iterable[Finding]) -> list[str]:
    """What the fixes of findings say."""
    return [fix(item).summary for item in found]


def written(finding: Finding) -> list[tuple[str, str, object]]:
    """What a finding's fix writes, without what it tests first."""
    return [(item.op, item.path, item.value) for patch in fix(finding).patches for item in patch.operations if item.op != "test"]
