"""Traffic that the mesh's proxies counted, as far as it tells what a Service speaks."""

from collections.abc import Mapping

from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.resources.meta import Struct


class Measured(Struct, frozen=True):
    """Requests or connections to a Service: what the ``reporter`` took them for.

    A ``source`` (a client's sidecar or a gateway) and a ``waypoint`` know the Service that was called; a ``destination`` (the
    server's own proxy) knows its container port, where somebody has the metric labelled with it.
    """

    protocol: Protocol
    reporter: str
    container_port: int | None = None


MeasuredTraffic = Mapping[tuple[str, str], frozenset[Measured]]
"""What was seen, by namespace and name of the Service."""
