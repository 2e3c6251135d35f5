"""Single objects and short lists of a cluster, and a note of what was read and what was refused."""

from typing import Any
from urllib.parse import quote

from kubectl_meshfix.errors import ApiError, ForbiddenError
from kubectl_meshfix.mesh.coverage import COMPLETE, Coverage, Refused
from kubectl_meshfix.resources.api import decode_answer, decode_object
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Key, Object
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.api.pagination import collection_path, list_pages
from kubectl_meshfix.sources.decode import Misfit, decode
from kubectl_meshfix.sources.object_lists import Progress, RawItems, no_progress

_NOT_ASKED = "it was not requested"


class Reader:
    """Collects objects by their references' keys. ``refused`` says of a kind why something of it could not be read."""

    def __init__(self, connection: Connection, progress: Progress = no_progress) -> None:
        self.connection, self.progress = connection, progress
        self.objects: dict[Key, Object] = {}
        self.refused: dict[Kind, str] = {}
        self._read: dict[Kind, set[str]] = {}
        self._everywhere: set[Kind] = set()
        self._refused: dict[Kind, list[Refused]] = {}

    def get(self, kind: Kind, name: str, namespace: str | None, *, required: bool = False) -> Object | None:
        """One object by its name, or None. Raises ForbiddenError for a required one that may not be read."""
        try:
            answer = self.connection.get(f"{collection_path(kind, kind.versions[0], namespace)}/{quote(name, safe='')}")
        except ForbiddenError as error:
            if required:
                raise
            self.refused.setdefault(kind, error.message.rstrip("."))
            self._refused.setdefault(kind, []).append(Refused(namespace or "", name, error.message.rstrip(".")))
            return None
        self._note(kind, namespace)
        return None if answer.missing else self._kept(decode_object(answer.body, kind.kind, name), kind)

    def list(self, kind: Kind, namespace: str | None = None, *, labels: str = "", fields: str = "") -> list[Object]:
        """The objects of a kind, everywhere or in one namespace, with these labels and fields."""
        found: list[Object] = []
        path = collection_path(kind, kind.versions[0], namespace)
        try:
            for page in list_pages(self.connection, path, kind.kind, item=kind.struct, label_selector=labels, field_selector=fields):
                if page.first:
                    found.clear()
                if page.items is not None:
                    found += page.items
                else:
                    decoded = (decode(item, kind.struct) for item in decode_answer(page.body, RawItems, kind.plural).items)
                    found += (item for item in decoded if not isinstance(item, Misfit))
                self.progress(kind.plural, len(found), len(found) + page.remaining)
        except ForbiddenError as error:
            self.refused.setdefault(kind, error.message.rstrip("."))
            return []
        except ApiError as error:
            if error.status != 404:
                raise
        self.objects |= {obj.ref.key: obj for obj in found}
        self._note(kind, namespace)
        return found

    def coverage(self, kind: Kind) -> Coverage:
        """How much of a kind was read: where nothing was, why not."""
        if kind in self._everywhere:
            return COMPLETE
        if kind in self._read:
            return Coverage(namespaces=frozenset(self._read[kind]), refused=tuple(sorted(self._refused.get(kind, ()))))
        return Coverage(reason=self.refused.get(kind, _NOT_ASKED))

    def _kept(self, value: dict[str, Any], kind: Kind) -> Object | None:
        decoded = decode(value, kind.struct)
        if isinstance(decoded, Misfit):
            return None
        self.objects[decoded.ref.key] = decoded
        return decoded

    def _note(self, kind: Kind, namespace: str | None) -> None:
        if namespace is None:
            self._everywhere.add(kind)
        else:
            self._read.setdefault(kind, set()).add(namespace)
