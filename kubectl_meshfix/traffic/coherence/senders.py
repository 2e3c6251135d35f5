"""Who calls: one party for all whose proxies know the same hosts and use the same DestinationRules."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.traffic.client.scoping.sidecars import chosen
from kubectl_meshfix.traffic.client.view import look
from kubectl_meshfix.traffic.coherence.seen import proxies
from kubectl_meshfix.traffic.destination.destination_rules import namespaces_apart
from kubectl_meshfix.traffic.terms.parties import Party


def senders(mesh: Mesh) -> Mapping[str, tuple[Party, ...]]:
    """Those with an Envoy of their own, by namespace, sorted; none of whom it is not known whether they have a sidecar."""
    return mesh.cached("senders", _senders)


def groups(mesh: Mesh, host: str, home: str) -> Iterator[Iterable[Party]]:
    """The callers of a full host of the namespace ``home``, those together that use the same DestinationRules for it.

    Of the other namespaces' callers that know the same hosts, the first stands for all; those whose Sidecar does not import it are none.

    A namespace tells itself from the others where it has a rule for the host, where a rule is exported to it, and where it is the host's
    own or the root namespace (`pilot/pkg/model/push_context.go destinationRule`).
    """
    apart = {home, control_plane.root_namespace(mesh)} | namespaces_apart(mesh, host)
    known = senders(mesh)
    for namespace in sorted(apart & known.keys()):
        for party in known[namespace]:
            yield (party,)
    views = mesh.cached("senders by view", _by_view)
    firsts = (
        next((row for row in rows if row[1].namespace not in apart), None) for rows in (*views.whole, *views.through_sidecars.get(host, ()))
    )
    yield (party for _, party in sorted(filter(None, firsts), key=lambda row: row[0]))


_Numbered = Sequence[tuple[int, Party]]


class _Views(msgspec.Struct, frozen=True):
    """The senders with their numbers, those together that know the same hosts: all there are, or those that a Sidecar imports."""

    whole: Sequence[_Numbered]
    through_sidecars: Mapping[str, Sequence[_Numbered]]


def _by_view(mesh: Mesh) -> _Views:
    numbered = enumerate(party for parties in senders(mesh).values() for party in parties)
    whole: list[_Numbered] = []
    through_sidecars: dict[str, list[_Numbered]] = defaultdict(list)
    for rows in grouped(numbered, lambda row: (row[1].plane, row[1].revision, look(mesh, row[1]).scope.key)).values():
        view = look(mesh, rows[0][1])
        if view.sidecar is None:
            whole.append(rows)
        for host in {**view.scope.explicit, **view.scope.implied} if view.sidecar else ():
            through_sidecars[host].append(rows)
    return _Views(whole, through_sidecars)


def _senders(mesh: Mesh) -> Mapping[str, tuple[Party, ...]]:
    found: dict[str, dict[object, Party]] = defaultdict(dict)
    for _, party in proxies(mesh, kinds.SIDECAR, kinds.DESTINATION_RULE):
        found[party.namespace].setdefault(_kind(mesh, party), party)
    return {namespace: tuple(found[namespace].values()) for namespace in sorted(found)}


def _kind(mesh: Mesh, party: Party) -> object:
    """What tells a proxy's configuration from that of the others in its namespace."""
    sidecar = chosen(mesh, party).sidecar
    rules = (rule for rule in mesh.within(DestinationRule, party.namespace) if rule.spec.workload_selector)
    own = (rule.ref for rule in rules if rule.spec.workload_selector and is_subset(rule.spec.workload_selector.match_labels, party.labels))
    return party.plane, party.revision, sidecar.ref if sidecar else None, frozenset(own)
