"""The fields of each kind, as CustomResourceDefinitions have them (`docs/fields.py` makes the tables)."""

import re
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import msgspec

from kubectl_meshfix.mesh.istio_keys.table import VERSION
from kubectl_meshfix.validation.violation import Fields

Plain = type[str] | type[bool] | type[int]

_FIELDS = Path(__file__).parents[1] / "fields"

_PLAIN: dict[str, Plain] = {"string": str, "boolean": bool, "integer": int}

GATEWAY_API = "1.6"
"""The version of the Gateway API whose fields the tables have, and that Istio's of these tables supports."""

_NAME = re.compile(r"[A-Za-z]{1,63}\.(?:[a-z]+\.istio\.io|gateway\.networking\.k8s\.io)")


class Node(msgspec.Struct, frozen=True, dict=True, rename="camel"):
    """What a value may be; parts are numbers of nodes. Bounds are None where there are none.

    ``free`` allows any other field, ``values`` are those of a map of any names, ``keys`` tell the entries of a list apart.
    """

    type: str = ""
    enum: tuple[Any, ...] = ()
    format: str = ""
    pattern: str = ""
    required: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    min_properties: int | None = None
    max_properties: int | None = None
    free: bool = False
    properties: dict[str, int] = {}
    values: int | None = None
    items: int | None = None
    keys: tuple[str, ...] = ()
    at_most_one: tuple[tuple[str, ...], ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def plain(self) -> Plain | None:
        """The only thing that counts of a value, its type; None where more does."""
        is_bound = self.enum or self.format or self.pattern or self.min_length or self.max_length is not None
        return None if is_bound or self.minimum is not None or self.maximum is not None else _PLAIN.get(self.type)

    @cached_property
    def is_counted(self) -> bool:
        """Whether it matters which fields of a map are there, or how many."""
        return bool(self.at_most_one or self.exactly_one or self.min_properties is not None or self.max_properties is not None)


class Table(msgspec.Struct, frozen=True):
    """The nodes of a kind, and the number of each version's ``spec``; ``requires`` says that there has to be one.

    ``release`` is what has exactly these fields.
    """

    versions: dict[str, int]
    nodes: tuple[Node, ...]
    requires: bool = False
    release: str = ""


def table(value: Fields) -> Table | None:
    """The table of an object's kind; None for a kind that is neither Istio's nor of the Gateway API."""
    group = str(value.get("apiVersion") or "").rpartition("/")[0]
    return _table(f"{value.get('kind')}.{group}")


@cache
def _table(name: str) -> Table | None:
    if not _NAME.fullmatch(name):
        return None
    try:
        written = (_FIELDS / f"{name}.json").read_bytes()
    except FileNotFoundError:
        return None
    release = f"Istio {VERSION}" if name.endswith(".istio.io") else f"Gateway API {GATEWAY_API}"
    return msgspec.structs.replace(msgspec.json.decode(written, type=Table), release=release)
