"""Which edits of a manifest show in objects that do not need them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.sources.kustomize.building import Builder
from kubectl_meshfix.sources.kustomize.built import BuiltEnvironment, BuiltObject, Identity, objects_of
from kubectl_meshfix.sources.kustomize.kustomization import Kustomization
from kubectl_meshfix.sources.kustomize.origins import Origins, Source
from kubectl_meshfix.sources.kustomize.tree import Environment, tree
from kubectl_meshfix.targets.kustomize.options import InDocument, Wanted
from kubectl_meshfix.targets.kustomize.sharing import Holder, holders, shows_elsewhere
from tests.sources.kustomize.shop import write

MANIFEST: dict[str, Any] = {"metadata": {"name": "a"}, "spec": {"ports": [{"name": "web", "port": 80}], "type": "x"}}
OTHER: dict[str, Any] = {"metadata": {"name": "a"}, "spec": {"ports": [{"name": "web", "port": 80}], "type": "y", "more": 1}}
TEXT, FILE = read("a: b").documents[0], "base/a.yaml"

NAME = Operation("replace", "/spec/ports/0/name", "http")
TYPE = Operation("replace", "/spec/type", "z")
LABEL = Operation("add", "/metadata/labels", {"x": "1"})


def holder(folder: str, value: Any = MANIFEST, prefix: str = "", source: Any = MANIFEST, *instead_of: str) -> Holder:
    """An object that a folder builds."""
    own = Kustomization(folder=folder, file=f"{folder}/kustomization.yaml", text="", document=TEXT)
    built = BuiltObject(Identity("", "Service", "", "a"), "v1", msgspec.json.encode(value).decode())
    environment = BuiltEnvironment(environment=Environment(folder=folder, parts=(own,), instead_of=instead_of), objects=(built,))
    return Holder(environment, built, Source(FILE, TEXT, prefix, source))


def wants(one: Holder, *operations: Operation) -> Wanted:
    """A fix of an object."""
    return Wanted(environment=one.environment, built=one.built, operations=operations, fix=0)


def shows(other: Holder, operations: tuple[Operation, ...], others: tuple[Operation, ...] = (), needs: bool = False) -> bool:
    """Whether what one environment needs shows in another, of which other operations are wanted, or which needs it too."""
    one, document = holder("one"), InDocument(FILE, 0, operations)
    found = {(str(Path(FILE).resolve()), 0): [one, other]}
    alike = [wants(one, *operations), *([wants(other, *operations)] if needs else [])]
    return shows_elsewhere(document, found, [*alike, wants(other, *others), wants(holder("third"), NAME, TYPE, LABEL)])


@pytest.mark.parametrize(
    ("value", "operations", "others", "found"),
    [
        (MANIFEST, (NAME,), (), True),
        (OTHER, (NAME,), (), True),
        (OTHER, (TYPE,), (), False),
        (OTHER, (NAME,), (TYPE,), True),
        (OTHER, (NAME, TYPE), (), True),
        (OTHER, (TYPE, NAME), (), True),
        (OTHER, (Operation("test", "/spec/ports/0/name", "web"), TYPE), (), False),
        (MANIFEST, (NAME,), (NAME,), False),
        (MANIFEST, (NAME,), (Operation("replace", "/spec/ports/0/name", "tcp"),), False),
        (MANIFEST, (NAME,), (Operation("test", "/spec/ports/0/name", "web"), TYPE), True),
        (MANIFEST, (NAME, TYPE), (NAME,), True),
        (MANIFEST, (NAME, TYPE), (NAME, TYPE), False),
        (MANIFEST, (LABEL,), (), True),
        (MANIFEST, (LABEL,), (Operation("add", "/metadata/labels/x", "2"),), False),
        (MANIFEST, (LABEL,), (Operation("add", "/metadata/annotations/x", "2"),), True),
        ({"metadata": {"labels": {"x": "2"}}}, (LABEL,), (), False),
        ({"metadata": {"labels": {"y": "2"}}}, (LABEL,), (), False),
        ({"metadata": "text"}, (LABEL,), (), False),
        (MANIFEST, (Operation("add", "/spec/ports/-", {}),), (), True),
        (MANIFEST, (Operation("add", "/spec/ports/0/x", 1),), (), True),
        ({"spec": {"ports": []}}, (Operation("add", "/spec/ports/0/x", 1),), (), False),
        ({"spec": {"ports": {}}}, (NAME,), (), False),
        (MANIFEST, (Operation("remove", "/spec/type"),), (), True),
        (OTHER, (Operation("remove", "/spec/type"),), (), False),
    ],
)
def test_an_edit_shows_where_an_object_has_what_the_manifest_says(
    value: Any, operations: tuple[Operation, ...], others: tuple[Operation, ...], found: bool
) -> None:
    """At one of its places at least, unless something else is wanted there."""
    assert shows(holder("two", value), operations, others) is found


def test_objects_that_need_it_and_those_that_stand_for_others(tmp_path: Path) -> None:
    """Neither of them is a reason to edit another file; nor is what comes from another document."""
    assert not shows(holder("two"), (NAME,), needs=True)
    assert not shows(holder("two", MANIFEST, "", MANIFEST, "far"), (NAME,))
    assert not shows_elsewhere(InDocument(FILE, 1, (NAME,)), {(str(Path(FILE).resolve()), 0): [holder("one")]}, [])


@pytest.mark.parametrize(("prefix", "found"), [("/items/1", True), ("/items/10", False), ("/items/0", False), ("", False)])
def test_an_item_of_a_list_is_changed_alone(prefix: str, found: bool) -> None:
    """An edit of the item 1 shows in what comes from that item, and in none whose number begins or goes on with the same digit."""
    operations = (Operation("replace", "/items/1/spec/type", "z"),)

    assert shows(holder("two", MANIFEST, prefix), operations) is found
    assert shows(holder("two", MANIFEST, prefix), operations, (TYPE,)) is False
    assert shows(holder("two", MANIFEST, prefix), operations, (NAME,)) is found
    assert shows(holder("two", MANIFEST, "/items/1"), (Operation("replace", "/items/10/spec/type", "z"),)) is False
    assert shows(holder("two", MANIFEST, "/items/1"), (Operation("add", "/items/10/spec/more", 1),)) is False
    assert shows(holder("two", MANIFEST, "/items/1"), (Operation("add", "/items/1/spec/more", 1),)) is True


def test_objects_by_the_documents_they_come_from(tmp_path: Path) -> None:
    """In all environments that read one of the files; what is of no file, and what nobody reads, is no holder."""
    files = {
        f"{name}/kustomization.yaml": f"resources: [../{base}]\n" for name, base in (("one", "base"), ("two", "base"), ("far", "other"))
    }
    files |= {f"{name}/kustomization.yaml": "resources: [a.yaml, b.yaml]\n" for name in ("base", "other")}
    text = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {}\n"
    files |= {f"{name}/a.yaml": f"{text.format('a')}---\n{text.format('b')}" for name in ("base", "other")}
    files |= {f"{name}/b.yaml": text.format("c") for name in ("base", "other")}
    write(tmp_path, files)
    built = tuple(objects_of("---\n".join(text.format(name) for name in ("a", "b", "c", "made"))))
    every = [
        BuiltEnvironment(environment=one, objects=built)
        for one in tree([str(tmp_path / name) for name in ("one", "two", "far")]).environments
    ]
    a, b = (str(tmp_path / "base" / name) for name in ("a.yaml", "b.yaml"))

    found = holders(every, Origins(Builder(command=("false",))), [InDocument(a, 0, ()), InDocument(b, 0, ())])

    names = {key: [(Path(one.environment.environment.folder).name, one.built.identity.name) for one in rows] for key, rows in found.items()}
    real = str(tmp_path.resolve() / "base")
    assert names == {
        (f"{real}/a.yaml", 0): [("one", "a"), ("two", "a")],
        (f"{real}/a.yaml", 1): [("one", "b"), ("two", "b")],
        (f"{real}/b.yaml", 0): [("one", "c"), ("two", "c")],
    }
