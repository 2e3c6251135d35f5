"""The conclusion from a chain: what became of a target, by the first thing that went wrong; else what decides on it."""

import msgspec

from kubectl_meshfix.chain.steps import Step
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.chain.words import clause, joined, lowered, sentence
from kubectl_meshfix.injection.apiserver import namespace_labels
from kubectl_meshfix.injection.checks import kubelet
from kubectl_meshfix.injection.creation import Creation
from kubectl_meshfix.injection.explanation import InjectionVerdict
from kubectl_meshfix.injection.intent import inject_value, is_ambient, is_namespace_wanted
from kubectl_meshfix.injection.kubelet import Observed
from kubectl_meshfix.injection.label_changes import label_outside
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECTION
from kubectl_meshfix.injection.membership import is_left_alone
from kubectl_meshfix.injection.modes import Mode
from kubectl_meshfix.injection.prediction import look_at
from kubectl_meshfix.injection.proxy import has_native_proxy, has_proxy
from kubectl_meshfix.injection.reaching import CallPath
from kubectl_meshfix.injection.subjects import Subject
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh


class _Outcome(msgspec.Struct, frozen=True):
    injected: bool | Unknown
    mode: Mode
    decided_by: Step
    summary: str


def conclude(  # noqa: PLR0913, PLR0917 -- what each stage found
    mesh: Mesh, subject: Subject, ahead: Creation, seen: Observed, misplaced: Step | None, ignored: tuple[Step, ...] = ()
) -> InjectionVerdict:
    """What became of the target; ``misplaced`` says that its label is where nobody looks for it, ``ignored`` that others have no effect."""
    asked = read_request(mesh, subject)
    made, broken = ahead.made, ahead.path.broken
    outcome = _look_back(ahead, seen) or _look_ahead(ahead)
    if not seen.pods and not seen.refused and broken:
        what = "Pods are created without a sidecar" if ahead.path.opens else "No pod can be created"
        outcome = _Outcome(False, Mode.NONE, broken, f"{what}. {sentence(broken)}")
    match asked:
        case True:
            has_its_way = outcome.mode is not Mode.NONE or is_left_alone(made, subject.template)
        case False:
            has_its_way = outcome.injected is False
        case _:
            has_its_way = True
    is_healthy = seen.decider is None and not (made.injected is True and broken)
    is_known = not isinstance(asked, Unknown) and not isinstance(outcome.injected, Unknown)
    as_requested = has_its_way and is_healthy and is_known
    return InjectionVerdict(
        injected=outcome.injected,
        mode=outcome.mode,
        decided_by=outcome.decided_by,
        summary=_summarize(outcome, asked, misplaced if outcome.injected is not True or not as_requested else None),
        requested=asked,
        as_requested=as_requested,
        ignored=ignored if as_requested else (),
        present=bool(seen.pods) or has_proxy(subject.template.spec),
    )


def read_request(mesh: Mesh, subject: Subject) -> bool | Unknown | None:
    """What labels ask for: the pod's own word first, then its namespace's; None where they ask for nothing."""
    if has_proxy(subject.template.spec):
        return True
    value = inject_value(subject.template)[0] or (outside[0] if (outside := label_outside(subject)) else "")
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    known = namespace_labels(mesh, subject.namespace)
    labels, missing = known.labels, known.missing
    if subject.template.labels.get(REVISION_LABEL) or is_ambient(labels, look_at(mesh, subject.namespace, subject.template)):
        return True
    if INJECTION in labels and not is_namespace_wanted(labels):
        return False
    mode = subject.template.labels.get(DATAPLANE_MODE)
    heard = {key: item for key, item in labels.items() if key != DATAPLANE_MODE or mode != "none"}
    return True if is_namespace_wanted(heard) else missing


def _summarize(outcome: _Outcome, asked: bool | Unknown | None, misplaced: Step | None) -> str:
    summary = outcome.summary
    if misplaced:
        summary = f"{sentence(misplaced)} {summary}"
    if isinstance(asked, Unknown) and not isinstance(outcome.injected, Unknown):
        summary = f"{summary.removesuffix('.')}; whether the namespace asks for a sidecar is not known."
    return summary


def _look_back(ahead: Creation, seen: Observed) -> _Outcome | None:
    """What the pods, or their absence, prove."""
    mode = Mode.NONE if not seen.injected else Mode.NATIVE_SIDECAR if any(has_native_proxy(pod.spec) for pod in seen.pods) else Mode.SIDECAR
    broken = ahead.path.broken
    if seen.refused:
        found = seen.refused.step
        cause = f"{sentence(found).removesuffix('.')}: {seen.message}" if found.outcome.check is kubelet.CREATION else sentence(found)
        if broken and broken.check == found.check:
            found, cause = broken, sentence(broken)
        return _Outcome(bool(seen.injected), mode, found, f"No {'further ' if seen.pods else ''}pod can be created. {cause}")
    if not seen.pods:
        return None
    if not seen.injected:
        if seen.decider:
            after = f" {_next(ahead.path)}" if broken and seen.decider.outcome.check is not kubelet.FAILED_OPEN else ""
            return _Outcome(False, Mode.NONE, seen.decider, f"{sentence(seen.decider)}{after}")
        return _look_at_ambient(ahead, seen)
    if seen.decider:
        works = seen.decider.outcome.check in (kubelet.COMPLETION, kubelet.OWN_INIT, kubelet.PROBES, kubelet.ISTIOD)
        return _Outcome(
            True, mode, seen.decider, sentence(seen.decider) if works else f"The sidecar does not work. {sentence(seen.decider)}"
        )
    if ahead.made.injected is not True and seen.proxy:
        would = "would get none" if ahead.made.injected is False else "may get none"
        return _Outcome(True, mode, seen.proxy, f"The pod has its proxy, and a new pod {would}: {lowered(ahead.made.reason)}")
    after = f" But the next pod cannot be injected. {sentence(broken)}" if broken else ""
    return _Outcome(True, mode, broken or ahead.made.decided_by, f"{ahead.made.reason}{after}")


def _next(path: CallPath) -> str:
    """What becomes of the next pod while the injector cannot be called."""
    what = "New pods get none either" if path.opens else "No new pod can be created"
    return f"{what}: {clause(path.broken)}." if path.broken else ""


def _look_at_ambient(ahead: Creation, seen: Observed) -> _Outcome | None:
    """Pods that the CNI agent redirects, or should."""
    made = ahead.made
    if made.mode is Mode.AMBIENT:
        return _Outcome(False, Mode.AMBIENT, made.decided_by, joined(*made.because, *((seen.late,) if seen.late else ())))
    if seen.enrolled is None:
        return None
    then = "gets" if made.injected is True else "gets no" if made.injected is False else "may get"
    text = f"{sentence(seen.enrolled)} A new pod {then} {'sidecar' if made.injected is False else 'a sidecar'}: {lowered(made.reason)}"
    return _Outcome(False, Mode.AMBIENT, seen.enrolled, text)


def _look_ahead(ahead: Creation) -> _Outcome:
    made = ahead.made
    if ahead.refused_by:
        return _Outcome(False, Mode.NONE, ahead.refused_by, f"No pod can be created. {sentence(ahead.refused_by)}")
    return _Outcome(made.injected, made.mode, made.decided_by, made.reason)
