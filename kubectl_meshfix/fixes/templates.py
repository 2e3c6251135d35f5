"""Changes of pod templates: labels and annotations that may have no map yet, what stands in a change's way, whom a new label would please."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety, manual
from kubectl_meshfix.mesh import hosts
from kubectl_meshfix.mesh.selectors import matches
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking import DestinationRule, EnvoyFilter, Sidecar
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, Telemetry
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import LabelSelector, Ref

SELECTING: tuple[Kind, ...] = (
    kinds.SERVICE,
    kinds.DESTINATION_RULE,
    kinds.AUTHORIZATION_POLICY,
    kinds.SIDECAR,
    kinds.TELEMETRY,
    kinds.ENVOY_FILTER,
    *kinds.TEMPLATED,
)
"""Kinds that pick pods by their labels."""


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


def change(mesh: Mesh, workload: Workload, operations: tuple[Operation, ...], summary: str, safety: Safety) -> Fix:
    """The fix that changes a template's metadata, by hand where the template is not to be changed."""
    reason = obstacle(mesh, workload)
    return manual(f"{summary} {reason}") if reason else Fix(summary=summary, safety=safety, patches=(Patch(workload.ref, operations),))


def obstacle(mesh: Mesh, workload: Workload) -> str:
    """Why a template cannot be patched where it is, as one sentence; empty where it can."""
    if workload.maker:
        return f"{workload.maker.kind} {workload.maker.name} makes this {workload.kind} and would undo a change of it: change it there."
    if mesh.live and workload.kind is kinds.JOB:
        return "The template of an existing Job cannot be changed: delete the Job and create it anew."
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
    index = mesh.once("selectors by label", _selectors_by_label)
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
        for subset in rule.spec.subsets:
            text = f"subset {subset.name} of {rule.ref}"
            yield _Selector(LabelSelector(match_labels=subset.labels), host[1] if host else "", rule.ref, text, host)
    for policy in (*mesh.all(AuthorizationPolicy), *mesh.all(Telemetry)):
        if policy.spec.selector:
            yield _Selector(LabelSelector(match_labels=policy.spec.selector.match_labels), policy.namespace, policy.ref, str(policy.ref))
    for patch in (*mesh.all(Sidecar), *mesh.all(EnvoyFilter)):
        if patch.spec.workload_selector:
            yield _Selector(LabelSelector(match_labels=patch.spec.workload_selector.labels), patch.namespace, patch.ref, str(patch.ref))
    for other in mesh.workloads:
        selector = getattr(other.object.spec, "selector", None)  # type: ignore[attr-defined]
        if selector:
            wanted = selector if isinstance(selector, LabelSelector) else LabelSelector(match_labels=selector)
            yield _Selector(wanted, other.namespace, other.ref, str(other.ref))
