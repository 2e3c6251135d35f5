"""What a change touched, and taking it back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.documents.patch import patched
from kubectl_meshfix.targets.field_reversal import ABSENT, changed_fields, reversal, still_holds

LEAVES = st.sampled_from([None, True, 0, 1, 1.5, "a", "b", ""])
KEYS = st.sampled_from(["name", "port", "labels", "a/b", "~", "x"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)
OBJECTS = st.dictionaries(st.sampled_from(["spec", "data", "rules"]), VALUES, max_size=3)


def back(before: Any, after: Any, now: Any, *, force: bool = False) -> tuple[Any, list[str]]:
    """What ``now`` becomes when the way from ``before`` to ``after`` is taken back, and the paths of conflicts."""
    operations, conflicts = reversal(now, list(changed_fields(before, after)), force=force)
    return patched(now, operations), [conflict.path for conflict in conflicts]


@given(OBJECTS, OBJECTS)
def test_taking_back_gives_what_was_there(before: Any, after: Any) -> None:
    """Whatever changed, where nobody has touched it since the first state comes back; a second time changes nothing."""
    assert back(before, after, after) == (before, [])
    assert back(before, after, before) == (before, [])


@given(OBJECTS, OBJECTS, OBJECTS)
def test_no_state_in_the_world_breaks_it(before: Any, after: Any, now: Any) -> None:
    """An object that became anything else is answered with operations that fit it, forced or not, and force leaves nothing to take back."""
    back(before, after, now)
    forced, _ = back(before, after, now, force=True)
    assert back(before, after, forced, force=True)[0] == forced


def service(*ports: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A Service."""
    return {"metadata": {"name": "cart", **metadata}, "spec": {"ports": list(ports)}}


WEB, HTTP, DB = {"name": "web", "port": 80}, {"name": "http-web", "port": 80}, {"name": "tcp-db", "port": 5432}


def test_what_others_did_beside_it_stays() -> None:
    """A label, a port in front and a change of another field are none of our business."""
    now = service(DB, {**HTTP, "targetPort": 8080}, labels={"team": "a"})

    assert back(service(WEB), service(HTTP), now) == (service(DB, {**WEB, "targetPort": 8080}, labels={"team": "a"}), [])


@pytest.mark.parametrize("key", ["name", "port", "containerPort", "number", "key", "host", "protocol"])
def test_an_item_is_known_by_any_key_that_names_it(key: str) -> None:
    """Where another item stands in front of it by now, that one is left alone."""
    before, after, other = {key: "a", "x": 1}, {key: "a", "x": 2}, {key: "b", "x": 2}

    assert back({"spec": [before]}, {"spec": [after]}, {"spec": [other, after]}) == ({"spec": [other, before]}, [])


def test_what_others_changed_is_refused() -> None:
    """A field that holds something else by now is told, and only force takes it back."""
    now = service({"name": "grpc-web", "port": 80})

    assert back(service(WEB), service(HTTP), now) == (now, ["/spec/ports/0/name"])
    assert back(service(WEB), service(HTTP), now, force=True) == (service(WEB), ["/spec/ports/0/name"])


def test_a_field_of_another_item_is_never_taken() -> None:
    """Where the port itself has gone, the one that stands in its place keeps its name, forced or not."""
    before, after = service({"port": 80}), service({"port": 80, "appProtocol": "http"})
    now = service({"port": 81, "appProtocol": "http"})

    assert back(before, after, now) == (now, ["/spec/ports/0/appProtocol"])
    assert back(before, after, now, force=True)[0] == now


def test_a_map_goes_with_its_last_field() -> None:
    """Labels that came with our label go with it, but not while there are others in them."""
    before, after = service(), service(labels={"app": "cart"})

    assert back(before, after, after)[0] == before
    assert back(before, after, service(labels={"app": "cart", "team": "a"}))[0] == service(labels={"team": "a"})


def test_a_map_comes_back_with_its_field() -> None:
    """The API server drops empty maps; the removed label comes back into a new one."""
    assert back(service(labels={"a/b": "c"}), service(labels={}), service())[0] == service(labels={"a/b": "c"})


def test_bookkeeping_of_the_server_is_no_field() -> None:
    """Versions, times and the status are the server's."""
    before = {"metadata": {"resourceVersion": "1", "generation": 1, "uid": "a", "creationTimestamp": None}, "status": {}}
    after = {"metadata": {"resourceVersion": "2", "generation": 2, "uid": "b", "managedFields": []}, "status": {"x": 1}}

    assert list(changed_fields(before, after)) == []
    assert next(changed_fields({}, {"a": 1})).before is ABSENT


def test_of_items_without_names_those_that_differ_are_touched() -> None:
    """In lists of one length, by their place; an item that is the same is none of the change's fields, and may be edited since."""
    before, after = ({"spec": [{"x": 1}, {"x": last}]} for last in (2, 3))

    assert [field.path for field in changed_fields(before, after)] == ["/spec/1"]
    assert back(before, after, {"spec": [{"x": 9}, {"x": 3}]}) == ({"spec": [{"x": 9}, {"x": 2}]}, [])


def test_an_item_without_a_name_is_found_at_its_place() -> None:
    """Where the list is shorter by now it is gone."""
    before, after = {"a": [{"x": 1}, {"x": 2}]}, {"a": [{"x": 1}, {"x": 3}]}

    assert back(before, after, {"a": [{"x": 9}, {"x": 3}]}) == ({"a": [{"x": 9}, {"x": 2}]}, [])
    assert back(before, after, {"a": [{"x": 1}]}) == ({"a": [{"x": 1}]}, ["/a/1"])
    assert back(before, after, {"a": [{"x": 1}]}, force=True) == ({"a": [{"x": 1}]}, ["/a/1"])


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ([{"x": 1}], [{"x": 2}], ["/spec/0"]),
        ([{"name": "a", "x": 1}], [{"name": "a", "x": 2}], ["/spec/0/x"]),
        ([{"name": "a", "port": 1}], [{"port": 1}], ["/spec/0/name"]),
        ([{"port": 1}], [{"name": "a", "port": 1}], ["/spec/0/name"]),
        ([{"name": "a", "port": 1}], [{"name": "b", "port": 1}], ["/spec/0/name"]),
        ([{"name": "a", "x": 1}], [{"name": "b", "x": 1}], ["/spec/0"]),
        ([{"name": "a", "x": 1}, {"name": "a", "x": 1}], [{"name": "a", "x": 1}, {"name": "a", "x": 2}], ["/spec/1"]),
        ([{"name": "a", "x": 1}], [{"name": "a", "x": 1}, {"name": "b"}], ["/spec"]),
        (["a"], ["b"], ["/spec"]),
        ([{"name": "a"}], ["a"], ["/spec"]),
        ({}, [], ["/spec"]),
    ],
)
def test_an_item_is_named_by_what_did_not_change(before: Any, after: Any, paths: list[str]) -> None:
    """By keys that it has before and after, where no other item has the same; else the whole item is what changed, or the whole list."""
    assert [field.path for field in changed_fields({"spec": before}, {"spec": after})] == paths


NAMED = ({"spec": [{"name": "a"}]}, {"spec": [{"name": "a", "m": {"k": 1}}]})
NAMELESS = ({"spec": [{"x": 1}]}, {"spec": [{"x": 2}]})


@pytest.mark.parametrize(
    ("change", "now", "path"),
    [
        (NAMED, {"spec": []}, "/spec/0/m/k"),
        (NAMED, {"spec": [{"m": {"k": 1}}, "name", {"name": "b"}]}, "/spec/0/m/k"),
        (NAMED, {"spec": {"0": {"name": "a", "m": {"k": 1}}}}, "/spec/0/m/k"),
        (NAMED, {"spec": "name"}, "/spec/0/m/k"),
        (NAMED, {}, "/spec/0/m/k"),
        (NAMELESS, {"spec": {"0": {"x": 3}}}, "/spec/0"),
        (NAMELESS, {}, "/spec/0"),
    ],
)
def test_an_item_is_gone_where_nothing_is_it(change: tuple[Any, Any], now: Any, path: str) -> None:
    """Whatever stands in its list's place by now; a map that came with its field is told with it."""
    found = reversal(now, list(changed_fields(*change)), force=True)

    assert found.operations == ()
    assert [(item.path, item.item_gone, item.now) for item in found.conflicts] == [(path, True, ABSENT)]


def test_who_is_gone_is_told_apart_from_what_changed() -> None:
    """A conflict of an item that is gone has no value now."""
    fields = list(changed_fields(service(WEB), service(HTTP)))
    gone, changed = reversal(service(DB), fields), reversal(service({"name": "x", "port": 80}), fields)

    assert [(item.item_gone, item.now) for item in gone.conflicts] == [(True, ABSENT)]
    assert [(item.item_gone, item.now) for item in changed.conflicts] == [(False, "x")]
    assert changed.operations == ()


def test_two_items_of_one_name_are_none() -> None:
    """Which of them is meant nobody knows."""
    before, after = service({"port": 80, "x": 1}), service({"port": 80, "x": 2})

    assert back(before, after, service({"port": 80, "x": 2}, {"port": 80, "x": 2}))[1] == ["/spec/ports/0/x"]


def test_what_still_holds() -> None:
    """Every field has what was written, wherever its item is by now; a map that came with them does not count."""
    fields = list(changed_fields(service(WEB), service(HTTP, labels={"a": "b"})))

    assert still_holds(service(HTTP, labels={"a": "b"}), fields)
    assert still_holds(service(DB, HTTP, labels={"a": "b", "c": "d"}), fields)
    assert not still_holds(service(HTTP), fields)
    assert not still_holds(service(WEB, labels={"a": "b"}), fields)
    assert not still_holds(service(DB, labels={"a": "b"}), fields)
