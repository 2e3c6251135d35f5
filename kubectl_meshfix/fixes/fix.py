"""Fix: a repair as data."""

from enum import StrEnum

import msgspec

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.resources.meta import Ref, Struct


class Safety(StrEnum):
    """What a fix may do to a running mesh, mildest first."""

    SAFE = "safe"
    """No request that works today is treated differently, nothing restarts, and every reader of what changes was found."""
    RESTART = "restart"
    """Certain, but pods are replaced."""
    UNSAFE = "unsafe"
    """Rests on an inference, or changes how traffic is treated."""
    MANUAL = "manual"
    """No patch; the summary says what to do."""


REPLACED = "Its pods are replaced, in the steps that its strategy allows."
LATER = "Only pods that are created after the change have it."
"""The risk of a change of a template that has no other: where its pods are replaced, and where they are not."""


class Patch(Struct, frozen=True):
    """RFC 6902 operations on one object, opened by ``test`` operations on what they rely on."""

    resource: Ref
    operations: tuple[Operation, ...]


class Fix(Struct, frozen=True):
    """A repair: one sentence, its safety, its patches, and commands to type where there are none to make.

    ``risk`` is one sentence about which request or pod may be treated differently; None where the fix is safe or by hand.
    ``why`` is one sentence about why a person has to do it; None where there are patches, or the summary says all.
    """

    summary: str
    safety: Safety
    risk: str | None = None
    patches: tuple[Patch, ...] = ()
    commands: tuple[str, ...] = ()
    why: str | None = None

    @property
    def advice(self) -> str:
        """The summary, and why it is left to a person where there is a reason."""
        return f"{self.summary} {self.why}" if self.why else self.summary


def manual(summary: str, *commands: str, why: str = "") -> Fix:
    """A repair that only a person can make, and ``why`` the tool does not."""
    return Fix(summary=summary, safety=Safety.MANUAL, commands=commands, why=why or None)


def at_risk(fix: Fix, risk: str) -> Fix:
    """The fix with its risk; one that is safe or by hand has none, and stays as it is."""
    return fix if fix.safety in (Safety.SAFE, Safety.MANUAL) else msgspec.structs.replace(fix, risk=risk)
