"""What istiod's webhook says of a PeerAuthentication (`pkg/config/validation/validation.go ValidatePeerAuthentication`)."""

import re

from kubectl_meshfix.validation.values.annotations import annotations
from kubectl_meshfix.validation.values.attachments import OF_NAMESPACE
from kubectl_meshfix.validation.values.fields import entries, part
from kubectl_meshfix.validation.values.labels import selector
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_PORTS = "/spec/portLevelMtls"
_OF_WORKLOADS = "Istio uses the modes of ports only for the workloads of a selector, and ignores these"


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in a PeerAuthentication."""
    yield from annotations(metadata)
    ports = part(spec, "portLevelMtls")
    if ports is not None and not ports:
        yield Violation(path=_PORTS, says="portLevelMtls is empty, and must name a port", removes=True)
    elif ports and not part(part(spec, "selector"), "matchLabels"):
        yield Violation(path=_PORTS, says="portLevelMtls needs a selector with matchLabels", effect=_OF_WORKLOADS, removes=True)
    for path, port, _ in entries(spec, "portLevelMtls", "/spec"):
        if not (re.fullmatch("0|[1-9][0-9]*", port) and 0 < int(port) <= 65535):
            yield Violation(path=path, says=f'portLevelMtls has the port "{port}", and a port is 1 to 65535')
    yield from selector(spec, "selector", "/spec", map_name="matchLabels", effect=OF_NAMESPACE)
