"""The second stage: whether the istiod that a webhook calls injects a pod, and what it makes of it."""

from kubectl_meshfix.injection.injector.annotations import READ_VALUES, refused_values, validate_annotations
from kubectl_meshfix.injection.injector.config_map import find_plane, read_config
from kubectl_meshfix.injection.injector.decision import Decision, decide
from kubectl_meshfix.injection.injector.native_sidecar import (
    ENV,
    OLDEST_KUBELET,
    NativeSidecar,
    are_kubelets_certain,
    choose_sidecar,
    why_not_native,
)
from kubectl_meshfix.injection.injector.sidecar import add_sidecar, app_waits, cut_off_calls

__all__ = [
    "ENV", "OLDEST_KUBELET", "READ_VALUES", "Decision", "NativeSidecar", "add_sidecar", "app_waits", "are_kubelets_certain",
    "choose_sidecar",
    "cut_off_calls", "decide", "find_plane", "read_config", "refused_values", "validate_annotations", "why_not_native",
]  # fmt: skip
