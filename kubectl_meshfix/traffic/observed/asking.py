"""Which proxies on the way of a request are asked, and for which of Envoy's resources, by their names."""

import re
from collections.abc import Iterable

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.traffic.observed.actions import BLACK_HOLE, PASSTHROUGH, Way, cluster_name, observed
from kubectl_meshfix.traffic.observed.connections import opened
from kubectl_meshfix.traffic.observed.envoy import Config
from kubectl_meshfix.traffic.observed.inbound import INBOUND, arriving
from kubectl_meshfix.traffic.observed.listening import Ends, taken
from kubectl_meshfix.traffic.observed.matching import NotEvaluated
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.trace.answers import Hop, Trace
from kubectl_meshfix.traffic.trace.way import SERVER

NOTHING = "-"
"""A name that no resource has."""


class Standing(Struct, frozen=True):
    """A proxy on the way: where on it, the ways through it, and the pod that is asked; None where none is ready."""

    place: int
    role: str
    party: Party
    ways: tuple[Way, ...]
    pod: Ref | None


def standing(mesh: Mesh, trace: Trace, named: Ref | None = None) -> tuple[Standing, ...]:
    """The proxies that a request goes through: those that choose where it goes on, and the servers' own.

    ``named`` is the caller's pod, where one was named.

    Of a workload's pods, the first by name that is ready is asked: all of them get the same configuration.
    """
    found: dict[tuple[object, ...], list[Way]] = {}
    for branch in trace.branches:
        for place, hop in enumerate(branch.hops):
            if hop.party.has_envoy and _is_asked(hop):
                found.setdefault((place, hop.role, hop.party.key), []).append((branch, hop))
    return tuple(_standing(mesh, ways, named) for ways in found.values())


def listener_names(place: Standing) -> str:
    """The names of listeners that may take the connection, as one regular expression."""
    if place.role == SERVER:
        return INBOUND
    asked = opened(place.ways[0][1].chosen)
    port = asked.port if asked else 0
    return rf"[^|]*_{port}|virtualOutbound|{NOTHING}"


def route_names(place: Standing, found: Config) -> str:
    """The names of the routes that the listener uses; of a server's none is asked for."""
    if place.role == SERVER:
        return NOTHING
    end = _ends(place, found)
    return _either([end.rds.route_config_name] if end and end.rds else [])


def cluster_names(place: Standing, found: Config) -> str:
    """The names of the clusters that the request is predicted to meet, and of those that the proxy's own routes for it name."""
    if place.role == SERVER:
        return NOTHING
    names = {cluster_name(hop.chosen, hop.chosen.target, place.ways) for _, hop in place.ways if hop.chosen.target}
    return _either(sorted((names | _seen(place, found)) - {PASSTHROUGH, BLACK_HOLE}))


def _standing(mesh: Mesh, ways: list[Way], named: Ref | None) -> Standing:
    branch, hop = ways[0]
    place, workload = branch.hops.index(hop), hop.party.workload
    pods = sorted(mesh.pods_of(workload), key=lambda pod: pod.name) if workload else []
    usable = [pod.ref for pod in pods if _is_usable(pod)]
    own = named if place == 0 and named in usable else next(iter(usable), None)
    return Standing(place=place, role=hop.role, party=hop.party, ways=tuple(ways), pod=own)


def _is_asked(hop: Hop) -> bool:
    """Whether a proxy gets the request at all, and in a way that is compared."""
    if hop.role != SERVER:
        return hop.chosen.request is not None
    return arriving(hop.chosen) is not None and (hop.chosen.chain is None or hop.chosen.chain.is_captured)


def _is_usable(pod: Pod) -> bool:
    return pod.is_ready and not pod.metadata.deletion_timestamp


def _ends(place: Standing, found: Config) -> Ends | None:
    asked = opened(place.ways[0][1].chosen)
    took = taken(found, asked) if asked else None
    return took.ends if took else None


def _seen(place: Standing, found: Config) -> frozenset[str]:
    """The clusters that the proxy's own routes for the request name, or its listener for the bytes."""
    end, request = _ends(place, found), place.ways[0][1].chosen.request
    if end is None or request is None:
        return frozenset()
    try:
        action = observed(end, found, request)
    except NotEvaluated:
        return frozenset()
    return frozenset(action.clusters) if action else frozenset()


def _either(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, names)) or NOTHING
