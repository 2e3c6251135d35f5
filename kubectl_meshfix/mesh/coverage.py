"""How much of a kind was read."""

from kubectl_meshfix.resources.meta import Struct


class Coverage(Struct, frozen=True):
    """How much of a kind was read: everything, some namespaces, or nothing with a ``reason``."""

    namespaces: frozenset[str] | None = None
    reason: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether every object of the kind was read."""
        return self.namespaces is None and not self.reason


COMPLETE = Coverage()
