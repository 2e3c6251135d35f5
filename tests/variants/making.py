"""Changes of manifests by chance: the same ones at every run, on every version of Python."""

import random
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml

Some = TypeVar("Some")

OTHERS = ("default", "other", "*", "", "x", "istio-system", "http", "tcp", "TLS", "v2", "true", "prod.example.com")
"""Texts that are put where another one was, beside those of the manifests themselves."""

PICKED: Mapping[str, Mapping[str, Sequence[int]]] = yaml.safe_load(Path(__file__).with_name("picked.yaml").read_text("utf-8"))
"""More variants than the first ones, by the file they are told in and by what they change: their numbers.

Each decides a condition that no other test decides, as ``make mutants WEAK=yes`` tells.
"""

NUMBERS = (0, 1, 80, 443, 8080, 15006, 1337, 65536, -1)


class Variant(NamedTuple):
    """Manifests that are changed, and what was done to them, in words."""

    documents: list[dict[str, Any]]
    changes: tuple[str, ...]


class _Place(NamedTuple):
    """A value in a mapping or a list."""

    parent: Any
    key: Any
    path: str

    @property
    def value(self) -> Any:
        return self.parent[self.key]


def variant(documents: Sequence[dict[str, Any]], seed: str) -> Variant:
    """One or two changes of manifests."""
    rng = random.Random(seed)
    changed = deepcopy(list(documents))
    return Variant(changed, tuple(changed_once(changed, rng) for _ in range(1 + (rng.random() < 0.4))))


def chosen(rng: random.Random, items: Sequence[Some]) -> Some:
    """``random.choice``, whose draws differ between versions of Python."""
    return items[int(rng.random() * len(items))]


def changed_once(documents: list[dict[str, Any]], rng: random.Random) -> str:
    """Change manifests in one place. Returns what was done, in words."""
    if rng.random() < 0.15:
        return chosen(rng, (_without, _twice, _elsewhere))(documents, rng)
    document = chosen(rng, documents)
    name = _name(document)
    places = [place for place in _places(document, "") if place.path not in ("/apiVersion", "/kind", "/metadata")]
    if not places:
        return "nothing"
    place = chosen(rng, places)
    made = chosen(rng, (_removed, _replaced, _replaced, _repeated))(place, documents, rng)
    return f"{name} {place.path} {made}"


def _name(document: dict[str, Any]) -> str:
    return f"{document.get('kind')} {document.get('metadata', {}).get('name')}"


def _without(documents: list[dict[str, Any]], rng: random.Random) -> str:
    if len(documents) == 1:
        return "nothing"
    gone = documents.pop(int(rng.random() * len(documents)))
    return f"without {_name(gone)}"


def _twice(documents: list[dict[str, Any]], rng: random.Random) -> str:
    first = chosen(rng, documents)
    other = deepcopy(first)
    other.setdefault("metadata", {})["name"] = f"{first.get('metadata', {}).get('name', '')}-2"
    documents.append(other)
    return f"{_name(other)} beside its like"


def _elsewhere(documents: list[dict[str, Any]], rng: random.Random) -> str:
    document = chosen(rng, documents)
    document.setdefault("metadata", {})["namespace"] = to = chosen(rng, ("other", "istio-system", "shop"))
    return f"{_name(document)} in {to}"


def _removed(place: _Place, documents: list[dict[str, Any]], rng: random.Random) -> str:
    del place.parent[place.key]
    return "removed"


def _repeated(place: _Place, documents: list[dict[str, Any]], rng: random.Random) -> str:
    if not isinstance(place.parent, list):
        return _replaced(place, documents, rng)
    place.parent.append(deepcopy(place.value))
    return "once more"


def _replaced(place: _Place, documents: list[dict[str, Any]], rng: random.Random) -> str:
    match place.value:
        case bool(value):
            place.parent[place.key] = not value
        case int():
            place.parent[place.key] = chosen(rng, (place.value + 1, *NUMBERS, *_like(documents, int)))
        case str():
            place.parent[place.key] = chosen(rng, (place.value + "x", *OTHERS, *_like(documents, str)))
        case list() | dict():
            place.parent[place.key] = type(place.value)()
        case _:
            place.parent[place.key] = "x"
    return f"= {place.value!r}"


def _like(documents: Sequence[Any], kind: type) -> list[Any]:
    return [place.value for place in _places(documents, "") if type(place.value) is kind]


def _places(value: Any, path: str) -> Iterator[_Place]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield _Place(value, key, f"{path}/{key}")
        yield from _places(item, f"{path}/{key}")
