"""Cases of checks: what trips one, where it says so, and what at its edge does not."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from kubectl_meshfix.documents.pointer import split
from kubectl_meshfix.validation.violation import Fields, Violation, Violations
from tests.words import check

GONE: Any = object()
"""In a change: the field is taken away."""

Changes = Mapping[str, Any]
"""Values by JSON pointers into an object; an item of a list one after its last is added."""

Check = Callable[[Fields, Fields], Violations]


class Case(NamedTuple):
    """One check: in a sentence, what trips it, the path that it names, and what is just about admitted (None: the good object is)."""

    sentence: str
    trips: Changes
    path: str
    edge: Changes | None = None
    correction: Any = None
    removes: bool = False
    is_warning: bool = False


def changed(good: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """A copy of an object with some values changed; maps and lists on the way are made."""
    made = deepcopy(dict(good))
    for pointer, value in changes.items():
        *way, last = split(pointer)
        here: Any = made
        for part in way:
            here = here[int(part)] if isinstance(here, list) else here.setdefault(part, {})
        if value is GONE:
            del here[int(last) if isinstance(here, list) else last]
        elif isinstance(here, list):
            here[int(last) : int(last) + 1] = [deepcopy(value)]
        else:
            here[last] = deepcopy(value)
    return made


def found(check_of_kind: Check, thing: Mapping[str, Any]) -> list[Violation]:
    """What is said of an object, each thing well worded."""
    said = list(check_of_kind(thing["spec"], thing["metadata"]))
    for violation in said:
        assert not violation.says.endswith(".")
        assert check(violation.says + " " + violation.effect) == []
        assert violation.codes[0] == ("IST0133" if violation.is_warning else "IST0106")
    return said


def assert_case(check_of_kind: Check, good: Mapping[str, Any], case: Case) -> None:
    """The check is tripped by its own values, at its own path, and by nothing at the edge."""
    said = found(check_of_kind, changed(good, case.trips))

    assert {violation.path for violation in said} == {case.path}
    first = min(said, key=lambda violation: violation.is_warning)
    assert (first.is_warning, first.correction, first.removes) == (case.is_warning, case.correction, case.removes)
    assert found(check_of_kind, changed(good, case.edge or {})) == []
