"""What istiod's webhook says of a ProxyConfig (`pkg/config/validation/validation.go ValidateProxyConfig`)."""

from kubectl_meshfix.validation.values.annotations import annotations
from kubectl_meshfix.validation.values.fields import number
from kubectl_meshfix.validation.values.labels import selector
from kubectl_meshfix.validation.violation import Fields, Violation, Violations


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in a ProxyConfig."""
    yield from annotations(metadata)
    yield from selector(spec, "selector", "/spec", map_name="matchLabels", effect="")
    count = number(spec, "concurrency")
    if count < 0:
        yield Violation(path="/spec/concurrency", says=f"concurrency is {count}, and cannot be negative; 0 is all cores")
