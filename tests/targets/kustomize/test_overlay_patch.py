"""The patch in an overlay that makes a fix, and the entry that names it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.sources.kustomize.built import BuiltObject, Identity
from kubectl_meshfix.sources.kustomize.kustomization import Kustomization
from kubectl_meshfix.targets.kustomize.overlay_patch import OverlayPatch, entries_added, overlay_patch

SERVICE = "metadata: {name: prod-cart, labels: {a: b}}\nspec:\n  ports:\n  - {name: web, port: 80}\n"
HEAD = "apiVersion: v1\nkind: Service\nmetadata:\n  name: cart\n"


def kustomization(text: str = "namePrefix: prod-\n", folder: str = "prod") -> Kustomization:
    """A kustomization that puts a prefix before names."""
    return Kustomization(folder=folder, file=f"{folder}/kustomization.yaml", text=text, document=read(text).documents[0])


def patch_of(*operations: Operation, own: Kustomization | None = None, taken: tuple[str, ...] = ()) -> OverlayPatch:
    """The patch that makes operations on a Service."""
    built = BuiltObject(Identity("", "Service", "shop", "prod-cart"), "v1", SERVICE)
    return overlay_patch(own or kustomization(), built, operations, taken)


@pytest.mark.parametrize(
    ("operations", "text"),
    [
        ([Operation("add", "/metadata/labels/x", "y")], f'{HEAD}  labels:\n    x: "y"\n'),
        ([Operation("test", "/metadata/labels/a", "b"), Operation("replace", "/metadata/labels/a", "c")], f"{HEAD}  labels:\n    a: c\n"),
        ([Operation("remove", "/metadata/labels/a")], f"{HEAD}  labels:\n    a: null\n"),
        (
            [Operation("add", "/metadata/annotations", {"x": "1"}), Operation("add", "/metadata/annotations/z", "2")],
            f'{HEAD}  annotations:\n    x: "1"\n    z: "2"\n',
        ),
        (
            [Operation("add", "/metadata/labels", {"x": "1"}), Operation("add", "/metadata/labels", {"z": "2"})],
            f'{HEAD}  labels:\n    x: "1"\n    z: "2"\n',
        ),
        ([Operation("add", "/spec/type", "ClusterIP")], f"{HEAD}spec:\n  type: ClusterIP\n"),
        ([Operation("replace", "/metadata/labels", {"x": "1"})], '- op: replace\n  path: /metadata/labels\n  value:\n    x: "1"\n'),
        (
            [
                Operation("test", "/spec/ports/0/name", "web"),
                Operation("test", "/metadata/labels/a", "b"),
                Operation("replace", "/spec/ports/0/name", "http"),
            ],
            "- op: test\n  path: /spec/ports/0/name\n  value: web\n- op: replace\n  path: /spec/ports/0/name\n  value: http\n",
        ),
        ([Operation("add", "/metadata/labels/x", "y"), Operation("remove", "/metadata/labels")], f"{HEAD}  labels: null\n"),
        (
            [Operation("add", "/metadata/annotations", {"x": {"p": "1"}}), Operation("add", "/metadata/annotations", {"x": "2"})],
            f'{HEAD}  annotations:\n    x: "2"\n',
        ),
        (
            [Operation("add", "/metadata/annotations", {"x": "2"}), Operation("add", "/metadata/annotations", {"x": {"p": "1"}})],
            f'{HEAD}  annotations:\n    x:\n      p: "1"\n',
        ),
        (
            [Operation("add", "/spec/a", {"x": {"p": 1}}), Operation("add", "/spec/a", {"x": {"z": 2}})],
            f"{HEAD}spec:\n  a:\n    x:\n      p: 1\n      z: 2\n",
        ),
        ([Operation("replace", "/metadata/labels/a", {"b": "c"})], "- op: replace\n  path: /metadata/labels/a\n  value:\n    b: c\n"),
        ([Operation("test", "/metadata/labels/a", "b"), Operation("add", "/spec/type", "x")], f"{HEAD}spec:\n  type: x\n"),
        ([Operation("copy", "/spec/x", from_="/spec/type")], "- op: copy\n  path: /spec/x\n  from: /spec/type\n"),
        ([Operation("move", "/spec/x", from_="/spec/type")], "- op: move\n  path: /spec/x\n  from: /spec/type\n"),
        ([Operation("add", "/spec/ports/-", {})], "- op: add\n  path: /spec/ports/-\n  value: {}\n"),
        ([Operation("add", "/spec/ports", [])], f"{HEAD}spec:\n  ports: []\n"),
        ([Operation("remove", "/spec/ports/0")], "- op: remove\n  path: /spec/ports/0\n"),
    ],
)
def test_a_merge_where_maps_alone_change_and_operations_where_a_list_does(operations: list[Operation], text: str) -> None:
    """A merge says what is to be there; an item of a list is patched by its place, with the tests that tell whether it is that item."""
    before = msgspec.json.encode(operations)

    found = patch_of(*operations)

    assert msgspec.json.encode(operations) == before
    assert found.text == text
    assert found.entry == {"path": "meshfix-service-cart.yaml", "target": {"kind": "Service", "name": "cart"}}


def test_a_name_is_free_and_line_ends_are_the_kustomizations(tmp_path: Path) -> None:
    """A number is put behind a name that a file or another patch has."""
    own = kustomization("namePrefix: prod-\r\n", str(tmp_path))
    first = patch_of(Operation("add", "/spec/type", "x"), own=own)
    (tmp_path / "meshfix-service-cart.yaml").touch()
    second = patch_of(Operation("add", "/spec/type", "x"), own=own)
    third = patch_of(Operation("add", "/spec/type", "x"), own=own, taken=[second.file])  # type: ignore[arg-type]

    assert [Path(item.file).name for item in (first, second, third)] == [f"meshfix-service-cart{end}.yaml" for end in ("", "-2", "-3")]
    assert first.text.count("\r\n") == first.text.count("\n") > 1


@pytest.mark.parametrize(
    ("text", "op", "path"),
    [
        ("namePrefix: x\n", "add", "/patches"),
        ("patches:\n", "replace", "/patches"),
        ("patches: []\n", "replace", "/patches"),
        ("patches: [{path: a.yaml}]\n", "add", "/patches/-"),
    ],
)
def test_patches_come_after_those_that_are_there(text: str, op: str, path: str) -> None:
    """The list is made where there is none."""
    entry: dict[str, Any] = {"path": "b.yaml"}
    (operation,) = entries_added(kustomization(text), [entry])

    assert (operation.op, operation.path) == (op, path)
    assert operation.value in (entry, [entry])
