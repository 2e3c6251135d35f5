"""The third stage: what became of the pods, or why there are none."""

from kubectl_meshfix.injection.kubelet.admission_errors import Refused, find_refusal, read_refusal
from kubectl_meshfix.injection.kubelet.controllers import INPUTS, newest_controller, newest_pods
from kubectl_meshfix.injection.kubelet.observation import Observed, observe
from kubectl_meshfix.injection.kubelet.proxy_health import STATUS_ANNOTATION, image_version, injected_revision

__all__ = [
    "INPUTS", "STATUS_ANNOTATION", "Observed", "Refused", "find_refusal", "image_version", "injected_revision", "newest_controller",
    "newest_pods", "observe", "read_refusal",
]  # fmt: skip
