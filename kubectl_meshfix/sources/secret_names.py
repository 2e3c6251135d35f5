"""Which of the Secrets that gateways need are there: each is asked for by its name, and the server sends its metadata alone."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import msgspec

from kubectl_meshfix.errors import ApiError, ForbiddenError
from kubectl_meshfix.mesh.coverage import Coverage, Refused
from kubectl_meshfix.resources.api import decode_answer
from kubectl_meshfix.resources.core import Secret
from kubectl_meshfix.resources.meta import Meta, Object, Struct
from kubectl_meshfix.sources.api.connection import Connection

METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
"""The representation of an object without its contents; a server that cannot send it refuses."""

_PARALLEL_REQUESTS = 6


class _Partial(Struct, frozen=True):
    metadata: Meta = Meta()


def read_secrets(connection: Connection, names: Sequence[tuple[str, str]]) -> tuple[list[Object], Coverage]:
    """The Secrets of some namespaces and names that are there, without what is in them, and which of them could be asked for.

    Where one is refused, no other of its namespace is asked for: a right that names single Secrets is rare, and each refusal is a line in
    the audit log.
    """
    by_namespace: dict[str, list[str]] = {}
    for namespace, name in names:
        by_namespace.setdefault(namespace, []).append(name)
    found: list[Object] = []
    refused: list[Refused] = []
    named: set[tuple[str, str]] = set()
    with ThreadPoolExecutor(_PARALLEL_REQUESTS) as pool:
        for namespace, (secrets, asked, reason) in zip(
            by_namespace, pool.map(lambda item: _of_namespace(connection, *item), by_namespace.items()), strict=True
        ):
            found += secrets
            named |= {(namespace, name) for name in asked}
            refused += [Refused(namespace, name, reason) for name in by_namespace[namespace] if name not in asked]
    if names and not named:
        return [], Coverage(reason=refused[0].reason)
    return found, Coverage(namespaces=frozenset(), named=frozenset(named), refused=tuple(refused))


def _of_namespace(connection: Connection, namespace: str, names: Sequence[str]) -> tuple[list[Secret], set[str], str]:
    """The Secrets that are there, the names that were answered for, and why the others were not."""
    found: list[Secret] = []
    asked: set[str] = set()
    for name in names:
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/secrets/{quote(name, safe='')}"
        try:
            answer = connection.request("GET", path, accept=METADATA)
        except (ForbiddenError, ApiError) as error:
            return found, asked, error.message.rstrip(".")
        asked.add(name)
        if not answer.missing:
            meta = decode_answer(answer.body, _Partial, name).metadata
            found.append(msgspec.structs.replace(Secret(metadata=meta), is_opaque=True))
    return found, asked, ""
