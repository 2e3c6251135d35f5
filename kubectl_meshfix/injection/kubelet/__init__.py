"""The third stage: what became of the pods, or why there are none."""

from kubectl_meshfix.injection.kubelet.admission_errors import Refused, find_refusal, read_refusal
from kubectl_meshfix.injection.kubelet.controllers import INPUTS, newest_controller, newest_pods
from kubectl_meshfix.injection.kubelet.observation import Observed, observe
from kubectl_meshfix.injection.kubelet.waypoints import look_for_waypoints

__all__ = [
    "INPUTS", "Observed", "Refused", "find_refusal", "look_for_waypoints", "newest_controller", "newest_pods", "observe", "read_refusal",
]  # fmt: skip
