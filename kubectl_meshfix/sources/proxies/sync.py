"""Which proxies an istiod serves, and how far each has come: the answer of `/debug/syncz` (`pilot/pkg/xds/debug.go SyncStatus`)."""

from collections.abc import Mapping
from functools import cache

import msgspec

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.mesh.answers import Connected, Push, Sync
from kubectl_meshfix.resources.api import NOT_JSON
from kubectl_meshfix.resources.meta import Ref, Struct

_TYPES = {
    "Cluster": "CDS",
    "Listener": "LDS",
    "RouteConfiguration": "RDS",
    "ClusterLoadAssignment": "EDS",
    "Secret": "SDS",
    "TypedExtensionConfig": "ECDS",
}
"""The last word of a resource's type, and what people call it; what is not here keeps its word."""


class _Resource(Struct, frozen=True):
    sent: str = ""
    acked: str = ""
    last_error: str = ""
    sent_time: str = ""


class _Status(msgspec.Struct, frozen=True):
    """Older istiods have no ``resources``, and then nothing but nonces of four types."""

    proxy: str = ""
    cluster_id: str = ""
    istio_version: str = ""
    proxy_version: str = ""
    cluster_sent: str = ""
    cluster_acked: str = ""
    listener_sent: str = ""
    listener_acked: str = ""
    route_sent: str = ""
    route_acked: str = ""
    endpoint_sent: str = ""
    endpoint_acked: str = ""
    resources: Mapping[str, _Resource] = {}


def connected_of(istiod: Ref, body: bytes, cluster: str = "") -> tuple[Connected, ...]:
    """The proxies of one istiod, those of other clusters than ``cluster`` left out. Raises SourceError for what is no such answer."""
    try:
        rows = _decoder().decode(body)
    except NOT_JSON:
        raise SourceError("its answer is no list of proxies") from None
    return tuple(_connected(istiod, row) for row in rows or () if row.proxy and cluster in ("", row.cluster_id or cluster))


@cache
def _decoder() -> msgspec.json.Decoder[list[_Status] | None]:
    return msgspec.json.Decoder(list[_Status] | None)


def _connected(istiod: Ref, row: _Status) -> Connected:
    # A pod's name may hold dots; a namespace's may not.
    name, _, namespace = row.proxy.rpartition(".")
    return Connected(
        namespace=namespace,
        name=name,
        istiod=istiod,
        version=row.istio_version or row.proxy_version,
        pushes=tuple(sorted(_pushes(row), key=lambda push: push.type)),
    )


def _pushes(row: _Status) -> list[Push]:
    if row.resources:
        return [
            Push(type=_word(kind), sync=_state(found), error=_plain(found.last_error), sent=found.sent_time)
            for kind, found in row.resources.items()
        ]
    nonces = {
        "CDS": (row.cluster_sent, row.cluster_acked),
        "LDS": (row.listener_sent, row.listener_acked),
        "RDS": (row.route_sent, row.route_acked),
        "EDS": (row.endpoint_sent, row.endpoint_acked),
    }
    return [Push(type=kind, sync=_state(_Resource(sent=sent, acked=acked))) for kind, (sent, acked) in nonces.items()]


def _word(kind: str) -> str:
    last = kind.rpartition(".")[2]
    return _TYPES.get(last, last)


def _state(found: _Resource) -> Sync:
    """`pilot/pkg/xds/statusgen.go debugSyncStatus`."""
    if found.last_error:
        return Sync.ERROR
    if not found.sent:
        return Sync.NOT_SENT
    return Sync.SYNCED if found.sent == found.acked else Sync.STALE


def _plain(words: str) -> str:
    """An error without protobuf's marks and line ends."""
    return " ".join(words.replace("goo.gle/debugonly", " ").replace("goo.gle/debugstr", " ").split())
