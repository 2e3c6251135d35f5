"""Paths of fields as people write them, for jq and ``kubectl -o jsonpath``; programs get JSON pointers."""

import re

from kubectl_meshfix.documents.pointer import split

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def field_path(pointer: str) -> str:
    """``.metadata.labels["a/b"]`` for ``/metadata/labels/a~1b``, ``.spec.ports[0]`` for ``/spec/ports/0``; empty for the whole."""
    return "".join(_part(part) for part in split(pointer))


def _part(part: str) -> str:
    if part.isdecimal():
        return f"[{part}]"
    if _WORD.fullmatch(part):
        return f".{part}"
    quoted = part.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{quoted}"]'
