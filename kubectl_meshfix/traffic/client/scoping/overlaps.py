"""ServiceEntries of one host: which of their ports proxies do not know, because another entry is used."""

from collections.abc import Iterator, Sequence
from enum import Enum, auto

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.client.scoping.scope import can_merge
from kubectl_meshfix.traffic.export_to import EVERYWHERE
from kubectl_meshfix.traffic.registry import Entry, home_used, registry


class How(Enum):
    """Why ports of an entry are not used: its own namespace has another, the older is used, they cannot be merged, or protocols differ."""

    OWN = auto()
    OLDER = auto()
    APART = auto()
    PROTOCOL = auto()


class Overlap(msgspec.Struct, frozen=True):
    """Ports of ``hidden`` that proxies do not know, because they use ``used``; of a ``namespace``, or empty for all others."""

    how: How
    used: Entry
    hidden: Entry
    ports: tuple[int, ...]
    namespace: str = ""


def overlaps(mesh: Mesh) -> Iterator[Overlap]:
    """What entries of one host hide of each other, once for two entries (`pilot/pkg/model/sidecar.go selectServices`,
    `appendSidecarServices`). Hosts that a Service has too are left alone.
    """
    for entries in registry(mesh).exact.values():
        if len(entries) > 1 and not any(entry.is_kubernetes for entry in entries):
            seen, oldest_first = set(), sorted(entries, key=lambda item: item.age)
            for namespace in (*sorted({entry.namespace for entry in entries}), ""):
                for found in _seen_from(namespace, oldest_first):
                    key = found.how, found.used.resource, found.hidden.resource
                    if key not in seen:
                        seen.add(key)
                        yield found


def _seen_from(namespace: str, entries: Sequence[Entry]) -> Iterator[Overlap]:
    """What proxies of a namespace make of entries, the oldest first; with no namespace, proxies of one that has no entry itself."""
    visible = [entry for entry in entries if (entry.is_visible(namespace) if namespace else EVERYWHERE in entry.namespaces)]
    if len(visible) < 2:
        return
    home = home_used(visible, namespace)
    used = [entry for entry in visible if entry.namespace == home]
    ports = {port.number: port for port in used[0].ports}
    for entry in used[1:]:
        if can_merge(used[0], entry):
            if other := tuple(port.number for port in entry.ports if ports.setdefault(port.number, port).protocol is not port.protocol):
                yield Overlap(How.PROTOCOL, used[0], entry, other, namespace)
                if not (entry.created and used[0].created):  # whichever is older, the other one declares in vain
                    yield Overlap(How.PROTOCOL, entry, used[0], other, namespace)
        elif lost := tuple(port.number for port in entry.ports if port.number not in ports):
            yield Overlap(How.APART, used[0], entry, lost, namespace)
    for entry in visible:
        lost = tuple(port.number for port in entry.ports if port.number not in ports)
        if entry.namespace != home and lost:
            yield Overlap(How.OWN if home == namespace else How.OLDER, used[0], entry, lost, namespace)
