"""The names that kustomize gives an object on its way from a manifest to what is built."""

import os
from collections.abc import Iterator
from typing import Any

import msgspec

from kubectl_meshfix.sources.kustomize.kustomization import Kustomization, children, resource_files
from kubectl_meshfix.sources.kustomize.tree import Environment

UNNAMED = frozenset({"Namespace", "CustomResourceDefinition", "APIService"})
"""Kinds that get neither prefix nor suffix (`api/internal/builtins/PrefixTransformer.go`)."""

MOST = 2000
"""Ways through one environment; a tree of bases that share bases has many."""


class Listed(msgspec.Struct, frozen=True):
    """A manifest, and the kustomizations that it goes through, the one that lists it last."""

    file: str
    way: tuple[Kustomization, ...]


def listed_files(environment: Environment) -> Iterator[Listed]:
    """Every manifest of an environment, once for each way that it goes into it."""
    nodes = {part.key: part for part in environment.parts}
    stack: list[tuple[Kustomization, ...]] = [(environment.kustomization,)]
    for _ in range(MOST):
        if not stack:
            return
        way = stack.pop()
        for file in resource_files(way[-1]):
            yield Listed(file, way)
        for folder in children(way[-1]):
            child = nodes.get(os.path.realpath(folder))
            if child and child not in way:
                stack.append((*way, child))


def final_name(name: str, kind: str, way: tuple[Kustomization, ...]) -> str:
    """A manifest's name after all prefixes and suffixes."""
    if kind in UNNAMED:
        return name
    for part in reversed(way):
        name = f"{_text(part.value, 'namePrefix')}{name}{_text(part.value, 'nameSuffix')}"
    return name


def name_before(name: str, kind: str, own: Kustomization) -> str:
    """A built object's name before its environment's own prefix and suffix, which come after its patches."""
    if kind in UNNAMED:
        return name
    return name.removeprefix(_text(own.value, "namePrefix")).removesuffix(_text(own.value, "nameSuffix"))


def _text(value: dict[str, Any], field: str) -> str:
    return str(value.get(field) or "")
