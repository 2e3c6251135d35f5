"""One rule asked about objects in YAML, and about the same ones with a few words changed."""

from collections.abc import Iterable, Mapping

from kubectl_meshfix.mesh.answers import NONE_ASKED, Answers
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object, Ref
from kubectl_meshfix.rules.rule import Finding, Rule
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.asking import asked, fix
from tests.rules.pages import examples

Change = tuple[str, str]


def objects(text: str) -> tuple[Object, ...]:
    """The objects of a YAML text, as a file's are read."""
    return tuple(from_texts({"scene.yaml": text})[0].mesh.objects)


def changed(text: str, *changes: Change) -> str:
    """A text with something else in place of some words, each of which stands in it."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def said(
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


def writes(finding: Finding) -> list[tuple[str, str, object]]:
    """What a finding's fix writes, without what it tests first."""
    return [(item.op, item.path, item.value) for patch in fix(finding).patches for item in patch.operations if item.op != "test"]


def example(rule: Rule, name: str = "", what: str = "bad") -> str:
    """An example of a rule's page, of several that of a name, with the objects beside which it stands."""
    found = next(item for item in examples(rule, what) if name in ("", item.name))
    return "\n---\n".join((found.text, *found.beside.values()))
