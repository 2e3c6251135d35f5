"""Which findings lie on the way of a request."""

from collections.abc import Iterable, Sequence

from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.trace.answers import Trace


def touching(trace: Trace, findings: Iterable[Diagnosis]) -> Sequence[Diagnosis]:
    """The findings about a place that a step of the trace names, or about a place in it or around it."""
    places: dict[tuple[object, ...], set[str]] = {}
    for branch in trace.branches:
        for step in branch.steps:
            if step.at:
                places.setdefault(_name(step.at.resource), set()).add(step.at.path)
    return [item for item in findings if any(_is_near(item.path, path) for path in places.get(_name(item.resource), ()))]


def _name(ref: Ref) -> tuple[object, ...]:
    return ref.group, ref.kind, ref.namespace, ref.name


def _is_near(one: str, other: str) -> bool:
    """Whether one JSON pointer leads to the same place as another, or around it."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")
