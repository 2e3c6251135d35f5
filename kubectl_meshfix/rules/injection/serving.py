"""Which labels would give the pods of a namespace sidecars."""

from collections.abc import Mapping
from types import MappingProxyType

from kubectl_meshfix.injection.apiserver import NamespaceLabels, matched
from kubectl_meshfix.injection.labels import INJECTION, METADATA_NAME
from kubectl_meshfix.injection.reaching import only_revision, told_path
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh


def is_served(mesh: Mesh, namespace: str, labels: Mapping[str, str], pod_labels: Mapping[str, str] = MappingProxyType({})) -> bool:
    """Whether a webhook selects, or may select, a pod of a namespace where both have these labels and no others."""
    return bool(matched(mesh, NamespaceLabels({**labels, METADATA_NAME: namespace}), pod_labels))


def is_reached(mesh: Mesh, namespace: str, labels: Mapping[str, str]) -> bool:
    """The same of a webhook that selects a pod, and whose calls are not known to fail: nothing else may be recommended."""
    found = matched(mesh, NamespaceLabels({**labels, METADATA_NAME: namespace}), {})
    return bool(found) and all(told_path(mesh, match).value.broken is None for match in found)


def served_revision(mesh: Mesh, namespace: str) -> str | None:
    """The only revision whose webhook selects pods there, and whose istiod can be called, preferably by a tag; else None."""
    return only_revision(mesh, lambda value: is_served(mesh, namespace, {REVISION_LABEL: value}))


def opt_in(mesh: Mesh, namespace: str) -> tuple[str, str] | None:
    """The label that gives a namespace's pods sidecars: the default revision's, else the only revision's; None where one has to choose."""
    if is_reached(mesh, namespace, {INJECTION: "enabled"}):
        return INJECTION, "enabled"
    revision = served_revision(mesh, namespace)
    return (REVISION_LABEL, revision) if revision else None
