"""Changes of pod templates: maps that may be absent, what stands in a change's way, and who would pick the pods by a new label."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.fix import LATER, REPLACED, Fix, Patch, Safety, at_risk, manual
from kubectl_meshfix.fixes.managed_by import manager
from kubectl_meshfix.mesh import control_plane, hosts
from kubectl_meshfix.mesh.selectors import matches
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking import DestinationRule, EnvoyFilter, Gateway, Sidecar
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, Telemetry
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import LabelSelector, Object, Ref

SELECTING: tuple[Kind, ...] = (
    kinds.SERVICE,
    kinds.DESTINATION_RULE,
    kinds.GATEWAY,
    kinds.AUTHORIZATION_POLICY,
    kinds.SIDECAR,
    kinds.TELEMETRY,
    kinds.ENVOY_FILTER,
    *kinds.TEMPLATED,
    *control_plane.INPUTS,
)
"""Kinds that pick pods by their labels, and those that tell which namespace's policies look everywhere."""


def label_path(workload: Workload, key: str) -> str:
    """The JSON pointer of a label of the template, whether it is there or not."""
    return workload.template_path + join("metadata", "labels", key)


def annotation_path(workload: Workload, key: str) -> str:
    """The JSON pointer of an annotation of the template, whether it is there or not."""
    return workload.template_path + join("metadata", "annotations", key)


def set_label(workload: Workload, key: str, value: str) -> tuple[Operation, ...]:
    """Operations that give the template a label, creating the maps above it only where they are absent."""
    return _set(workload, "labels", workload.labels, key, value)


def set_annotation(workload: Workload, key: str, value: str) -> tuple[Operation, ...]:
    """Operations that give the template an annotation, creating the maps above it only where they are absent."""
    return _set(workload, "annotations", workload.annotations, key, value)


def _set(workload: Workload, field: str, present: Mapping[str, str], key: str, value: str) -> tuple[Operation, ...]:
    metadata = workload.template_path + join("metadata")
    path = metadata + join(field, key)
    if key in present:
        return Operation("test", path, present[key]), Operation("replace", path, value)
    if present:
        return (Operation("add", path, value),)
    if workload.template.metadata is None:
        return (Operation("add", metadata, {field: {key: value}}),)
    return (Operation("add", metadata + join(field), {key: value}),)


_PICKED = "A Service, subset, policy or workload that selects this label begins to include these pods."
_UNREAD = "A Service or subset that could not be read may select this label, and begin to send requests to these pods."
_GUESSED = "Its pods are replaced, and metrics, traces and later subsets show a value that is a guess."


class Derived(NamedTuple):
    """A label's value, what it was taken from in words, and whether that is no more than a guess."""

    value: str
    source: str
    is_guess: bool = False


def add_label(mesh: Mesh, workload: Workload, key: str, derived: Derived) -> Fix:
    """The fix that gives the pods one more label; unsafe where it is a guess, or where somebody would pick the pods by it."""
    value, source, is_guess = derived
    summary = f'Add the label {key}: "{value}" to the pod template ({source}).'
    picked = newly_selected(mesh, workload, {key: value})
    unread = [kind for kind in (kinds.SERVICE, kinds.DESTINATION_RULE) if mesh.live and not mesh.knows(kind, workload.namespace)]
    if picked:
        summary += f" By it, {' and '.join(picked)} would pick these pods, as they do not today."
    elif unread:
        summary += f" Whether one would then pick these pods is not known: {' and '.join(map(str, unread))} objects could not be read."
    safety = Safety.UNSAFE if is_guess or picked or unread else pods_rolled(workload)
    fix = change(mesh, workload, set_label(workload, key, value), summary, safety)
    return at_risk(fix, _PICKED if picked else _UNREAD if unread else _GUESSED) if safety is Safety.UNSAFE else fix


def is_label_value(text: str) -> bool:
    """Whether a label may have this value (`k8s.io/apimachinery/pkg/util/validation IsValidLabelValue`)."""
    return len(text) <= 63 and re.fullmatch(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?", text) is not None


def change(mesh: Mesh, workload: Workload, operations: tuple[Operation, ...], summary: str, safety: Safety) -> Fix:
    """The fix that changes a template, by hand where the template is not to be changed. What an unsafe one risks, the caller knows."""
    if why := why_not_patchable(mesh, workload, operations):
        return manual(summary, why=why)
    plain = REPLACED if pods_rolled(workload) is Safety.RESTART else LATER
    risk = plain if safety is Safety.RESTART else None
    return Fix(summary=summary, safety=safety, risk=risk, patches=(Patch(workload.ref, operations),))


def why_not_patchable(mesh: Mesh, workload: Workload, operations: tuple[Operation, ...]) -> str:
    """Why a template cannot be patched where it is, as one sentence; empty where it can."""
    if workload.maker:
        made_by = manager(workload.object)
        return f"{made_by.name if made_by else workload.maker.kind} would undo a change of the {workload.kind}: make the change there."
    if mesh.live and workload.kind is kinds.JOB:
        return "The template of a Job that exists cannot be changed: delete the Job and create it anew."
    if mesh.live and workload.is_pod and any(not operation.path.startswith("/metadata/") for operation in operations):
        return "A pod that exists cannot be changed like this: delete it and create it anew."
    return ""


def pods_rolled(workload: Workload) -> Safety:
    """What a change of the template's labels or annotations does by itself.

    A bare pod takes it in place, and a CronJob keeps it for its next Job; everybody else replaces pods.
    """
    return Safety.SAFE if workload.is_pod or workload.kind is kinds.CRON_JOB else Safety.RESTART


class _Selector(NamedTuple):
    """A selector, the namespace it looks into (empty for all), whose it is, and in words. ``host`` is a Service it narrows down."""

    selector: LabelSelector
    namespace: str
    owner: Ref
    text: str
    host: tuple[str, str] | None = None


def newly_selected(mesh: Mesh, workload: Workload, added: Mapping[str, str]) -> tuple[str, ...]:
    """What would pick the workload's pods once they carry ``added`` too, and does not today."""
    index = mesh.cached("selectors by label", _selectors_by_label)
    labels = {**workload.labels, **added}
    behind = {(service.name, service.namespace) for service in mesh.services_selecting(workload.namespace, workload.labels)}
    return tuple(
        sorted(
            candidate.text
            for pair in added.items()
            for candidate in index.get(pair, ())
            if candidate.namespace in ("", workload.namespace)
            and candidate.owner.key != workload.ref.key
            and (candidate.host is None or candidate.host in behind)
            and matches(candidate.selector, labels)
            and not matches(candidate.selector, workload.labels)
        )
    )


def _selectors_by_label(mesh: Mesh) -> Mapping[tuple[str, str], list[_Selector]]:
    """Selectors by every pair they ask for: only those that ask for a new pair can be newly pleased."""
    index: dict[tuple[str, str], list[_Selector]] = {}
    for found in _selectors(mesh):
        for key, value in _pairs(found.selector):
            index.setdefault((key, value), []).append(found)
    return index


def _pairs(selector: LabelSelector) -> Iterator[tuple[str, str]]:
    yield from selector.match_labels.items()
    for requirement in selector.match_expressions:
        if requirement.operator == "In":
            yield from ((requirement.key, value) for value in requirement.values)


def _selectors(mesh: Mesh) -> Iterator[_Selector]:
    for service in mesh.all(Service):
        yield _Selector(LabelSelector(match_labels=service.spec.selector), service.namespace, service.ref, str(service.ref))
    for rule in mesh.all(DestinationRule):
        host = hosts.service_of(hosts.fqdn(rule.spec.host, rule.namespace))
        for subset in rule.spec.subsets if host else ():
            text = f"subset {subset.name} of {rule.ref}"
            yield _Selector(LabelSelector(match_labels=subset.labels), "", rule.ref, text, host)
    for gateway in mesh.all(Gateway):
        if gateway.spec.selector:
            yield _Selector(LabelSelector(match_labels=gateway.spec.selector), "", gateway.ref, str(gateway.ref))
    root = control_plane.root_namespace(mesh)
    policies: tuple[AuthorizationPolicy | Telemetry, ...] = (*mesh.all(AuthorizationPolicy), *mesh.all(Telemetry))
    patches: tuple[Sidecar | EnvoyFilter, ...] = (*mesh.all(Sidecar), *mesh.all(EnvoyFilter))
    narrowed: list[tuple[Object, dict[str, str]]] = [
        (policy, policy.spec.selector.match_labels) for policy in policies if policy.spec.selector
    ]
    narrowed += [(patch, patch.spec.workload_selector.labels) for patch in patches if patch.spec.workload_selector]
    for obj, labels in narrowed:
        where = "" if obj.namespace == root else obj.namespace
        yield _Selector(LabelSelector(match_labels=labels), where, obj.ref, str(obj.ref))
    for other in mesh.workloads:
        selector = getattr(other.object.spec, "selector", None)  # type: ignore[attr-defined]
        if selector:
            wanted = selector if isinstance(selector, LabelSelector) else LabelSelector(match_labels=selector)
            yield _Selector(wanted, other.namespace, other.ref, str(other.ref))
