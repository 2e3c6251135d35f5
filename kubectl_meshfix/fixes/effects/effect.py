"""What a change does to what runs, as data."""

from enum import StrEnum

from kubectl_meshfix.resources.meta import Ref, Struct


class Effect(StrEnum):
    """When and how a change reaches what runs, mildest first."""

    LATER = "later"
    """Only pods that are created afterwards have it."""
    NOW = "now"
    """It takes effect at once, and nothing restarts."""
    WAITS = "waits"
    """It reaches no pod before a person acts."""
    ROLLS = "rolls"
    """Pods are replaced, and some serve all the while."""
    INTERRUPTS = "interrupts"
    """Pods are replaced, and for a time there is none."""


class Consequence(Struct, frozen=True):
    """What a change of one object does beyond the object: a sentence, and for programs whose pods, how many and by what strategy.

    ``pods`` is None where nobody knows, or where it is not about pods.
    """

    resource: Ref
    effect: Effect
    text: str
    pods: int | None = None
    strategy: str | None = None
