"""What undo says of a field that somebody else changed, and who that was."""

from typing import Any

import pytest

from kubectl_meshfix.targets.field_reversal import ABSENT, Conflict, Field
from kubectl_meshfix.targets.undo import conflict_messages, field_manager

PATH = "/spec/ports/0/name"


@pytest.mark.parametrize(
    ("conflict", "words"),
    [
        (Conflict(Field(PATH, "web", "http-web"), PATH, "grpc"), 'was changed to "grpc" since; apply wrote "http-web"'),
        (Conflict(Field(PATH, "web", "http-web"), PATH, ABSENT), 'was removed since; apply wrote "http-web"'),
        (Conflict(Field(PATH, "web", ABSENT), PATH, "grpc"), 'was set to "grpc" since; apply removed it'),
        (
            Conflict(Field(PATH, "web", "http-web"), PATH, ABSENT, item_gone=True),
            'belongs to a list item that does not exist any more; apply wrote "http-web"',
        ),
        (
            Conflict(Field(PATH, "web", ABSENT), PATH, ABSENT, item_gone=True),
            "belongs to a list item that does not exist any more; apply wrote nothing",
        ),
        (Conflict(Field(PATH, "a", "b" * 78), PATH, 1), f'was changed to 1 since; apply wrote "{"b" * 78}"'),
        (Conflict(Field(PATH, "a", "b" * 79), PATH, 1), f'was changed to 1 since; apply wrote "{"b" * 78}…'),
    ],
)
def test_each_conflict_is_told_with_both_values(conflict: Conflict, words: str) -> None:
    """What is there now and what apply wrote or removed; a long value is cut at 80 characters."""
    assert list(conflict_messages({}, [conflict])) == [f"{PATH} {words}"]


def entry(manager: str, time: str, fields: Any) -> dict[str, Any]:
    """Who manages fields, since when."""
    return {"manager": manager, "time": time, "fieldsV1": fields}


NAME: dict[str, Any] = {"f:spec": {"f:ports": {'k:{"port":80,"protocol":"TCP"}': {"f:name": {}}}}}
PORTS = {"ports": [{"name": "web", "port": 80, "protocol": "TCP"}, {"name": "other", "port": 81, "protocol": "TCP"}]}


@pytest.mark.parametrize(
    ("rows", "path", "manager"),
    [
        ([entry("helm", "1", NAME)], PATH, "helm"),
        ([entry("helm", "1", NAME), entry("kubectl-edit", "2", NAME)], PATH, "kubectl-edit"),
        ([entry("kubectl-edit", "2", NAME), entry("helm", "1", NAME)], PATH, "kubectl-edit"),
        ([entry("helm", "1", NAME)], "/spec/ports/1/name", ""),
        ([entry("helm", "1", NAME)], "/spec/ports/2/name", ""),
        ([entry("helm", "1", NAME)], "/spec/ports/x/name", ""),
        ([entry("helm", "1", NAME)], "/spec/ports/0/port", ""),
        ([entry("helm", "1", NAME)], "/metadata/labels/a", ""),
        ([entry("helm", "1", {"f:metadata": {"f:labels": {"f:a": {}}}})], "/metadata/labels/a", "helm"),
        ([entry("helm", "1", {"f:metadata": {"f:labels": {}}})], "/metadata/labels/a", "helm"),
        ([entry("helm", "1", {"f:spec": {"f:ports": {"k:{": {"f:name": {}}}}})], PATH, ""),
        ([entry("helm", "1", {"f:spec": {"f:ports": {'v:{"port":80,"protocol":"TCP"}': {"f:name": {}}}}})], PATH, ""),
        ([entry("helm", "1", {"f:spec": {"f:ports": {"k:{}": {"f:name": {}}}}})], "/spec/ports/2/name", ""),
        ([entry("helm", "1", {"f:metadata": {"f:name": {"f:0": {}}}})], "/metadata/name/0", ""),
        ([entry("helm", "1", {"f:metadata": {"f:generation": {"k:{}": {}}}})], "/metadata/generation/0", ""),
        ([entry("helm", "1", {"f:metadata": {"f:finalizers": {'k:{"name":"a"}': {}}}})], "/metadata/finalizers/0", ""),
        ([entry("helm", "1", "fields")], PATH, ""),
        (["helm", None], PATH, ""),
        ("helm", PATH, ""),
        (None, PATH, ""),
    ],
)
def test_the_last_manager_of_a_field_is_who_changed_it(rows: Any, path: str, manager: str) -> None:
    """Items of lists are found by the keys that the server tells them apart by; who owns a whole map owns what is in it."""
    metadata = {"managedFields": rows, "labels": {"a": "b"}, "name": "cart", "generation": 5, "finalizers": ["name"]}
    document = {"metadata": metadata, "spec": PORTS}

    assert field_manager(document, path) == manager


@pytest.mark.parametrize(("manager", "by"), [("helm", " by helm"), ("kubectl-meshfix", " by a later apply")])
def test_who_changed_it_is_named(manager: str, by: str) -> None:
    """The tool itself is named as a later run."""
    document = {"metadata": {"managedFields": [entry(manager, "1", NAME)]}, "spec": PORTS}

    (told,) = conflict_messages(document, [Conflict(Field(PATH, "web", "http-web"), PATH, "grpc")])
    assert told == f'{PATH} was changed to "grpc" since{by}; apply wrote "http-web"'
