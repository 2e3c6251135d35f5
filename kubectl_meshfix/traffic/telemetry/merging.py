"""Which Telemetry counts where several do (`pilot/pkg/model/telemetry.go applicableTelemetries`, oldest first).

Of those for a whole namespace only the oldest counts. All that select a workload count, and of what several of them set the youngest's.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.istio_policy import Telemetry
from kubectl_meshfix.resources.meta import Key
from kubectl_meshfix.traffic.attachment import targets

LOGS, TRACES, METRICS = "accessLogging", "tracing", "metrics"


class Overridden(msgspec.Struct, frozen=True):
    """A Telemetry, another one in its place, and whether that is known; else their ages decide, which nobody knows."""

    telemetry: Telemetry
    other: Telemetry
    is_known: bool


class Shared(msgspec.Struct, frozen=True):
    """A Telemetry, another one that sets the same for a workload, and the fields that both set.

    ``is_known`` says whether the other is known to be younger.
    """

    telemetry: Telemetry
    other: Telemetry
    workload: Workload
    fields: tuple[str, ...]
    is_known: bool


def fields(telemetry: Telemetry) -> tuple[str, ...]:
    """What a Telemetry sets."""
    spec = telemetry.spec
    found = ((LOGS, spec.access_logging), (TRACES, spec.tracing), (METRICS, spec.metrics))
    return tuple(name for name, items in found if items)


def labels(telemetry: Telemetry) -> Mapping[str, str]:
    """The labels that a Telemetry selects; empty for a whole namespace, and for one with targets."""
    return telemetry.spec.selector.match_labels if telemetry.spec.selector and not targets(telemetry.spec) else {}


def namespace_wide(mesh: Mesh, namespace: str) -> tuple[Telemetry, ...]:
    """The Telemetries for a whole namespace; the first one counts, where their ages are known."""
    memo: dict[str, tuple[Telemetry, ...]] = mesh.memo("telemetries for whole namespaces")
    items = mesh.within(Telemetry, namespace)
    if namespace not in memo:
        memo[namespace] = tuple(sorted((item for item in items if not labels(item) and not targets(item.spec)), key=_age))
    return memo[namespace]


def overridden(mesh: Mesh) -> Iterator[Overridden]:
    """Each Telemetry for a whole namespace that is ignored beside another, or may be."""
    for namespace in sorted({item.namespace for item in mesh.all(Telemetry)}):
        first, *others = namespace_wide(mesh, namespace) or (None,)
        if first is None or not others:
            continue
        is_known = bool(first.metadata.creation_timestamp)
        yield from (Overridden(item, first, is_known) for item in others if item)
        if not is_known and others[0]:
            yield Overridden(first, others[0], is_known)


def shared(mesh: Mesh) -> Iterator[Shared]:
    """Each Telemetry some of whose settings another one replaces for a workload, or may; once for each of them."""
    by_namespace: dict[str, list[Telemetry]] = defaultdict(list)
    for item in mesh.all(Telemetry):
        if labels(item):
            by_namespace[item.namespace].append(item)
    for namespace, found in by_namespace.items():
        if len(found) > 1:
            yield from _shared_within(mesh, namespace, found)


def _shared_within(mesh: Mesh, namespace: str, found: Sequence[Telemetry]) -> Iterator[Shared]:
    selecting: dict[Key, list[tuple[Telemetry, Workload]]] = defaultdict(list)
    for item in sorted(found, key=_age):
        for workload in mesh.workloads_selected(labels(item), namespace):
            selecting[workload.ref.key].append((item, workload))
    told: set[Key] = set()
    for pairs in selecting.values():
        each = [item for item, _ in pairs]
        for number, (item, workload) in enumerate(pairs):
            if item.ref.key in told or not (other := _replacing(item, each, number)):
                continue
            told.add(item.ref.key)
            common = tuple(name for name in fields(item) if name in fields(other))
            yield Shared(item, other, workload, common, bool(item.metadata.creation_timestamp))


def _replacing(item: Telemetry, found: Sequence[Telemetry], number: int) -> Telemetry | None:
    """A younger one that sets the same, or any other where ages are not known."""
    own, start = set(fields(item)), number + 1 if item.metadata.creation_timestamp else 0
    return next((other for other in islice(found, start, None) if other is not item and own.intersection(fields(other))), None)


def _age(telemetry: Telemetry) -> tuple[str, str]:
    return telemetry.metadata.creation_timestamp or "", telemetry.name
