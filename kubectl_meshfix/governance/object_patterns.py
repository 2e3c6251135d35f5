"""Patterns that name objects the way a report's headings do: ``Service shop/cart``, ``Service shop/legacy-*``, ``* shop/*``."""

import difflib
import fnmatch
import re
from collections.abc import Callable

from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import UNPLACED, Ref

FORM = 'Write it as a report names the object, with * for any text: "Service shop/cart", "* shop/*", "Namespace shop".'

FILE = "File"
"""Stands for a kind where a finding is about a file and no object of it."""


def why_invalid(pattern: str) -> str:
    """Why a pattern can match nothing, as a sentence; empty where it may match."""
    kind, _, name = pattern.partition(" ")
    if pattern == "*" or _is_glob(kind):
        return "" if name or pattern.startswith("*") else f'"{pattern}" does not name an object.'
    known = {item.kind: item for item in kinds.KINDS}
    if kind != FILE and kind not in known:
        meant = [item.kind for item in kinds.named(kind)] or difflib.get_close_matches(kind, [*known, FILE], n=1)
        near = f'; did you mean "{meant[0]}"?' if meant else "."
        return f'"{pattern}" does not begin with a kind that meshfix reads{near}'
    if not name:
        return f'"{pattern}" names a kind but no object.'
    return ""


def names(ref: Ref) -> tuple[str, ...]:
    """An object's name in reports; an object of files that names no namespace is known by the one that kubectl would take, too."""
    kind = kinds.of(ref.api_version, ref.kind)
    if ref.namespace or not kind or not kind.namespaced:
        return (str(ref),)
    return (str(ref), f"{ref.kind} {UNPLACED}/{ref.name}")


def matcher(pattern: str) -> Callable[[str], object]:
    """Whether an object's name in reports is what a pattern means. ``*`` goes over slashes too."""
    return re.compile(fnmatch.translate(pattern)).match


def namespace(pattern: str) -> str | None:
    """The one namespace that a pattern speaks of, empty for cluster-scoped objects; None where it may be any."""
    place, slash, _ = pattern.partition(" ")[2].partition("/")
    if _is_glob(place):
        return None
    return place if slash else ""


def _is_glob(text: str) -> bool:
    return any(char in text for char in "*?[")
