"""MF303: an injection label that is misspelt, has an unknown value, or is on the wrong object."""

from collections.abc import Iterator

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECT, INJECTION
from kubectl_meshfix.injection.membership import Membership, Mode, membership, predicted
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, PodTemplate
from kubectl_meshfix.rules.injection import INPUTS, injection_spellings, lasting, unfinished
from kubectl_meshfix.rules.injection.misspelt_labels import MisspeltLabel, misspelt_labels
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

NOT_INJECTED, MISPLACED, UNKNOWN = ("IST0102",), ("IST0107",), ("IST0108",)


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each label of a namespace, and the first of each workload, that is not written as Istio reads it, and has no effect as it is."""
    for namespace in lasting(mesh):
        for key, value in namespace.labels.items():
            label = key if key == INJECTION and value not in ("enabled", "disabled") else injection_spellings.namespace_key(key)
            if label and (key == label or label not in namespace.labels) and not injection_spellings.is_placeholder(value):
                yield from _namespace(mesh, namespace, key, label)
    for workload in unfinished(mesh):
        if found := next((found for found in misspelt_labels(workload) if _matters(mesh, workload, found)), None):
            from kubectl_meshfix.rules.injection import label_corrections  # noqa: PLC0415 -- for what is wrong alone

            made = membership(mesh, workload)
            yield Finding(
                resource=workload.ref,
                path=found.path,
                message=f"{found.problem} {_outcome(made, found.label, found.asks, is_pod=workload.is_pod)}",
                evidence=(made.reason,),
                fix=label_corrections.of_workload(mesh, workload, found),
                aliases=_codes(found),
            )


def _codes(found: MisspeltLabel) -> tuple[str, ...]:
    """What istioctl says of annotations that are not read where they are."""
    if "/annotations/" not in found.path or not found.certain:
        return ()
    return MISPLACED if found.key == INJECT and found.value in ("true", "false") else UNKNOWN if found.key != INJECT else ()


def _namespace(mesh: Mesh, namespace: Namespace, key: str, label: str) -> Iterator[Finding]:
    value = namespace.labels[key]
    asks = injection_spellings.asks(label, value)
    made = predicted(mesh, namespace.name, PodTemplate())
    effect = made.mode is Mode.AMBIENT if label == DATAPLANE_MODE else made.injected
    if asks is effect or (asks is None and (key != INJECTION or isinstance(effect, Unknown))):
        return
    from kubectl_meshfix.rules.injection import label_corrections  # noqa: PLC0415 -- for what is wrong alone

    problem = f"Istio does not read the label {key}; its label is {label}."
    outcome = _outcome(made, label, asks, is_pod=False)
    if key == INJECTION:
        problem = f'{INJECTION} is "{value}", but webhooks select only "enabled".'
        outcome = f"{outcome.removesuffix('.')}, whatever their labels." if made.injected is False else outcome
    yield Finding(
        resource=namespace.ref,
        path=join("metadata", "labels", key),
        message=f"{problem} {outcome}",
        evidence=(made.reason,),
        fix=label_corrections.of_namespace(mesh, namespace, key, label, asks),
        aliases=() if value else NOT_INJECTED,
    )


def _outcome(made: Membership, label: str, asks: bool | None, *, is_pod: bool) -> str:
    """What pods get today, as a sentence; where that is not known, what they may get other than ``asks``."""
    if label == DATAPLANE_MODE:
        return f"{'The pod is' if is_pod else 'Pods here are'} {'' if made.mode is Mode.AMBIENT else 'not '}in ambient mode."
    if isinstance(made.injected, Unknown):
        return f"{'The pod' if is_pod else 'New pods'} may get {'no' if asks else 'a'} sidecar."
    return f"{'The pod gets' if is_pod else 'New pods get'} {'a' if made.injected is True else 'no'} sidecar."


def _matters(mesh: Mesh, workload: Workload, found: MisspeltLabel) -> bool:
    """Whether pods do otherwise than the label asks; where that is not known, whether it is certainly a mistake."""
    made = membership(mesh, workload)
    effect = made.mode is Mode.AMBIENT if found.label == DATAPLANE_MODE else made.injected
    if isinstance(effect, Unknown):
        return found.certain
    return found.label == INJECT if found.asks is None else effect is not found.asks


RULE = Rule(
    code="MF303",
    name="misspelt-injection-label",
    severity=Severity.WARNING,
    inputs=kinds.WORKLOADS,
    optional=INPUTS,
    about=(kinds.NAMESPACE, *kinds.WORKLOADS),
    aliases=(*NOT_INJECTED, *MISPLACED, *UNKNOWN),
    summary="An injection label is misspelt, has an unknown value, or is on the wrong object",
    check=check,
)
