"""The way to the cluster that the flags name."""

from typing import TYPE_CHECKING, Any

import msgspec

from kubectl_meshfix.cli.flags.options import ConnectionFlags
from kubectl_meshfix.errors import UsageError

if TYPE_CHECKING:
    from kubectl_meshfix.sources.api.connection import Connection as Cluster
    from kubectl_meshfix.sources.api.kubeconfig import Kubeconfig


def connected(connection: ConnectionFlags, namespace: str = "") -> "Cluster":
    """The cluster that the flags name; nothing is sent yet. Raises UsageError and SourceError."""
    from kubectl_meshfix.sources.api.connection import Connection  # noqa: PLC0415 -- a run on files never imports the client

    return Connection(kubeconfig(connection, namespace))


def kubeconfig(connection: ConnectionFlags, namespace: str = "") -> "Kubeconfig":
    """Where the cluster is and who asks it; no program for credentials is run yet. Raises UsageError and SourceError."""
    from kubectl_meshfix.sources.api.kubeconfig import ClusterOptions, choose_cluster  # noqa: PLC0415 -- as above

    if connection.contexts:
        raise UsageError(
            "--contexts works only with diagnose; every other command works on one cluster.", "Name the cluster with --context."
        )
    flags: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in msgspec.structs.asdict(connection).items() if value
    }
    return choose_cluster(ClusterOptions(namespace=namespace, **flags))
