"""The third stage: what became of the pods, or why there are none."""

from kubectl_meshfix.injection.kubelet.admission_errors import Refused, find_refusal, read_refusal
from kubectl_meshfix.injection.kubelet.controllers import INPUTS, newest_controller, newest_pods
from kubectl_meshfix.injection.kubelet.init_containers import failing_init_containers, is_cut_off
from kubectl_meshfix.injection.kubelet.observation import Observed, observe

__all__ = [
    "INPUTS", "Observed", "Refused", "failing_init_containers", "find_refusal", "is_cut_off", "newest_controller", "newest_pods", "observe",
    "read_refusal",
]  # fmt: skip
