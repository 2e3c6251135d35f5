"""One kind's objects, page by page: each page is decoded as it comes, and forgotten."""

from collections.abc import Callable
from typing import Any

import msgspec

from kubectl_meshfix.mesh.problems import Problem
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.api import NOT_JSON, decode_answer
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object, Ref
from kubectl_meshfix.resources.written import KEPT, specs
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.api.pagination import collection_path, list_pages
from kubectl_meshfix.sources.decode import Misfit, decode

Progress = Callable[[str, int, int], None]
"""Told the kind, how many of it have come so far, and how many there are."""


class RawItems(msgspec.Struct):
    """A page of a list, its items as they are."""

    items: list[dict[str, Any]] | None = None


def no_progress(_kind: str, _count: int, _total: int) -> None:
    """Progress that nobody looks at."""


def list_objects(  # noqa: PLR0913
    connection: Connection, kind: Kind, version: str, namespace: str | None, progress: Progress, *, labels: str = "", fields: str = ""
) -> tuple[list[Object], list[Problem]]:
    """The objects of a kind in a namespace, or in all, and what did not decode. Raises ForbiddenError, ApiError and SourceError.

    ``labels`` and ``fields`` are selectors.
    """
    objects: list[Object] = []
    problems: list[Problem] = []
    read = _reader(kind, version)
    path = collection_path(kind, version, namespace)
    for page in list_pages(connection, path, kind.kind, label_selector=labels, field_selector=fields):
        if page.first:
            objects.clear()
            problems.clear()
        read(page.body, objects, problems)
        progress(kind.plural, len(objects), len(objects) + page.remaining)
    return objects, problems


def _reader(kind: Kind, version: str) -> Callable[[bytes, list[Object], list[Problem]], None]:
    """A function that adds a page's objects to a list. Items that do not decode are tried again without their nulls, one by one."""
    api_version = f"{kind.group}/{version}" if kind.group else version
    typed: msgspec.json.Decoder[Any] = msgspec.json.Decoder(msgspec.defstruct("Items", [("items", list[kind.struct] | None, None)]))  # type: ignore[name-defined]

    def add(body: bytes, objects: list[Object], problems: list[Problem]) -> None:
        try:
            found: list[Object] = typed.decode(body).items or []
            if kind.struct in KEPT:
                found = [msgspec.structs.replace(obj, written=spec) for obj, spec in zip(found, specs(body), strict=True)]
        except NOT_JSON:
            found = []
            for item in decode_answer(body, RawItems, kind.plural).items or []:
                decoded = decode(item, kind.struct)
                if isinstance(decoded, Misfit):
                    meta = item.get("metadata")
                    place = meta if isinstance(meta, dict) else {}
                    ref = Ref(api_version, kind.kind, _text(place.get("namespace")) or None, _text(place.get("name")))
                    problems.append(Problem(resource=ref, path=decoded.path, reason=decoded.reason))
                else:
                    found.append(decoded)
        if found and found[0].api_version != api_version:
            found = [msgspec.structs.replace(obj, api_version=api_version) for obj in found]
        objects += (obj for obj in found if not _is_made(obj)) if kind is kinds.REPLICA_SET else found

    return add


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _is_made(replica_set: Object) -> bool:
    """A ReplicaSet of a Deployment or Rollout says nothing that those do not; there are ten of them for each."""
    controller = replica_set.metadata.controller
    return controller is not None and controller.kind in ("Deployment", "Rollout")
