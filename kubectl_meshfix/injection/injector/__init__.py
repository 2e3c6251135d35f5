"""The second stage: whether the istiod that a webhook calls injects a pod, and what it makes of it."""

from kubectl_meshfix.injection.injector.annotations import READ_VALUES, validate_annotations
from kubectl_meshfix.injection.injector.config_map import find_plane, read_config
from kubectl_meshfix.injection.injector.decision import Decision, decide
from kubectl_meshfix.injection.injector.native_sidecar import INPUTS, NativeSidecar, choose_sidecar
from kubectl_meshfix.injection.injector.sidecar import add_sidecar

__all__ = [
    "INPUTS", "READ_VALUES", "Decision", "NativeSidecar", "add_sidecar", "choose_sidecar", "decide", "find_plane", "read_config",
    "validate_annotations",
]  # fmt: skip
