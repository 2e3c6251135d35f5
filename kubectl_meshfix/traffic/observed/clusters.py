"""The clusters that a request is predicted to meet, held against those of the proxy: whether they are there, their endpoints, their TLS."""

from collections import Counter
from collections.abc import Iterable, Sequence

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.checks import observed as check
from kubectl_meshfix.traffic.observed.actions import Way, cluster_name, named
from kubectl_meshfix.traffic.observed.envoy import Cluster, Config
from kubectl_meshfix.traffic.observed.reaching import Reached, is_listed, reached
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.wire import Transport

Counted = Counter[tuple[str, int]]
"""How many endpoints there are of an owner, by their port."""


def compare_clusters(mesh: Mesh, pod: Ref, ways: Sequence[Way], found: Config) -> Steps[None]:
    """Every cluster that the request is predicted to meet, as the proxy has it; one step a kind where nothing differs."""
    groups: dict[str, list[Way]] = {}
    for way in ways:
        if way[1].chosen.target is not None:
            groups.setdefault(cluster_name(way[1].chosen, way[1].chosen.target, ways), []).append(way)
    there: list[str] = []
    ends: list[str] = []
    sent: list[str] = []
    for name, own in groups.items():
        cluster, is_predicted = found.clusters.get(name), not _ends_with(own, Failure.NO_CLUSTER)
        if cluster is None or not is_predicted:
            if (cluster is None) is is_predicted:
                yield step(check.CLUSTER_ABSENT if is_predicted else check.CLUSTER_EXTRA, Where(pod), pod=str(pod), cluster=named(name))
            continue
        there.append(named(name))
        if is_listed(cluster):
            ends += yield from _endpoints(mesh, pod, own, found, cluster)
        sent += yield from _tls(mesh, pod, own, found, cluster)
    for outcome, words in ((check.CLUSTER_SAME, there), (check.ENDPOINTS_SAME, ends), (check.TLS_SAME, sent)):
        if words:
            yield step(outcome, Where(pod), found=", ".join(dict.fromkeys(words)))


def _endpoints(mesh: Mesh, pod: Ref, ways: Sequence[Way], found: Config, cluster: Cluster) -> Steps[list[str]]:
    """Those that agree, in words."""
    endpoints = next((hop.chosen.endpoints for _, hop in ways if hop.chosen.endpoints), ())
    if not endpoints and not _ends_with(ways, Failure.NO_ENDPOINT):
        return []
    if any(item.given or not (item.ready is True or item.ready is False) for item in endpoints):
        return []
    has = reached(mesh, found, cluster)
    healthy = [item for item in has if item.is_healthy]
    wanted = _predicted(endpoints)
    where, name = Where(pod), named(cluster.name)
    if _alike(_observed(healthy), wanted):
        return [_words(wanted)] if wanted else []
    if _alike(_observed(has), wanted):
        ill = _words(_observed([item for item in has if not item.is_healthy]))
        yield step(check.UNHEALTHY, where, pod=str(pod), endpoints=ill, cluster=name)
        return []
    evidence = tuple(sorted(f"{item.address}:{item.port} {item.owner}" for item in has))[:8]
    words = _words(_observed(has)), _words(wanted)
    yield step(check.ENDPOINTS_DIFFER, where, evidence=evidence, pod=str(pod), cluster=name, has=words[0], wanted=words[1])
    return []


def _tls(mesh: Mesh, pod: Ref, ways: Sequence[Way], found: Config, cluster: Cluster) -> Steps[list[str]]:
    """How it sends, where that agrees."""
    has: dict[str, Transport | None] = {}
    for item in reached(mesh, found, cluster):
        has.setdefault(item.owner, item.transport)
    same: list[str] = []
    for _, hop in ways:
        chosen = hop.chosen
        if chosen.endpoint is None or chosen.line is None or chosen.cluster is None:
            continue
        server = str(chosen.endpoint.party) if chosen.endpoint.party.workload else chosen.endpoint.address
        own = has.get(server) if server in has else next(iter(has.values()), None) if len(set(has.values())) == 1 else None
        if own is None:
            continue
        is_own_tls = own is Transport.PLAIN and chosen.line.transport is Transport.TLS and chosen.cluster.tls is None
        if own is chosen.line.transport or is_own_tls:
            same.append(own.value)
        else:
            to, wanted = server or named(cluster.name), chosen.line.transport.value
            yield step(check.TLS_DIFFERS, Where(pod), pod=str(pod), has=own.value, server=to, wanted=wanted)
    return same


def _predicted(endpoints: Iterable[Endpoint]) -> Counted:
    counted: Counted = Counter()
    for item in endpoints:
        counted[str(item.party) if item.party.workload else item.address, item.port] += item.count
    return counted


def _observed(found: Iterable[Reached]) -> Counted:
    return Counter((item.owner, item.port) for item in found)


def _alike(has: Counted, wanted: Counted) -> bool:
    """Whether they are the same; of endpoints that no pod here is, their number has to do, for one may stand for several."""
    return has == wanted or (any(" " not in owner for owner, _ in wanted) and has.total() == wanted.total())


def _words(counted: Counted) -> str:
    parts = [
        f"{owner} port {port}" + (f" ({count} pods)" if count > 1 else "") for (owner, port), count in sorted(counted.items())
    ]  # fmt: skip
    return ", ".join(parts) or "no endpoint"


def _ends_with(ways: Sequence[Way], failure: Failure) -> bool:
    return any(branch.hops[-1] is hop and branch.ending.failure is failure for branch, hop in ways)
