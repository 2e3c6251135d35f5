"""Mesh: everything that was read, immutable, with the indexes that keep rules from looping over pods and Services."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from kubectl_meshfix.mesh.answers import Answers
from kubectl_meshfix.mesh.coverage import COMPLETE, Coverage
from kubectl_meshfix.mesh.indexes import by_label, grouped, narrowest, services_by_selector
from kubectl_meshfix.mesh.measured_traffic import MeasuredTraffic
from kubectl_meshfix.mesh.named_ports import Mention
from kubectl_meshfix.mesh.overrides import Overrides
from kubectl_meshfix.mesh.problems import Problem
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.workloads import Workload, workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, Pod, Service
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import UNPLACED, Key, Object, OwnerReference, Ref

Some = TypeVar("Some", bound=Object)
Made = TypeVar("Made")


_NOTHING: Mapping[tuple[str, str], Object] = {}


class UndeclaredInputError(LookupError):
    """A rule asked for a kind that its ``inputs`` do not name; a defect of the rule."""


class Mesh:
    """What was read. It never changes; ``restricted_to`` gives a view that answers for some kinds alone.

    ``taken_at`` is the server's time of reading (RFC 3339), None for files. ``problems`` are what could not be decoded. ``left_out``
    are the kinds and namespaces of which the input holds more than this snapshot; ``place`` is the folder or file in whose
    surroundings it stands, where files make several; ``about`` are the only objects that it is there for, all of them where it is empty.
    ``mentions`` are the Services' ports that files name in objects of kinds that nobody here reads; ``alternatives`` the objects of a file
    that lies beside a copy of one of them.
    """

    def __init__(  # noqa: PLR0913 -- what a source knows, each by its name
        self,
        objects: Iterable[Object],
        *,
        live: bool = False,
        coverage: Mapping[Kind, Coverage] | None = None,
        taken_at: str | None = None,
        problems: Iterable[Problem] = (),
        left_out: Iterable[tuple[Kind, str]] = (),
        place: str = "",
        about: Iterable[Ref] = (),
        mentions: Iterable[Mention] = (),
        alternatives: Iterable[Ref] = (),
    ) -> None:
        tables: dict[Kind, dict[tuple[str, str], Object]] = defaultdict(dict)
        for obj in objects:
            tables[kinds.of_object(obj)][obj.namespace, obj.name] = obj
        self._tables: Mapping[Kind, Mapping[tuple[str, str], Object]] = tables
        self._made: dict[str, Any] = {}
        self._coverage = coverage or {}
        self._allowed: frozenset[Kind] | None = None
        self.overrides = Overrides()
        self.measured: MeasuredTraffic = {}
        self.answers = Answers()
        self.live = live
        self.taken_at = taken_at
        self.problems = tuple(problems)
        self.place = place
        self.mentions = tuple(mentions)
        self._about = frozenset(ref.key for ref in about)
        self._left_out = frozenset(left_out)
        self._alternatives = frozenset(ref.key for ref in alternatives)
        self._written: frozenset[Key] = frozenset()
        self._holding: Callable[[Ref], tuple[Mesh, ...]] | None = None

    def restricted_to(self, *allowed: Kind) -> "Mesh":
        """A view that raises UndeclaredInputError when asked for any other kind. Indexes are shared with the whole."""
        view = object.__new__(Mesh)
        view.__dict__.update(self.__dict__, _allowed=frozenset(allowed))
        return view

    def with_overrides(self, overrides: Overrides) -> "Mesh":
        """A view with what people said of it; nothing that is ``cached`` may depend on that."""
        view = object.__new__(Mesh)
        view.__dict__.update(self.__dict__, overrides=overrides)
        return view

    def with_measured(self, measured: MeasuredTraffic) -> "Mesh":
        """A view with the traffic that was counted; nothing that is ``cached`` may depend on that either."""
        view = object.__new__(Mesh)
        view.__dict__.update(self.__dict__, measured=measured)
        return view

    def with_answers(self, answers: Answers) -> "Mesh":
        """A view with what istiods and proxies answered; nothing that is ``cached`` may depend on that either."""
        view = object.__new__(Mesh)
        view.__dict__.update(self.__dict__, answers=answers)
        return view

    def on_cluster(self, live: "Mesh", objects: Iterable[Object]) -> "Mesh":
        """The objects of files among those of a cluster, ``objects`` being all of them; see ``overlay.laid_over``.

        Of a kind that may not be read on the cluster, files that hold some are a part: rules look at it, and nothing is known to be absent.
        """
        in_part = {
            kind: Coverage(namespaces=frozenset()) for kind, read in live._coverage.items() if read.reason and self._tables.get(kind)
        }
        made = Mesh(
            objects,
            live=True,
            coverage={**live._coverage, **in_part},
            taken_at=live.taken_at,
            problems=self.problems,
            left_out=self._left_out,
            place=self.place,
        )
        made._alternatives = self._alternatives
        made._about, made._written = self._about, frozenset(obj.ref.key for obj in self.objects)
        return made

    def with_named(self, kind: Kind, objects: Iterable[Object], coverage: Coverage) -> "Mesh":
        """The same with the objects of a kind that were asked for by name; nothing that was made before may depend on that kind."""
        view = object.__new__(Mesh)
        tables = {**self._tables, kind: {(obj.namespace, obj.name): obj for obj in objects}}
        view.__dict__.update(self.__dict__, _tables=tables, _coverage={**self._coverage, kind: coverage})
        return view

    def with_changed(self, changed: Iterable[Object]) -> "Mesh":
        """The same with some objects as they will be; what is new is added."""
        made = Mesh((*self.objects, *changed))
        new = made._tables, made._made
        made.__dict__.update(self.__dict__)
        made._tables, made._made = new
        return made

    def is_live(self, ref: Ref) -> bool:
        """Whether an object is one of a cluster, and not of files, whether these are laid over a cluster or not."""
        return self.live and ref.key not in self._written

    def among(self, holding: Callable[[Ref], "tuple[Mesh, ...]"]) -> "Mesh":
        """A view that knows which meshes of the same input hold an object."""
        view = object.__new__(Mesh)
        view.__dict__.update(self.__dict__, _holding=holding)
        return view

    def holding(self, ref: Ref) -> "tuple[Mesh, ...]":
        """The meshes of the same input that hold this very object, this one among them: a change of it is a change in each."""
        found = self._holding(ref) if self._holding else ()
        others = tuple(mesh for mesh in found if mesh._made is not self._made)
        return (self, *(mesh.restricted_to(*self._allowed) for mesh in others)) if self._allowed is not None else (self, *others)

    def cached(self, name: str, make: Callable[["Mesh"], Made]) -> Made:
        """The value of ``make(mesh)``, made once for the snapshot and all of its views."""
        if name not in self._made:
            self._made[name] = make(self)
        made: Made = self._made[name]
        return made

    def memo(self, name: str) -> dict[Any, Any]:
        """A table of answers that are worked out once for the snapshot and all of its views; empty at first."""
        made: dict[Any, Any] | None = self._made.get(name)
        if made is None:
            made = self._made[name] = {}
        return made

    def of_workload(self, name: str, workload: Workload, make: Callable[[Workload], Made]) -> Made:
        """The answer of that name about a workload, worked out once for its object and its template."""
        memo: dict[int, tuple[Workload, Made]] = self.memo(name)
        known = memo.get(id(workload.object))
        if known is None or known[0].template is not workload.template:  # it keeps its object, so that nothing else has that id
            known = memo[id(workload.object)] = workload, make(workload)
        return known[1]

    def coverage(self, kind: Kind) -> Coverage:
        """How much of a kind was read."""
        return self._coverage.get(kind, COMPLETE)

    def knows(self, kind: Kind, namespace: str = "", asker: Object | None = None, *, name: str = "") -> bool:
        """Whether an object of the kind that is not here, or the one of a ``name``, does not exist there.

        On a cluster: whether the namespace was read, and files that are laid over it hold no more of the kind. Files are a part of a
        whole, so they only speak of a namespace for which they hold an object of the kind that names it, and where none of them was
        left out. Objects that name none speak for the ``asker`` that names none either, and lies beside them.
        """
        if not self.live:
            held = self.cached(f"namespaces of {kind.resource}", lambda _: self._namespaces(kind))
            is_beside = bool(asker and asker.metadata.home) and (namespace, True) in held
            known = bool(self._table(kind)) if not namespace else is_beside or (namespace, False) in held
            return known and self.holds_all(kind, namespace)
        return self.coverage(kind).holds(namespace, name) and self.holds_all(kind, namespace)

    def is_about(self, ref: Ref) -> bool:
        """Whether what is found about an object counts here, and not only in other meshes of the same input."""
        return not self._about or ref.key in self._about

    def are_together(self, one: Ref, other: Ref) -> bool:
        """Whether two objects are meant to be there at one time, as far as is known.

        A folder whose files hold one object several times is not applied as a whole: what stands in one of these files and what stands
        beside them may exclude each other, as the steps of a tutorial do.
        """
        return (one.key in self._alternatives) == (other.key in self._alternatives)

    def holds_all(self, kind: Kind, namespace: str = "") -> bool:
        """Whether all of a kind that the input holds is here, in one namespace or in all of them."""
        return (kind, namespace) not in self._left_out if namespace else all(left is not kind for left, _ in self._left_out)

    def _namespaces(self, kind: Kind) -> frozenset[tuple[str, bool]]:
        """The namespaces of a kind's objects, and whether it is one that they do not name."""
        return frozenset((space, bool(obj.metadata.home)) for (space, _), obj in self._table(kind).items())

    def require(self, *wanted: Kind) -> None:
        """Raise UndeclaredInputError in a view that does not answer for all of these kinds, whatever was made before."""
        if self._allowed is not None and not self._allowed.issuperset(wanted):
            missing = ", ".join(str(kind) for kind in wanted if kind not in self._allowed)
            raise UndeclaredInputError(f"{missing} is not among the rule's inputs, as rules/index.json has them (make docs)")

    def _table(self, kind: Kind) -> Mapping[tuple[str, str], Object]:
        if self._allowed is not None and kind not in self._allowed:
            self.require(kind)
        return self._tables.get(kind, _NOTHING)

    def holds_any(self, wanted: Iterable[Kind]) -> bool:
        """Whether an object of any of these kinds was read."""
        return any(self._tables.get(kind) for kind in wanted)

    def all(self, struct: type[Some]) -> tuple[Some, ...]:
        """All objects of a kind, by its Struct, in the order of namespace and name."""
        kind = _kind_of(struct)
        table = self._table(kind)
        found: Any = self.cached(f"all {kind.resource}", lambda _: tuple(table[key] for key in sorted(table)))
        return found  # type: ignore[no-any-return]

    def within(self, struct: type[Some], namespace: str) -> tuple[Some, ...]:
        """The objects of a kind in one namespace."""
        index = self.cached(f"within {_kind_of(struct).resource}", lambda _: grouped(self.all(struct), lambda obj: obj.namespace))
        self.require(_kind_of(struct))
        return tuple(index.get(namespace, ()))

    def get(self, struct: type[Some], namespace: str, name: str) -> Some | None:
        """One object, or None; ``namespace`` is empty for cluster-scoped kinds."""
        found: Any = self._table(_kind_of(struct)).get((namespace, name))
        return found  # type: ignore[no-any-return]

    def find(self, ref: Ref) -> Object | None:
        """The object a reference names, whatever the API version, or None; of an object with copies, no other copy."""
        kind = kinds.of(ref.api_version, ref.kind)
        if not kind:
            return None
        home = ref.namespace or (UNPLACED if kind.namespaced else "")
        found = self._tables.get(kind, {}).get((home, ref.name))
        is_same = found and (found.metadata.namespace, found.metadata.copy) == (ref.namespace, ref.copy)
        return found if is_same else None

    @property
    def objects(self) -> Iterable[Object]:
        """Every object."""
        return (obj for table in self._tables.values() for obj in table.values())

    @property
    def counts(self) -> dict[str, int]:
        """How many objects of each kind were read, by the kind's name."""
        return {str(kind): len(table) for kind, table in sorted(self._tables.items(), key=lambda row: str(row[0])) if table}

    # ------------------------------------------------------------ namespaces and Services

    def namespace(self, name: str) -> Namespace | None:
        """A namespace's object, or None where it was not read."""
        return self.get(Namespace, "", name)

    def services_selecting(self, namespace: str, labels: Mapping[str, str]) -> tuple[Service, ...]:
        """The Services of a namespace whose selector picks pods with these labels; an empty selector picks none."""
        index = self.cached("services by selector", lambda _: services_by_selector(self.all(Service)))
        self.require(kinds.SERVICE)
        memo, key = self.memo("services by labels"), (namespace, frozenset(labels.items()))
        if key not in memo:
            candidates = (service for pair in labels.items() for service in index.get((namespace, *pair), ()))
            memo[key] = tuple(service for service in candidates if is_subset(service.spec.selector, labels))
        found: tuple[Service, ...] = memo[key]
        return found

    # ------------------------------------------------------------ workloads

    @property
    def workloads(self) -> tuple[Workload, ...]:
        """The topmost makers of pods, sorted by reference: no ReplicaSet of a Deployment, no pod of either."""
        self.require(*kinds.WORKLOADS)
        return self.cached("workloads", _topmost)

    def workload_of(self, pod: Pod) -> Workload:
        """The topmost maker of a pod that was read; at least the pod itself."""
        owner = self.owner(pod)
        return cast("Workload", workload(owner))

    def owner(self, obj: Object) -> Object:
        """The topmost object that controls ``obj`` and was read, or ``obj`` itself."""
        seen = 0
        while (parent := self._parent(obj)) and seen < 10:
            obj, seen = parent, seen + 1
        return obj

    def _parent(self, obj: Object) -> Object | None:
        controller = obj.metadata.controller
        if not controller:
            return None
        for kind, name in _makers(obj, controller):
            found = self._tables.get(kind, {}).get((obj.namespace, name)) if kind in kinds.TEMPLATED else None
            if found and workload(found):
                return found
        return None

    def pods_of(self, owner: Workload) -> tuple[Pod, ...]:
        """The live pods whose topmost maker is ``owner``."""
        self.require(kinds.POD)
        index = self.cached("pods by owner", lambda _: grouped(self.all(Pod), lambda pod: self.owner(pod).ref.key))
        return tuple(index.get(owner.ref.key, ()))

    def pods_selected(self, selector: Mapping[str, str], namespace: str | None = None) -> tuple[Pod, ...]:
        """The live pods with all labels of a selector, everywhere or in one namespace; an empty selector picks all."""
        return tuple(pod for pod in self._labelled(Pod, selector, namespace) if is_subset(selector, pod.labels))

    def workloads_selected(self, selector: Mapping[str, str], namespace: str | None = None) -> tuple[Workload, ...]:
        """The workloads whose pods get all labels of a selector, everywhere or in one namespace; an empty selector picks all."""
        self.require(*kinds.WORKLOADS)
        memo, key = self.memo("workloads by selector"), (namespace, frozenset(selector.items()))
        if key not in memo:
            if not self.workloads:  # files with thousands of Services often hold none
                return ()
            index = self.cached("workloads by label", lambda _: by_label((item, item.namespace, item.labels) for item in self.workloads))
            memo[key] = tuple(item for item in narrowest(index, selector, namespace, self.workloads) if is_subset(selector, item.labels))
        found: tuple[Workload, ...] = memo[key]
        return found

    def _labelled(self, struct: type[Some], selector: Mapping[str, str], namespace: str | None) -> Iterable[Some]:
        everything = self.all(struct)
        index = self.cached(
            f"{_kind_of(struct).resource} by label", lambda _: by_label((item, item.namespace, item.labels) for item in everything)
        )
        return narrowest(index, selector, namespace, everything)


_KIND_OF: Mapping[type[Object], Kind] = {kind.struct: kind for kind in kinds.KINDS}


def _kind_of(struct: type[Object]) -> Kind:
    """The kind that is read into a Struct. Raises TypeError for a Struct that is only a part of one."""
    try:
        return _KIND_OF[struct]
    except KeyError:
        raise TypeError(f"no kind is read into {struct.__name__}: see resources/kinds.py") from None


def _makers(obj: Object, controller: OwnerReference) -> Iterable[tuple[Kind | None, str]]:
    """Who may be the next owner up. A ReplicaSet that was not read is skipped: its name is its Deployment's and the pod's template hash."""
    yield kinds.of(controller.api_version, controller.kind), controller.name
    template_hash = obj.labels.get("pod-template-hash") or obj.labels.get("rollouts-pod-template-hash")
    if controller.kind == "ReplicaSet" and template_hash and controller.name.endswith(f"-{template_hash}"):
        name = controller.name.removesuffix(f"-{template_hash}")
        yield kinds.DEPLOYMENT, name
        yield kinds.ROLLOUT, name


def _topmost(mesh: Mesh) -> tuple[Workload, ...]:
    objects = (obj for kind in kinds.WORKLOADS for obj in mesh.all(kind.struct))
    tops = (obj for obj in objects if mesh.owner(obj) is obj)
    return tuple(
        sorted((found for obj in tops if (found := workload(obj))), key=lambda found: (found.namespace, found.kind.kind, found.name))
    )
