"""Why a pod could not be created, from the API server's words for it."""

import re

from kubectl_meshfix.injection.explanation import APISERVER, INJECTOR, KUBELET
from kubectl_meshfix.injection.kubelet.admission_errors_table import CALLS, DENIALS, OTHERS, Refusal
from kubectl_meshfix.mesh.control_plane import INJECTOR_WEBHOOK

CREATION = "creation"
"""The check of a refusal that nobody here knows."""

_CALL = re.compile(r'failed calling webhook "(?P<name>[^"]+)"')
_DENIAL = re.compile(r'admission webhook "(?P<name>[^"]+)" denied the request:? ?(?P<why>.*)', re.DOTALL)
_SERVICE = re.compile(r'Post "https?://(?P<host>[^/":]+)')


def refusal(message: str) -> Refusal:
    """What the API server's words for a pod that was not created mean; whatever is not known is said to be somebody else's."""
    if called := _CALL.search(message):
        return _first(CALLS, message) if called["name"].endswith(INJECTOR_WEBHOOK) else _foreign(called["name"], "could not be called")
    if denied := _DENIAL.search(message):
        if not denied["name"].endswith(INJECTOR_WEBHOOK):
            return _foreign(denied["name"], "refuses the pod")
        return _first(
            DENIALS, message, Refusal(INJECTOR, "denied", "The injector refuses the pod.", "Look into istiod's log for the reason.")
        )
    unknown = Refusal(
        KUBELET, "creation", "The API server refuses the pod.", "Correct what the message names; it does not speak of injection."
    )
    return _first(OTHERS, message, unknown)


def _first(rows: tuple[tuple[str, Refusal], ...], message: str, otherwise: Refusal | None = None) -> Refusal:
    found = next((row for pattern, row in rows if re.search(pattern, message.strip().rstrip("."))), None)
    host = _SERVICE.search(message)
    where = f" ({host['host']})" if host else ""
    fallback = otherwise or Refusal(APISERVER, "call", f"The API server could not call istiod{where}.", "See what the message says.")
    return found or fallback


def _foreign(webhook: str, what: str) -> Refusal:
    advice = "This is not Istio's webhook: ask who installed it."
    return Refusal(APISERVER, "otherWebhooks", f"Another webhook, {webhook}, {what}.", advice)


def of_check(name: str) -> Refusal | None:
    """What a failing check of the call path leads to, where its words are not at hand."""
    return next((row for _, row in CALLS if row.check == name), None)
