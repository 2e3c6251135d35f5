"""Why a pod could not be created, from the API server's words for it."""

import re
from typing import NamedTuple

from kubectl_meshfix.chain.steps import Outcome, Step, Where, step
from kubectl_meshfix.injection.checks import apiserver, injector, kubelet
from kubectl_meshfix.injection.kubelet.admission_errors_table import CALLS, DENIALS, OTHERS, Refusal
from kubectl_meshfix.mesh.control_plane import INJECTOR_WEBHOOK

_CALL = re.compile(r'failed calling webhook "(?P<name>[^"]+)"')
_DENIAL = re.compile(r'admission webhook "(?P<name>[^"]+)" denied the request:? ?(?P<why>.*)', re.DOTALL)
_SERVICE = re.compile(r'Post "https?://(?P<host>[^/":]+)')

_CALL_FAILED = Refusal(apiserver.CALL_FAILED, "See what the message says.")
_DENIED = Refusal(injector.DENIED_OTHERWISE, "Look into istiod's log for the reason.")
_REFUSED = Refusal(kubelet.REFUSED_OTHERWISE, "Correct what the message names. Injection is not the cause.")
_NOT_ISTIO = "This is not Istio's webhook: ask who installed it."


class Refused(NamedTuple):
    """What the API server's words mean: the step of the check that they speak of, what to do about it, and a command."""

    step: Step
    advice: str
    command: str = ""


def read_refusal(message: str, at: Where | None = None, evidence: tuple[str, ...] = ()) -> Refused:
    """What the API server's words for a pod that was not created mean; whatever is not known is said to be somebody else's."""
    if called := _CALL.search(message):
        if not called["name"].endswith(INJECTOR_WEBHOOK):
            return _foreign(apiserver.OTHER_UNREACHED, called["name"], at, evidence)
        host = _SERVICE.search(message)
        where = (f"called: {host['host']}",) if host else ()
        return _refused(_first(CALLS, message, _CALL_FAILED), at, (*evidence, *where))
    if denied := _DENIAL.search(message):
        if not denied["name"].endswith(INJECTOR_WEBHOOK):
            return _foreign(apiserver.OTHER_REFUSES, denied["name"], at, evidence)
        return _refused(_first(DENIALS, message, _DENIED), at, evidence)
    return _refused(_first(OTHERS, message, _REFUSED), at, evidence)


def find_refusal(check: str) -> Refusal | None:
    """What a failing check of the call path leads to, where its words are not at hand."""
    return next((row for _, row in CALLS if row.outcome.check.id == check), None)


def _first(rows: tuple[tuple[str, Refusal], ...], message: str, otherwise: Refusal) -> Refusal:
    return next((row for pattern, row in rows if re.search(pattern, message.strip().rstrip("."))), otherwise)


def _refused(found: Refusal, at: Where | None, evidence: tuple[str, ...]) -> Refused:
    return Refused(step(found.outcome, at, evidence=evidence), found.advice, found.command)


def _foreign(outcome: Outcome, webhook: str, at: Where | None, evidence: tuple[str, ...]) -> Refused:
    return Refused(step(outcome, at, evidence=evidence, webhook=webhook), _NOT_ISTIO)
