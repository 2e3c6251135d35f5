"""What every object has: its metadata, its reference, and label selectors (`k8s.io/apimachinery/pkg/apis/meta/v1/types.go`)."""

from typing import Any

import msgspec


class Struct(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """A part of an object, read-only, named in Python's way and spelt in JSON's; none is ever part of a cycle."""


_NONE: dict[str, str] = {}


def nothing() -> dict[str, str]:
    """One empty map for all that have none, because nobody changes what was read: half of all objects have no annotations."""
    return _NONE


Key = tuple[str, str, str, str, int]
"""Names one object whatever its API version: group, kind, namespace, name, and which of its copies in files it is."""

UNPLACED = "default"
"""The namespace in which objects of files are judged that name none; as kubectl would, if nobody told it otherwise."""


LIVE = -1
"""The copy of an object that a cluster has, where files hold copies of it too."""


class Ref(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, gc=False):
    """Names one object; ``namespace`` is None where the kind is cluster-scoped, and in files where the object names none.

    ``copy`` counts from 0 the places in files where an object of that name stands; LIVE is the one of a cluster that files replace. It is
    no part of what people and programs read.
    """

    api_version: str
    kind: str
    namespace: str | None
    name: str
    copy: int = msgspec.field(default=0, name="#copy")

    def __lt__(self, other: "Ref") -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[str, str, str, str, int]:
        return (self.api_version, self.kind, self.namespace or "", self.name, self.copy)

    @property
    def group(self) -> str:
        """The API group, empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def path(self) -> str:
        """``namespace/name``, or the name alone for a cluster-scoped object."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def key(self) -> Key:
        """Equal for one object read at two API versions."""
        return (self.group, self.kind, self.namespace or "", self.name, self.copy)

    @property
    def namespace_flag(self) -> str:
        """What kubectl needs to find it, with a space before it; nothing where it names no namespace."""
        return f" -n {self.namespace}" if self.namespace else ""

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"


class OwnerReference(Struct, frozen=True):
    """An owner; the one with ``controller`` set makes and remakes the object."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class Writer(Struct, frozen=True):
    """Who wrote fields of an object, by the name that a client gives itself."""

    manager: str = ""


class Meta(Struct, frozen=True):
    """ObjectMeta. A pod created through ``generateName`` has no name in a template.

    Two fields are a source's own, and no API server's: ``home`` is where an object of a file is judged that names no namespace, and
    ``copy`` tells those of one name apart that stand in several places.
    """

    name: str = ""
    namespace: str | None = None
    labels: dict[str, str] = msgspec.field(default_factory=nothing)
    annotations: dict[str, str] = msgspec.field(default_factory=nothing)
    uid: str | None = None
    generation: int | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    owner_references: tuple[OwnerReference, ...] = ()
    managed_fields: tuple[Writer, ...] = ()
    home: str = msgspec.field(default="", name="#home")
    copy: int = msgspec.field(default=0, name="#copy")

    @property
    def controller(self) -> OwnerReference | None:
        """The owner that manages the object, if it has one (`metav1.GetControllerOf`)."""
        return next((owner for owner in self.owner_references if owner.controller), None)


class Object(Struct, frozen=True):
    """A whole object. Items of a list come without ``apiVersion`` and ``kind``; the defaults of each class stand in.

    ``written`` is for ``resources/written.py``: of a kind whose every field is checked, the plain value that it was made from, packed or
    not, or the bytes of its spec; else None. No API server has a field of this name.
    """

    api_version: str
    kind: str
    metadata: Meta = Meta()
    written: Any = msgspec.field(default=None, name="#written")

    @property
    def ref(self) -> Ref:
        """The object's reference, at the API version it was read in."""
        return Ref(self.api_version, self.kind, self.metadata.namespace, self.metadata.name, self.metadata.copy)

    @property
    def name(self) -> str:
        """The object's name."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """The object's namespace; empty for a cluster-scoped object. Where a file names none, the one in which it is judged."""
        return self.metadata.namespace or self.metadata.home

    @property
    def labels(self) -> dict[str, str]:
        """The object's own labels (never a template's)."""
        return self.metadata.labels


class Requirement(Struct, frozen=True):
    """One expression of a label selector."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


class LabelSelector(Struct, frozen=True):
    """All of ``match_labels`` and all of ``match_expressions`` must hold."""

    match_labels: dict[str, str] = msgspec.field(default_factory=nothing)
    match_expressions: tuple[Requirement, ...] = ()


class Condition(Struct, frozen=True):
    """A status condition."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    observed_generation: int | None = None
