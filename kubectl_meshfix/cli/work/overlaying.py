"""Manifests judged in a live cluster: reading both, and telling what of a report the manifests are to blame for."""

import msgspec

from kubectl_meshfix import scope
from kubectl_meshfix.cli import progress
from kubectl_meshfix.cli.console import warn
from kubectl_meshfix.cli.flags.connecting import kubeconfig
from kubectl_meshfix.cli.flags.options import ConnectionFlags, SelectionFlags
from kubectl_meshfix.cli.work.reading import Source, no_istio, of_files, place_of
from kubectl_meshfix.mesh.control_plane import is_injector
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.overlay import laid_over
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration
from kubectl_meshfix.resources.core import Namespace


def of_files_in_cluster(
    connection: ConnectionFlags, selection: SelectionFlags, wanted: set[kinds.Kind], shown: scope.FindingFilter
) -> Source:
    """Read manifests, and the kinds that are ``wanted`` of the cluster that the flags name, and lay the former over the latter.

    Documents without a namespace get that of -n or of the context, as ``kubectl apply`` would have it. Raises MeshfixError, also for a
    cluster without Istio and for a namespace that neither has.
    """
    from kubectl_meshfix.sources import cluster  # noqa: PLC0415 -- a run on files alone never imports the client
    from kubectl_meshfix.sources.api.connection import Connection  # noqa: PLC0415

    chosen = kubeconfig(connection, selection.namespace)
    source = of_files(selection, default_namespace=chosen.namespace)
    files = source.snapshot.meshes
    api = Connection(chosen)
    with progress.reading() as tell:
        live = cluster.read_cluster(api, wanted, namespace=None, local=namespaces_of(files), progress=tell)
    for text in api.warnings:
        warn(text)
    if shown.mesh_only and not live.has_istio and not _install_istio(files):
        raise no_istio(place_of(api))
    meshes = laid_over(files, live.mesh)
    _must_be_there(meshes, files, source.namespace, place_of(api))
    snapshot = msgspec.structs.replace(
        source.snapshot,
        meshes=meshes,
        source=msgspec.structs.replace(source.snapshot.source, context=live.source.context or None, server=live.source.server),
        unreadable=(*source.snapshot.unreadable, *live.unreadable),
    )
    return msgspec.structs.replace(source, snapshot=snapshot, api=api, files=files, live=live)


def namespaces_of(files: Meshes) -> frozenset[str]:
    """The namespaces in which manifests hold something, and those that they define."""
    return frozenset(obj.name if isinstance(obj, Namespace) else obj.namespace for obj in files.objects) - {""}


def _install_istio(files: Meshes) -> bool:
    configurations = (obj for obj in files.objects if isinstance(obj, MutatingWebhookConfiguration))
    return any(is_injector(webhook) for item in configurations for webhook in item.webhooks)


def _must_be_there(meshes: Meshes, files: Meshes, asked: str | None, place: str) -> None:
    """Raise UsageError for a namespace of -n that is nowhere, and warn of others that are not."""
    if asked:
        scope.must_exist(meshes.first, asked)
    there = {obj.name for mesh in meshes for obj in mesh.all(Namespace)}
    missing = sorted(name for name in namespaces_of(files) - there if meshes.first.knows(kinds.NAMESPACE, name))
    if missing:
        named = f"Namespace {missing[0]} is" if len(missing) == 1 else f"Namespaces {', '.join(missing)} are"
        warn(f"{named} neither in {place} nor in these files.")
