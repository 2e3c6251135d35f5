"""Where the objects of files stand, in little memory."""

from array import array
from collections.abc import Iterator, Mapping
from functools import cached_property

from kubectl_meshfix.documents.reading.manifests import Origin
from kubectl_meshfix.resources.meta import Key, Object


class Origins(Mapping[Key, Origin]):
    """Where objects stand, by the keys of their references. The table is made when one is asked for: of very many few are, or none."""

    def __init__(self) -> None:
        self._objects: list[Object] = []
        self._files: list[str] = []
        self._prefixes: list[str] = []
        self._documents: array[int] = array("q")

    def add(self, obj: Object, origin: Origin) -> int:
        """An object and its place; the number under which ``at`` knows it."""
        self._objects.append(obj)
        self._files.append(origin.file)
        self._prefixes.append(origin.prefix)
        self._documents.append(origin.document)
        self.__dict__.pop("_numbers", None)
        return len(self._objects) - 1

    def at(self, number: int) -> tuple[Object, Origin]:
        """What was added, by its number."""
        return self._objects[number], Origin(self._files[number], self._documents[number], self._prefixes[number])

    @cached_property
    def _numbers(self) -> dict[Key, int]:
        return {obj.ref.key: number for number, obj in enumerate(self._objects)}

    def __getitem__(self, key: Key) -> Origin:
        return self.at(self._numbers[key])[1]

    def __iter__(self) -> Iterator[Key]:
        return (obj.ref.key for obj in self._objects)

    def __len__(self) -> int:
        return len(self._objects)
