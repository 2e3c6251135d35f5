"""What a Sidecar makes of the registry for the proxies of a namespace (`pilot/pkg/model/sidecar.go initSidecarScopeInternalIndexes`)."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.proxies import EgressListener, Sidecar
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.client.following import exported_to
from kubectl_meshfix.traffic.client.scoping.destinations import uses
from kubectl_meshfix.traffic.client.scoping.imports import EVERYTHING, Imports, follows, imported, takes, takes_all
from kubectl_meshfix.traffic.client.scoping.known import excludes, known
from kubectl_meshfix.traffic.export_to import EVERYWHERE
from kubectl_meshfix.traffic.registry import Entry, home_used

HTTP_PROXY = "http_proxy"


class Egress(Struct, frozen=True):
    """One egress entry: what it imports, in istiod's order. ``position`` is its place in the Sidecar, -1 for the one that is implied."""

    position: int
    listener: EgressListener
    imports: Mapping[str, Imports]
    entries: tuple[Entry, ...]
    by_port: Mapping[int, tuple[Entry, ...]]
    aliases: Mapping[str, tuple[Entry, ...]] = {}

    @property
    def port(self) -> int:
        """The only port that it is for; 0 for all that no other entry has."""
        return self.listener.port.number if self.listener.port else 0


class Scope(Struct, frozen=True):
    """What proxies of one namespace know through one Sidecar.

    ``key`` tells it from all others of the snapshot. ``explicit`` are the hosts that egress entries import; ``implied`` those that
    VirtualServices route to, for which there are clusters and neither listeners nor virtual hosts.
    """

    key: tuple[object, ...]
    egress: tuple[Egress, ...]
    explicit: Mapping[str, Entry]
    implied: Mapping[str, Entry]

    def for_port(self, port: int) -> Egress | None:
        """The egress entry that decides on a port's routes (`GetEgressListenerForRDS`); None where the Sidecar has none for it."""
        return next((egress for egress in self.egress if egress.listener.port is None or egress.port == port), None)


def scope(mesh: Mesh, namespace: str, sidecar: Sidecar | None, revision: str | None, *, is_gateway: bool = False) -> Scope:
    """What proxies of a namespace know. It is worked out once for each namespace and Sidecar, and once for all that know the same."""
    if sidecar is None and namespace not in known(mesh, revision).apart:
        namespace = ""
    memo, key = mesh.memo("scopes"), _key(namespace, sidecar, revision, is_gateway=is_gateway)
    if key not in memo:
        memo[key] = _scope(mesh, namespace, sidecar, revision, is_gateway=is_gateway)
    found: Scope = memo[key]
    return found


def _key(namespace: str, sidecar: Sidecar | None, revision: str | None, *, is_gateway: bool) -> tuple[object, ...]:
    return namespace, sidecar.ref.key if sidecar else None, revision, is_gateway


def is_followed(mesh: Mesh, virtual_service: VirtualService, egress: Sequence[Egress], namespace: str) -> bool:
    """Whether proxies of a namespace get a VirtualService: it is exported there, and one of these egress entries imports it."""
    exported = exported_to(mesh, virtual_service)
    if EVERYWHERE not in exported and namespace not in exported:
        return False
    if any(takes_all(item.imports) for item in egress):
        return bool(virtual_service.spec.hosts)
    names = [hosts.fqdn(host, virtual_service.namespace) for host in virtual_service.spec.hosts]
    return any(follows(item.imports, names, virtual_service.namespace) for item in egress)


def _scope(mesh: Mesh, namespace: str, sidecar: Sidecar | None, revision: str | None, *, is_gateway: bool) -> Scope:
    everything = known(mesh, revision)
    written = sidecar.spec.egress if sidecar else ()
    listeners = list(enumerate(written)) if written else [(-1, EgressListener(hosts=EVERYTHING))]
    can_exclude = excludes(mesh, revision)
    egress: list[Egress] = []
    for position, listener in listeners:
        imports = imported(listener.hosts, namespace, can_exclude=can_exclude)
        seen = everything.seen_from(namespace) if EVERYWHERE in imports else everything.seen_of(imports.keys(), namespace)
        own = seen if takes_all(imports) else [entry for entry in seen if takes(imports, entry.host, entry.namespace)]
        taken = [found for entry in own if (found := _for_listener(entry, listener))] if listener.port else own
        entries = tuple(taken) if is_gateway else _of_one_namespace_each(taken, namespace)
        egress.append(
            Egress(
                position=position,
                listener=listener,
                imports=imports,
                entries=entries,
                by_port=_by_port(entries),
                aliases=everything.aliases,
            )
        )
    explicit: dict[str, Entry] = {}
    for item in egress:
        for entry in item.entries:
            _add(explicit, entry)
    implied = {} if is_gateway else _implied(mesh, revision, namespace, explicit, egress)
    return Scope(key=_key(namespace, sidecar, revision, is_gateway=is_gateway), egress=tuple(egress), explicit=explicit, implied=implied)


def _for_listener(entry: Entry, listener: EgressListener) -> Entry | None:
    """An entry as an egress entry imports it: with its one port, where that names one (`serviceMatchingListenerPort`)."""
    if not listener.port or not listener.port.number or listener.port.protocol.lower() == HTTP_PROXY:
        return entry
    return _with_ports(entry, {listener.port.number})


def _with_ports(entry: Entry, numbers: set[int]) -> Entry | None:
    ports = tuple(port for port in entry.ports if port.number in numbers)
    if len(ports) == len(entry.ports):
        return entry
    return msgspec.structs.replace(entry, ports=ports) if ports else None


def _of_one_namespace_each(entries: Sequence[Entry], namespace: str) -> tuple[Entry, ...]:
    """Of each host the entries of one namespace."""
    by_host: dict[str, list[Entry]] = {}
    for entry in entries:
        by_host.setdefault(entry.host, []).append(entry)
    if len(by_host) == len(entries):
        return tuple(entries)
    homes = {host: home_used(found, namespace) for host, found in by_host.items() if len(found) > 1}
    return tuple(entry for entry in entries if homes.get(entry.host, entry.namespace) == entry.namespace)


def _add(found: dict[str, Entry], entry: Entry) -> None:
    """One more entry of a host: Services of Kubernetes stand alone, others of one namespace share their ports (`appendSidecarServices`)."""
    before = found.get(entry.host)
    if before is None or (entry.is_kubernetes and not before.is_kubernetes):
        found[entry.host] = entry
    elif before.is_kubernetes is entry.is_kubernetes and can_merge(before, entry):
        numbers = {port.number for port in before.ports}
        more = tuple(port for port in entry.ports if port.number not in numbers)
        if more:
            found[entry.host] = msgspec.structs.replace(before, ports=(*before.ports, *more))


def can_merge(one: Entry, other: Entry) -> bool:
    """Whether two entries of one host share their ports (`pilot/pkg/model/sidecar.go canMergeServices`)."""
    return (one.namespace, one.resolution, one.namespaces) == (other.namespace, other.resolution, other.namespaces)


def _by_port(entries: Iterable[Entry]) -> Mapping[int, tuple[Entry, ...]]:
    found: dict[int, list[Entry]] = {}
    for entry in entries:
        for number in dict.fromkeys(port.number for port in entry.ports):
            found.setdefault(number, []).append(entry)
    return {number: tuple(having) for number, having in found.items()}


def _implied(
    mesh: Mesh, revision: str | None, namespace: str, explicit: Mapping[str, Entry], egress: Sequence[Egress]
) -> Mapping[str, Entry]:
    """What VirtualServices route to and no egress entry imports, with the ports that they name (`collectImportedServices`)."""
    found: dict[str, Entry] = {}
    everywhere = known(mesh, revision).by_host
    homes = None if any(EVERYWHERE in item.imports for item in egress) else {space for item in egress for space in item.imports}
    for host, routed in uses(mesh, revision, homes):
        if host in explicit or not (entry := _best(everywhere.get(host, {}), namespace)):
            continue
        for item in egress:
            numbers = {use.port for use in routed if use.is_for(namespace) and is_followed(mesh, use.virtual_service, (item,), namespace)}
            if not numbers:
                continue
            part = _for_listener(entry, item.listener) if item.port else entry if 0 in numbers else _with_ports(entry, numbers)
            if part:
                _add(found, part)
    return found


def _best(by_namespace: Mapping[str, Entry], namespace: str) -> Entry | None:
    """The entry of the own namespace, whoever sees it, else the one that is used of those that are visible."""
    usable = (entry for entry in by_namespace.values() if entry.namespace == namespace or entry.is_visible(namespace))
    seen = sorted(usable, key=lambda entry: entry.age)
    return by_namespace[home_used(seen, namespace)] if seen else None
