"""What holds a fix back, for diagnose and for apply: a flag that was not given, a person, whoever manages the object, another fix."""

from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.fixes.managed_by import Manager, Managers
from kubectl_meshfix.resources.meta import Struct

FLAGS = {Safety.RESTART: "--restart", Safety.UNSAFE: "--unsafe"}
"""The flag that frees a fix of that safety; safe ones need none, manual ones have no patch."""

EVEN_IF_MANAGED = "--even-if-managed"
"""The flag that frees a fix of objects that another tool manages."""

EVERYWHERE = "-A"
"""The flag that frees a fix of an object in another namespace than -n chose."""


class NeedsFlag(Struct, frozen=True):
    """The fix is made once ``flag`` is given."""

    flag: str


class ByHand(Struct, frozen=True):
    """There is no patch: a person has to do it. ``why`` is a sentence, None where the fix's summary says all."""

    why: str | None


class ManagedBy(Struct, frozen=True):
    """Another tool would revert the change; where it created the object no flag helps, else ``--even-if-managed`` does."""

    manager: Manager


class DoesNotFit(Struct, frozen=True):
    """The fix and those of ``codes`` change one object in ways that cannot be joined."""

    codes: tuple[str, ...]


Because = NeedsFlag | ByHand | ManagedBy | DoesNotFit
"""Why a fix is held back."""


def why_held(
    fix: Fix, managers: Managers, allowed: frozenset[Safety] = frozenset(Safety), *, even_if_managed: bool = False
) -> NeedsFlag | ByHand | ManagedBy | None:
    """What holds a fix back by itself, whatever other fixes there are; None where it is free."""
    if fix.safety is Safety.MANUAL:
        return ByHand(why=fix.why)
    if fix.safety not in allowed:
        return NeedsFlag(flag=FLAGS[fix.safety])
    found = (manager for patch in fix.patches if (manager := managers(patch.resource)))
    holding = [manager for manager in found if manager.is_maker or not even_if_managed]
    first = min(holding, key=lambda manager: not manager.is_maker, default=None)
    return ManagedBy(manager=first) if first else None
