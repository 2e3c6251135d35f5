"""Which steps of a hop a person has to know where not all are asked for."""

from collections.abc import Set

from kubectl_meshfix.chain.steps import Status, Step
from kubectl_meshfix.traffic.stages import FOUND, ROUTE, WAYPOINT
from kubectl_meshfix.traffic.trace.answers import Hop

_SAID_ELSEWHERE = frozenset({FOUND, WAYPOINT})
"""Stages whose good outcome the title of a hop says, or the hop that follows."""

_TELLING = frozenset({Status.FAIL, Status.WARN, Status.UNKNOWN})

PASSED_OVER = 3
"""So many candidates that were passed over are shown, each with its reason."""


def status_of(hop: Hop) -> Status:
    """The worst status of a hop's steps."""
    found = {step.status for step in hop.steps}
    return next((status for status in (Status.FAIL, Status.UNKNOWN, Status.WARN) if status in found), Status.PASS)


def matters(hop: Hop) -> tuple[Step, ...]:
    """The steps to show where not all are asked for: a stage's last one that is not usual, and what failed, is odd or is not known.

    Before a route that was chosen, and where nothing was, those that were passed over.
    """
    failing = {step.stage for step in hop.steps if step.status is Status.FAIL}
    last = {step.stage: step for step in hop.steps if _tells(step) and (step.stage == ROUTE or step.stage not in failing)}
    causes = {cause.identity for step in hop.steps for cause in step.args.values() if isinstance(cause, Step)}
    return tuple(
        step
        for step in hop.steps
        if step.status in _TELLING or last.get(step.stage) is step or (_is_passed_over(step, failing) and step.identity not in causes)
    )


def _tells(step: Step) -> bool:
    is_said = step.stage in _SAID_ELSEWHERE and not step.outcome.check.tells
    return step.status is Status.PASS and not step.outcome.is_usual and not is_said


def _is_passed_over(step: Step, failing: Set[str]) -> bool:
    """Whether a step is of a candidate that was looked at in vain."""
    return step.status is Status.SKIPPED and step.outcome.check.of_each and (step.stage == ROUTE or step.stage in failing)
