"""THE table of what istiod checks of each kind, and all that is refused or warned of in an object."""

from collections.abc import Callable, Mapping

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
    """What istiod refuses or warns of in an object that fits its schema."""
    group, kind = str(value.get("apiVersion") or "").rpartition("/")[0], str(value.get("kind") or "")
    for check in CHECKS.get((group, kind), ()):
        yield from check(value.get("spec") or {}, value.get("metadata") or {})
