"""THE table of what istiod checks of each kind."""

from collections.abc import Callable, Mapping

from kubectl_meshfix.validation.violation import Fields, Violations

Check = Callable[[Fields, Fields], Violations]
"""What is refused or warned of in a spec, with the object's metadata; it is only asked where every type is right."""

CHECKS: Mapping[tuple[str, str], tuple[Check, ...]] = {}
"""By API group and kind. A kind without a row has no checks but those of its schema."""


def violations(value: Fields) -> Violations:
    """What is refused or warned of in a whole object."""
    group, kind = str(value.get("apiVersion") or "").rpartition("/")[0], str(value.get("kind") or "")
    for check in CHECKS.get((group, kind), ()):
        yield from check(value.get("spec") or {}, value.get("metadata") or {})
