"""Operations on a built object as operations on the manifest it comes from."""

from typing import Any

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.targets.kustomize.translating import translated

Json = dict[str, Any]

BUILT: Json = {"metadata": {"name": "x-a", "labels": {"app": "a"}}, "spec": {"ports": [{"name": "b"}, {"name": "a"}], "type": "x"}}
SOURCE: Json = {"metadata": {"name": "a"}, "spec": {"ports": [{"name": "a"}, {"name": "b"}], "type": "x"}}


def add(path: str, value: Any = 1) -> Operation:
    """What adds a value."""
    return Operation("add", path, value)


@pytest.mark.parametrize(
    ("operation", "built", "source", "found"),
    [
        (Operation("test", "/spec/type", "x"), BUILT, SOURCE, Operation("test", "/spec/type", "x")),
        (Operation("test", "/spec/type", "y"), BUILT, SOURCE, None),
        (Operation("replace", "/spec/type", "y"), BUILT, SOURCE, Operation("replace", "/spec/type", "y")),
        (Operation("replace", "/spec/ports/0/name", "c"), BUILT, SOURCE, Operation("replace", "/spec/ports/1/name", "c")),
        (Operation("replace", "/metadata/name", "c"), BUILT, SOURCE, None),
        (Operation("replace", "/metadata/labels", {}), BUILT, SOURCE, None),
        (Operation("replace", "/spec/other", "c"), BUILT, SOURCE, None),
        (Operation("replace", "/spec/other", 2), BUILT, {"spec": {"other": 1}}, None),
        (Operation("remove", "/a/b"), {"a": {"b": {}}}, {"a": {}}, None),
        (add("/a/z"), {"a": 5}, {"a": 5}, None),
        (Operation("remove", "/spec/ports/1"), BUILT, SOURCE, Operation("remove", "/spec/ports/0")),
        (Operation("remove", "/spec/ports/2"), BUILT, SOURCE, None),
        (Operation("remove", "/spec/type"), {"spec": {"type": None}}, {"spec": {}}, None),
        (Operation("remove", "/spec"), {"spec": {"type": {}}}, {"spec": {"type": {"a": 1}}}, None),
        (Operation("copy", "/spec/other", from_="/spec/type"), BUILT, SOURCE, None),
        (add("/spec/other"), BUILT, SOURCE, add("/spec/other")),
        (add("/spec/a~1b"), BUILT, SOURCE, add("/spec/a~1b")),
        (add("/spec/type", "y"), BUILT, SOURCE, add("/spec/type", "y")),
        (add("/metadata/name", "y"), BUILT, SOURCE, None),
        (add("/spec/ports/-"), BUILT, SOURCE, add("/spec/ports/-")),
        (add("/spec/ports/0"), BUILT, SOURCE, add("/spec/ports/1")),
        (add("/spec/ports/2"), BUILT, SOURCE, None),
        (add("/spec/ports/0/x"), BUILT, SOURCE, add("/spec/ports/1/x")),
        (add("/spec/type/x"), BUILT, SOURCE, None),
        (add("/spec/type/x"), {"spec": {"type": {}}}, SOURCE, None),
        (add("/spec/type/x/y"), {"spec": {"type": {"x": {}}}}, SOURCE, None),
        (add("/spec/type/x/y"), {"spec": {"type": {"x": {}}}}, {"spec": {"type": ["z"]}}, None),
        (add("/metadata/labels/x"), BUILT, SOURCE, add("/metadata/labels", {"x": 1})),
        (add("/metadata/labels"), BUILT, SOURCE, add("/metadata/labels")),
        (add("/a/b/c"), {"a": {"b": {}}}, {}, add("/a", {"b": {"c": 1}})),
        (add("/a/b/c~1d"), {"a": {"b": {}}}, {"a": {}}, add("/a/b", {"c/d": 1})),
        (add("/a/b/8080"), {"a": {"b": {}}}, {"a": {}}, add("/a/b", {"8080": 1})),
        (add("/a/b/-"), {"a": {"b": {}}}, {"a": {}}, add("/a/b", {"-": 1})),
        (add("/a/0/c"), {"a": [{}]}, {"a": {}}, None),
        (add("/a/0/c"), {"a": [{}]}, {}, None),
        (add("/a/b/-/c"), {"a": {"b": []}}, {"a": {}}, None),
        (add("/a/-/c/d"), {"a": []}, {"a": {}}, None),
    ],
)
def test_one_operation(operation: Operation, built: Json, source: Json, found: Operation | None) -> None:
    """At the same place where the two agree; maps that are not there are made, items of lists are not."""
    assert translated([operation], built, source) == (None if found is None else (found,))


@pytest.mark.parametrize(
    ("operations", "found"),
    [
        ([], ()),
        (
            [Operation("test", "/spec/ports/0/name", "b"), add("/spec/ports/0/x")],
            (Operation("test", "/spec/ports/1/name", "b"), add("/spec/ports/1/x")),
        ),
        ([add("/spec/a"), Operation("test", "/spec/type", "y")], None),
        ([add("/spec/a"), Operation("replace", "/metadata/name", "b")], None),
        ([add("/metadata/labels/x"), add("/metadata/labels/y")], None),
        ([add("/metadata/labels/x"), add("/spec/a")], (add("/metadata/labels", {"x": 1}), add("/spec/a"))),
        ([add("/spec/a"), add("/metadata/labels/x")], (add("/spec/a"), add("/metadata/labels", {"x": 1}))),
        ([Operation("remove", "/spec/type"), Operation("replace", "/spec/type", "y")], None),
    ],
)
def test_several_operations(operations: list[Operation], found: tuple[Operation, ...] | None) -> None:
    """All of them or none; a map is made once."""
    assert translated(operations, BUILT, SOURCE) == found


def test_a_map_is_made_where_another_is_changed() -> None:
    """Only what adds the same map stands in the way."""
    source: Json = {"metadata": {"name": "a"}, "spec": {"labels": {}}}
    built: Json = {"metadata": {"labels": {}}, "spec": {"labels": {}}}

    operations = [add("/spec/labels/y"), add("/metadata/labels/x")]

    assert translated(operations, built, source) == (add("/spec/labels/y"), add("/metadata/labels", {"x": 1}))
