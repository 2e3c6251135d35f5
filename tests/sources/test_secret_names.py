"""Secrets of a cluster: which of them are there, and nothing that is in them."""

from types import SimpleNamespace
from typing import Any, cast

from kubectl_meshfix.errors import ForbiddenError
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.resources.core import Secret
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.secret_names import read_secrets


def test_who_may_ask_for_none_is_told_why() -> None:
    """The first refusal stands for all; where none is wanted, nothing is refused."""

    def request(_method: str, path: str, **_more: Any) -> Response:
        raise ForbiddenError(f"You may not read {path.rpartition('/')[2]}.")

    connection = cast("Connection", SimpleNamespace(request=request))

    assert read_secrets(connection, [("a", "one"), ("b", "two")]) == ([], Coverage(reason="You may not read one"))
    assert read_secrets(connection, []) == ([], Coverage(namespaces=frozenset()))


def test_names_are_escaped_on_their_way() -> None:
    """A slash in one would lead to another object."""
    asked: list[str] = []

    def request(_method: str, path: str, **_more: Any) -> Response:
        asked.append(path)
        return Response(404, {}, b"")

    read_secrets(cast("Connection", SimpleNamespace(request=request)), [("a/b", "c/../d")])

    assert asked == ["/api/v1/namespaces/a%2Fb/secrets/c%2F..%2Fd"]


def test_secrets_are_asked_for_by_name_and_without_contents() -> None:
    """One that is there is known, one that is not is known not to be, and after a refusal no other of the namespace is asked for."""
    asked: list[tuple[str, str]] = []

    def request(method: str, path: str, *, accept: str, **_more: Any) -> Response:
        assert method == "GET"
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
    assert {accept for _, accept in asked} == {"application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}
    assert len(asked) == 3
