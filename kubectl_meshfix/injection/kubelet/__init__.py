"""The third stage: what became of the pods, or why there are none."""

from kubectl_meshfix.injection.kubelet.admission_errors import Refused, find_refusal, read_refusal
from kubectl_meshfix.injection.kubelet.controllers import INPUTS, newest_controller, newest_pods, shows_failure
from kubectl_meshfix.injection.kubelet.init_containers import failing_init_containers, is_cut_off
from kubectl_meshfix.injection.kubelet.observation import Observed, observe
from kubectl_meshfix.injection.kubelet.refusals import CurrentRefusal, find_refusal_now
from kubectl_meshfix.injection.kubelet.waypoints import look_for_waypoints

__all__ = [
    "INPUTS", "CurrentRefusal", "Observed", "Refused", "failing_init_containers", "find_refusal", "find_refusal_now", "is_cut_off",
    "look_for_waypoints", "newest_controller", "newest_pods", "observe", "read_refusal", "shows_failure",
]  # fmt: skip
