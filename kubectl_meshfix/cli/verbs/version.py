"""``version``: ours, the cluster's, and Istio's in it."""

from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer

from kubectl_meshfix import __version__
from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.options import ConnectionFlags
from kubectl_meshfix.errors import MeshfixError

PATIENCE = "5s"
"""How long a request may take where --request-timeout says nothing."""


class VersionFormat(StrEnum):
    """Formats of the versions."""

    TEXT = "text"
    JSON = "json"
    YAML = "yaml"


def version(
    connection: ConnectionFlags,
    client: Annotated[
        bool, typer.Option("--client", help="Only kubectl-meshfix's own version; no cluster is asked.", show_default=False)
    ] = False,
    output: Annotated[VersionFormat, typer.Option("-o", "--output", help="Output format.")] = VersionFormat.TEXT,
) -> None:
    """Print the versions of kubectl-meshfix, of Kubernetes, and of each of Istio's control planes in the cluster.

    Where no cluster can be reached, kubectl-meshfix's own version is printed, and a warning says why; the exit code is 0.
    """
    document: dict[str, Any] = {"schemaVersion": 1, "meshfix": __version__}
    if not client:
        document |= _of_cluster(connection)
    if output is VersionFormat.TEXT:
        console.answer("".join(f"{line}\n" for line in _lines(document)))
        return
    from kubectl_meshfix.render.text import machine  # noqa: PLC0415 -- loads YAML

    console.answer((machine.as_json if output is VersionFormat.JSON else machine.as_yaml)(document))


def _of_cluster(connection: ConnectionFlags) -> dict[str, Any]:
    """Context, Kubernetes and Istio; all null where no cluster answers."""
    from kubectl_meshfix.cli.flags.connecting import connected  # noqa: PLC0415 -- only where a cluster is asked
    from kubectl_meshfix.sources.versions import read_versions  # noqa: PLC0415

    patient = connection if connection.request_timeout != "0" else msgspec.structs.replace(connection, request_timeout=PATIENCE)
    try:
        api = connected(patient)
        found = read_versions(api)
    except MeshfixError as error:
        console.warn(f"No cluster was asked: {error.message}")
        return {"context": None, "kubernetes": None, "istio": None}
    if found.reason:
        console.warn(f"Istio was not looked for: {found.reason}.")
    istio = (
        None
        if found.reason
        else [{"revision": item.revision, "namespace": item.namespace, "version": item.version or None} for item in found.istio]
    )
    return {"context": api.context or api.server, "kubernetes": found.kubernetes or None, "istio": istio}


def _lines(document: dict[str, Any]) -> list[str]:
    lines = [f"kubectl-meshfix: {document['meshfix']}"]
    if document.get("context"):
        lines.append(f"Kubernetes: {document['kubernetes'] or 'unknown'} (context {document['context']})")
        planes = document["istio"]
        lines += [f"Istio: {item['version'] or 'unknown'} (revision {item['revision']} in {item['namespace']})" for item in planes or ()]
        lines += ["Istio: none"] if planes == [] else []
    return lines
