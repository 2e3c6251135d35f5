"""Labels and annotations of a workload that are meant for injection and not written as Istio reads them."""

from collections.abc import Iterator, Mapping

import msgspec

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.injection.labels import INJECT, INJECTION
from kubectl_meshfix.injection.proxy import has_proxy
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.workloads import CronJob
from kubectl_meshfix.rules.injection import injection_spellings


class MisspeltLabel(msgspec.Struct, frozen=True):
    """One of them: ``path`` is a JSON pointer, ``problem`` a sentence, ``label`` the right key, ``asks`` what it is to do about the mesh.

    One that is not ``certain`` may have its effect all the same: it is wrong only where pods are known to do otherwise. ``map_path`` is
    the path of the map where nothing else is in it, so that the map can be removed with it.
    """

    path: str
    key: str
    value: str
    problem: str
    label: str
    asks: bool | None
    certain: bool = True
    map_path: str = ""


def misspelt_labels(workload: Workload) -> Iterator[MisspeltLabel]:
    """All of a workload: in the labels of its pods, in their annotations, on the object itself.

    A template with a proxy of its own is not injected, and a placeholder has no value yet.
    """
    if not has_proxy(workload.spec):
        yield from (found for found in _misspelt_labels(workload) if not injection_spellings.is_placeholder(found.value))


def _misspelt_labels(workload: Workload) -> Iterator[MisspeltLabel]:
    for key, value in workload.labels.items():
        if key == INJECT and value not in ("true", "false", ""):
            path = pod_template.label_path(workload, key)
            yield MisspeltLabel(path, key, value, _unknown_value("label", value), INJECT, injection_spellings.meaning(value))
        elif (label := injection_spellings.pod_key(key)) and label not in workload.labels:
            path = pod_template.label_path(workload, key)
            yield MisspeltLabel(path, key, value, _unknown_key(key, label), label, injection_spellings.asks(label, value))
    if INJECT in workload.labels:
        return
    for key, value in workload.annotations.items():
        if key == INJECT or injection_spellings.pod_key(key) == INJECT:
            yield _annotation(pod_template.annotation_path(workload, key), key, value)
    if INJECT not in workload.annotations and not workload.is_pod:
        for path, labels in _around_template(workload):
            yield from _on_object(workload, path, labels)


def _unknown_key(key: str, label: str) -> str:
    if key == INJECTION:
        return f"Istio reads the label {key} of namespaces, not of pods."
    return f"Istio does not read the label {key}; its label is {label}."


def _unknown_value(field: str, value: str) -> str:
    return f'The {field} {INJECT} is "{value}", and Istio reads only "true" and "false".'


def _annotation(path: str, key: str, value: str) -> MisspeltLabel:
    asks = injection_spellings.meaning(value)
    if key != INJECT:
        problem = f"Istio does not read the annotation {key}; its label is {INJECT}."
        return MisspeltLabel(path, key, value, problem, INJECT, asks)
    if value not in ("true", "false"):
        return MisspeltLabel(path, key, value, _unknown_value("annotation", value), INJECT, asks)
    problem = f"{INJECT}={value} is an annotation, and webhooks select pods by labels only."
    return MisspeltLabel(path, key, value, problem, INJECT, asks, certain=False)


def _around_template(workload: Workload) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The labels and annotations around a template, which pods do not get, with their JSON pointers."""
    for field in ("labels", "annotations"):
        yield f"/metadata/{field}", getattr(workload.meta, field)
    if isinstance(workload.object, CronJob) and (metadata := workload.object.spec.job_template.metadata):
        for field in ("labels", "annotations"):
            yield join("spec", "jobTemplate", "metadata", field), getattr(metadata, field)


def _on_object(workload: Workload, path: str, labels: Mapping[str, str]) -> Iterator[MisspeltLabel]:
    owner = workload.kind.kind if path.startswith("/metadata") else "jobTemplate"
    field = "label" if path.endswith("labels") else "annotation"
    for key, value in labels.items():
        label = key if key == INJECT or (key == REVISION_LABEL and field == "label") else injection_spellings.pod_key(key)
        if label in (INJECT, REVISION_LABEL) and label not in workload.labels:
            problem = f"The {field} {key}={value} is on the {owner}, not on its pod template, and is ignored."
            asks, map_path = injection_spellings.asks(label, value), "" if len(labels) > 1 else path
            yield MisspeltLabel(path + join(key), key, value, problem, label, asks, label == INJECT, map_path)
