"""What istiod refuses in a PeerAuthentication (`pkg/config/validation/validation.go ValidatePeerAuthentication`)."""

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning

_PORTS = "/spec/portLevelMtls"
_OF_WORKLOADS = "Istio uses the modes of ports only for the workloads of a selector, and ignores these"


def violations(spec: Fields, _metadata: Fields) -> Violations:
    """The modes of ports, which only a selector can have, and the selector itself."""
    ports, selector = spec.get("portLevelMtls"), spec.get("selector")
    labels: Fields = (selector or {}).get("matchLabels") or {}
    if ports == {}:
        yield Violation(path=_PORTS, says="portLevelMtls is empty, and must name a port", removes=True)
    elif ports and not labels:
        yield Violation(path=_PORTS, says="portLevelMtls needs a selector with matchLabels", effect=_OF_WORKLOADS, removes=True)
    for port in ports or {}:
        if not (port.isascii() and port.isdigit() and 0 < int(port) <= 65535):
            yield Violation(path=join("spec", "portLevelMtls", port), says=f'portLevelMtls has the port "{port}", and a port is 1 to 65535')
    for key, value in labels.items():
        if not key or "*" in key + value:
            says = f'matchLabels has "{key}: {value}", and a selector needs whole labels, without *'
            yield Violation(path=join("spec", "selector", "matchLabels", key), says=says)
    if selector is not None and not labels:
        effect = "the policy is one for the whole namespace, or in the root namespace for the whole mesh"
        yield warning("/spec/selector", "the selector has no labels", effect=effect)
