"""All that an istiod has registered, in the order in which it goes through them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.traffic.discovery import reads
from kubectl_meshfix.traffic.export_to import EVERYWHERE
from kubectl_meshfix.traffic.registry import Entry, registry


class Known(msgspec.Struct, frozen=True):
    """What an istiod has registered: seen by all namespaces, or by those that are named, and by host and namespace.

    ``aliases`` are the ExternalName Services that stand for a host. ``apart`` are the namespaces that may see something else than all the
    others do, of which every one sees the same.
    """

    public: tuple[Entry, ...]
    exported: Mapping[str, Sequence[Entry]]
    by_host: Mapping[str, Mapping[str, Entry]]
    aliases: Mapping[str, tuple[Entry, ...]]
    apart: frozenset[str]
    by_home: Mapping[str, Sequence[tuple[int, Entry]]]

    def seen_from(self, namespace: str) -> tuple[Entry, ...]:
        """What proxies of a namespace may import: first what is exported to it by name (`push_context.go servicesExportedToNamespace`)."""
        own = self.exported.get(namespace)
        return (*own, *self.public) if own else self.public

    def seen_of(self, homes: Collection[str], namespace: str) -> tuple[Entry, ...]:
        """The same, of the entries of some namespaces alone."""
        own = tuple(entry for entry in self.exported.get(namespace, ()) if entry.namespace in homes)
        public = sorted((row for home in homes for row in self.by_home.get(home, ())), key=lambda row: row[0])
        return (*own, *(entry for _, entry in public))


def known(mesh: Mesh, revision: str | None) -> Known:
    """What the istiod of a revision has registered (`pilot/pkg/model/push_context.go initServiceRegistry`)."""
    mesh.require(kinds.NAMESPACE)
    everything = registry(mesh)
    memo = mesh.memo("known to istiod")
    if revision not in memo:
        entries = [entry for found in everything.exact.values() for entry in found if _is_read(mesh, entry, revision)]
        memo[revision] = _index(sorted(entries, key=lambda entry: entry.age))
    found: Known = memo[revision]
    return found


def _is_read(mesh: Mesh, entry: Entry, revision: str | None) -> bool:
    obj = mesh.find(entry.resource)
    return obj is None or reads(mesh, obj, revision)


def _index(entries: Sequence[Entry]) -> Known:
    exported: dict[str, list[Entry]] = defaultdict(list)
    by_host: dict[str, dict[str, Entry]] = defaultdict(dict)
    for entry in entries:
        before = by_host[entry.host].get(entry.namespace)
        if before is None or (entry.is_kubernetes and not before.is_kubernetes):
            by_host[entry.host][entry.namespace] = entry
        for namespace in entry.namespaces - {EVERYWHERE}:
            exported[namespace].append(entry)
    public = tuple(entry for entry in entries if EVERYWHERE in entry.namespaces)
    by_home = grouped(enumerate(public), lambda row: row[1].namespace)
    apart = frozenset((*exported, *_homes(entries, by_host)))
    return Known(tuple(public), dict(exported), dict(by_host), _aliases(entries), apart, by_home)


def _homes(entries: Sequence[Entry], by_host: Mapping[str, Mapping[str, Entry]]) -> Iterator[str]:
    """The namespaces of what not all others see, or of which these see another."""
    yield from (entry.namespace for entry in entries if EVERYWHERE not in entry.namespaces)
    yield from (home for having in by_host.values() if len(having) > 1 for home in having)


def _aliases(entries: Sequence[Entry]) -> Mapping[str, tuple[Entry, ...]]:
    """ExternalName Services by the host at the end of their chain; those of a circle stand for nothing (`resolveServiceAliases`)."""
    leads_to = {entry.host: entry.alias_for for entry in entries if entry.alias_for}
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        seen, target = {entry.host}, entry.alias_for
        while target in leads_to and target not in seen:
            seen.add(target)
            target = leads_to[target]
        if target and target not in seen:
            found[target].append(entry)
    return {host: tuple(sorted(standing, key=lambda item: (item.namespace, item.host))) for host, standing in found.items()}


def excludes(mesh: Mesh, revision: str | None) -> bool:
    """Whether ``~namespace/host`` takes hosts out of a Sidecar's egress; an istiod of unknown version is taken for a new one."""
    plane = control_plane.control_plane(mesh, revision) if revision else control_plane.main_control_plane(mesh)
    return plane is None or plane.version is None or plane.version >= (1, 32)
