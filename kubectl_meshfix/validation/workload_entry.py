"""What istiod's webhook says of a WorkloadEntry (`pkg/config/validation/validation.go ValidateWorkloadEntry`)."""

from kubectl_meshfix.validation.endpoints.endpoint import endpoint
from kubectl_meshfix.validation.values.annotations import annotations
from kubectl_meshfix.validation.violation import Fields, Violations


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in a WorkloadEntry."""
    yield from annotations(metadata)
    yield from endpoint(spec, "/spec", may_be_name=True)
