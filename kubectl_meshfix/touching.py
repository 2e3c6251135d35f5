"""Which findings lie on the way of a request."""

from collections.abc import Iterable, Sequence

from kubectl_meshfix.chain.steps import Status
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.severity import Severity
from kubectl_meshfix.traffic.trace.answers import Trace


def touching(trace: Trace, findings: Iterable[Diagnosis]) -> Sequence[Diagnosis]:
    """The findings that concern a request: about a field that a step of its trace was decided by, or about an object that it fails at.

    A step that names a whole object says little of what is in it, unless it is one that failed, is odd, or is not known. Of an object with
    findings about the very field that decided, the others are left out: they are about other requests.
    """
    fields: dict[_Name, set[str]] = {}
    troubled: set[_Name] = set()
    for branch in trace.branches:
        for step in branch.steps:
            if step.at and not step.is_moot:
                name = _name(step.at.resource)
                if step.at.path not in _WHOLE:
                    fields.setdefault(name, set()).add(step.at.path)
                if step.status in _TELLING:
                    troubled.add(name)
    found = [item for item in findings if _concerns(item, fields, troubled)]
    at_field = {_name(item.resource) for item in found if _is_at(item, fields)}
    return [item for item in found if _is_at(item, fields) or _name(item.resource) not in at_field]


_Name = tuple[str, str, str | None, str]
_WHOLE = frozenset({"", "/spec", "/spec/template", "/spec/jobTemplate/spec/template"})
_TELLING = frozenset({Status.FAIL, Status.WARN, Status.UNKNOWN})


def _concerns(item: Diagnosis, fields: dict[_Name, set[str]], troubled: set[_Name]) -> bool:
    return _is_at(item, fields) or (_name(item.resource) in troubled and item.severity is not Severity.INFO)


def _is_at(item: Diagnosis, fields: dict[_Name, set[str]]) -> bool:
    return any(_is_near(item.path, path) for path in fields.get(_name(item.resource), ()))


def _name(ref: Ref) -> _Name:
    return ref.group, ref.kind, ref.namespace, ref.name


def _is_near(one: str, other: str) -> bool:
    """Whether one JSON pointer leads to the same place as another, or around it."""
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")
