"""What the rest of the program may ask of an API server, without knowing how it is reached."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from kubectl_meshfix.errors import SourceError

Query = Sequence[tuple[str, str]]
Some = TypeVar("Some")

NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises for bytes that are not JSON of the shape that is expected."""


class Response(msgspec.Struct, frozen=True):
    """An answer: ``headers`` with lower-case names (repeated ones joined by ", "), ``body`` decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def missing(self) -> bool:
        """Is there no such object, or no such kind (HTTP 404)?"""
        return self.status == 404


class Api(Protocol):
    """Raw requests against one cluster.

    ``path`` starts with a slash, below the server's address, its segments already percent-encoded; ``query`` is encoded here.
    Both methods return 2xx and 404, and raise ForbiddenError for 403, ApiError for other refusals and SourceError when no
    answer came.
    """

    def get(self, path: str, query: Query = ()) -> Response:
        """The object or list at ``path`` as JSON."""
        ...

    def request(  # noqa: PLR0913
        self,
        method: str,
        path: str,
        query: Query = (),
        *,
        body: bytes | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
    ) -> Response:
        """Any verb; a patch says which kind it is in ``content_type``."""
        ...


def decode_answer(body: bytes, shape: type[Some], what: str) -> Some:
    """An answer's JSON in the shape it must have. Raises SourceError, which names ``what`` was asked for, where it has another."""
    try:
        return msgspec.json.decode(body, type=shape)
    except NOT_JSON:
        raise unexpected(what) from None


def decode_object(body: bytes, kind: str, name: str = "") -> dict[str, Any]:
    """The object in an answer, as plain values; ``name`` is "" where the server makes one up.

    Raises SourceError where the answer is no JSON, or another object than the one that was asked for.
    """
    what = f"{kind} {name}".rstrip()
    document = decode_answer(body, dict[str, Any], what)
    metadata = document.get("metadata")
    if (
        document.get("kind", kind) != kind
        or not isinstance(metadata, dict)
        or metadata.get("name", "") != (name or metadata.get("name", ""))
    ):
        raise unexpected(what)
    return document


def unexpected(what: str) -> SourceError:
    """The error for an answer that is not what was asked for."""
    return SourceError(
        f"The server's answer to the request for {what} is something else.",
        "Something between you and the API server may have answered: check its address, your proxy and your VPN, and try again.",
    )
