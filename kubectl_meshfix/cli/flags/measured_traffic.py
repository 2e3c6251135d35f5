"""``--prometheus``: what the mesh's proxies counted, as a part of the snapshot."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from kubectl_meshfix.cli.console import warn
from kubectl_meshfix.cli.flags.options import RuleFlags
from kubectl_meshfix.errors import MeshfixError
from kubectl_meshfix.mesh.meshes import Meshes

if TYPE_CHECKING:
    from kubectl_meshfix.sources.api.connection import Connection
    from kubectl_meshfix.sources.prometheus import Address


def prometheus_address(choice: RuleFlags) -> "Address | None":
    """The Prometheus to ask, if any. Raises UsageError for words that name none."""
    if not choice.prometheus:
        return None
    from kubectl_meshfix.sources import prometheus  # noqa: PLC0415 -- few ask one

    return prometheus.parse_address(choice.prometheus)


def with_measured_traffic(meshes: Meshes, where: "Address | None", connected: "Callable[[], Connection]") -> Meshes:
    """The snapshot with the traffic that a Prometheus has measured. Where there is none, a warning, and the snapshot as it is."""
    if where is None:
        return meshes
    from kubectl_meshfix.sources import http_get, prometheus  # noqa: PLC0415

    try:
        ask = (
            http_get.getter(where.url, prometheus.LARGEST)
            if where.url
            else prometheus.via_api_server(connected().bounded(prometheus.LARGEST), where)
        )
        traffic = prometheus.read_traffic(ask)
    except MeshfixError as error:
        warn(f"Prometheus at {where} was not read: {error.message.rstrip('.')}. Findings rest on the other evidence.")
        return meshes
    if not traffic:
        warn(f"Prometheus at {where} has no traffic to Services in the last day. Does it scrape the mesh's proxies?")
    return meshes.map(lambda mesh: mesh.with_measured(traffic))
