"""Labels and annotations of a workload that are about injection and not written as Istio reads them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.injection.labels import INJECT, INJECTION
from kubectl_meshfix.injection.proxy import has_proxy
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.workloads import CronJob
from kubectl_meshfix.rules.injection import injection_spellings


class Slip(NamedTuple):
    """One of them: ``path`` inside of the object, ``what`` is wrong, the label it should be and what that is ``meant`` to do.

    Those that are not ``plain`` may well have their effect: they are only wrong where pods are known to do otherwise. ``alone`` is the
    path of the whole map where nothing else is in it, and nothing else would be missed.
    """

    path: str
    value: str
    what: str
    label: str
    meant: bool | None
    plain: bool = True
    alone: str = ""


def slips(workload: Workload) -> Iterator[Slip]:
    """All slips of a workload: in the labels of its pods, in their annotations, on the object itself.

    A template that has its proxy already is not injected any more, and a value that is still to be filled in says nothing yet.
    """
    if not has_proxy(workload.spec):
        yield from (slip for slip in _slips(workload) if not injection_spellings.is_placeholder(slip.value))


def _slips(workload: Workload) -> Iterator[Slip]:
    for key, value in workload.labels.items():
        path = pod_template.label_path(workload, key)
        if key == INJECT and value not in ("true", "false", ""):
            what = f'The label {INJECT} says "{value}", and Istio knows only "true" and "false"'
            yield Slip(path, value, what, INJECT, injection_spellings.meaning(value))
        elif (label := injection_spellings.pod_key(key)) and label not in workload.labels:
            yield Slip(path, value, _misspelt(key, label), label, injection_spellings.asks(label, value))
    if INJECT in workload.labels:
        return
    for key, value in workload.annotations.items():
        if key == INJECT or injection_spellings.pod_key(key) == INJECT:
            yield _annotation(pod_template.annotation_path(workload, key), key, value)
    if INJECT not in workload.annotations and not workload.is_pod:
        for path, labels in _elsewhere(workload):
            yield from _outside(workload, path, labels)


def _misspelt(key: str, label: str) -> str:
    if key == INJECTION:
        return f"The label {key} is one for namespaces, and nobody reads it on pods"
    return f"Nobody reads the label {key}; Istio's is {label}"


def _annotation(path: str, key: str, value: str) -> Slip:
    meant = injection_spellings.meaning(value)
    if key != INJECT:
        return Slip(path, value, f"Nobody reads the annotation {key}; Istio's label is {INJECT}", INJECT, meant)
    if value not in ("true", "false"):
        return Slip(path, value, f'The annotation {INJECT} says "{value}", and Istio knows only "true" and "false"', INJECT, meant)
    what = f"{INJECT} is an annotation here, and the API server chooses pods by their labels alone"
    return Slip(path, value, what, INJECT, meant, plain=False)


def _elsewhere(workload: Workload) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The labels and annotations around a template that do not become a pod's, with their JSON pointers."""
    for field in ("labels", "annotations"):
        yield join("metadata", field), getattr(workload.meta, field)
    if isinstance(workload.object, CronJob) and (metadata := workload.object.spec.job_template.metadata):
        for field in ("labels", "annotations"):
            yield join("spec", "jobTemplate", "metadata", field), getattr(metadata, field)


def _outside(workload: Workload, path: str, labels: Mapping[str, str]) -> Iterator[Slip]:
    for key, value in labels.items():
        label = key if key == INJECT or (key == REVISION_LABEL and path.endswith("labels")) else injection_spellings.pod_key(key)
        if label in (INJECT, REVISION_LABEL) and label not in workload.labels:
            owner = workload.kind.kind if path.startswith("/metadata") else "Job"
            what = f"{key} stands on the {owner} itself, and injection looks at the pods, which are labelled by the template"
            plain = label == INJECT
            yield Slip(path + join(key), value, what, label, injection_spellings.asks(label, value), plain, "" if len(labels) > 1 else path)
