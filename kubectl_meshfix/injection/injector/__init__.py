"""The second stage: whether the istiod that a webhook calls injects a pod, and with which kind of sidecar."""

from kubectl_meshfix.injection.injector.config_map import find_plane, read_config
from kubectl_meshfix.injection.injector.decision import Decision, decide, select_templates
from kubectl_meshfix.injection.injector.native_sidecar import (
    ENV,
    OLDEST_KUBELET,
    NativeSidecar,
    are_kubelets_certain,
    choose_sidecar,
    why_not_native,
)

__all__ = [
    "ENV", "OLDEST_KUBELET", "Decision", "NativeSidecar", "are_kubelets_certain", "choose_sidecar", "decide", "find_plane", "read_config",
    "select_templates", "why_not_native",
]  # fmt: skip
