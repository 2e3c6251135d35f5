"""Texts of manifests as meshes that know where everything stands."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix.documents.reading.list_kind import objects as objects_in
from kubectl_meshfix.documents.reading.manifests import Documents, Manifests, Origin
from kubectl_meshfix.documents.reading.read import Document, read_each
from kubectl_meshfix.documents.reading.syntax_errors import SyntaxProblem as Fault
from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.named_ports import Mention
from kubectl_meshfix.mesh.problems import Location, Problem
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import ReportSource, Unread
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.meta import Object, Ref
from kubectl_meshfix.sources.folder_tree import standing
from kubectl_meshfix.sources.kustomizations import file_ref
from kubectl_meshfix.sources.manifest_files import STDIN
from kubectl_meshfix.sources.manifest_objects import BuiltPlace, Copies, Place, Unfilled, is_manifest, mentions, object_of, says_its_kind
from kubectl_meshfix.sources.origins import Origins
from kubectl_meshfix.sources.replaced_objects import Earlier, lost, replaced_by
from kubectl_meshfix.sources.surroundings import Unit, units

if TYPE_CHECKING:
    from kubectl_meshfix.sources.kustomize.environments import Kustomized


_ESCAPES = ("\\x", "\\u", "\\U", "\\\n", "\\\r")
"""What double quotes may hold in place of letters, or between them."""


def from_texts(
    texts: dict[str, str],
    *,
    namespace: str = "",
    problems: Iterable[Problem] = (),
    named: frozenset[str] | None = None,
    environments: "Kustomized | None" = None,
) -> tuple[Snapshot, Manifests]:
    """The meshes of some manifests, by file name: one, or several where an object stands in several places.

    ``named`` are the files that a person named, all of them where it is None. What ``environments`` build stands in their folders.
    """
    found = _Found(namespace, list(problems))
    for file, text in texts.items():
        found.read(file, text, is_meant=named is None or file in named)
    if environments:
        found.build(environments)
    origins, documents = found.origins, found.documents

    def place(ref: Ref, path: str) -> Location | None:
        if environments and (part := environments.parts.get(ref)):
            return environments.locate(part, path)
        origin = origins.get(ref.key)
        return Place(origin, documents[origin.file, origin.document]).location(path) if origin else None

    source = ReportSource(kind="files", files=_files(texts, environments))
    snapshot = Snapshot(meshes=found.meshes(), source=source, locate=place, unreadable=tuple(found.unread()))
    if not environments:
        snapshot = msgspec.structs.replace(snapshot, may_say=_sayings(texts))
    return snapshot, Manifests(texts=texts, origins=origins, documents=documents)


def _sayings(texts: Mapping[str, str]) -> Callable[[str], bool]:
    """Whether a word stands in any text. With escapes, which double quotes allow, nobody knows."""

    @cache
    def are_escaped() -> bool:
        return any("\\" in text and any(sign in text for sign in _ESCAPES) for text in texts.values())

    @cache
    def may_say(word: str) -> bool:
        return any(word in text for text in texts.values()) or are_escaped()

    return may_say


def _files(texts: Iterable[str], environments: "Kustomized | None") -> tuple[str, ...]:
    """Every file that was read, once: as it is written, or for a build."""
    if environments is None:
        return tuple(texts)
    by_place = {name if name == STDIN else os.path.realpath(name): name for name in reversed((*texts, *environments.sources))}
    return tuple(reversed(by_place.values()))


class _Found:
    """What texts hold, gathered one after the other."""

    def __init__(self, namespace: str, problems: list[Problem]) -> None:
        self.namespace, self.problems = namespace, problems
        self.objects: list[Object] = []
        self.files: list[str] = []
        self.latest: Service | None = None
        self.origins = Origins()
        self.documents = Documents()
        self.copies: Copies = defaultdict(Counter)
        self.mentions: list[Mention] = []

    def read(self, file: str, text: str, *, is_meant: bool) -> None:
        """All objects of a text, and what is wrong with it. What never says apiVersion and kind is no manifest, unless it was named."""
        if not is_meant and not ("apiVersion" in text and "kind" in text):
            return
        unfilled: list[Unfilled] = []
        earlier = Earlier(self.objects)
        faults: list[Problem] = []
        before = len(self.problems)
        for part in read_each(text):
            match part.found:
                case Document() as document if is_meant or says_its_kind(document.value):
                    self.documents.add(file, text, part.again)
                    unfilled += self._read(file, text, document, earlier, is_meant=is_meant)
                case Fault(placeholder="") as fault:
                    faults.append(_problem(file, fault, hides=True))
                case Fault() as fault:
                    unfilled.append(Unfilled(fault.line, fault.column, fault.placeholder))
        self.problems[before:before] = faults
        if unfilled:
            self.problems.append(_to_be_filled_in(file, unfilled))

    def _read(self, file: str, text: str, document: Document, earlier: Earlier, *, is_meant: bool) -> Iterator[Unfilled]:
        """The objects of a document; ``earlier`` are those that came before it in its file. What has a placeholder is none."""
        if is_meant or is_manifest(document.value):
            self.problems += [_problem(file, fault) for fault in document.problems]
        for prefix, value in objects_in(document.value):
            place = Place(Origin(file=file, document=document.index, prefix=prefix), document)
            made = object_of(value, place, self.namespace, self.copies, text[document.start : document.end])
            if not isinstance(made.outcome, Object) or made.outcome.kind == "Ingress":
                self.mentions += mentions(value)
            match made.outcome:
                case Unfilled() as found:
                    yield found
                case None:
                    self.problems += made.problems
                case obj:
                    self.problems += made.problems
                    self.place(obj, file)
                    number = self.origins.add(obj, place.origin)
                    if obj.metadata.copy and (held := earlier.before(number)) is not None:
                        first, origin = self.origins.at(held)
                        before = self.documents[file, origin.document]
                        replaced = dict(objects_in(before.value))[origin.prefix]
                        if replaced != value:
                            self.problems.append(replaced_by(first.ref, Place(origin, before), place, lost(replaced, value)))

    def build(self, environments: "Kustomized") -> None:
        """All objects that environments build. Each stands in its environment's folder."""
        for part in environments.objects:
            own = part.environment.environment.kustomization.file
            where = BuiltPlace(Origin(file=own, document=0), partial(environments.locate, part))
            made = object_of(part.built.value, where, self.namespace, self.copies, "")
            self.problems += made.problems
            self.mentions += mentions(part.built.value)
            if isinstance(made.outcome, Object):
                environments.parts[made.outcome.ref] = part
                self.place(made.outcome, own)

    def place(self, obj: Object, file: str) -> None:
        """An object, in the tree of folders."""
        if isinstance(obj, Service):
            if self.latest and obj.spec.ports == self.latest.spec.ports:  # once for very many; maps stay as each was written
                msgspec.structs.force_setattr(obj.spec, "ports", self.latest.spec.ports)
            self.latest = obj
        self.objects.append(obj)
        self.files.append(file)

    def meshes(self) -> Meshes:
        """Each surroundings as a mesh. What is wrong with documents is true of the whole. Nothing can be read after it."""
        self.copies.clear()  # of very many objects, what only reading needs is as large as a mesh
        made, problems = self._units(), tuple(self.problems)
        self.files.clear()
        return Meshes(
            Mesh(
                (self.objects[index] for index in unit.members),
                problems=problems,
                left_out=unit.left_out,
                place=unit.place,
                about=(self.objects[index].ref for index in unit.own),
                mentions=self.mentions,
                alternatives=(self.objects[index].ref for index in unit.alternatives),
            )
            for unit in made
        )

    def _units(self) -> tuple[Unit, ...]:
        """What is judged together: all of it, where no name is there twice and no folders could each be meant for another place."""
        is_whole = len(set(self.files)) < 2 or not any(obj.metadata.home for obj in self.objects)
        if is_whole and not any(obj.metadata.copy for obj in self.objects):
            return (Unit(range(len(self.objects))),)
        return units([standing(obj, file) for obj, file in zip(self.objects, self.files, strict=True)])

    def unread(self) -> Iterable[Unread]:
        """Files and documents of which nothing was checked."""
        for problem in self.problems:
            if problem.hides and problem.location:
                place = f"line {problem.location.line}: {problem.reason.rstrip('.')}"
                yield Unread(kind="File", reason=place, file=problem.location.file)


def _problem(file: str, fault: Fault, *, hides: bool = False) -> Problem:
    """What cannot be read is an error; a key that is there twice is a warning."""
    place = Location(file=file, line=fault.line, column=fault.column)
    return Problem(
        resource=file_ref(file), path="", reason=fault.reason, location=place, level="error" if hides else "warning", hides=hides
    )


def _to_be_filled_in(file: str, found: Sequence[Unfilled]) -> Problem:
    """One remark a file: how many documents have placeholders, and the first of them."""
    first = min(found)
    which = "a document was" if len(found) == 1 else f"{len(found)} documents were"
    reason = f'{which} not checked: "{first.placeholder}" is a placeholder that is not filled in'
    place = Location(file=file, line=first.line, column=first.column)
    return Problem(resource=file_ref(file), path="", reason=reason, location=place, level="info", hides=True)
