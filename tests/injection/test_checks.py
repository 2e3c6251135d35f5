"""The table of checks: documented, worded, and reached, every row in every answer."""

import json
import string
from collections import Counter
from functools import cache
from pathlib import Path

import msgspec

from docs import checks as pages
from kubectl_meshfix.chain.steps import Outcome, Status, Step, Where, told
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.documents import pointer
from kubectl_meshfix.injection.apiserver.webhook import Candidate, match_webhook
from kubectl_meshfix.injection.checks.table import CHECKS
from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.injection.stages import STAGES
from kubectl_meshfix.render.chain.signs import mark
from kubectl_meshfix.render.chain.terminal import tree
from kubectl_meshfix.render.text.terminal import Screen
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration, Webhook
from kubectl_meshfix.traffic.checks import table as traffic
from tests.injection.cases import cases, explanation
from tests.injection.scenes import explained, hooks
from tests.injection.test_chain import SCENES

LONGEST = 160
"""Characters of a sentence, its arguments by their names."""

OUTCOMES = tuple(outcome for row in CHECKS for outcome in row.outcomes)


@cache
def explanations() -> tuple[Explanation, ...]:
    """The explanations of all scenes and cases."""
    scenes = (explained(scene.mesh, scene.kind, scene.name) for scene in SCENES.values())
    return (*scenes, *map(explanation, cases()))


@cache
def steps() -> tuple[Step, ...]:
    """Every step that is told anywhere, those of a single webhook included."""
    configuration = hooks()
    assert isinstance(configuration, MutatingWebhookConfiguration)
    webhooks = (*configuration.webhooks, Webhook(name="all", rules=configuration.webhooks[0].rules))
    labels = {"istio-injection": "enabled"}
    single = (told(match_webhook(Candidate(configuration, webhook), labels, {})).steps for webhook in webhooks)
    return (
        *(step for item in explanations() for stage in item.stages for step in stage.steps),
        *(step for told in single for step in told),
    )


def fields(outcome: Outcome) -> set[str]:
    """The names of a sentence's arguments."""
    return {name for _, name, _, _ in string.Formatter().parse(outcome.sentence) if name}


def test_ids_are_unique_within_their_stage() -> None:
    """Stage and id name one check, which has at least one answer."""
    counted = Counter((row.check.stage, row.check.id) for row in CHECKS)

    assert set(counted.values()) == {1}
    assert all(row.check.id for row in CHECKS)
    assert {row.check.stage for row in CHECKS} == set(STAGES)
    assert all(row.outcomes and row.check.question.endswith("?") and row.check.source for row in CHECKS)


def test_the_page_documents_every_answer() -> None:
    """docs/checks.md is what the table says, row for row."""
    written = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")

    assert written == pages.page()
    every = (*CHECKS, *traffic.CHECKS)
    assert written.count("\n#### ") == len(every)
    answers = sum(line.startswith(tuple(f"| {status}" for status in Status)) for line in written.splitlines())
    assert answers == sum(len(row.outcomes) for row in every)


def test_every_answer_is_reached() -> None:
    """No row of the table is there for nothing: some scene or case tells it."""
    reached = {step.outcome for step in steps()}

    assert [outcome for outcome in OUTCOMES if outcome not in reached] == []
    assert reached <= set(OUTCOMES)


def test_every_sentence_gets_its_arguments() -> None:
    """A step gives what its sentence names, and the sentence is whole."""
    for step in steps():
        assert fields(step.outcome) <= step.args.keys(), step.outcome
        assert sentence(step).endswith(".")
        assert "{" not in sentence(step)


def test_sentences_are_short_and_name_their_subject() -> None:
    """A sentence has at most 160 characters, begins with no pronoun and ends with a full stop."""
    for outcome in OUTCOMES:
        assert len(outcome.sentence) <= LONGEST
        assert not outcome.sentence.startswith(("It ", "This ", "That ", "They "))
        assert outcome.sentence.endswith(".")


def test_check_and_place_tell_steps_apart() -> None:
    """In no explanation two steps have one identity, and the verdict names exactly one of them."""
    for item in explanations():
        told_steps = [step for stage in item.stages for step in stage.steps]
        counted = Counter(step.identity for step in told_steps)

        assert set(counted.values()) == {1}, [identity for identity, number in counted.items() if number > 1]
        assert counted[item.verdict.decided_by.identity] == 1
        assert all(step.stage == stage.stage for stage in item.stages for step in stage.steps)


def test_every_place_is_there() -> None:
    """A step's object is in the snapshot, or is one that was not read, of a kind that exists; its pointer leads to a field of it."""
    meshes = [*(scene.mesh for scene in SCENES.values()), *(case.mesh for case in cases())]
    for snapshot, item in zip(meshes, explanations(), strict=True):
        for at in (step.at for stage in item.stages for step in stage.steps if step.at):
            found, kind = snapshot.find(at.resource), kinds.of(at.resource.api_version, at.resource.kind)
            assert kind is not None
            assert kind.namespaced is (at.resource.namespace is not None)
            if found is not None:
                document = json.loads(msgspec.json.encode(found))
                assert leads_to_a_field(document, at.path), at


def leads_to_a_field(document: object, path: str) -> bool:
    """Whether a pointer leads into a document; what the Structs leave out because it is empty may be its last part."""
    *parts, last = pointer.split(path) or [""]
    for part in parts:
        inside = document[int(part)] if isinstance(document, list) else document.get(part) if isinstance(document, dict) else None
        if inside is None:
            return False
        document = inside
    return not last or isinstance(document, dict) or (isinstance(document, list) and last.isdecimal())


def test_what_the_injectors_configuration_says_names_it() -> None:
    """Where the ConfigMap was read, what its selectors, its policy and its templates say is found in it."""
    for item in explanations():
        said = {step.check: step for stage in item.stages for step in stage.steps}
        if "configMap" in said and said["configMap"].status is Status.PASS:
            for check in {"neverInjectSelector", "alwaysInjectSelector", "policy", "templates"} & said.keys():
                at = said[check].at
                assert at is not None
                assert at.resource.kind == "ReplicaSet" or (said["configMap"].at, at.path) == (Where(resource=at.resource), "/data/config")


def test_a_sign_has_its_reason_and_no_cross_below_a_tick() -> None:
    """The first line answers and says why; where all is as asked for, nothing below it is a failure; a failure is shown where it is one."""
    for item in explanations():
        lines = tree(item, Screen(width=10_000)).splitlines()
        sign = mark(item.verdict)[0]

        assert lines[0].startswith(f"{sign} {item.target} ")
        assert item.verdict.summary[1:] in lines[0]
        assert (sign == "✓") is item.verdict.as_requested
        assert sign != "✓" or not any(line.strip().startswith("✗") for line in lines)
        assert sign != "✗" or any(line.strip().startswith(("✗", "!", "?")) for line in lines[1:]), lines


def test_the_chain_knows_no_flag() -> None:
    """Which flag settles what is not known is a matter of the command line: no sentence and no advice of the chain names one."""
    advice = (text for item in explanations() for way in item.advice for text in (way.summary, way.command or ""))
    said = (*(item.verdict.summary for item in explanations()), *map(sentence, steps()), *advice)

    assert [text for text in said if "--probe" in text] == []
