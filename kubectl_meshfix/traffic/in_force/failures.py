"""Requests that callers' proxies counted as failed: to whom, and with which response flag."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from kubectl_meshfix.mesh.answers import Failures
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.registry import Entry, registry

MEANINGS: Mapping[str, str] = {
    "NC": "the route's cluster is not there",
    "NR": "no route takes the request",
    "UH": "no endpoint is healthy",
    "UF": "the server refuses the connection or its TLS",
    "UO": "a limit of connections or requests is reached",
    "UC": "the server ends the connection",
    "UT": "the server does not answer in time",
    "UR": "the server resets the stream",
    "UPE": "the server does not speak the protocol",
    "URX": "all retries fail",
    "UAEX": "the external authorizer refuses or fails",
    "NFCF": "a filter's configuration is missing",
}
"""What Envoy's response flags mean (`source/common/stream_info/utility.cc`), without those of what somebody wanted, or the client did."""

OF_CONFIGURATION = frozenset({"NC", "NR", "NFCF"})
"""Flags that no pod on its way up or down explains."""

_UNKNOWN = frozenset({"", "unknown", "PassthroughCluster", "BlackHoleCluster", "InboundPassthroughCluster"})


class Failing(Struct, frozen=True):
    """Requests to a host with one flag, counted since each proxy began; ``clients`` are their callers, the most first.

    ``entry`` is who registers the host, where that is known.
    """

    host: str
    flag: str
    codes: tuple[int, ...]
    count: int
    clients: tuple[tuple[Workload, int], ...]
    entry: Entry | None

    @property
    def meaning(self) -> str:
        """What the flag means."""
        return MEANINGS[self.flag]


def failing(mesh: Mesh) -> Iterator[Failing]:
    """What fails, by host and flag. Of several flags the first one that tells something counts: ``UF,URX`` is UF."""
    found: dict[tuple[str, str], list[tuple[Workload, Failures]]] = defaultdict(list)
    for proxy in mesh.answers.proxies:
        pod = mesh.get(Pod, proxy.pod.namespace or "", proxy.pod.name)
        for item in proxy.failures if pod else ():
            flag = _flag(item.flag)
            if pod and flag and item.count and item.host not in _UNKNOWN:
                found[item.host, flag].append((mesh.workload_of(pod), item))
    for (host, flag), rows in sorted(found.items()):
        counts: Counter[object] = Counter()
        for workload, item in rows:
            counts[workload.ref.key] += item.count
        workloads = {workload.ref.key: workload for workload, _ in rows}
        yield Failing(
            host=host,
            flag=flag,
            codes=tuple(sorted({item.code for _, item in rows} - {0})),
            count=sum(counts.values()),
            clients=tuple((workloads[key], count) for key, count in counts.most_common()),  # type: ignore[index]
            entry=next(iter(registry(mesh).exact.get(host, ())), None),
        )


def _flag(written: str) -> str:
    known = [flag for flag in written.split(",") if flag in MEANINGS]
    return next((flag for flag in known if flag != "URX"), known[0] if known else "")
