"""What is refused or warned of in the objects of a mesh, judged once for the rules that tell it."""

import msgspec

from kubectl_meshfix.documents.pointer import at
from kubectl_meshfix.documents.reading import placeholders
from kubectl_meshfix.fixes.corrections import patch, removal, replacement
from kubectl_meshfix.fixes.fix import Fix
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.resources.written import KEPT, may_hold_nulls, written
from kubectl_meshfix.validation.checks import checked
from kubectl_meshfix.validation.schema import walk
from kubectl_meshfix.validation.violation import Fields, Value, Violation

JUDGED = tuple(kind for kind in kinds.KINDS if kind.struct in KEPT and kind not in kinds.UNJUDGED)

RISK = "The object may be accepted from now on, and then requests are treated as it says."


class Judged(msgspec.Struct, frozen=True):
    """An object as it is written, and what is wrong with it: what its schema does not allow, or else what istiod checks."""

    object: Object
    value: Fields
    by_schema: tuple[Violation, ...]
    by_istiod: tuple[Violation, ...]


def judged(mesh: Mesh) -> tuple[Judged, ...]:
    """The objects with which something is wrong that is not a problem of reading them, by kind, namespace and name.

    A live object fits the schema of its own cluster, which may be a newer one. Where a value may have a type that istiod's checks do not
    expect, they are not made.
    """
    mesh.require(*JUDGED)
    return mesh.cached("judged objects", _judged)


def _judged(mesh: Mesh) -> tuple[Judged, ...]:
    told = {(problem.resource.key, problem.path) for problem in mesh.problems}
    found = []
    for kind in JUDGED:
        for obj in mesh.all(kind.struct):
            value = written(obj)
            if value is None:
                continue
            is_live = mesh.is_live(obj.ref)
            by_schema = tuple(violation for violation in walk.violations(value) if is_live or not _is_unfilled(value, violation))
            stops = any(not (is_live and violation.is_unknown) for violation in by_schema)
            new = tuple(violation for violation in by_schema if not is_live and (obj.ref.key, violation.path) not in told)
            rows = () if stops else checked(value, has_nulls=may_hold_nulls(obj))
            by_istiod = tuple(row for row in rows if is_live or not _is_unfilled(value, row, by_capitals=True))
            if new or by_istiod:
                found.append(Judged(obj, value, new, by_istiod))
    return tuple(found)


def _is_unfilled(value: Fields, violation: Violation, *, by_capitals: bool = False) -> bool:
    """Whether what is wrong is a placeholder in a file, or holds one, that somebody still fills in.

    ``by_capitals`` counts a word such as ``JWKS_URI`` where no such word is among a field's values, as those of enumerations are.
    """
    if violation.is_unknown:
        return False
    try:
        found = at(value, violation.path)
    except LookupError:
        return False
    held = found.values() if isinstance(found, dict) else found if isinstance(found, list) else (found,)
    texts = [text for text in held if isinstance(text, str)]
    is_word = by_capitals and isinstance(found, str) and violation.correction is None and placeholders.is_in_capitals(found)
    return is_word or any(map(placeholders.in_text, texts))


def repair(row: Judged, violation: Violation, otherwise: Fix) -> Fix:
    """The only correction of a value that can be meant, or the removal of what says nothing; else another fix."""
    path = violation.path
    if violation.correction is not None:
        old, new = at(row.value, path), violation.correction
        return patch(row.object.ref, replacement(path, old, new), _summary(old, new), risk=RISK)
    if violation.removes:
        return patch(row.object.ref, removal(path, at(row.value, path)), f"Remove {path.rpartition('/')[2]}.", risk=RISK)
    return otherwise


def _summary(old: Value, new: Value) -> str:
    if not isinstance(new, str) and old == str(new).lower():
        return f"Write {old} without quotes."
    return f"Replace {old} with {new}." if isinstance(old, str) else f"Put {new} in quotes."
