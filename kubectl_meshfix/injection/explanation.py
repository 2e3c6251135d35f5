"""Explanation: what becomes of one target, stage by stage, which check decided, and the way out."""

from kubectl_meshfix.chain.steps import Status, Step
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.fixes.fix import Fix
from kubectl_meshfix.injection.modes import Mode, WebhookName
from kubectl_meshfix.injection.stages import STAGES
from kubectl_meshfix.mesh.problems import Location
from kubectl_meshfix.resources.meta import Ref, Struct

_WORST_FIRST = (Status.FAIL, Status.UNKNOWN, Status.WARN, Status.PASS, Status.SKIPPED)


class Stage(Struct, frozen=True):
    """One stage and the answers to its questions, in the order they are asked."""

    stage: str
    status: Status
    steps: tuple[Step, ...]


class InjectionVerdict(Struct, frozen=True):
    """What became of the target, or will. ``summary`` names the cause first; ``decided_by`` is one of the explanation's steps.

    ``requested`` says whether labels ask for the mesh (True), refuse it (False) or say nothing (None); ``as_requested`` whether that is
    what becomes of the target, and the sidecar works. ``present`` says whether pods are so already: it has one, or gets one.
    ``ignored`` are labels that have no effect beside those that decided, where all else is as asked for.
    """

    injected: bool | Unknown
    mode: Mode
    decided_by: Step
    summary: str
    requested: bool | Unknown | None = None
    as_requested: bool = True
    present: bool = False
    ignored: tuple[Step, ...] = ()


class Advice(Struct, frozen=True):
    """One way out: in words, as a command, as a fix that can be applied. ``settles`` is what it would tell, where it tells something."""

    summary: str
    command: str | None = None
    fix: Fix | None = None
    settles: Unknown | None = None


class Probe(Struct, frozen=True):
    """What the API server answered to a dry run of the pod's creation.

    ``agrees`` is None where there is nothing to compare. ``containers`` are the pod's after all webhooks, ``changes`` what webhooks other
    than the injector's changed. Where it did not run, or the pod was refused, ``error`` has the words, and ``cause`` is the check that they
    speak of.
    """

    ran: bool
    injected: bool | None = None
    agrees: bool | None = None
    error: str | None = None
    cause: str | None = None
    containers: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


class Explanation(Struct, frozen=True):
    """The whole chain for one target.

    ``location`` is where it stands in files, where those hold several objects of its name; ``beside`` names the folder or file whose
    copies it was explained with, where it belongs to several and the answers differ.
    """

    target: Ref
    verdict: InjectionVerdict
    matched_webhooks: tuple[WebhookName, ...]
    stages: tuple[Stage, ...]
    probe: Probe | None = None
    advice: tuple[Advice, ...] = ()
    location: Location | None = None
    beside: str | None = None

    @property
    def subject(self) -> str:
        """The target, and what tells it from others of its name."""
        places = (self.location.file if self.location else None, f"beside {self.beside}" if self.beside else None)
        told = ", ".join(place for place in places if place)
        return f"{self.target} ({told})" if told else str(self.target)


def by_stage(steps: tuple[Step, ...]) -> tuple[Stage, ...]:
    """The three stages; the status of each is that of its worst step, skipped where nothing was asked."""
    return tuple(_stage(name, tuple(item for item in steps if item.stage == name)) for name in STAGES)


def _stage(name: str, steps: tuple[Step, ...]) -> Stage:
    found = {item.status for item in steps}
    return Stage(stage=name, status=next((status for status in _WORST_FIRST if status in found), Status.SKIPPED), steps=steps)
