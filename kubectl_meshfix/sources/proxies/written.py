"""When objects were last written: what `managedFields` says of each, which lists are not read for."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote

import msgspec

from kubectl_meshfix.errors import MeshfixError
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.resources.meta import Key, Ref
from kubectl_meshfix.sources.api.pagination import collection_path

_MOST = 8
"""So many objects are read again."""


class _Writer(msgspec.Struct, frozen=True):
    time: str = ""
    subresource: str = ""


class _Meta(msgspec.Struct, frozen=True, rename="camel"):
    managed_fields: tuple[_Writer, ...] = ()


class _Written(msgspec.Struct, frozen=True):
    metadata: _Meta = _Meta()


def written(api: Api, objects: Iterable[Ref]) -> Mapping[Key, str]:
    """The last time (RFC 3339) at which each of the first objects was written, its status aside; those that cannot be read are left out."""
    found: dict[Key, str] = {}
    for ref in list(objects)[:_MOST]:
        kind = next((kind for kind in kinds.named(ref.kind) if kind.group == ref.group), None)
        if kind is None:
            continue
        try:
            answer = api.get(f"{collection_path(kind, ref.api_version.rpartition('/')[2], ref.namespace)}/{quote(ref.name)}")
            read = msgspec.json.decode(answer.body, type=_Written)
        except (MeshfixError, msgspec.MsgspecError):
            continue
        if times := [item.time for item in read.metadata.managed_fields if item.time and not item.subresource]:
            found[ref.key] = max(times)
    return found
