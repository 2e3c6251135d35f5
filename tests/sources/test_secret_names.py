"""Secrets of a cluster: which of them are there, and nothing that is in them."""

from types import SimpleNamespace
from typing import Any, cast

from kubectl_meshfix.errors import ForbiddenError
from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.resources.core import Secret
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.secret_names import METADATA, read_secrets


def test_secrets_are_asked_for_by_name_and_without_contents() -> None:
    """One that is there is known, one that is not is known not to be, and after a refusal no other of the namespace is asked for."""
    asked: list[tuple[str, str]] = []

    def request(_method: str, path: str, *, accept: str, **_more: Any) -> Response:
        asked.append((path, accept))
        if "/closed/" in path:
            raise ForbiddenError("You may not get secrets in closed.")
        if path.endswith("/there"):
            body = b'{"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": {"name": "there", "namespace": "shop"}}'
            return Response(200, {}, body)
        return Response(404, {}, b'{"kind": "Status", "code": 404}')

    connection = cast("Connection", SimpleNamespace(request=request))
    found, coverage = read_secrets(connection, [("closed", "a"), ("closed", "b"), ("shop", "absent"), ("shop", "there")])

    (secret,) = found
    assert isinstance(secret, Secret)
    assert (secret.name, secret.is_opaque, secret.data) == ("there", True, {})
    assert coverage.holds("shop", "absent")
    assert not coverage.holds("shop", "another")
    assert not coverage.holds("closed", "a")
    assert not coverage.holds("closed", "b")
    assert {accept for _, accept in asked} == {METADATA}
    assert len(asked) == 3
