"""One place in two versions of an object."""

from typing import Any

import pytest

from kubectl_meshfix.sources.kustomize.alignment import Aligned, align, existing, found_at, item_index

A, B, C = ({"name": name} for name in "abc")
PORTS: dict[str, Any] = {"spec": {"ports": [{"name": "a"}, {"name": "b"}], "type": "x"}}


@pytest.mark.parametrize(
    ("own", "index", "others", "found"),
    [
        ([A, B], 1, [B, A], 0),
        ([A, B], 1, [A], None),
        ([A, A], 1, [A, A], 1),
        ([A], 0, ["x", A], 1),
        ([{"name": None, "x": 1}], 0, [{"y": 2}], None),
        ([{"name": None, "x": 1}], 0, [{"name": None, "x": 2}, {"x": 1}], None),
        ([{**A, "x": 1}], 0, [B, {**A, "x": 2}], 1),
        ([{"port": 80}], 0, [{"port": 80}, {"port": 80, "x": 1}], 0),
        ([1, 2], 1, [2, 1], 0),
        ([2, 1, 2], 2, [2, 1, 2], 2),
        ([2, 1, 2], 2, [2, 2], None),
        ([2, 1, 2, 3], 2, [2, 1, 2], 2),
        ([{"x": 1}], 0, [{"x": 2}], None),
        ([5], 0, [6], 0),
        ([5, 6], 1, [7], None),
        ([{"x": 1, "y": 1}], 0, [{"x": 1, "y": 2}], 0),
        ([{"x": 1, "y": 1}], 0, [{"z": 1, "y": 1}], 0),
        ([{"x": 1, "y": 1}], 0, [{"x": 1, "y": 2}, {"x": 3}], None),
        ([], 0, [], None),
        ([{"x": 1}], 0, ["x"], None),
        (["x"], 0, [{"x": 1}], None),
        ([["x"]], 0, [["y"]], 0),
        ([{"key": "a", "host": "h"}], 0, [{"key": "b", "host": "h"}, {"key": "a", "host": "i"}], 1),
    ],
)
def test_an_item_is_found_by_its_name_its_value_or_its_place(own: list[Any], index: int, others: list[Any], found: int | None) -> None:
    """By the key that tells items apart, else by an equal value, else by its place in a list as long; where two fit, by none."""
    item = own[index] if own else 7
    assert item_index(item, index, own, others) == found


@pytest.mark.parametrize("key", ["name", "port", "containerPort", "mountPath", "number", "key", "host", "ip", "topologyKey"])
def test_keys_that_tell_items_apart(key: str) -> None:
    """An item that has another place and other fields is found by any of them."""
    assert item_index({key: "x", "a": 1}, 0, [7], [{key: "y", "a": 1}, {key: "x", "a": 2}, {}]) == 1


@pytest.mark.parametrize(
    ("one", "other", "path", "found"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "/a/b", Aligned("/a/b", (), 2)),
        ({"a": {"b": 1}}, {"a": {"c": 2}}, "/a/b/x", Aligned("/a", ("b", "x"), {"c": 2})),
        ({"a": [A, B]}, {"a": [B, A]}, "/a/0/name", Aligned("/a/1/name", (), "a")),
        ({"a": [A, B]}, {"a": [B, A]}, "/a/2", Aligned("/a", ("2",), [B, A])),
        ({"a": [A, B]}, {"a": [B, A]}, "/a/-", Aligned("/a", ("-",), [B, A])),
        ({"a": [A, B]}, {"a": [B, A]}, "/a/²", Aligned("/a", ("²",), [B, A])),
        ({"a": {"0": A}}, {"a": [A]}, "/a/0", Aligned("/a", ("0",), [A])),
        ({"a": [A]}, {"a": {"0": A}}, "/a/0/name", Aligned("/a/0/name", (), "a")),
        ({"a": ["x"]}, {"a": "y"}, "/a/0", Aligned("/a", ("0",), "y")),
        ({"a": [A]}, {"a": None}, "/a/0", Aligned("/a", ("0",), None)),
        ({"a": [A]}, {"a": "text"}, "/a/0", Aligned("/a", ("0",), "text")),
        ({}, {"a": [A]}, "/a/0", Aligned("/a", ("0",), [A])),
        ({"a/b": 1}, {"a/b": 2}, "/a~1b", Aligned("/a~1b", (), 2)),
        ({"a": 1}, {"a": 2}, "", Aligned("", (), {"a": 2})),
    ],
)
def test_a_place_in_the_other_version(one: Any, other: Any, path: str, found: Aligned) -> None:
    """As far as the other version has it, with what is left of the pointer."""
    assert align(one, other, path) == found
    assert found.is_whole is (found.rest == ())


@pytest.mark.parametrize(
    ("path", "there", "value"),
    [
        ("", "", PORTS),
        ("/spec/ports/1/name", "/spec/ports/1/name", "b"),
        ("/spec/ports/1", "/spec/ports/1", {"name": "b"}),
        ("/spec/ports/2", "/spec/ports", None),
        ("/spec/ports/2/name", "/spec/ports", None),
        ("/spec/ports/01", "/spec/ports", None),
        ("/spec/ports/²", "/spec/ports", None),
        ("/spec/ports/-", "/spec/ports", None),
        ("/spec/ports/name", "/spec/ports", None),
        ("/spec/ports/0/name/0", "/spec/ports/0/name", None),
        ("/spec/type/0", "/spec/type", None),
        ("/spec/selector/app", "/spec", None),
        ("/kind", "", None),
    ],
)
def test_as_much_of_a_path_as_there_is(path: str, there: str, value: Any) -> None:
    """Keys of maps and positions in lists, up to the first that is not there; a value only where all of it is."""
    assert existing(PORTS, path) == there
    assert found_at(PORTS, path) == value
