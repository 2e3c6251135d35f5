"""What the journal holds of one run of ``apply``, as it stands in its file (camelCase; ``journal.SCHEMA_VERSION``)."""

from typing import Literal

import msgspec

from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.targets.field_reversal import Field

State = Literal["planned", "applied", "undone", "refused"]
"""``planned``: whether it was made is to be seen at the object itself. ``refused``: it was not made."""


CLUSTER_NAMESPACE = "kube-system"
"""The namespace whose uid tells one cluster from another: each has it, and it cannot be deleted."""


class Where(msgspec.Struct, frozen=True, rename="camel"):
    """What a run changed: a cluster, or files.

    ``cluster`` is the uid of its namespace kube-system, which stays when the address changes; "" where it could not be read. Context
    and ``server`` are how it was reached then.
    """

    kind: Literal["cluster", "files"]
    context: str = ""
    server: str = ""
    cluster: str = ""


class ObjectChange(msgspec.Struct, frozen=True, rename="camel"):
    """One object of a cluster: who it was, which version of it was patched, and each field touched."""

    resource: Ref
    uid: str
    resource_version: str
    fields: tuple[Field, ...]
    state: State = "planned"


class Hunk(msgspec.Struct, frozen=True):
    """Lines of a file: the one they start at in the new text, and what stands there in each of the two."""

    line: int
    before: tuple[str, ...]
    after: tuple[str, ...]


class Inside(msgspec.Struct, frozen=True):
    """One object of a file, and each field touched."""

    resource: Ref
    fields: tuple[Field, ...]


class FileChange(msgspec.Struct, frozen=True, rename="camel"):
    """One file: its SHA-256 before and after, the lines between the two, and the same by objects; ``created``: there was none before."""

    file: str
    before_hash: str
    after_hash: str
    hunks: tuple[Hunk, ...]
    objects: tuple[Inside, ...]
    state: State = "planned"
    created: bool = False


class JournalEntry(msgspec.Struct, frozen=True, rename="camel"):
    """One run of ``apply``. ``made`` is what the clock said; the order of runs is that of their ids."""

    schema_version: int
    id: str
    made: str
    version: str
    where: Where
    findings: tuple[str, ...]
    objects: tuple[ObjectChange, ...] = ()
    files: tuple[FileChange, ...] = ()

    @property
    def changes(self) -> tuple[ObjectChange | FileChange, ...]:
        """Everything that the run is about."""
        return (*self.objects, *self.files)

    @property
    def is_undone(self) -> bool:
        """Whether nothing is left to take back."""
        return all(change.state in ("undone", "refused") for change in self.changes)
