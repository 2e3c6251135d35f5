"""Indexes: what keeps rules from looping over pods and Services."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from kubectl_meshfix.resources.core import Service

Made = TypeVar("Made")


def services_by_selector(services: Iterable[Service]) -> Mapping[tuple[str, str, str], list[Service]]:
    """Services by one pair of their selector: the pair shared by the fewest, so that a common label does not gather all."""
    selecting = [service for service in services if service.spec.selector]
    frequency: dict[tuple[str, str, str], int] = defaultdict(int)
    for service in selecting:
        for pair in service.spec.selector.items():
            frequency[(service.namespace, *pair)] += 1
    index: dict[tuple[str, str, str], list[Service]] = defaultdict(list)
    for service in selecting:
        index[min(((service.namespace, *pair) for pair in service.spec.selector.items()), key=lambda key: (frequency[key], key))].append(
            service
        )
    return index


def grouped(items: Iterable[Made], key: Callable[[Made], Any]) -> Mapping[Any, list[Made]]:
    """Items by a key, in their order."""
    groups: dict[Any, list[Made]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


def by_label(rows: Iterable[tuple[Made, str, Mapping[str, str]]]) -> Mapping[tuple[str | None, str, str], list[Made]]:
    """Items by namespace (None for all of them) and each pair of their labels; a row is an item, its namespace, its labels."""
    index: dict[tuple[str | None, str, str], list[Made]] = defaultdict(list)
    for item, namespace, labels in rows:
        for pair in labels.items():
            index[(namespace, *pair)].append(item)
            index[(None, *pair)].append(item)
    return index


def narrowest(
    index: Mapping[tuple[str | None, str, str], list[Made]], selector: Mapping[str, str], namespace: str | None, everything: Iterable[Made]
) -> Iterable[Made]:
    """The shortest list of candidates that holds all matches of a selector."""
    if not selector:
        return (item for item in everything if namespace is None or getattr(item, "namespace", None) == namespace)
    return min((index.get((namespace, *pair), []) for pair in selector.items()), key=len)
