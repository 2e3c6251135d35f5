"""Steps: what a stage yields while it evaluates. Who wants the result asks for the answer; who wants the way is told the steps too.

A stage is a linear generator, composed by ``yield from``; there is no second pass that explains.
"""

from collections.abc import Generator, Mapping
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar, Union

import msgspec

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.resources.meta import Ref, Struct

T = TypeVar("T")


class Status(StrEnum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105
    """Nothing speaks against it here."""
    FAIL = "fail"
    """This alone keeps it from happening."""
    WARN = "warn"
    """Something is wrong here, and was passed over."""
    SKIPPED = "skipped"
    """The question was not asked, or its answer has no effect because another one decides."""
    UNKNOWN = "unknown"
    """What decides it was not read, or cannot be evaluated here."""


class Check(Struct, frozen=True):
    """One question of a chain: a row of the table. ``id`` is stable, and unique within its stage.

    A gate ends its stage when it fails. What ``tells`` is shown where nothing is wrong; what is asked ``of_each`` candidate is shown of the
    one that decides. ``source`` is the place in Istio or Kubernetes.
    """

    id: str
    stage: str
    question: str
    source: str
    is_gate: bool = False
    tells: bool = False
    of_each: bool = False
    on_request: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """One answer to a check: its status, and its sentence with the names of its arguments in braces.

    ``word`` stands for the status where the plain word would mislead: a selector that was evaluated and does not match has not failed.
    What ``is_usual`` is so for nearly everybody, and is shown only where all steps are.
    """

    check: Check
    status: Status
    sentence: str
    word: str = ""
    is_usual: bool = False


class Where(Struct, frozen=True):
    """The place that an answer was read from: an object, and a JSON pointer into it, empty for the whole."""

    resource: Ref
    path: str = ""


Argument = Union[str, int, "Step"]


class Step(Struct, frozen=True):
    """An answer that was given: no prose, only an outcome of the table and its arguments. Another step may be an argument: its cause.

    ``is_moot`` steps have no effect: the candidate was passed over, and another one decides. Check and place tell a step from all others of
    its explanation.
    """

    outcome: Outcome
    at: Where | None = None
    args: Mapping[str, Argument] = {}
    evidence: tuple[str, ...] = ()
    unknown: Unknown | None = None
    is_moot: bool = False

    @property
    def check(self) -> str:
        """The check's id."""
        return self.outcome.check.id

    @property
    def stage(self) -> str:
        """The check's stage."""
        return self.outcome.check.stage

    @property
    def status(self) -> Status:
        """The outcome's status; skipped where it is moot."""
        return Status.SKIPPED if self.is_moot else self.outcome.status

    @property
    def identity(self) -> tuple[str, str, Where | None]:
        """Stage, check and place."""
        return self.stage, self.check, self.at


Steps = Generator[Step, None, T]
"""A stage: it yields its steps and returns its result."""


class Told(NamedTuple, Generic[T]):
    """What a stage told on its way, and its result."""

    steps: tuple[Step, ...]
    value: T


def step(
    outcome: Outcome, at: Where | None = None, *, evidence: tuple[str, ...] = (), unknown: Unknown | None = None, **args: Argument
) -> Step:
    """An outcome with the arguments of its sentence."""
    return Step(outcome=outcome, at=at, args=args, evidence=evidence, unknown=unknown)


def moot(passed_over: Step) -> Step:
    """The step of a candidate that another one makes irrelevant."""
    return msgspec.structs.replace(passed_over, is_moot=True)


def answer(steps: Steps[T]) -> T:
    """A stage's result; its steps are dropped."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


def told(steps: Steps[T]) -> Told[T]:
    """A stage's steps and its result."""
    kept: list[Step] = []
    while True:
        try:
            kept.append(next(steps))
        except StopIteration as end:
            return Told(tuple(kept), end.value)


def retold(known: Told[T]) -> Steps[T]:
    """A stage that was evaluated before, as if it were evaluated now."""
    yield from known.steps
    return known.value
