"""Whatever selects pods by their labels: Services, subsets, gateways, policies, workloads; and which would by one label more."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.selectors import matches
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.istio_networking.routes import HTTPMatch, L4Match, VirtualService
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import LabelSelector, Ref
from kubectl_meshfix.resources.networking import NetworkPolicy
from kubectl_meshfix.traffic import attachment, hosts

SELECTING: tuple[Kind, ...] = (
    kinds.SERVICE,
    kinds.VIRTUAL_SERVICE,
    kinds.DESTINATION_RULE,
    kinds.GATEWAY,
    kinds.SERVICE_ENTRY,
    kinds.NETWORK_POLICY,
    *attachment.KINDS,
    *kinds.TEMPLATED,
    *control_plane.INPUTS,
)
"""Kinds that pick pods by their labels, and those that tell which namespace's policies look everywhere."""


class _Selector(msgspec.Struct, frozen=True):
    """A selector, the namespace it looks into (empty for all), whose it is, and in words. ``host`` is a Service it narrows down."""

    selector: LabelSelector
    namespace: str
    owner: Ref
    text: str
    host: tuple[str, str] | None = None


def newly_selecting(mesh: Mesh, workload: Workload, added: Mapping[str, str]) -> tuple[str, ...]:
    """What would pick the workload's pods once they carry ``added`` too, and does not today."""
    mesh.require(*SELECTING)
    index = mesh.cached("selectors by label", _selectors_by_label)
    labels = {**workload.labels, **added}
    behind = _behind(mesh, workload)
    return tuple(
        sorted(
            candidate.text
            for key, value in added.items()
            for candidate in (*index.get((key, value), ()), *index.get((key, None), ()))
            if candidate.namespace in ("", workload.namespace)
            and candidate.owner.key != workload.ref.key
            and (candidate.host is None or candidate.host in behind)
            and matches(candidate.selector, labels)
            and not matches(candidate.selector, workload.labels)
        )
    )


def _behind(mesh: Mesh, workload: Workload) -> frozenset[tuple[str, str]]:
    """The Services of a workload's pods, by name and namespace: the same for all pods with these labels."""
    memo: dict[Any, frozenset[tuple[str, str]]] = mesh.memo("names of Services by labels")
    key = (workload.namespace, frozenset(workload.labels.items()))
    if key not in memo:
        memo[key] = frozenset((item.name, item.namespace) for item in mesh.services_selecting(workload.namespace, workload.labels))
    return memo[key]


def _selectors_by_label(mesh: Mesh) -> Mapping[tuple[str, str | None], list[_Selector]]:
    """Selectors by every pair they ask for, or by the key where any value will do: only a new pair can make them select more."""
    index: dict[tuple[str, str | None], list[_Selector]] = {}
    for found in _selectors(mesh):
        for key, value in _pairs(found.selector):
            index.setdefault((key, value), []).append(found)
    return index


def _pairs(selector: LabelSelector) -> Iterator[tuple[str, str | None]]:
    yield from selector.match_labels.items()
    for requirement in selector.match_expressions:
        if requirement.operator == "In":
            yield from ((requirement.key, value) for value in requirement.values)
        elif requirement.operator == "Exists":
            yield requirement.key, None


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
    for entry in mesh.all(ServiceEntry):
        if entry.spec.workload_selector and entry.spec.workload_selector.labels:
            chosen = LabelSelector(match_labels=entry.spec.workload_selector.labels)
            yield _Selector(chosen, entry.namespace, entry.ref, str(entry.ref))
    for limit in mesh.all(NetworkPolicy):
        yield _Selector(limit.spec.pod_selector, limit.namespace, limit.ref, str(limit.ref))
    yield from _of_clients(mesh)
    for obj, attached in attachment.attachments(mesh, *attachment.KINDS):
        yield _Selector(LabelSelector(match_labels=dict(attached.labels)), attached.namespace or "", obj.ref, str(obj.ref))
    for other in mesh.workloads:
        selector = getattr(other.object.spec, "selector", None)  # type: ignore[attr-defined]
        if selector:
            wanted = selector if isinstance(selector, LabelSelector) else LabelSelector(match_labels=selector)
            yield _Selector(wanted, other.namespace, other.ref, str(other.ref))


def _of_clients(mesh: Mesh) -> Iterator[_Selector]:
    """What is for calls of pods with a label: rules for clients, and routes by the labels of who calls."""
    for rule in mesh.all(DestinationRule):
        if rule.spec.workload_selector and rule.spec.workload_selector.labels:
            chosen = LabelSelector(match_labels=rule.spec.workload_selector.labels)
            yield _Selector(chosen, rule.namespace, rule.ref, str(rule.ref))
    for virtual_service in mesh.all(VirtualService):
        spec = virtual_service.spec
        conditions: list[HTTPMatch | L4Match] = [condition for route in spec.http for condition in route.match]
        conditions += [condition for route in (*spec.tls, *spec.tcp) for condition in route.match]
        for pairs in sorted({tuple(sorted(item.source_labels.items())) for item in conditions if item.source_labels}):
            text = f"sourceLabels of {virtual_service.ref}"
            yield _Selector(LabelSelector(match_labels=dict(pairs)), "", virtual_service.ref, text)
