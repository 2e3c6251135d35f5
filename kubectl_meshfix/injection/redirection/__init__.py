"""Which connections of a pod are redirected to its proxy: the settings, and the rules that follow from them."""

from kubectl_meshfix.injection.redirection.rules import Rule, Verdict, is_captured_inbound, outbound
from kubectl_meshfix.injection.redirection.settings import (
    EXCLUDE_INBOUND_PORTS,
    EXCLUDE_OUTBOUND_PORTS,
    EXCLUDE_OUTBOUND_RANGES,
    INCLUDE_OUTBOUND_PORTS,
    INCLUDE_OUTBOUND_RANGES,
    INTERCEPTION,
    PROXY_CONFIG,
    Outbound,
    interception_mode,
    outbound_settings,
    own_metadata,
    settings_of_pod,
)

__all__ = [
    "EXCLUDE_INBOUND_PORTS", "EXCLUDE_OUTBOUND_PORTS", "EXCLUDE_OUTBOUND_RANGES", "INCLUDE_OUTBOUND_PORTS", "INCLUDE_OUTBOUND_RANGES",
    "INTERCEPTION", "PROXY_CONFIG", "Outbound", "Rule", "Verdict", "interception_mode", "is_captured_inbound", "outbound",
    "outbound_settings", "own_metadata", "settings_of_pod",
]  # fmt: skip
