"""Objects that one file defines twice: whoever applies the file ends up with the later definition."""

from collections.abc import Sequence
from typing import Any

from kubectl_meshfix.mesh.problems import Problem
from kubectl_meshfix.resources.meta import Object, Ref
from kubectl_meshfix.sources.folder_tree import Name, name_of
from kubectl_meshfix.sources.manifest_objects import Place


class Earlier:
    """The objects of one file by their names, gathered where one may be there twice: the names of very many are as large as they are."""

    def __init__(self, objects: Sequence[Object]) -> None:
        self._objects, self._seen = objects, len(objects)
        self._numbers: dict[Name, int] = {}

    def before(self, number: int) -> int | None:
        """The last object before this one that has its name, and stands in the file, by their numbers."""
        self._numbers.update((name_of(self._objects[index]), index) for index in range(self._seen, number))
        self._seen = number
        return self._numbers.get(name_of(self._objects[number]))


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
