"""Violation: one thing that istiod's webhook says about one object."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubectl_meshfix.resources.meta import Struct

Value = Any
"""A plain value of JSON: None, bool, int, float, str, a list of values, or a map of text to values."""

Fields = Mapping[str, Value]
"""A map of JSON by the names of its fields, as they are written. A field that is absent is Istio's default, and so is null."""

Violations = Iterator["Violation"]


class Violation(Struct, frozen=True):
    """One thing that istiod's webhook refuses in an object, or warns of.

    ``path`` is the JSON pointer of the culprit inside of the object, or of the map that lacks a field. ``says`` is what is wrong, as a
    sentence without its full stop, in the object's own words ("weight is 150, and a weight is 0 to 100"). ``effect`` is what Istio does
    with an object that holds it all the same, as a sentence without its full stop; empty where that is that the object is ignored or
    unchanged. ``is_warning`` is what the webhook admits with a warning. ``correction`` is the only value that can be meant, None where
    there is none; ``removes`` means that taking the field away says the same as before. ``is_unknown`` means that the schema has no
    field of this name, so that the API server drops it; then ``correction`` is the name that is meant, and ``is_by_version`` means that
    the schema of another version may have it. ``codes`` are the codes of others for it.
    """

    path: str
    says: str
    effect: str = ""
    is_warning: bool = False
    correction: Value = None
    removes: bool = False
    is_unknown: bool = False
    is_by_version: bool = False
    codes: tuple[str, ...] = ("IST0106",)


def warning(  # noqa: PLR0913 -- what is optional goes by its name
    path: str,
    says: str,
    *,
    effect: str = "",
    correction: Value = None,
    removes: bool = False,
    codes: tuple[str, ...] = ("IST0133",),
) -> Violation:
    """What the webhook admits with a warning."""
    return Violation(path=path, says=says, effect=effect, is_warning=True, correction=correction, removes=removes, codes=codes)


def refusals(found: Violations) -> Violations:
    """Without what is only warned of, where the webhook leaves warnings out: in subsets and ports, and in most matches of routes."""
    yield from (violation for violation in found if not violation.is_warning)
