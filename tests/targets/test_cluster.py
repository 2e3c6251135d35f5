"""One patch and one dry run: what the server may answer, and what becomes of it."""

import contextlib
from typing import Any

import pytest

from kubectl_meshfix.errors import ApiError, ForbiddenError, MeshfixError, SourceError, TargetError
from kubectl_meshfix.fixes.plan import Plan
from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.targets import cluster
from kubectl_meshfix.targets.cluster import GoneError, MovedError, cluster_uid, object_path, preview, read_object, send, try_on_server
from tests.targets.server import AWAY, DENIED, GONE, Server, change

pytestmark = pytest.mark.usefixtures("at_once")


@pytest.mark.parametrize(
    ("errors", "tries", "lacks", "accepted"),
    [
        ([], 2, [], 2),
        ([GONE], 3, [], 2),
        ([DENIED], 2, [False], 1),
        ([ForbiddenError('User "me" cannot patch resource "services"')], 2, [True], 2),
        ([ForbiddenError('admission says: User "me" may not')], 2, [False], 1),
        ([ApiError('User "me" cannot patch resource "services"', status=422)], 2, [False], 1),
        ([GONE, GONE, GONE], 4, [False], 1),
        ([GONE, GONE, GONE, GONE], 4, [False, False], 0),
    ],
)
def test_a_dry_run_tells_who_is_refused(errors: list[MeshfixError], tries: int, lacks: list[bool], accepted: int) -> None:
    """A server that faltered at three tries gets one more for each other change; who lacks the right sees what would be changed."""
    server, looked, asked = Server(), list[str](), list[str]()
    original = server.request

    def request(*arguments: Any, **options: Any) -> Response:
        asked.append("")
        if errors:
            raise errors.pop(0)
        return original(*arguments, **options)

    server.request = request  # type: ignore[method-assign]
    found = preview(Plan(changes=(change("a"), change("b")), held=()), server, on_server=True, tried=lambda ref: looked.append(ref.name))

    assert len(asked) == tries
    assert looked == ["a", "b"]
    assert [row.lacks_right for row in found.refused] == lacks
    assert len(found.accepted) == accepted
    assert [item.by_server for item in found.accepted] == [not any(lacks)] + [True] * (accepted - 1) if accepted else True


@pytest.mark.parametrize(
    ("status", "is_status", "falters"),
    [(499, True, False), (500, True, True), (503, True, True), (422, True, False), (404, False, True), (429, False, False)],
)
def test_which_errors_may_pass(status: int, is_status: bool, falters: bool) -> None:
    """Those of the server itself and of what stands before it; not what the API server answered, nor that it has no time."""
    error = ApiError("no", status=status)
    error.is_status = is_status

    assert cluster.is_server_error(error) is falters


@pytest.mark.parametrize("is_status", [True, False])
def test_a_refusal_may_pass_where_something_else_said_it(is_status: bool) -> None:
    """A proxy that answers 403 may let the next request through; the API server will not. Of what we find ourselves nothing passes."""
    error = ForbiddenError("no")
    error.is_status = is_status

    assert cluster.is_server_error(error) is not is_status
    assert cluster.is_server_error(AWAY)
    assert not cluster.is_server_error(TargetError("no"))


def test_between_tries_the_server_gets_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as much before each, and none after the last."""
    monkeypatch.setattr(cluster, "PAUSE", 0.5)
    waits = list[float]()
    monkeypatch.setattr("time.sleep", waits.append)
    server = Server()
    before = read_object(change("a").resource, server)
    for errors in ([GONE, GONE], [GONE, GONE, GONE]):
        server.trials = list(errors)
        with pytest.raises(ApiError) if len(errors) == cluster.TRIES else contextlib.nullcontext():
            try_on_server(change("a"), before, server)

    assert waits == [0.5, 1.0, 0.5, 1.0]
    server.trials = [GONE]
    with pytest.raises(ApiError):
        try_on_server(change("a"), before, server, 1)
    assert len(waits) == 4


@pytest.mark.parametrize(
    ("ref", "path"),
    [
        (Ref("v1", "Service", "shop", "cart"), "/api/v1/namespaces/shop/services/cart"),
        (Ref("v1", "Namespace", None, "shop"), "/api/v1/namespaces/shop"),
        (Ref("networking.istio.io/v1", "Gateway", "shop", "a:b"), "/apis/networking.istio.io/v1/namespaces/shop/gateways/a%3Ab"),
    ],
)
def test_an_object_has_a_path(ref: Ref, path: str) -> None:
    """By its group, version, namespace and plural, as the API has them."""
    assert object_path(ref) == path


def test_a_kind_that_nobody_knows_has_no_path() -> None:
    """Its plural is not to be guessed."""
    with pytest.raises(TargetError, match="Thing shop/cart has a kind that meshfix does not know"):
        object_path(Ref("example.com/v1", "Thing", "shop", "cart"))


CART = Ref("v1", "Service", "shop", "cart")
WHOLE = '{"kind": "Service", "metadata": {"name": "cart", "namespace": "shop", "uid": "u", "resourceVersion": "1"}}'


def answering(status: int, text: str) -> Server:
    """A server that gives one answer to whatever is read."""
    server = Server()
    server.get = lambda *_: Response(status, {}, text.encode())  # type: ignore[method-assign]
    return server


@pytest.mark.parametrize(
    ("status", "text", "error"),
    [
        (200, WHOLE, None),
        (404, '{"kind": "Status"}', GoneError),
        (404, '{"kind": "Service"}', SourceError),
        (404, "<html>", SourceError),
        (200, '{"kind": "Status"}', SourceError),
        (200, WHOLE.replace('"uid": "u"', '"uid": 1'), SourceError),
        (200, WHOLE.replace('"uid": "u", ', ""), SourceError),
        (200, WHOLE.replace(', "resourceVersion": "1"', ""), SourceError),
        (200, WHOLE.replace("shop", "bank"), SourceError),
        (200, WHOLE.replace('"namespace": "shop", ', ""), SourceError),
        (200, WHOLE.replace("cart", "till"), SourceError),
    ],
)
def test_an_answer_is_the_object_or_a_status(status: int, text: str, error: type[MeshfixError] | None) -> None:
    """It is gone where the API server itself says so; anything else may come from something before it."""
    server = answering(status, text)
    if not error:
        assert read_object(CART, server)["metadata"]["uid"] == "u"
        return
    with pytest.raises(error) as raised:
        read_object(CART, server)
    assert type(raised.value) is error


def test_what_has_no_namespace_may_say_so_with_an_empty_one() -> None:
    """As some servers write it."""
    space = WHOLE.replace("Service", "Namespace").replace('"namespace": "shop"', '"namespace": ""')

    assert read_object(Ref("v1", "Namespace", None, "cart"), answering(200, space))["metadata"]["namespace"] == ""


def test_a_cluster_is_told_by_the_uid_of_its_own_namespace() -> None:
    """Where that may not be read, or is not there, nothing tells."""
    system = WHOLE.replace("Service", "Namespace").replace('"namespace": "shop", ', "").replace("cart", "kube-system")
    server = Server()
    server.unreadable = ForbiddenError("no")

    assert cluster_uid(answering(200, system)) == "u"
    assert [cluster_uid(api) for api in (server, answering(404, '{"kind": "Status"}'))] == ["", ""]


@pytest.mark.parametrize(
    ("step", "status", "is_status", "raised"),
    [
        ("moved", 422, True, MovedError),
        ("moved", 409, True, MovedError),
        ("moved", 400, True, ApiError),
        ("moved", 500, True, ApiError),
        ("moved", 422, False, ApiError),
        ("", 422, True, ApiError),
        ("made anew", 422, True, MovedError),
    ],
)
def test_a_patch_that_failed_on_what_moved_is_told_from_one_that_is_refused(
    step: str, status: int, is_status: bool, raised: type[MeshfixError]
) -> None:
    """By the object, which is another one or another version by now, where the API server said that something did not fit."""
    server = Server()
    before, (error, original) = read_object(change("a").resource, server), (ApiError("no", status=status), server.request)
    error.is_status = is_status

    def request(*arguments: Any, **options: Any) -> Response:
        if step:
            server.steps = [step]
            with pytest.raises(ApiError):
                original(*arguments, **options)
        raise error

    server.request = request  # type: ignore[method-assign]
    with pytest.raises(raised) as found:
        send(change("a"), before, server, dry_run=False)
    assert type(found.value) is raised
