"""Signs and words that all formats for people share: of a verdict, a stage, a step."""

from kubectl_meshfix.chain.steps import Status, Step
from kubectl_meshfix.chain.unknown import DRY_RUN, Unknown
from kubectl_meshfix.chain.words import lowered, sentence
from kubectl_meshfix.injection.explanation import Advice, Explanation, InjectionVerdict, Stage
from kubectl_meshfix.injection.membership import Mode
from kubectl_meshfix.injection.stages import APISERVER, INJECTOR, KUBELET
from kubectl_meshfix.render.text.terminal import Style
from kubectl_meshfix.resources.meta import Ref

TITLES = {APISERVER: "kube-apiserver", INJECTOR: "injector", KUBELET: "kubelet"}
MARKS = {
    Status.PASS: ("✓", Style.ADDED),
    Status.FAIL: ("✗", Style.ERROR),
    Status.WARN: ("!", Style.WARNING),
    Status.UNKNOWN: ("?", Style.WARNING),
    Status.SKIPPED: ("·", Style.FAINT),
}
WORDS = {
    Status.PASS: "passed",
    Status.FAIL: "failed",
    Status.WARN: "a warning",
    Status.UNKNOWN: "not known",
    Status.SKIPPED: "not asked",
}
_TELLING = frozenset({Status.FAIL, Status.WARN, Status.UNKNOWN})
WITHOUT = "without"
"""What keeps the sidecar away where none is asked for: that is no failure."""


def mark(verdict: InjectionVerdict) -> tuple[str, Style]:
    """Whether labels have their way, as far as what they ask for is known."""
    if isinstance(verdict.injected, Unknown) or isinstance(verdict.requested, Unknown):
        return "?", Style.WARNING
    return ("✓", Style.ADDED) if verdict.as_requested else ("✗", Style.ERROR)


def outcome(item: Explanation) -> str:
    """A verdict in a few words; what is not there yet is going to be."""
    verdict = item.verdict
    verb = "has" if verdict.present else "gets"
    if verdict.mode is Mode.AMBIENT:
        return "is in ambient"
    if isinstance(verdict.injected, Unknown):
        return "may get a sidecar"
    kind = "a native sidecar" if verdict.mode is Mode.NATIVE_SIDECAR else "a sidecar"
    return f"{verb} {kind if verdict.injected else 'no sidecar'}"


def headline(item: Explanation) -> str:
    """The answer and its reason, in one sentence."""
    ignored = map(sentence, item.verdict.ignored)
    return " ".join((f"{item.subject} {outcome(item)}: {lowered(item.verdict.summary)}", *ignored))


def why(item: Explanation) -> str:
    """The reason in short: where a sidecar comes as it was asked for, what brings it, and which labels are ignored; else all of it."""
    verdict = item.verdict
    short = verdict.as_requested and verdict.injected is True
    text = f"{verdict.summary.partition('; ')[0].removesuffix('.')}." if short else verdict.summary
    return " ".join((text, *(f"{step.args['label']} is ignored." for step in verdict.ignored)))


def shown_status(item: Explanation, status: Status) -> Status:
    """A status as it counts for the verdict: where no sidecar is right, what keeps it away has not failed."""
    return Status.SKIPPED if status is Status.FAIL and item.verdict.as_requested else status


def step_word(item: Explanation, step: Step) -> str:
    """A step's status in a word."""
    if step.outcome.word:
        return step.outcome.word
    return WITHOUT if step.status is Status.FAIL and item.verdict.as_requested else WORDS[step.status]


def stage_word(item: Explanation, stage: Stage) -> str:
    """A stage's status in a word."""
    return WITHOUT if stage.status is Status.FAIL and item.verdict.as_requested else WORDS[stage.status]


def decides(item: Explanation, step: Step) -> bool:
    """Whether a step is the one that decided."""
    return step.identity == item.verdict.decided_by.identity


def matters(item: Explanation, stage: Stage) -> tuple[Step, ...]:
    """The steps of a stage that a person has to know: what decided, what is wrong or unknown, else what happened."""
    shown = [
        step
        for step in stage.steps
        if decides(item, step) or (step.status in _TELLING and not step.outcome.check.of_each and not _repeats(item, step))
    ]
    asked = [step for step in stage.steps if step.outcome.check.on_request and step not in shown]
    if len(shown) < 2:
        shown += [step for step in stage.steps if step.outcome.check.tells and step.status is Status.PASS and step not in shown][:1]
    return tuple(step for step in stage.steps if step in shown or step in asked) or stage.steps[:1]


def _repeats(item: Explanation, step: Step) -> bool:
    """Whether a step fails the check that decided, at another place: the words of a refusal for what was read as well."""
    return step.outcome.check is item.verdict.decided_by.outcome.check and step.status is Status.FAIL


def settled(unknown: Unknown) -> str:
    """How to settle what is not known, in the words of this command line."""
    return "--probe asks the API server." if unknown.settled_by == DRY_RUN else f"Settled by {unknown.settled_by}."


def command_of(target: Ref, advice: Advice) -> str | None:
    """The command of an advice; what only a dry run tells is asked by one."""
    if advice.settles is None or advice.settles.settled_by != DRY_RUN:
        return advice.command
    return f"kubectl meshfix explain {target.kind.lower()}/{target.name}{target.namespace_flag} --probe"
