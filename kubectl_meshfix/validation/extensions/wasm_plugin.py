"""What istiod's webhook says of a WasmPlugin (`pkg/config/validation/validation.go ValidateWasmPlugin`)."""

from kubectl_meshfix.validation.extensions.wasm import matches, module
from kubectl_meshfix.validation.values.annotations import annotations
from kubectl_meshfix.validation.values.attachments import attachment
from kubectl_meshfix.validation.violation import Fields, Violations


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in a WasmPlugin."""
    yield from annotations(metadata)
    yield from attachment(spec)
    yield from module(spec, "/spec")
    yield from matches(spec)
