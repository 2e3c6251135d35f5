"""Every field of an object as it is written, beside the few that are read into its Struct."""

from typing import Any

import msgspec

from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object

KEPT: frozenset[type[Object]] = frozenset(
    kind.struct for kind in kinds.KINDS if kind.group.endswith(".istio.io") or kind.group == "gateway.networking.k8s.io"
)
"""The kinds of which every field is kept: those whose fields are all known, Istio's and the Gateway API's."""


_LARGE = 65536
"""Bytes of a packed object from which on it stays as it is: what YAML's aliases repeat would be there many times."""


_NULL = b"\xc0"
"""Null in MessagePack; no text in UTF-8 has this byte, and a number that has it costs a look at the value."""


class Packed(msgspec.Struct, frozen=True, gc=False):
    """A plain value in a tenth of its memory."""

    content: bytes


def packed(value: Any) -> Any:
    """A value for ``Object.written``, which ``written`` unpacks."""
    content = msgspec.msgpack.encode(value)
    return Packed(content) if len(content) < _LARGE else value


def may_hold_nulls(obj: Object) -> bool:
    """Whether any value of an object may be null; of one that is packed the byte that stands for null tells, at almost no cost."""
    return not isinstance(obj.written, Packed) or _NULL in obj.written.content


class _Item(msgspec.Struct):
    spec: msgspec.Raw = msgspec.Raw(b"null")


class _Items(msgspec.Struct):
    items: list[_Item] | None = None


def specs(body: bytes) -> list[bytes]:
    """The spec of each item of a list, as JSON. Raises what ``msgspec.json.decode`` does."""
    return [bytes(item.spec) for item in msgspec.json.decode(body, type=_Items).items or ()]


def written(obj: Object) -> dict[str, Any] | None:
    """An object as plain values of JSON; of a cluster's without its status. None for a kind of which not every field is kept."""
    match obj.written:
        case dict() as value:
            return value
        case Packed(content=content):
            value = msgspec.msgpack.decode(content)
            return value if isinstance(value, dict) else None
        case bytes() as spec:
            meta = obj.metadata
            metadata = {"name": meta.name, "namespace": meta.namespace, "labels": meta.labels, "annotations": meta.annotations}
            return {"apiVersion": obj.api_version, "kind": obj.kind, "metadata": metadata, "spec": msgspec.json.decode(spec)}
    return None
