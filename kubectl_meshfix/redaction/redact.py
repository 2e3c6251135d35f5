"""An object as plain values, disguised: its keys and structure stay, its words are replaced."""

from typing import Any

import msgspec

from kubectl_meshfix.mesh.overlay import LAST_APPLIED
from kubectl_meshfix.redaction.disguise import Disguise
from kubectl_meshfix.redaction.kept_words import WORD, kept_words
from kubectl_meshfix.resources import written
from kubectl_meshfix.resources.core import EnvVar
from kubectl_meshfix.resources.meta import Object

_SECRETIVE = frozenset({"password", "passwd", "secret", "token", "key", "credential", "credentials"})

SOURCES_OWN = "#"
"""What the names of fields begin with that no API server has."""


def redacted(obj: Object, disguise: Disguise) -> dict[str, Any]:
    """What is read of an object, as a manifest: of Istio's kinds every field, of the others those that rules look at.

    Nothing else goes along, such as the status that no rule reads.
    """
    kept = written.written(obj)
    fields = _fields(obj)
    rest = {key: value for key, value in (kept or fields).items() if key not in ("apiVersion", "kind", "metadata", "status")}
    status = {"status": fields["status"]} if "status" in fields else {}
    named = {"apiVersion": obj.api_version, "kind": obj.kind, "metadata": _replaced(obj.metadata, disguise)}
    return {**named, **_replaced(rest, disguise), **_replaced(status, disguise)}


def _fields(struct: msgspec.Struct) -> dict[str, Any]:
    """The fields of a Struct that are not as they would be without a word, by their names in JSON."""
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(struct):
        value = getattr(struct, field.name)
        usual = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        if not field.encode_name.startswith(SOURCES_OWN) and (field.required or value != usual):
            found[field.encode_name] = value
    return found


def _replaced(value: Any, disguise: Disguise) -> Any:
    match value:
        case EnvVar(name=name, value=given) if not _is_setting(name):
            return {"name": disguise.text(name), "value": disguise.whole(given)} if given else {"name": disguise.text(name)}
        case msgspec.Struct():
            return {key: _replaced(item, disguise) for key, item in _fields(value).items()}
        case dict():
            told = ((key, item) for key, item in value.items() if key != LAST_APPLIED)
            return {disguise.text(key) if isinstance(key, str) else key: _replaced(item, disguise) for key, item in told}
        case list() | tuple():
            return [_replaced(item, disguise) for item in value]
        case str():
            return disguise.text(value)
    return value


def _is_setting(name: str) -> bool:
    """Whether an environment variable is one of Istio's, and no secret by its name: rules read its value."""
    words = [word.lower() for word in WORD.findall(name)]
    return kept_words().issuperset(words) and not _SECRETIVE.intersection(words)
