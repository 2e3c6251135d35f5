"""Which subsets of DestinationRules have no pods."""

from collections.abc import Iterator, Set

import msgspec

from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule, Subset
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.destination.destination_rules import full_host
from kubectl_meshfix.traffic.registry import registry
from kubectl_meshfix.traffic.workload_selectors import selects, selects_nothing

_FILLED_IN = frozenset({"rollouts-pod-template-hash", "pod-template-hash"})
"""Labels whose values controllers write while they run."""


class Podless(msgspec.Struct, frozen=True):
    """A subset at a position whose labels no endpoint of its host has.

    ``key`` is the one label that is to blame, empty where it takes several; ``meant`` the value that it is a slip for, empty for none.
    ``is_certain`` says that all endpoints are known.
    """

    subset: Subset
    position: int
    key: str
    meant: str
    is_certain: bool


def podless(mesh: Mesh, rule: DestinationRule) -> Iterator[Podless]:
    """The subsets of a rule without pods (`pilot/pkg/xds/endpoints/endpoint_builder.go`, which keeps endpoints with all of its labels)."""
    host = full_host(rule)
    if not any(subset.labels for subset in rule.spec.subsets):
        return
    found = hosts.service_of(host)
    service = mesh.get(Service, found[1], found[0]) if found else None
    if service is not None:
        yield from _of_service(mesh, rule, service)
    else:
        entries = [mesh.find(entry.resource) for entry in registry(mesh).exact.get(host, ())]
        listed = [entry for entry in entries if isinstance(entry, ServiceEntry) and entry.spec.endpoints]
        if len(listed) == len(entries) and listed:
            labels = [item.labels for entry in listed for item in entry.spec.endpoints]
            for position, subset in enumerate(rule.spec.subsets):
                if subset.labels and not any(is_subset(subset.labels, having) for having in labels):
                    yield Podless(subset, position, "", "", is_certain=True)


def _of_service(mesh: Mesh, rule: DestinationRule, service: Service) -> Iterator[Podless]:
    selector, home = service.spec.selector, service.namespace
    behind = mesh.workloads_selected(selector, home) if selector else ()
    if not behind:
        return
    values_of: dict[str, frozenset[str]] = {}
    free_of: dict[str, frozenset[str]] = {}
    for position, subset in enumerate(rule.spec.subsets):
        if not subset.labels or not _FILLED_IN.isdisjoint(subset.labels):
            continue
        is_other = any(selector.get(key, value) != value for key, value in subset.labels.items())
        if not is_other and not selects_nothing(mesh, {**selector, **subset.labels}, home):
            continue
        blamed = [
            key
            for key, value in subset.labels.items()
            if selector.get(key, value) != value or not selects(mesh, {**selector, key: value}, home)
        ]
        key = blamed[0] if len(blamed) == 1 else ""
        if key and key not in values_of:
            values_of[key] = frozenset(item.labels[key] for item in behind if key in item.labels)
            free_of[key] = values_of[key].difference(other.labels.get(key, "") for other in rule.spec.subsets if key in other.labels)
        if key and not values_of[key] and key in _VERSIONS:
            continue
        meant = _meant(subset.labels[key], free_of[key]) if key else None
        yield Podless(subset, position, key, meant or "", is_certain=mesh.live)


_VERSIONS = frozenset({"service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"})
"""Labels that pods lack altogether where people forgot them, which is a fault of the pods."""


def _meant(written: str, values: Set[str]) -> str | None:
    """The value that another is a slip for, a ``v`` too much or too little among them."""
    other = written[1:] if written.startswith("v") else f"v{written}"
    return other if other in values else nearest(written, values)
