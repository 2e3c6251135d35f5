"""What labels ask for, whether anybody hears it or not."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECT, INJECTION
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL

if TYPE_CHECKING:
    from kubectl_meshfix.injection.views import PodView

_MEANT_AS_YES = frozenset({"enabled", "enable", "true", "yes", "on"})
_MEANT_AS_NO = frozenset({"disabled", "disable", "false", "no", "off"})


class Marked(Protocol):
    """A pod, its template, or a view of it."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""

    @property
    def annotations(self) -> Mapping[str, str]:
        """Its annotations."""


def inject_value(pod: Marked) -> tuple[str, str]:
    """The value of `sidecar.istio.io/inject`, and whether it is a ``label`` or an ``annotation``. A label, even an empty one, wins."""
    if INJECT in pod.labels:
        return pod.labels[INJECT], "label"
    return pod.annotations.get(INJECT, ""), "annotation"


def is_ambient(namespace_labels: Mapping[str, str], pod: "PodView") -> bool:
    """Whether ambient's CNI agent is to redirect a pod, by its default selectors (`cni/pkg/util/enablement_selector.go Matches`)."""
    if pod.host_network or pod.has_proxy:
        return False
    mode = pod.labels.get(DATAPLANE_MODE)
    return mode == "ambient" or (namespace_labels.get(DATAPLANE_MODE) == "ambient" and mode != "none")


def is_wanted(namespace_labels: Mapping[str, str], pod: Marked) -> bool:
    """Whether labels, or the annotation people take for one, ask for the mesh, in words that need not have any effect."""
    value, _ = inject_value(pod)
    mode = pod.labels.get(DATAPLANE_MODE)
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    if mode == "ambient" or pod.labels.get(REVISION_LABEL):
        return True
    return is_namespace_wanted({key: item for key, item in namespace_labels.items() if key != DATAPLANE_MODE or mode != "none"})


def is_refused(namespace_labels: Mapping[str, str], pod: Marked) -> bool:
    """Whether labels say that a pod is to stay out of the mesh, or an annotation does; what the pod says counts before its namespace."""
    value, _ = inject_value(pod)
    if value.lower() in ("true", "false"):
        return value.lower() == "false"
    mode = pod.labels.get(DATAPLANE_MODE)
    if mode or pod.labels.get(REVISION_LABEL):
        return mode == "none"
    return is_namespace_refused(namespace_labels)


def is_namespace_refused(namespace_labels: Mapping[str, str]) -> bool:
    """Whether a namespace's labels say that its pods are to stay out of the mesh."""
    if namespace_labels.get(DATAPLANE_MODE) == "ambient":
        return False
    return namespace_labels.get(INJECTION, "").lower() in _MEANT_AS_NO


def is_namespace_wanted(namespace_labels: Mapping[str, str]) -> bool:
    """Whether a namespace's labels ask for the mesh; ``istio-injection`` is heard before ``istio.io/rev``."""
    if namespace_labels.get(DATAPLANE_MODE) == "ambient":
        return True
    if INJECTION in namespace_labels:
        return namespace_labels[INJECTION].lower() in _MEANT_AS_YES
    return bool(namespace_labels.get(REVISION_LABEL))
