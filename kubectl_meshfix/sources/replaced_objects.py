"""Objects that one file defines twice: whoever applies the file ends up with the later definition."""

from typing import Any

from kubectl_meshfix.mesh.problems import Problem
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.manifest_objects import Place


def replaced_by(ref: Ref, place: Place, later: Place, fields: tuple[str, ...]) -> Problem:
    """What is wrong with the earlier definition, and the ``fields`` that are lost with it."""
    reason = f"the later definition in line {later.location('').line} of this file replaces it. What only this one says is lost"
    advice = "Write both into one document, or give one of them another name."
    return Problem(
        resource=ref,
        path="",
        reason=reason,
        location=place.location(""),
        level="warning",
        evidence=tuple(f"{field} is lost" for field in fields),
        advice=advice,
    )


def lost(earlier: Any, later: Any, path: str = "") -> tuple[str, ...]:
    """The fields of an object, down to the second level, that a later definition does not have, or has with another value."""
    if not isinstance(earlier, dict) or not isinstance(later, dict) or path.count(".") > 1:
        return (path.removeprefix("."),) if earlier != later else ()
    return tuple(field for key, own in earlier.items() for field in lost(own, later.get(key), f"{path}.{key}"))
