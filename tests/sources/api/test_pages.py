"""Long lists come in pages, whole or not at all."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.errors import ApiError, SourceError
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.api.pagination import list_pages
from tests.sources.api.test_connection import Reply, Serve, in_turn, serve, status, surroundings, to

__all__ = ["serve", "surroundings"]


def page(names: list[str], token: str = "") -> Reply:
    """A page of a list."""
    return Reply(200, msgspec.json.encode({"kind": "PodList", "metadata": {"continue": token}, "items": [{"n": name} for name in names]}))


def names(connection: Connection, **selectors: Any) -> list[str]:
    """The whole list, put together as a consumer does."""
    items: list[str] = []
    for part in list_pages(connection, "/pods", limit=2, **selectors):
        if part.first:
            items.clear()
        items += [item["n"] for item in json.loads(part.body)["items"]]
    return items


def test_a_long_list_comes_in_pages(serve: Serve) -> None:
    """Each page asks for the next with the token it got, and selectors go along every time."""
    server = serve(in_turn(page(["a", "b"], "t/1="), page(["c", "d"], "t2"), page(["e"])))

    assert names(to(server), label_selector="a in (b)", field_selector="x=y") == ["a", "b", "c", "d", "e"]
    selectors = "labelSelector=a%20in%20%28b%29&fieldSelector=x%3Dy"
    assert [request.path for request in server.requests] == [
        f"/pods?{selectors}&limit=2",
        f"/pods?{selectors}&limit=2&continue=t%2F1%3D",
        f"/pods?{selectors}&limit=2&continue=t2",
    ]


@pytest.mark.parametrize(("items", "decoded"), [('[{"n": "a"}]', [{"n": "a"}]), ("null", []), ('[{"n": 1}]', None)])
def test_a_page_says_whether_all_of_its_items_are_what_was_asked_for(
    serve: Serve, items: str, decoded: list[dict[str, str]] | None
) -> None:
    """They come decoded; where one is something else the page is left to who asked, and the list goes on all the same."""
    body = '{"kind": "PodList", "items": %s, "metadata": {"continue": "%s"}}'
    server = serve(in_turn(*(Reply(200, (body % (items, token)).encode()) for token in ("t", ""))))
    pages = list(list_pages(to(server), "/pods", "Pod", item=dict[str, str]))

    assert [None if part.items is None else [*part.items] for part in pages] == [decoded, decoded]


def test_a_list_that_grew_too_old_starts_again_whole(serve: Serve) -> None:
    """On 410 half-way the list is asked for once more without a limit, and the consumer forgets the first half."""
    server = serve(in_turn(page(["old"], "t"), status(410, "Expired", "too old"), page(["a", "b", "c"])))

    assert names(to(server)) == ["a", "b", "c"]
    assert server.requests[-1].path == "/pods"


def test_a_list_that_is_expired_from_the_start_is_an_error(serve: Serve) -> None:
    """A 410 that a fresh list cannot cure is not tried for ever."""
    with pytest.raises(ApiError) as caught:
        names(to(serve(lambda _: status(410, "Expired", "too old"))))

    assert caught.value.status == 410


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(200, b'{"kind": "ServiceList", "metadata": {}}'), "is a ServiceList and no list of that kind."),
        (Reply(404, b"404 page not found\n", [("Content-Type", "text/plain")]), "does not serve /pods."),
        (Reply(200, b'{"paths": []}'), "is not a Kubernetes list."),
        (Reply(200, b"OK", [("Content-Type", "text/plain")]), "is not a Kubernetes list."),
    ],
)
def test_what_is_no_list_is_never_an_empty_one(serve: Serve, reply: Reply, message: str) -> None:
    """An unknown kind and an answer of another shape are errors: "could not look" is not "clean"."""
    with pytest.raises(SourceError, match=message):
        names(to(serve(lambda _: reply)), kind="Pod")


@pytest.mark.parametrize("kind", ["", "List", "PodList"])
def test_a_list_may_say_of_what_it_is(serve: Serve, kind: str) -> None:
    """A server that names no kind, or a list of anything, is believed."""
    server = serve(lambda _: Reply(200, msgspec.json.encode({"kind": kind, "metadata": {}, "items": [{"n": "a"}]})))

    assert names(to(server), kind="Pod") == ["a"]


def test_an_error_half_way_is_an_error(serve: Serve) -> None:
    """Only what has grown too old is asked for again."""
    server = serve(in_turn(page(["a"], "t"), status(500, "InternalError", "etcd is gone")))

    with pytest.raises(ApiError) as caught:
        names(to(server))
    assert (caught.value.status, len(server.requests)) == (500, 2)


def test_a_page_says_how_many_objects_come_after_it(serve: Serve) -> None:
    """As far as the server does; a null is none."""
    metas = ({"continue": "t", "remainingItemCount": 7}, {"continue": "u", "remainingItemCount": None}, {"continue": None})
    replies = [Reply(200, msgspec.json.encode({"kind": "PodList", "metadata": meta, "items": []})) for meta in metas]

    assert [(part.first, part.remaining) for part in list_pages(to(serve(in_turn(*replies))), "/pods")] == [
        (True, 7),
        (False, 0),
        (False, 0),
    ]


def test_a_page_that_repeats_itself_ends_the_run(serve: Serve) -> None:
    """A token that was followed before would be followed for ever."""
    with pytest.raises(SourceError, match="never comes to an end: the server repeats a page"):
        names(to(serve(lambda _: page(["a"], "t"))))


@pytest.mark.parametrize(("limit", "path"), [(500, "/pods?limit=500"), (0, "/pods")])
def test_a_list_may_be_asked_for_in_one(serve: Serve, limit: int, path: str) -> None:
    """No limit is none in the request."""
    server = serve(lambda _: page(["a"]))
    list(list_pages(to(server), "/pods", limit=limit))
    list(list_pages(to(server), "/pods"))

    assert [request.path for request in server.requests] == [path, "/pods?limit=500"]
