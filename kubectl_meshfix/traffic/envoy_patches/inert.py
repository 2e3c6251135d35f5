"""Patches that istiod never applies: it finds nothing that they match, or has no use for their operation."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import msgspec

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.proxies import ConfigPatch
from kubectl_meshfix.traffic.envoy_patches import reach
from kubectl_meshfix.traffic.envoy_patches.filters import (
    FILTER,
    HTTP_FILTER,
    IN_LISTENER,
    LISTENER_FILTER,
    NETWORK_FILTER,
    SUB_FILTER,
    WAYPOINT,
    context,
    given_names,
    named,
    positioned,
)

_FILTERS = frozenset({HTTP_FILTER, NETWORK_FILTER, LISTENER_FILTER})
_MERGES = frozenset({"MERGE", "MERGE_AND_REPLACE_LIST"})
_INSERTS = frozenset({"INSERT_FIRST", "INSERT_BEFORE", "INSERT_AFTER"})
_ALL = _MERGES | _INSERTS | {"ADD", "REMOVE"}
_APPLIED: Mapping[str, frozenset[str]] = {
    "LISTENER": _ALL,
    "FILTER_CHAIN": _ALL,
    "CLUSTER": _ALL,
    LISTENER_FILTER: _ALL | {"REPLACE"},
    NETWORK_FILTER: _ALL | {"REPLACE"},
    HTTP_FILTER: _ALL | {"REPLACE"},
    "ROUTE_CONFIGURATION": _MERGES,
    "VIRTUAL_HOST": _ALL | {"REPLACE"},
    "HTTP_ROUTE": _ALL,
    "EXTENSION_CONFIG": _INSERTS | {"ADD"},
}
"""The operations that istiod carries out on each kind of object (`pilot/pkg/networking/core/envoyfilter`).

An insertion is an ADD where order says nothing (`pilot/pkg/model/envoyfilter.go convertToEnvoyFilterWrapper`). What is not listed here is
not known here.
"""

_OLD_TYPE = re.compile(r"type\.googleapis\.com/envoy\.[\w.]*\bv2(alpha\d*)?\.[\w.]+")


class Cause(Enum):
    """Why a patch is never applied."""

    RETIRED_NAME = "retired name"
    OPERATION = "operation"
    NO_FILTER = "no filter named"
    """A removal or replacement that does not say of which filter."""
    OLD_TYPE = "type of Envoy's v2 API"


class Inert(msgspec.Struct, frozen=True):
    """Why a patch is never applied, the JSON pointer of the culprit below the patch, what stands there, and what would be right.

    ``instead`` maps places below the patch to their values of today, and is empty where nobody can tell.
    """

    cause: Cause
    pointer: str
    written: str
    instead: Mapping[str, tuple[str, str]] = {}


def inert(mesh: Mesh, patch: ConfigPatch) -> Inert | None:
    """Why istiod never applies a patch, whatever the proxy; None where it may, and for waypoints."""
    operation = patch.patch.operation if patch.patch else ""
    applied = _APPLIED.get(patch.apply_to)
    if not operation or applied is None or context(patch) == WAYPOINT:
        return None
    if operation not in applied:
        return Inert(Cause.OPERATION, "/patch/operation", operation)
    is_of_today = reach.is_of_today(mesh, patch)
    if is_of_today and operation != "REMOVE" and (old := _old_type(patch.patch.value if patch.patch else None, ("patch", "value"))):
        return Inert(Cause.OLD_TYPE, *old)
    if patch.apply_to not in _FILTERS:
        return None
    if operation in ("REMOVE", "REPLACE") and not positioned(patch):
        return Inert(Cause.NO_FILTER, "/patch/operation", operation)
    return _retired(mesh, patch) if is_of_today else None


def _retired(mesh: Mesh, patch: ConfigPatch) -> Inert | None:
    """A match by a name that Envoy retired in 1.14, which istiod gives to no filter, and no EnvoyFilter either."""
    places = (IN_LISTENER,) if patch.apply_to == LISTENER_FILTER else (FILTER, SUB_FILTER)
    names = {place.pointer: (name, place.retired[name]) for place in places if (name := named(patch, place)) in place.retired}
    wrong = {pointer: pair for pointer, pair in names.items() if pair[0] not in given_names(mesh)}
    if not wrong:
        return None
    first = next(iter(wrong))
    return Inert(Cause.RETIRED_NAME, first, wrong[first][0], wrong)


def _old_type(value: Any, place: Sequence[str | int]) -> tuple[str, str] | None:
    """The first type of Envoy's v2 API in a value, which istiod cannot read, and its JSON pointer."""
    return next(_old_types(value, tuple(place)), None)


def _old_types(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                if key == "@type" and isinstance(item, str) and _OLD_TYPE.fullmatch(item):
                    yield join(*place, key), item
                else:
                    yield from _old_types(item, (*place, str(key)))
        case list():
            for number, item in enumerate(value):
                yield from _old_types(item, (*place, number))
