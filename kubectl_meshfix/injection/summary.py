"""Why a pod is injected or not, in one sentence."""

from collections.abc import Mapping, Sequence

from kubectl_meshfix.injection.apiserver.webhook import MATCH_CONDITIONS, NAMESPACE_SELECTOR, Verdict
from kubectl_meshfix.injection.injector.decision import VALUE, Decision, inject_value
from kubectl_meshfix.injection.labels import INJECT, INJECTION, METADATA_NAME
from kubectl_meshfix.injection.proxy import is_wanted
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.resources.core import PodTemplate

_ISTIO_KEYS = frozenset({INJECT, INJECTION, REVISION_LABEL, METADATA_NAME, "istio.io/deactivated"})


def injected(verdict: Verdict, decision: Decision, namespace: Mapping[str, str], template: PodTemplate) -> str:
    """Why there will be a sidecar."""
    asking = _asking(namespace, template.labels)
    whose = "the pod's own word" if decision.decided_by == VALUE else f"its {decision.decided_by}"
    return f"{asking} sends the pod to {_spelt(verdict)}, which injects by {whose}."


def declined(verdict: Verdict, decision: Decision) -> str:
    """Why the injector that was called leaves the pod alone."""
    detail = next((check.detail for check in decision.checks if check.name == decision.decided_by), "")
    return f"The pod goes to {_spelt(verdict)}, which does not inject by its {decision.decided_by}: {detail}"


def undecided(verdict: Verdict, decision: Decision) -> str:
    """Why nobody can tell from here."""
    if decision.injects is None:
        return f"The configuration of revision {verdict.revision}'s injector is broken; a running istiod goes on with the one it had."
    if verdict.decided_by == MATCH_CONDITIONS:
        return f"{_spelt(verdict)} depends on CEL, which only the API server evaluates."
    return "The namespace's labels are not known, because its object was not read."


def unmatched(verdicts: Sequence[Verdict], namespace: Mapping[str, str], template: PodTemplate, served: Sequence[str]) -> str:
    """Why no webhook takes the pod. ``served`` are the revisions and tags for which there is one."""
    labels = template.labels
    there_are = f"served: {', '.join(served)}" if served else "none is served"
    if not verdicts:
        return "There is no webhook of Istio's injector, so nothing is injected."
    if is_wanted(namespace, template) and (odd := next(filter(_is_odd, verdicts), None)):
        detail = next(check.detail for check in odd.checks if check.name == odd.decided_by)
        return f"The pod does not get to {_spelt(odd)}, because of its {odd.decided_by}: {detail}"
    if all(verdict.decided_by == NAMESPACE_SELECTOR for verdict in verdicts) and namespace.get(INJECTION, "enabled") != "enabled":
        return f"The namespace's label {INJECTION}={namespace[INJECTION]} keeps every webhook away, and no pod label changes that."
    if labels.get(INJECT) == "false" and any(verdict.deciding and verdict.deciding.requirement.key == INJECT for verdict in verdicts):
        return f"The pod's label {INJECT}=false keeps every webhook away."
    if namespace.get(INJECTION) == "enabled":
        return f"No webhook answers to {INJECTION}=enabled, because no revision is the default one ({there_are})."
    for owner, found in (("namespace", namespace), ("pod", labels)):
        if REVISION_LABEL in found:
            return f"No webhook serves revision {found[REVISION_LABEL]}, which the {owner} asks for ({there_are})."
    if labels.get(INJECT) == "true":
        return f"The pod's label {INJECT}=true asks the default revision, and no webhook serves that ({there_are})."
    value, where = inject_value(template)
    if where == "annotation" and value.lower() == "true":
        return f"The annotation {INJECT}={value} is not seen by the API server; as a label it would be."
    if INJECT in labels:
        return f'The pod\'s label {INJECT} says "{value}", and only "true" asks for injection.'
    return "Neither the namespace nor the pod has a label that asks for injection."


def _is_odd(verdict: Verdict) -> bool:
    """Whether a webhook stays away for a reason that Istio's own selectors never give: somebody changed it."""
    return verdict.deciding.requirement.key not in _ISTIO_KEYS if verdict.deciding else True


def _asking(namespace: Mapping[str, str], labels: Mapping[str, str]) -> str:
    """What brought the pod to the injector, in the order the chart's selectors give it."""
    if namespace.get(INJECTION) == "enabled":
        return f"{INJECTION}=enabled on the namespace"
    for owner, found in (("namespace", namespace), ("pod", labels)):
        if found.get(REVISION_LABEL):
            return f"{REVISION_LABEL}={found[REVISION_LABEL]} on the {owner}"
    return f"{INJECT}=true on the pod" if labels.get(INJECT) == "true" else "Injection into every namespace"


def _spelt(verdict: Verdict) -> str:
    assumed = ", assumed to be there" if verdict.assumed else ""
    return f"{verdict.webhook} of {verdict.configuration} (revision {verdict.revision}{assumed})"
