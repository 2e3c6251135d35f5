"""What istiod's webhook says of a TrafficExtension (`pkg/config/validation/validation.go ValidateTrafficExtension`)."""

from kubectl_meshfix.validation.extensions.wasm import matches, module
from kubectl_meshfix.validation.values.annotations import annotations
from kubectl_meshfix.validation.values.attachments import attachment
from kubectl_meshfix.validation.values.fields import part, text
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_LONGEST_CODE = 65536


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in a TrafficExtension."""
    yield from annotations(metadata)
    yield from attachment(spec)
    wasm, lua = part(spec, "wasm"), part(spec, "lua")
    if (wasm is None) == (lua is None):
        says = "a TrafficExtension has both wasm and lua" if wasm is not None else "a TrafficExtension has neither wasm nor lua"
        yield Violation(path="/spec", says=f"{says}, and it needs one of them")
    if wasm is not None:
        yield from module(wasm, "/spec/wasm")
    if lua is not None:
        yield from _code(lua, "/spec/lua")
    yield from matches(spec)


def _code(lua: Fields, path: str) -> Violations:
    code = text(lua, "inlineCode")
    if not code:
        yield Violation(path=path, says="lua has no inlineCode")
    elif len(code.encode()) > _LONGEST_CODE:
        yield Violation(path=f"{path}/inlineCode", says=f"inlineCode has {len(code.encode())} bytes, and {_LONGEST_CODE} are the limit")
