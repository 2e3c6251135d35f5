"""The meshes that one input makes: a cluster is one; files may hold an object several times, and each copy has its own surroundings."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Key, Object, Ref


class Meshes:
    """One mesh or several of the same objects; there is at least one. It never changes.

    An object that belongs to the surroundings of several copies is in several meshes, and is one object all the same.
    """

    def __init__(self, meshes: Iterable[Mesh]) -> None:
        found = tuple(meshes) or (Mesh(()),)
        self._all = tuple(mesh.among(self.holding) for mesh in found) if len(found) > 1 else found
        self._by_key: dict[Key, tuple[Mesh, ...]] | None = None

    def __iter__(self) -> Iterator[Mesh]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def first(self) -> Mesh:
        """The only mesh, or one that knows what is true of the whole input: its problems, whether it is live, what could be read."""
        return self._all[0]

    def map(self, change: Callable[[Mesh], Mesh]) -> "Meshes":
        """The same with each mesh changed."""
        return Meshes(map(change, self._all))

    def holding(self, ref: Ref) -> tuple[Mesh, ...]:
        """The meshes that hold an object, this very copy of it, and are about it; none where none does."""
        if len(self._all) == 1:
            return self._all if self.first.find(ref) else ()
        if self._by_key is None:
            by_key: dict[Key, list[Mesh]] = {}
            for mesh in self._all:
                for obj in mesh.objects:
                    if mesh.is_about(obj.ref):
                        by_key.setdefault(obj.ref.key, []).append(mesh)
            self._by_key = {key: tuple(found) for key, found in by_key.items()}
        return self._by_key.get(ref.key, ())

    def mesh_of(self, ref: Ref) -> Mesh:
        """A mesh that holds an object; the first of all where none does."""
        return next(iter(self.holding(ref)), self.first)

    def hold_any(self, wanted: Iterable[Kind]) -> bool:
        """Whether any mesh has an object of one of these kinds."""
        found = tuple(wanted)
        return any(mesh.holds_any(found) for mesh in self._all)

    def hold_two(self, wanted: Kind) -> bool:
        """Whether any mesh has two objects of a kind."""
        return any(len(mesh.all(wanted.struct)) > 1 for mesh in self._all)

    def find(self, ref: Ref) -> Object | None:
        """The object a reference names, or None."""
        return self.mesh_of(ref).find(ref)

    @property
    def objects(self) -> Iterable[Object]:
        """Every object once, and every copy of it."""
        if len(self._all) == 1:
            return self.first.objects
        return {obj.ref.key: obj for mesh in self._all for obj in mesh.objects}.values()

    @property
    def counts(self) -> dict[str, int]:
        """How many objects of each kind were read, copies too, by the kind's name."""
        if len(self._all) == 1:
            return self.first.counts
        found = Counter(str(kinds.of_object(obj)) for obj in self.objects)
        return {kind: found[kind] for kind in sorted(found)}
