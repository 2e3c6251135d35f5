"""Which proxies a Sidecar is for."""

from collections.abc import Mapping

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking import Sidecar
from kubectl_meshfix.traffic.workload_selectors import selects_nothing


def selector(sidecar: Sidecar) -> Mapping[str, str]:
    """The labels of the pods it is for; empty for all of its namespace."""
    return sidecar.spec.workload_selector.labels if sidecar.spec.workload_selector else {}


def applies_to_nothing(mesh: Mesh, sidecar: Sidecar) -> bool:
    """Whether it selects labels that no pod of its namespace gets; one of the root namespace looks no further either.

    (`pilot/pkg/model/push_context.go getSidecarScope`, `analyzers/sidecar/selector.go`)
    """
    labels = selector(sidecar)
    return bool(labels) and selects_nothing(mesh, labels, sidecar.namespace)
