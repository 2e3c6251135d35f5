"""What the rest of the program may ask of an API server, without knowing how it is reached."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

Query = Sequence[tuple[str, str]]


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
