"""What runs before the proxy does: the pod's own init containers, the calls they make, and who redirects those."""

from kubectl_meshfix.injection.early.addresses import Host
from kubectl_meshfix.injection.early.calls import InitCall, init_calls
from kubectl_meshfix.injection.early.capture import (
    EXCLUDE_INBOUND_PORTS,
    EXCLUDE_OUTBOUND_PORTS,
    INTERCEPTION,
    bypass,
    interception_mode,
    is_captured_inbound,
    is_redirected_outbound,
)

__all__ = [
    "EXCLUDE_INBOUND_PORTS", "EXCLUDE_OUTBOUND_PORTS", "INTERCEPTION", "Host", "InitCall", "bypass", "init_calls",
    "interception_mode", "is_captured_inbound", "is_redirected_outbound",
]  # fmt: skip
