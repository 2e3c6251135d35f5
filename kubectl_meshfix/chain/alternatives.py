"""Alternatives: the several ways on that a stage may return, by chance or because something is not known."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Generic, NamedTuple, TypeVar

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.resources.meta import Struct

T = TypeVar("T")


class Given(Struct, frozen=True):
    """What an alternative takes for granted: that something unknown is so, or is not."""

    unknown: Unknown
    is_so: bool


class Alternative(NamedTuple, Generic[T]):
    """One of several ways on. ``share`` is its part of the requests for which ``given`` holds; the parts of one ``given`` sum to one."""

    value: T
    share: Fraction = Fraction(1)
    given: tuple[Given, ...] = ()


def any_of(values: Iterable[bool | Unknown]) -> bool | Unknown:
    """Whether one of them is so: one sure yes beats whatever is not known; else the first unknown is the answer."""
    unknown: Unknown | None = None
    for value in values:
        if isinstance(value, Unknown):
            unknown = value if unknown is None else unknown
        elif value:
            return True
    return unknown if unknown is not None else False


def negated(value: bool | Unknown) -> bool | Unknown:
    """The contrary; what is not known stays so."""
    return value if isinstance(value, Unknown) else not value
