"""Which cluster a route's destination names, and whether a host has it (`pilot/pkg/networking/core/route/route.go`)."""

import msgspec

from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.traffic.registry import Entry, Port


class ClusterName(msgspec.Struct, frozen=True):
    """A cluster by its host and port. ``is_only`` says that the host has no other port, and that the route names none."""

    host: str
    port: int
    is_only: bool = False


def known_to_http(entry: Entry | None, called: int) -> Entry | None:
    """What the HTTP routes of sidecars know of a host: nothing unless it has the port that is called (`httproute.go`)."""
    return entry if entry and entry.port(called) else None


def cluster_name(host: str, known: Entry | None, named: int, called: int) -> ClusterName:
    """The cluster that a destination with a full host names (`GetDestinationCluster`).

    ``known`` is what its routes know of the host, ``named`` the port that it names, 0 for none, and ``called`` the one that was called. A
    host that they do not know stays as it is, an ExternalName Service that they know becomes the host that it stands for.
    """
    is_only = not named and known is not None and len(known.ports) == 1
    number = named or (known.ports[0].number if known and is_only else called)
    return ClusterName(known.alias_for or host if known else host, number, is_only)


def port_with_cluster(entry: Entry, number: int) -> Port | None:
    """A host's port for which there is a cluster; None where it has no such port, or one of UDP, or where it only stands for another host
    (`pilot/pkg/networking/core/cluster.go buildOutboundClusters`).
    """
    port = None if entry.is_alias else entry.port(number)
    return port if port and port.protocol is not Protocol.UDP else None
