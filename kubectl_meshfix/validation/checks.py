"""THE table of what istiod checks of each kind, and all that is refused or warned of in an object."""

from collections.abc import Callable, Mapping

from kubectl_meshfix.resources.embedded import without_nulls
from kubectl_meshfix.validation import peer_authentication
from kubectl_meshfix.validation.schema import walk
from kubectl_meshfix.validation.violation import Fields, Violations

Check = Callable[[Fields, Fields], Violations]
"""What is refused or warned of in a spec, with the object's metadata; it is only asked where every value has the right type."""

CHECKS: Mapping[tuple[str, str], tuple[Check, ...]] = {
    ("security.istio.io", "PeerAuthentication"): (peer_authentication.violations,),
}
"""By API group and kind. A kind without a row has no checks but those of its schema."""


def violations(value: Fields) -> Violations:
    """What is refused or warned of in a whole object: by its schema, or where that has nothing to say by what istiod checks."""
    found = tuple(walk.violations(value))
    yield from found or checked(value)


def checked(value: Fields) -> Violations:
    """What istiod refuses or warns of in an object that fits its schema. A null is a field that is absent."""
    group, kind = str(value.get("apiVersion") or "").rpartition("/")[0], str(value.get("kind") or "")
    if checks := CHECKS.get((group, kind)):
        spec, metadata = without_nulls(value.get("spec") or {}), value.get("metadata") or {}
        for check in checks:
            yield from check(spec, metadata)
