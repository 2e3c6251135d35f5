"""Sets of public keys written in a policy (JWKS), as istiod reads them (`github.com/lestrrat-go/jwx/jwk Parse`)."""

import json
import re
from typing import Any

from kubectl_meshfix.validation.violation import Violation, Violations, warning

_NEEDED = {"RSA": ("e", "n"), "EC": ("x", "y"), "OKP": ("x",), "oct": ("k",)}
_OF_PRIVATE = {"RSA": ("d", "p", "q", "dp", "dq", "qi"), "EC": ("d",), "OKP": ("d",), "oct": ()}
_CURVED = ("EC", "OKP")
_TEXTS = ("alg", "kid", "use", "x5t", "x5t#S256", "x5u")
_BASE64 = "(?:[-_A-Za-z0-9]*|[+/A-Za-z0-9]*)={0,2}"


def key_set(text: str, path: str) -> Violations:
    """The keys of a text: one, or a list called ``keys``. No key is repeated in what is said. Nothing is said of an empty text."""
    if not text:
        return
    try:
        value = json.loads(text)
    except ValueError:
        begins_as_url = text.lstrip().startswith(("http://", "https://"))
        hint = "; write the address as jwksUri" if begins_as_url else ""
        yield Violation(path=path, says=f"jwks is no JSON{hint}")
        return
    if not isinstance(value, dict):
        yield Violation(path=path, says="jwks is JSON, but no map; it needs keys")
        return
    keys = value.get("keys", [value])
    if not isinstance(keys, list):
        yield Violation(path=path, says="keys of jwks is no list")
        return
    for number, key in enumerate(keys):
        if unlike := _flaw(key):
            yield Violation(path=path, says=f"key {number} of jwks {unlike}")
            return
    for number, key in enumerate(keys):
        if key["kty"] == "oct" or key.get("d") is not None:
            says = f"key {number} of jwks is private, and tokens are verified with public keys"
            yield warning(path, says, effect="Everybody who may read the object can sign tokens")


def _flaw(key: Any) -> str:
    """What keeps a value from being a key, as a clause; empty for a good one."""
    kind = key.get("kty") if isinstance(key, dict) else None
    if kind not in _NEEDED:
        return 'has no kty of "RSA", "EC", "OKP" or "oct"'
    curve = ("crv",) if kind in _CURVED else ()
    for name in (*curve, *_NEEDED[kind]):
        if key.get(name) in (None, ""):
            return f"has no {name}"
    for name in (*curve, *_TEXTS):
        if not isinstance(key.get(name, ""), str | None):
            return f"has a field {name} that is no text"
    for name in (*_NEEDED[kind], *(_OF_PRIVATE[kind] if key.get("d") is not None else ())):
        if key.get(name) is not None and not _is_base64(key[name]):
            return f"has a field {name} that is not base64"
    operations = key.get("key_ops")
    if operations is not None and not (isinstance(operations, list) and all(isinstance(word, str) for word in operations)):
        return "has a field key_ops that is no list of texts"
    return ""


def _is_base64(value: Any) -> bool:
    """With the signs of URLs or the older ones, and filled up to a multiple of four or not filled up."""
    if not isinstance(value, str) or not re.fullmatch(_BASE64, value):
        return False
    return len(value) % 4 == 0 if value.endswith("=") else len(value) % 4 != 1
