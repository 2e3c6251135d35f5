"""Injection: the labels that ask for it, the webhooks that select pods, the injector's own configuration."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from kubectl_meshfix.injection.apiserver import NamespaceLabels, matched, only_revision
from kubectl_meshfix.injection.labels import INJECTION, METADATA_NAME
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload

AT_CREATION = "Injection happens only when a pod is created: delete the pod, and create it again."
"""Why a label is no fix for a bare pod that runs."""


def unfinished(mesh: Mesh) -> Iterator[Workload]:
    """Workloads whose pods may still be created: nothing that has ended."""
    return (workload for workload in mesh.workloads if not workload.has_ended)


def is_served(mesh: Mesh, namespace: str, labels: Mapping[str, str], pod_labels: Mapping[str, str] = MappingProxyType({})) -> bool:
    """Whether a webhook selects, or may select, a pod of a namespace where both have these labels and no others."""
    return bool(matched(mesh, NamespaceLabels({**labels, METADATA_NAME: namespace}), pod_labels))


def served_revision(mesh: Mesh, namespace: str) -> str | None:
    """The only revision whose webhook selects pods there, preferably by a tag; None for several or none."""
    return only_revision(mesh, lambda value: is_served(mesh, namespace, {REVISION_LABEL: value}))


def opt_in(mesh: Mesh, namespace: str) -> tuple[str, str] | None:
    """The label that gives a namespace's pods sidecars: the default revision's, else the only revision's; None where one has to choose."""
    if is_served(mesh, namespace, {INJECTION: "enabled"}):
        return INJECTION, "enabled"
    revision = served_revision(mesh, namespace)
    return (REVISION_LABEL, revision) if revision else None
