"""Steps, their words, and what is not known."""

import pytest

from kubectl_meshfix.chain.steps import Check, Outcome, Status, Steps, answer, moot, retold, step, told
from kubectl_meshfix.chain.unknown import DRY_RUN, Unknown, UnknownKind
from kubectl_meshfix.chain.words import joined, lowered, sentence

CHECK = Check(id="door", stage="house", question="Is the door open?", source="house.go")
OPEN = Outcome(CHECK, Status.PASS, "The door of {room} is open.")
SHUT = Outcome(CHECK, Status.FAIL, "The door of {room} is shut: {cause}.")
LOST = Outcome(CHECK, Status.FAIL, "No key was found.", "no match")


def first(number: int) -> Steps[int]:
    """A stage that tells one step and doubles a number."""
    yield step(OPEN, room=number)
    return number * 2


def both(number: int) -> Steps[int]:
    """A stage made of that one, twice."""
    doubled = yield from first(number)
    return (yield from first(doubled))


def test_the_answer_is_what_is_told() -> None:
    """Both ways of asking evaluate the same stage: with the steps of all its parts in their order, or without them."""
    found = told(both(1))

    assert answer(both(1)) == found.value == 4
    assert [sentence(item) for item in found.steps] == ["The door of 1 is open.", "The door of 2 is open."]
    assert told(retold(found)) == found


def test_a_cause_is_a_part_of_the_sentence() -> None:
    """Steps are arguments of steps; names keep their capital, other first words do not."""
    shut = step(SHUT, room="Pod a", cause=step(LOST))

    assert sentence(shut) == "The door of Pod a is shut: no key was found."
    assert joined(step(OPEN, room="a"), step(LOST)) == "The door of a is open; no key was found."
    assert lowered("Service a/b exists.") == "Service a/b exists."


def test_a_moot_step_has_no_effect_and_keeps_its_word() -> None:
    """What another candidate makes irrelevant is skipped, whatever it said; it is the same check at the same place."""
    lost = step(LOST)

    assert (lost.status, moot(lost).status, moot(lost).outcome.word) == (Status.FAIL, Status.SKIPPED, "no match")
    assert lost.identity == moot(lost).identity


def test_nobody_takes_what_is_not_known_for_a_yes() -> None:
    """An unknown has no truth value: asking for one is a defect that shows at once."""
    unknown = Unknown(kind=UnknownKind.OPAQUE, of="CEL", settled_by=DRY_RUN)

    with pytest.raises(TypeError, match="CEL is not known"):
        bool(unknown)
