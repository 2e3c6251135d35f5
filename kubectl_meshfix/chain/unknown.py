"""Unknown: the one type of not knowing. It is no yes and no no."""

from enum import StrEnum

from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref, Struct

DRY_RUN = "a dry run"
"""Settles what only the API server can evaluate: it is asked to create the pod, and stores nothing."""

CLUSTER = "a live cluster"
"""Settles what files do not show."""


class UnknownKind(StrEnum):
    """Why something is not known."""

    UNREADABLE = "unreadable"
    """The API server refused to show it."""
    NOT_IN_FILES = "not-in-files"
    """The files do not hold it."""
    RUNTIME = "runtime"
    """Only what runs knows it: endpoints, ages, what istiod has in memory."""
    UNSTATED = "unstated"
    """Whoever asked did not say it."""
    OPAQUE = "opaque"
    """Its meaning is not evaluated here: CEL, a template of one's own, another webhook."""
    VERSION = "version"
    """It depends on a version that was not read."""


class Unknown(Struct, frozen=True):
    """What is not known, and what would settle it: ``DRY_RUN``, ``CLUSTER``, or an object by its name."""

    kind: UnknownKind
    of: Ref | Kind | str
    settled_by: str

    def __bool__(self) -> bool:
        """Raises TypeError: ask with ``is True``, ``is False`` or ``match``."""
        raise TypeError(f"{self.of} is not known; it is neither true nor false.")
