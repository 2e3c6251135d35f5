"""Fix: a repair as data."""

from enum import StrEnum

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.resources.meta import Ref, Struct


class Safety(StrEnum):
    """What a fix may do to a running mesh, mildest first."""

    SAFE = "safe"
    """Nothing that works today behaves differently, nothing restarts."""
    RESTART = "restart"
    """Certain, but pods are replaced."""
    UNSAFE = "unsafe"
    """Rests on an inference, or changes how traffic is treated."""
    MANUAL = "manual"
    """No patch; the summary says what to do."""


class Patch(Struct, frozen=True):
    """RFC 6902 operations on one object, opened by ``test`` operations on what they rely on."""

    resource: Ref
    operations: tuple[Operation, ...]


class Fix(Struct, frozen=True):
    """A repair: one sentence, its safety, its patches, and commands to type where there are none to make."""

    summary: str
    safety: Safety
    patches: tuple[Patch, ...] = ()
    commands: tuple[str, ...] = ()


def manual(summary: str, *commands: str) -> Fix:
    """A repair that only a person can make."""
    return Fix(summary=summary, safety=Safety.MANUAL, commands=commands)
