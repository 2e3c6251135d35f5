"""What runs before the proxy does: the pod's own init containers, the calls they make, and who redirects those."""

from kubectl_meshfix.injection.early.addresses import Host
from kubectl_meshfix.injection.early.calls import InitCall, init_calls
from kubectl_meshfix.injection.early.capture import bypass, is_redirected_outbound
from kubectl_meshfix.injection.redirection import (
    EXCLUDE_INBOUND_PORTS,
    EXCLUDE_OUTBOUND_PORTS,
    INTERCEPTION,
    interception_mode,
    is_captured_inbound,
)

__all__ = [
    "EXCLUDE_INBOUND_PORTS", "EXCLUDE_OUTBOUND_PORTS", "INTERCEPTION", "Host", "InitCall", "bypass", "init_calls",
    "interception_mode", "is_captured_inbound", "is_redirected_outbound",
]  # fmt: skip
