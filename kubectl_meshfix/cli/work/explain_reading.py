"""What ``explain`` reads of a cluster, and what is said of the rest."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kubectl_meshfix import scope
from kubectl_meshfix.cli import progress
from kubectl_meshfix.cli.console import warn
from kubectl_meshfix.cli.flags.connecting import connected
from kubectl_meshfix.cli.flags.options import ConnectionFlags, SourceFlags
from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.resources.api import Api

if TYPE_CHECKING:
    from kubectl_meshfix.resources.meta import Object
    from kubectl_meshfix.sources.api.connection import Connection
    from kubectl_meshfix.sources.api.kubeconfig import Kubeconfig


def read_targets(
    wanted: Sequence[scope.NamedTarget], connection: ConnectionFlags, where: SourceFlags
) -> "tuple[Snapshot, Connection, str | None]":
    """The targets and what decides on them, the way to the cluster, and the namespace, None for all. Raises MeshfixError."""
    from kubectl_meshfix.sources import explain_source  # noqa: PLC0415 -- a run on files never imports the client

    api = connected(connection, where.namespace)
    namespace = None if where.all_namespaces else api.namespace
    with progress.reading() as tell:
        snapshot = explain_source.read_targets(api, wanted, namespace=namespace, labels=where.selector, progress=tell)
    _tell(api.warnings, snapshot)
    return snapshot, api, namespace


def read_environment(namespaces: Iterable[str], cluster: "Kubeconfig", beside: "Sequence[Object]") -> tuple[Snapshot, Api]:
    """What of a cluster decides on new pods of these namespaces, with manifests ``beside`` it, and the way there. Raises MeshfixError."""
    from kubectl_meshfix.sources import explain_source  # noqa: PLC0415 -- as above
    from kubectl_meshfix.sources.api.connection import Connection  # noqa: PLC0415

    api = Connection(cluster)
    with progress.reading() as tell:
        snapshot = explain_source.read_environment(api, namespaces, beside, tell)
    _tell(api.warnings, snapshot)
    return snapshot, api


def _tell(warnings: Iterable[str], snapshot: Snapshot) -> None:
    for text in warnings:
        warn(text)
    if snapshot.unreadable:
        warn(
            f"You may not read {', '.join(gap.kind for gap in snapshot.unreadable)}. Checks that need them are marked with a question mark."
        )
