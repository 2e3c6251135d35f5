"""Selectors that select nothing: the labels they were meant to have."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.meta import Ref


def select(resource: Ref, field: Sequence[str], labels: Mapping[str, str], meant: Mapping[str, str], risk: str) -> Fix:
    """Replace ``labels`` by ``meant``, value by value as far as the keys are the same."""
    wrong: list[tuple[str, Any, Any]] = [(pointer.join(*field), dict(labels), dict(meant))]
    if meant.keys() == labels.keys():
        wrong = [(pointer.join(*field, key), value, meant[key]) for key, value in labels.items() if meant[key] != value]
    operations = tuple(item for path, old, new in wrong for item in (Operation("test", path, old), Operation("replace", path, new)))
    patch = Patch(resource=resource, operations=operations)
    return Fix(summary=f"Select {spelt(meant)}.", safety=Safety.UNSAFE, risk=risk, patches=(patch,))


def nearly_selected(labels: Mapping[str, str], candidates: Iterable[Workload]) -> dict[str, str] | None:
    """The labels as they were most likely meant: each value that no candidate has replaced by the nearest one; None without any."""
    found = tuple(candidates)
    meant: dict[str, str] = {}
    for key, value in labels.items():
        values = {item.labels[key] for item in found if key in item.labels}
        near = value if value in values else nearest(value, values)
        if near is None:
            return None
        meant[key] = near
    return meant if any(is_subset(meant, item.labels) for item in found) else None


def labelled(labels: Mapping[str, str]) -> str:
    """Labels for a sentence: ``label app=cart``, ``labels app=cart, version=v1``."""
    return f"label{'s' if len(labels) > 1 else ''} {spelt(labels)}"


def spelt(labels: Mapping[str, str]) -> str:
    """Labels as kubectl's ``-l`` takes them."""
    return ", ".join(f"{key}={value}" for key, value in labels.items())
