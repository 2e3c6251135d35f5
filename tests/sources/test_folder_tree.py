"""Environments of one name, and what keeps them apart."""

import pytest

from kubectl_meshfix.sources.surroundings import units
from tests.sources.test_surroundings import standing, together


def units_of(*folders: tuple[str, str, bool]) -> list[list[str]]:
    """The units of folders with a dev and a prod each: the folder, the name in both, and whether it names no namespace."""
    rows = [
        standing(f"{folder}/{env}/x.yaml", name, is_unplaced=is_unplaced)
        for folder, name, is_unplaced in folders
        for env in ("dev", "prod")
    ]
    return sorted(sorted(place.removesuffix(f":{place.rpartition(':')[2]}") for place in unit) for unit in together(*rows))


def both(*folders: str) -> list[list[str]]:
    """A unit for dev and one for prod of some folders."""
    return [[f"{folder}/{env}/x.yaml" for folder in folders] for env in ("dev", "prod")]


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        ([("a", "cart", False), ("b", "pay", False)], both("a", "b")),
        ([("a", "cart", True), ("b", "pay", True)], [*both("a"), *both("b")]),
        ([("a", "cart", True), ("b", "pay", False)], both("a", "b")),
        ([("a", "cart", True), ("b", "pay", False), ("c", "mail", True)], [*both("a", "b"), *both("c")]),
        ([("a", "cart", False), ("b", "pay", True), ("c", "mail", True)], [*both("a", "b"), *both("c")]),
        ([("a", "cart", True), ("b", "pay", True), ("c", "mail", False)], [*both("a", "c"), *both("b")]),
        ([("all/a", "cart", True), ("all/b", "pay", True)], [*both("all/a"), *both("all/b")]),
        ([("a", "cart", False), ("b", "cart", False)], [*both("a"), *both("b")]),
        ([("all/a", "cart", False), ("all/b", "cart", False)], [*both("all/a"), *both("all/b")]),
        ([("all/a", "cart", False), ("all/b", "cart", False), ("c", "pay", False)], [*both("all/a", "c"), *both("all/b")]),
        ([("a", "cart", False), ("b", "pay", False), ("c", "pay", False)], [*both("a", "b"), *both("c")]),
        ([("a", "cart", False), ("b", "pay", False), ("c", "cart", False)], [*both("a", "b"), *both("c")]),
    ],
)
def test_environments_of_one_name_meet_where_nothing_keeps_them_apart(
    folders: list[tuple[str, str, bool]], expected: list[list[str]]
) -> None:
    """Copies do, and two folders of samples; a folder that names its namespaces stands beside the first of others, wherever it lies."""
    assert units_of(*folders) == sorted(expected)


def test_one_object_without_a_namespace_makes_a_folder_of_samples() -> None:
    """Whatever else stands in it names one; a folder in which all do is apart from nothing."""
    rows = [
        standing("a/x.yaml", "a1", is_unplaced=True),
        standing("a/y.yaml", "a2"),
        standing("b/x.yaml", "b1", is_unplaced=True),
        standing("b/y.yaml", "b2"),
        standing("c/x.yaml", "c"),
    ]

    assert together(*rows) == {
        frozenset({"a/x.yaml:a1", "a/y.yaml:a2", "c/x.yaml:c"}),
        frozenset({"b/x.yaml:b1", "b/y.yaml:b2", "c/x.yaml:c"}),
    }


def test_files_beside_copies_are_alternatives_and_folders_are_not() -> None:
    """Of two files with one name people apply one; a folder is another place."""
    files = units([standing("one.yaml", "cart"), standing("two.yaml", "cart")])
    folders = units([standing("one/x.yaml", "cart"), standing("two/x.yaml", "cart")])
    mixed = units([standing("one.yaml", "cart"), standing("two/x.yaml", "cart")])

    assert [unit.alternatives for unit in files] == [frozenset({0}), frozenset({1})]
    assert [unit.alternatives for unit in folders] == [frozenset(), frozenset()]
    assert {unit.place.rpartition("/")[2]: unit.alternatives for unit in mixed} == {"one.yaml": frozenset({0}), "two": frozenset()}
