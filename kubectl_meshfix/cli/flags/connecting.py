"""The way to the cluster that the flags name."""

import dataclasses
from typing import TYPE_CHECKING, Any

from kubectl_meshfix.cli.flags.options import ConnectionFlags
from kubectl_meshfix.errors import UsageError

if TYPE_CHECKING:
    from kubectl_meshfix.sources.api.connection import Connection as Cluster


def connected(connection: ConnectionFlags, namespace: str = "") -> "Cluster":
    """The cluster that the flags name; nothing is sent yet. Raises UsageError and SourceError."""
    from kubectl_meshfix.sources.api.cluster_options import ClusterOptions  # noqa: PLC0415 -- a run on files never imports the client
    from kubectl_meshfix.sources.api.connection import connect  # noqa: PLC0415

    if connection.contexts:
        raise UsageError(
            "--contexts works only with diagnose; every other command works on one cluster.", "Name the cluster with --context."
        )
    flags: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in dataclasses.asdict(connection).items() if value
    }
    return connect(ClusterOptions(namespace=namespace, **flags))
