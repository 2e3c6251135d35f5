"""Placeholders: what somebody or something still has to fill in before a document is what an API server would take."""

import re
from collections.abc import Iterator
from typing import Any

from kubectl_meshfix.documents import pointer

_PLACEHOLDER = re.compile(
    r"\{\{[^{}]*\}\}|\$\{[^{}]*\}|\$\([\w.-]+\)|%[A-Za-z_][\w-]*%|__[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*__"
    r"|<[A-Za-z_][\w .:-]*>|\{[A-Za-z_][\w.-]*\}",
)
_CAPITALS = re.compile(r"[A-Z][A-Z0-9_]{2,}")
_PART_IN_CAPITALS = r"(?:^|[./-])[A-Z][A-Z0-9]*_[A-Z0-9_]+(?=$|[./-])"
_AT_START = r"^\s*(?:- +)*(?:[\w./-]+:\s+|- +)(\{[A-Za-z_][\w.-]*\}|%[A-Za-z_][\w-]*%|<[A-Za-z_][\w .:-]*>)"

_PERCENT = re.compile(r"%[A-Za-z_][\w-]*%")
_BRACED_END = re.compile(r"\{[A-Za-z_][\w.-]*\}\Z")
_SEPARATORS = ("", " ", "\t", "\r", ",", "]", "}", ":", "#")
LONGEST = 100
"""Characters of a placeholder: nobody writes longer ones, and looking back costs no more."""

_READ = frozenset({
    "name", "generateName", "namespace", "namespaces", "notNamespaces",
    "labels", "matchLabels", "selector", "podSelector", "workloadSelector", "namespaceSelector", "objectSelector",
    "host", "hosts", "notHosts", "hostname", "hostnames", "sniHosts", "externalName", "addresses", "gateways", "exportTo", "subset",
    "port", "ports", "number", "portNumber", "targetPort", "containerPort", "protocol", "appProtocol",
    "image", "serviceAccountName", "serviceAccount", "serviceAccounts", "principals", "notPrincipals",
})  # fmt: skip
"""Keys whose values rules compare with each other: names, namespaces, hosts, labels and selectors, ports, images, identities."""

_TEXT = frozenset({
    "annotations", "data", "stringData", "binaryData", "command", "args", "env", "envFrom", "value", "inlineCode", "pluginConfig",
    "volumes", "volumeMounts", "status",
})  # fmt: skip
"""Keys below which braces, dollars and angle brackets are values: command lines, texts of ConfigMaps, Lua, templates of others."""

_MAPS = frozenset({"labels", "matchLabels", "selector"})
"""Keys that hold maps whose own keys count too."""


def in_text(text: str) -> str:
    """The first placeholder of a text; empty where there is none."""
    may_have_one = "{" in text or "<" in text or "%" in text or "$(" in text or "__" in text  # in half of the pattern's time
    found = _PLACEHOLDER.search(text) if may_have_one else None
    return found.group() if found else ""


def is_in_capitals(text: str) -> bool:
    """Whether a text is a word in capitals, such as ``JWKS_URI``, or has such a part with an underscore: ``cart.SHOP_NAMESPACE.svc``."""
    return _CAPITALS.fullmatch(text) is not None or re.search(_PART_IN_CAPITALS, text) is not None


def at_start(line: str) -> str:
    """The placeholder with which a line's value begins unquoted, where YAML may take it for syntax; empty where it does not."""
    found = re.match(_AT_START, line)
    return found.group(1) if found else ""


def at(line: str, column: int) -> str:
    """The placeholder that begins at a column of a line, or ends there with text right after it, as in brackets; empty where none does."""
    begins = _PERCENT.match(line, column)
    ends = _BRACED_END.search(line[:column][-LONGEST:]) if line[column : column + 1] not in _SEPARATORS else None
    return begins.group() if begins else ends.group() if ends else ""


def unfilled(value: Any, text: str) -> tuple[str, str] | None:
    """Where an object has a placeholder in a place that rules read, and the placeholder; None where it has none.

    ``{{ x }}``, ``${X}``, ``$(X)``, ``%X%``, ``__X__``, ``<x>`` and ``{x}`` count in names, namespaces, hosts, labels, selectors,
    ports, names of images and identities, a word in capitals in the object's own name and namespace. In command lines, environments,
    annotations, texts of ConfigMaps, patches of EnvoyFilters and the tag of an image they are values like others. YAML reads ``name:
    {x}`` as a map of one key without a value, which no such place can hold; ``text`` is the object's document, and tells it from
    others.
    """
    found = next((found for found in _places(value, "", read=False) if found[1] in text), None) if in_text(text) else None
    return found or _in_capitals(value)


def _in_capitals(value: Any) -> tuple[str, str] | None:
    """A name or namespace with a word in capitals, such as ``APP_NAME-active``: no object of the kinds that are read can be called so."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if not isinstance(metadata, dict):
        return None
    for key in ("name", "namespace"):
        name = metadata.get(key)
        if isinstance(name, str) and (word := _CAPITALS.search(name)):
            return f"/metadata/{key}", word.group()
    return None


def _places(value: Any, path: str, *, read: bool) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            if read and list(value.values()) == [None] and path.rpartition("/")[2] not in _MAPS:
                yield path, f"{{{next(iter(value))}}}"
                return
            for key, item in value.items():
                below = path + pointer.join(str(key))
                if path.rpartition("/")[2] in _MAPS and (found := in_text(str(key))):
                    yield below, found
                if key not in _TEXT:
                    yield from _places(_image_name(item) if key == "image" else item, below, read=read or key in _READ)
        case list():
            for index, item in enumerate(value):
                yield from _places(item, path + pointer.join(index), read=read)
        case str() if read and (found := in_text(value)):
            yield path, found


def _image_name(image: Any) -> Any:
    """An image without its tag, which may be filled in with every release."""
    if not isinstance(image, str):
        return image
    host, slash, name = image.partition("@")[0].rpartition("/")
    return f"{host}{slash}{name.partition(':')[0]}" if "{{" not in name else image
