"""How much of a kind was read."""

from typing import NamedTuple

from kubectl_meshfix.resources.meta import Struct


class Refused(NamedTuple):
    """One object that was asked for by its name and may not be read, and why; ``namespace`` is "" for a cluster-scoped one."""

    namespace: str
    name: str
    reason: str


class Coverage(Struct, frozen=True):
    """How much of a kind was read: everything, some namespaces, or nothing with a ``reason``; in either case without those ``refused``.

    Where objects are asked for by their names alone, ``named`` has namespace and name of those that were, and ``namespaces`` none.
    """

    namespaces: frozenset[str] | None = None
    reason: str = ""
    refused: tuple[Refused, ...] = ()
    named: frozenset[tuple[str, str]] = frozenset()

    @property
    def is_complete(self) -> bool:
        """Whether every object of the kind was read."""
        return self.namespaces is None and not self.reason and not self.refused

    def why_unread(self, namespace: str, name: str) -> str:
        """Why one object could not be read; "" where it could, if it is there."""
        return self.reason or next((row.reason for row in self.refused if (row.namespace, row.name) == (namespace, name)), "")

    def holds(self, namespace: str, name: str) -> bool:
        """Whether all objects of a namespace and a name were read; "" stands for any."""
        if self.reason or any(namespace in ("", row.namespace) and name in ("", row.name) for row in self.refused):
            return False
        return self.namespaces is None or namespace in self.namespaces or (namespace, name) in self.named


COMPLETE = Coverage()
