"""When objects were last written: what `managedFields` says of each, which lists are not read for."""

from collections.abc import Iterable, Mapping

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


class _Found(msgspec.Struct, frozen=True):
    items: tuple[_Written, ...] = ()


def written(api: Api, objects: Iterable[Ref]) -> Mapping[Key, str]:
    """The last time (RFC 3339) at which each of the first objects was written, its status aside; those that cannot be read are left out.

    Each is listed by its name, which needs no other right than a trace has.
    """
    found: dict[Key, str] = {}
    for ref in list(objects)[:_MOST]:
        kind = next((kind for kind in kinds.named(ref.kind) if kind.group == ref.group), None)
        if kind is None:
            continue
        try:
            path = collection_path(kind, ref.api_version.rpartition("/")[2], ref.namespace)
            read = msgspec.json.decode(api.get(path, [("fieldSelector", f"metadata.name={ref.name}")]).body, type=_Found).items
        except (MeshfixError, msgspec.MsgspecError):
            continue
        if times := [item.time for one in read for item in one.metadata.managed_fields if item.time and not item.subresource]:
            found[ref.key] = max(times)
    return found
