"""Where pods need a version: other pods of the same application run beside them, or are told apart from them."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import msgspec

from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.rules.workloads.app_names import application_of
from kubectl_meshfix.traffic import hosts

INPUTS: tuple[Kind, ...] = (*kinds.WORKLOADS, kinds.SERVICE, kinds.DESTINATION_RULE)
"""Kinds that show whether versions are told apart."""

_VERSIONS = frozenset({"service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"})
"""Labels by which a subset chooses a version. One that Argo Rollouts fills in, or that has labels of its own, needs none of them."""

_VARIANT = re.compile(r"-(v\d[a-z0-9.]*|canary|stable|primary|baseline|preview|blue|green)$")


class Need(msgspec.Struct, frozen=True):
    """Why pods need a version, as a line of evidence: the workload whose pods it tells them from, or the versions that subsets choose."""

    reason: str
    other: Workload | None = None
    chosen: tuple[str, ...] = ()


def why_needed(mesh: Mesh, workload: Workload) -> Need | None:
    """What tells versions of a workload apart; None where nothing does."""
    mesh.require(*INPUTS)
    services = mesh.services_selecting(workload.namespace, workload.labels)
    return next(chain(_subsets(mesh, services), _beside(mesh, workload, services), _siblings(mesh, workload)), None)


def _subsets(mesh: Mesh, services: tuple[Service, ...]) -> Iterator[Need]:
    divided = mesh.cached("Services with subsets", _by_service)
    for service in services if divided else ():
        if rule := divided.get((service.name, service.namespace)):
            chosen = sorted({value for item in rule.spec.subsets for key, value in item.labels.items() if key in _VERSIONS})
            yield Need(f"{rule.ref} has subsets of {service.ref}, which selects these pods", chosen=tuple(chosen))


def _beside(mesh: Mesh, workload: Workload, services: tuple[Service, ...]) -> Iterator[Need]:
    """The first workload beside this one; the same two do for all whose pods have these labels."""
    memo: dict[Any, tuple[tuple[Service, Workload], ...]] = mesh.memo("lasting workloads of the same Services")
    key = (workload.namespace, frozenset(workload.labels.items()))
    if key not in memo:
        found = ((service, other) for service in services for other in _lasting_behind(mesh, service))
        first = next(found, None)
        second = next((row for row in found if first and row[1].ref != first[1].ref), None)
        memo[key] = tuple(row for row in (first, second) if row)
    for service, other in memo[key]:
        if other.ref != workload.ref:
            yield Need(f"{service.ref} also selects the pods of {other.ref}", other)


def _lasting_behind(mesh: Mesh, service: Service) -> tuple[Workload, ...]:
    memo: dict[Any, tuple[Workload, ...]] = mesh.memo("lasting workloads behind a selector")
    key = (service.namespace, frozenset(service.spec.selector.items()))
    if key not in memo:
        behind = mesh.workloads_selected(service.spec.selector, service.namespace)
        memo[key] = tuple(item for item in behind if not item.runs_to_completion and not item.is_pod)
    return memo[key]


def _siblings(mesh: Mesh, workload: Workload) -> Iterator[Need]:
    base, application = _VARIANT.sub("", workload.name), application_of(workload)
    for other in mesh.cached("workloads by name without version", _by_base).get((workload.namespace, base), ()):
        names = {application, application_of(other)}
        are_told_apart = len(names) > 1 and any(map(_VARIANT.search, names))
        if other.ref != workload.ref and other.kind is workload.kind and not are_told_apart:
            yield Need(f"{other.ref} has the same name but for the version", other)
    for other in mesh.cached("workloads by application", _by_application).get((workload.namespace, application), ()) if application else ():
        if other.ref != workload.ref and (_VARIANT.search(workload.name) or _VARIANT.search(other.name)):
            yield Need(f"{other.ref} has the same application name", other)


def _by_service(mesh: Mesh) -> Mapping[tuple[str, str], DestinationRule]:
    dividing = (rule for rule in mesh.all(DestinationRule) if any(not _VERSIONS.isdisjoint(item.labels) for item in rule.spec.subsets))
    named = ((hosts.service_of(hosts.fqdn(rule.spec.host, rule.namespace)), rule) for rule in dividing)
    return {service: rule for service, rule in named if service}


def _by_base(mesh: Mesh) -> Mapping[tuple[str, str], list[Workload]]:
    return grouped(_lasting(mesh), lambda item: (item.namespace, _VARIANT.sub("", item.name)))


def _by_application(mesh: Mesh) -> Mapping[tuple[str, str], list[Workload]]:
    return grouped(_lasting(mesh), lambda item: (item.namespace, application_of(item)))


def _lasting(mesh: Mesh) -> Iterator[Workload]:
    return (item for item in mesh.workloads if not item.runs_to_completion and not item.is_pod)
