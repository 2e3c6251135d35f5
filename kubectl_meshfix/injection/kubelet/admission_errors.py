"""Why a pod could not be created, from the API server's words for it."""

import re
from typing import NamedTuple

from kubectl_meshfix.chain.steps import Outcome, Step, Where, step
from kubectl_meshfix.injection.checks import apiserver, injector, kubelet
from kubectl_meshfix.injection.kubelet.admission_errors_table import CALLS, DENIALS, OTHERS, Refusal
from kubectl_meshfix.injection.kubelet.policy_words import ADDED, ADDED_BY_INIT, CONSTRAINT, EXEMPTION, NO_INIT_CONTAINER, NOT_ISTIO, POLICY
from kubectl_meshfix.mesh.control_plane import INJECTOR_WEBHOOK

_CALL = r'failed calling webhook "(?P<name>[^"]+)"'
_DENIAL = r'(?s)admission webhook "(?P<name>[^"]+)" denied the request:? ?(?P<why>.*)'
_SERVICE = r'Post "https?://(?P<host>[^/":]+)'

_CALL_FAILED = Refusal(apiserver.CALL_FAILED, "See what the message says.")
_DENIED = Refusal(injector.DENIED_OTHERWISE, "Look into istiod's log for the reason.")
_REFUSED = Refusal(
    kubelet.REFUSED_OTHERWISE,
    "Correct what the message names.",
    plain=(kubelet.REFUSED_OTHERWISE, "Correct what the message names. Injection is not the cause."),
)


class Refused(NamedTuple):
    """What the API server's words mean: the step of the check that they speak of, what to do about it, and a command.

    ``webhook`` and ``host`` are those of the injector's webhook whose call failed, empty otherwise. ``is_about_injection`` says that
    injection, or what it adds to the pod, is refused; ``is_about_init`` that it is istio-init or its capabilities.
    """

    step: Step
    advice: str
    command: str = ""
    webhook: str = ""
    host: str = ""
    is_about_injection: bool = False
    is_about_init: bool = False


def read_refusal(message: str, at: Where | None = None, evidence: tuple[str, ...] = (), *, is_injected: bool = True) -> Refused:
    """What the API server's words for a pod that was not created mean; whatever is not known is said to be somebody else's.

    ``is_injected`` says whether the pod had, or may have had, a sidecar.
    """
    added = message if is_injected else ""
    if called := re.search(_CALL, message):
        if not called["name"].endswith(INJECTOR_WEBHOOK):
            return Refused(step(apiserver.OTHER_UNREACHED, at, evidence=evidence, webhook=called["name"]), NOT_ISTIO)
        host = re.search(_SERVICE, message)
        where = (f"called: {host['host']}",) if host else ()
        found = _refused(_first(CALLS, message, _CALL_FAILED), at, (*evidence, *where))
        return found._replace(webhook=called["name"], host=host["host"] if host else "")
    if denied := re.search(_DENIAL, message):
        if denied["name"].endswith(INJECTOR_WEBHOOK):
            return _refused(_first(DENIALS, message, _DENIED), at, evidence)
        constraint = CONSTRAINT.search(denied["why"])
        name = f"{denied['name']} ({constraint['name']})" if constraint else denied["name"]
        outcome = apiserver.OTHER_REFUSES_INJECTED if ADDED.search(added) else apiserver.OTHER_REFUSES
        return _by_policy(added, step(outcome, at, evidence=evidence, webhook=name))
    if policy := POLICY.search(message):
        outcome = apiserver.POLICY_REFUSES_INJECTED if ADDED.search(added) else apiserver.POLICY_REFUSES
        return _by_policy(added, step(outcome, at, evidence=evidence, policy=policy["name"]))
    row = _first(OTHERS, message, _REFUSED)
    if row.plain and not ADDED.search(added) and not (row.counts and is_injected):
        outcome, advice = row.plain
        return Refused(step(outcome, at, evidence=evidence), advice)
    return _refused(row, at, evidence)._replace(is_about_init=bool(ADDED_BY_INIT.search(added)))


def find_refusal(outcome: Outcome) -> Refusal | None:
    """What to do about a failed call whose words mean this; None for what no words mean."""
    return next((row for _, row in CALLS if row.outcome is outcome), None)


def _first(rows: tuple[tuple[str, Refusal], ...], message: str, otherwise: Refusal) -> Refusal:
    return next((row for pattern, row in rows if re.search(pattern, message.strip().rstrip("."))), otherwise)


def _refused(found: Refusal, at: Where | None, evidence: tuple[str, ...]) -> Refused:
    return Refused(step(found.outcome, at, evidence=evidence), found.advice, found.command, is_about_injection=True)


def _by_policy(added: str, found: Step) -> Refused:
    """Somebody else's policy; ``added`` are its words, empty for a pod without a sidecar."""
    if not ADDED.search(added):
        return Refused(found, NOT_ISTIO)
    is_init = bool(ADDED_BY_INIT.search(added))
    return Refused(found, NO_INIT_CONTAINER if is_init else EXEMPTION, is_about_injection=True, is_about_init=is_init)
