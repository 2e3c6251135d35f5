"""One kind's objects, page by page: each page is decoded as it comes, and forgotten."""

from collections.abc import Callable
from typing import Any

import msgspec

from kubectl_meshfix.mesh.problems import Problem
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.api import decode_answer
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object, Ref
from kubectl_meshfix.resources.written import KEPT, specs
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.api.pagination import Page, collection_path, list_pages
from kubectl_meshfix.sources.decode import Misfit, decode
from kubectl_meshfix.sources.shared_parts import sharing

Progress = Callable[[str, int, int], None]
"""Told the kind, how many of it have come so far, and how many there are."""


class RawItems(msgspec.Struct):
    """A page of a list, its items as they are."""

    items: list[dict[str, Any]]


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
    share = sharing()
    path = collection_path(kind, version, namespace)
    for page in list_pages(connection, path, kind.kind, item=kind.struct, label_selector=labels, field_selector=fields):
        if page.first:
            objects.clear()
            problems.clear()
        found, misfits = _read(page, kind, f"{kind.group}/{version}" if kind.group else version)
        if kind.struct not in KEPT:
            share(found)
        objects += found
        problems += misfits
        progress(kind.plural, len(objects), len(objects) + page.remaining)
    return objects, problems


def _read(page: Page, kind: Kind, api_version: str) -> tuple[list[Any], list[Problem]]:
    """A page's objects, and what is wrong with the others. Where one does not decode, each is tried again without its nulls."""
    found: list[Any] = []
    problems: list[Problem] = []
    if page.items is not None:
        found = [*page.items]
        if kind.struct in KEPT:
            found = [msgspec.structs.replace(obj, written=spec) for obj, spec in zip(found, specs(page.body), strict=True)]
    else:
        for item in decode_answer(page.body, RawItems, kind.plural).items:
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
    return [obj for obj in found if not _is_made(obj)] if kind is kinds.REPLICA_SET else found, problems


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _is_made(replica_set: Object) -> bool:
    """A ReplicaSet of a Deployment or Rollout says nothing that those do not; there are ten of them for each."""
    controller = replica_set.metadata.controller
    return controller is not None and controller.kind in ("Deployment", "Rollout")
