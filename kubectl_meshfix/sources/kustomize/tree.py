"""The tree of kustomizations: which folders are environments, and of what each is made."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping

from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.sources.kustomize.kustomization import (
    Kustomization,
    children,
    file_in,
    local_files,
    patch_files,
    read_kustomization,
    remotes,
)


class Environment(Struct, frozen=True):
    """A folder that kustomize builds and that no other builds on.

    ``parts`` are its own kustomization and all that it builds on, each once, what is applied last first. ``remote`` is what would have
    to be fetched. ``instead_of`` are the folders of environments that cannot be built, in whose place it is looked at: what they
    would still have changed is not known then.
    """

    folder: str
    parts: tuple[Kustomization, ...]
    remote: tuple[str, ...] = ()
    instead_of: tuple[str, ...] = ()

    @property
    def kustomization(self) -> Kustomization:
        """The environment's own."""
        return self.parts[0]

    @property
    def key(self) -> str:
        """The folder without links."""
        return self.kustomization.key


class Tree(Struct, frozen=True):
    """All kustomizations of some folders, and those they build on, by folder without links; ``within``: those of the folders."""

    nodes: Mapping[str, Kustomization]
    within: frozenset[str]

    @property
    def environments(self) -> tuple[Environment, ...]:
        """What is to be built: a component is only a part, and a base is judged in what is built on it."""
        built_on = {os.path.realpath(child) for node in self.nodes.values() for child in children(node)}
        leaves = [key for key in self.within if key not in built_on and not self.nodes[key].is_component]
        return tuple(self.environment(key) for key in sorted(leaves, key=lambda key: self.nodes[key].folder))

    def environment(self, key: str, instead_of: tuple[str, ...] = ()) -> Environment:
        """One folder with all that it builds on."""
        parts = tuple(self._parts(key))
        remote = tuple(dict.fromkeys(entry for part in parts for entry in remotes(part)))
        return Environment(folder=self.nodes[key].folder, parts=parts, remote=remote, instead_of=instead_of)

    def below(self, environment: Environment) -> tuple[Environment, ...]:
        """What to look at where an environment cannot be built: the folders it builds on, as far as they are no components."""
        keys = dict.fromkeys(os.path.realpath(child) for child in children(environment.kustomization))
        instead_of = (*environment.instead_of, environment.folder)
        return tuple(self.environment(key, instead_of) for key in keys if key in self.nodes and not self.nodes[key].is_component)

    @property
    def files(self) -> frozenset[str]:
        """Every file that a kustomization names, without links: none of them is judged by itself."""
        return frozenset(os.path.realpath(file) for node in self.nodes.values() for file in local_files(node))

    @property
    def fragments(self) -> frozenset[str]:
        """The kustomizations themselves and their patches, without links: no objects, whether anything is built or not."""
        own = (file for node in self.nodes.values() for file in (node.file, *patch_files(node)))
        return frozenset(os.path.realpath(file) for file in own)

    def _parts(self, key: str) -> Iterator[Kustomization]:
        seen, stack = set[str](), [key]
        while stack:
            current = stack.pop()
            if current in seen or current not in self.nodes:
                continue
            seen.add(current)
            yield self.nodes[current]
            stack += [os.path.realpath(child) for child in children(self.nodes[current])]


def tree(folders: Iterable[str]) -> Tree:
    """The kustomizations of ``folders`` and of all that those build on, wherever it lies."""
    nodes: dict[str, Kustomization] = {}
    own: set[str] = set()
    for folder in folders:
        if found := _added(folder, nodes):
            own.add(found)
    return Tree(nodes=nodes, within=frozenset(own))


def folders_in(path: str, *, recursive: bool, enters: Callable[[str], bool] = lambda name: not name.startswith(".")) -> Iterator[str]:
    """A folder with a kustomization, and with ``recursive`` those below it that ``enters`` lets in by their names."""
    for parent, folders, _ in os.walk(path):
        folders[:] = sorted(name for name in folders if enters(name)) if recursive else []
        if file_in(parent):
            yield parent


def _added(folder: str, nodes: dict[str, Kustomization]) -> str | None:
    """Read a folder and what it builds on; returns its key."""
    start = os.path.realpath(folder)
    pending = [folder]
    while pending:
        current = pending.pop()
        key = os.path.realpath(current)
        if key in nodes:
            continue
        node = read_kustomization(current)
        if node:
            nodes[key] = node
            pending += children(node)
    return start if start in nodes else None
