"""Names of a kind's objects, without the objects."""

from collections.abc import Sequence

import msgspec

from kubectl_meshfix.errors import ApiError, ForbiddenError
from kubectl_meshfix.resources.api import decode_answer
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.api.pagination import collection_path

_NAMES_ONLY = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"


class _Meta(msgspec.Struct):
    name: str


class _Item(msgspec.Struct):
    metadata: _Meta


class _Items(msgspec.Struct):
    items: list[_Item] | None = None


def list_names(connection: Connection, kind: Kind, namespace: str | None) -> Sequence[str]:
    """The first few hundred names, in one namespace or everywhere; none where they may not be listed. Raises SourceError."""
    for version in kind.versions:
        try:
            answer = connection.request("GET", collection_path(kind, version, namespace), [("limit", "500")], accept=_NAMES_ONLY)
        except (ForbiddenError, ApiError):
            return ()
        if not answer.missing:
            return [item.metadata.name for item in decode_answer(answer.body, _Items, kind.plural).items or ()]
    return ()
