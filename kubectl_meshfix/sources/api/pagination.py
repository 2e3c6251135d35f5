"""Long lists, a page at a time.

Mirrors client-go ``tools/pager/pager.go`` (eachListChunk): on 410 the whole list once more, without a limit.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from kubectl_meshfix.errors import ApiError, SourceError
from kubectl_meshfix.resources.api import NOT_JSON
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.sources.api.api_errors import kind_not_served
from kubectl_meshfix.sources.api.connection import Connection

LIMIT = 500
ADVICE = "Check the server's address in the kubeconfig."


class Page(msgspec.Struct, frozen=True):
    """``body`` is a whole list object as JSON. ``first``: the list starts here, and whatever came before counts for nothing.

    ``items`` are its objects; None where one of them is not what was asked for, so that ``body`` has to be read with more care.
    ``remaining`` is how many objects come after it, as far as the server tells; it does not where a selector chooses.
    """

    body: bytes
    first: bool
    items: Sequence[Any] | None = None
    remaining: int = 0


def collection_path(kind: Kind, version: str, namespace: str | None) -> str:
    """The URL path of a kind's list."""
    root = f"/apis/{kind.group}/{version}" if kind.group else f"/api/{version}"
    return f"{root}/namespaces/{namespace}/{kind.plural}" if namespace else f"{root}/{kind.plural}"


class _ListMeta(msgspec.Struct):
    next: str | None = msgspec.field(default=None, name="continue")
    remaining: int | None = msgspec.field(default=None, name="remainingItemCount")


class _Head(msgspec.Struct):
    metadata: _ListMeta
    kind: str = ""


def list_pages(  # noqa: PLR0913
    connection: Connection,
    path: str,
    kind: str = "",
    *,
    item: Any = msgspec.Raw,
    label_selector: str | None = None,
    field_selector: str | None = None,
    limit: int = LIMIT,
) -> Iterator[Page]:
    """The list of a ``kind`` at ``path``, ``limit`` objects a page (0 for all in one), each decoded as an ``item``, a type.

    A consumer drops what it has when ``first`` is true:

        for page in list_pages(connection, "/api/v1/pods", "Pod", item=Pod):
            if page.first:
                pods.clear()
            pods += page.items

    It is true once more where the continue token expired half-way (410) and the list starts again, unlimited. Raises ApiError
    with status 404 where the cluster does not know the kind, ForbiddenError where it may not be listed, SourceError otherwise.
    """
    selectors = [("labelSelector", label_selector), ("fieldSelector", field_selector)]
    query = [(name, value) for name, value in selectors if value]
    token, first = "", True
    followed: set[str] = set()
    decoder = msgspec.json.Decoder(msgspec.defstruct("List", [("items", list[item] | None, None)], bases=(_Head,)))
    while True:
        bounds = [("limit", str(limit))] if limit else []
        try:
            response = connection.get(path, [*query, *bounds, *([("continue", token)] if token else [])])
        except ApiError as error:
            if error.status != 410 or first:
                raise
            token, first, limit = "", True, 0
            continue
        if response.missing:
            raise kind_not_served(path, response, connection.kubeconfig)
        head, items = _decoded(decoder, response.body, connection.server + path, kind)
        token = head.metadata.next or ""
        if token in followed:
            raise SourceError(f"{connection.server}{path} never comes to an end: the server repeats a page.", ADVICE)
        followed.add(token)
        yield Page(response.body, first, items, head.metadata.remaining or 0)
        if not token:
            return
        first = False


def _decoded(decoder: msgspec.json.Decoder[Any], body: bytes, url: str, kind: str) -> tuple[_Head, Sequence[Any] | None]:
    """A page's head and its items, None where one of them is not what the decoder expects."""
    try:
        found = decoder.decode(body)
        items = found.items or ()
    except NOT_JSON:
        found, items = _head(body, url), None
    if kind and found.kind not in ("", "List", f"{kind}List"):
        raise SourceError(f"The answer of {url} is a {found.kind} and no list of that kind.", ADVICE)
    return found, items


def _head(body: bytes, url: str) -> _Head:
    try:
        return msgspec.json.decode(body, type=_Head)
    except NOT_JSON:
        raise SourceError(f"The answer of {url} is not a Kubernetes list.", ADVICE) from None
