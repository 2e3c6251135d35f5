"""Manifests: which texts are read, what they become, and where everything stands."""

import json
import os
from pathlib import Path

import pytest

from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.errors import SourceError, UsageError
from kubectl_meshfix.report import Report
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Secret, Service
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.files import read_files, read_manifests
from kubectl_meshfix.sources.manifest_meshes import from_texts

SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  selector: {{a: b}}\n  ports:\n  - name: web\n    port: 80\n"


def service(name: str = "cart") -> str:
    """A Service with a port that declares no protocol."""
    return SERVICE.format(name=name)


def report(text: str, **options: str) -> Report:
    """All rules over one text."""
    return diagnose(from_texts({"a.yaml": text}, **options)[0], RULES)  # type: ignore[arg-type]


@pytest.mark.parametrize(("given", "namespace"), [("", None), ("shop", "shop")])
def test_documents_without_namespace_get_one(given: str, namespace: str | None) -> None:
    """They belong to the namespace of -n; without it they are judged in a place of their own, which nobody named."""
    snapshot, _ = from_texts({"a.yaml": service()}, namespace=given)

    (cart,) = snapshot.mesh.all(Service)
    assert cart.ref.namespace == namespace
    assert snapshot.mesh.find(cart.ref) is cart
    assert snapshot.mesh.knows(kinds.SERVICE, namespace or "default") is bool(given)


def test_what_names_no_namespace_answers_only_what_names_none() -> None:
    """A Service without a namespace says nothing about the namespace default to those who name that; beside it, it is known."""
    elsewhere = service("far").replace("name: far", "name: far\n  namespace: x")
    snapshot, _ = from_texts({"a.yaml": f"{service()}---\n{service('other')}---\n{elsewhere}"})
    near, far = (next(item for item in snapshot.mesh.all(Service) if item.name == name) for name in ("other", "far"))

    assert snapshot.mesh.knows(kinds.SERVICE, "default", near)
    assert not snapshot.mesh.knows(kinds.SERVICE, "default", far)


def test_every_finding_has_a_line_and_a_column() -> None:
    """A finding points at the culprit, also in the second document and inside of a List."""
    item = '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"},\n "spec": {"ports": [{"port": 80}]}}'
    listed = f'{{"apiVersion": "v1", "kind": "List", "items": [\n{item}]}}'

    rows = report(f"# first\n{service()}---\n{listed}\n").active

    assert [(row.location.line, row.location.column) for row in rows if row.location and row.code == "MF101"] == [(9, 11), (14, 21)]


def test_helm_tells_where_a_text_came_from() -> None:
    """The template that helm template names in its comment is the finding's origin."""
    rows = report(f"---\n# Source: shop/templates/cart.yaml\n{service()}---\n# Source: shop/templates/db.yaml\n{service('db')}").active

    assert {(row.resource.name, row.location.template) for row in rows if row.location} == {
        ("cart", "shop/templates/cart.yaml"),
        ("db", "shop/templates/db.yaml"),
    }


def test_a_broken_document_does_not_hide_the_others() -> None:
    """One document in the middle cannot be read; those around it are checked."""
    rows = report(f"{service('one')}---\nkind: [\n---\n{service('two')}").active

    assert {(row.code, row.resource.name) for row in rows} == {("MF101", "one"), ("MF001", "a.yaml"), ("MF101", "two")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {x: 5}}\n",
            "metadata.labels.x is a number and must be a string. Put it in quotes. The API server refuses it.",
        ),
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: {}}\n",
            "spec.ports is a map and must be a list. The API server refuses it.",
        ),
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: eighty}]}\n",
            "spec.ports[0].port is a string and must be a number",
        ),
        ("apiVersion: v1\nkind: Service\nmetadata: [a]\n", "metadata is a list and must be a map"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {b/c: true}}\n",
            'metadata.annotations["b/c"] is a boolean and must be a string',
        ),
        ("- a\n", "a list, not an object"),
        ("a: 1\na: 2\napiVersion: v1\nkind: Service\nmetadata: {name: x}\n", 'The key "a" is set twice'),
    ],
)
def test_a_wrong_type_is_named_with_its_place(text: str, words: str) -> None:
    """The message says which field, what it must be, and what it is."""
    assert any(words in row.message for row in report(text).active if row.code == "MF001")


def test_nulls_mean_absent() -> None:
    """A field that is null is read as if it were not there, as the API server does."""
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: null, annotations: }\nspec: {ports: null, type: null}\nstatus:\n"

    snapshot, _ = from_texts({"a.yaml": text})

    assert not snapshot.mesh.problems
    assert snapshot.mesh.all(Service)[0].spec.type == "ClusterIP"


def test_what_stands_twice_is_checked_twice() -> None:
    """Two objects of one name in one file are each checked where they stand."""
    rows = report(f"{service()}---\n{service().replace('web', 'http')}---\n{service()}").active

    assert [(row.code, row.location.line if row.location else 0) for row in rows if row.code == "MF101"] == [("MF101", 8), ("MF101", 28)]


def test_folders_are_searched_as_kubectl_does(tmp_path: Path) -> None:
    """A folder gives its .yaml, .yml and .json, with -R those of its folders; nothing hidden, no other ending."""
    for name in ("a.yaml", "b.yml", "c.json", "d.txt", "sub/e.yaml", ".git/f.yaml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            service(path.stem) if path.suffix != ".json" else '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "c"}}'
        )

    flat, _ = read_manifests([str(tmp_path)])
    deep, _ = read_manifests([str(tmp_path)], recursive=True)

    assert [item.name for item in flat.mesh.all(Service)] == ["a", "b", "c"]
    assert [item.name for item in deep.mesh.all(Service)] == ["a", "b", "c", "e"]


@pytest.mark.parametrize(
    ("text", "severities"),
    [
        ("ratings: [\n", []),
        ("apiVersion: v1\nkind: [\n", ["error"]),
        ("apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ name }}\n", ["info"]),
    ],
)
def test_only_what_looks_like_a_manifest_must_be_readable(text: str, severities: list[str], tmp_path: Path) -> None:
    """Data that lies beside manifests in a folder is passed over; a broken manifest is an error, a template is named."""
    (tmp_path / "data.json").write_text(text)
    (tmp_path / "cart.yaml").write_text(service().replace("web", "http"))

    assert [row.severity for row in diagnose(read_manifests([str(tmp_path)])[0], RULES).active] == severities


@pytest.mark.parametrize("lacking", ["apiVersion", ""])
def test_a_list_of_a_folder_is_read_by_what_it_says_of_itself(lacking: str, tmp_path: Path) -> None:
    """Its kind is enough."""
    whole = {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "cart"}}]}
    (tmp_path / "all.json").write_text(json.dumps({key: value for key, value in whole.items() if key != lacking}))

    assert [item.name for item in read_manifests([str(tmp_path)])[0].mesh.all(Service)] == ["cart"]


def test_what_a_test_expects_of_a_cluster_is_no_manifest(tmp_path: Path) -> None:
    """KUTTL's asserts and errors hold parts of objects that nobody applies; its other steps are applied. What is named is read."""
    for name in ("00-assert", "01-errors-late", "02-assert", "01-install", "assert"):
        (tmp_path / f"{name}.yaml").write_text(service(name))

    assert [item.name for item in read_manifests([str(tmp_path)])[0].mesh.all(Service)] == ["01-install", "assert"]
    assert read_manifests([str(tmp_path / "00-assert.yaml")])[0].mesh.all(Service)


def test_repeated_keys_of_other_files_are_not_ours(tmp_path: Path) -> None:
    """What is no manifest, such as a CI configuration, may say a thing twice."""
    (tmp_path / "ci.yml").write_text("branches: [a]\nbranches: [b]\n")
    (tmp_path / "a.yaml").write_text(service())

    assert not read_manifests([str(tmp_path)])[0].mesh.problems


def test_stray_documents_of_folders_are_no_errors(tmp_path: Path) -> None:
    """A patch file in a folder is passed over; the same file by its own name is an error."""
    stray, kept = tmp_path / "patch.yaml", tmp_path / "cart.yaml"
    stray.write_text("- op: remove\n  path: /a\n")
    kept.write_text(service().replace("web", "http"))

    searched = diagnose(read_manifests([str(tmp_path)])[0], RULES).active
    named = diagnose(read_manifests([str(stray)])[0], RULES).active

    assert not searched
    assert [row.severity for row in named] == ["error"]


def test_charts_are_one_finding_and_say_how_to_render_them(tmp_path: Path) -> None:
    """Templates of a chart are no manifests; the finding names the command that makes manifests of them."""
    (tmp_path / "shop" / "templates").mkdir(parents=True)
    (tmp_path / "shop" / "Chart.yaml").write_text("name: shop\n")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / "shop" / "templates" / name).write_text("kind: {{ .Values.kind }}\n")
    (tmp_path / "cart.yaml").write_text(service().replace("web", "http"))

    rows = diagnose(read_manifests([str(tmp_path)], recursive=True)[0], RULES).active

    assert [row.message for row in rows] == ["The chart's templates were not checked."]
    assert rows[0].fix
    assert rows[0].fix.commands[0].startswith("helm template ")


def test_nothing_to_read_is_a_usage_error(tmp_path: Path) -> None:
    """A folder without manifests, or a path that does not exist, is said instead of called clean."""
    with pytest.raises(UsageError, match="no Kubernetes object"):
        read_manifests([str(tmp_path)])
    with pytest.raises(SourceError, match="does not exist"):
        read_manifests([str(tmp_path / "nowhere")])


def test_objects_that_no_rule_judges_are_nothing_that_was_checked(tmp_path: Path) -> None:
    """Secrets, grants and classes are read for what they tell of others; alone they are nothing that was checked. Of a Secret no value is
    kept, and what is not filled in there is no matter.
    """
    manifest = tmp_path / "secret.yaml"
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: tls, namespace: shop}\nstringData: {tls.crt: '${CERTIFICATE}', tls.key: ''}\n"
    manifest.write_text(secret)
    with pytest.raises(UsageError, match="there is Secret, which no rule reads"):
        read_manifests([str(manifest)])

    manifest.write_text(f"{secret}---\n{service().replace('web', 'http')}")
    snapshot = read_manifests([str(manifest)])[0]
    (held,) = snapshot.mesh.all(Secret)

    assert not diagnose(snapshot, RULES).findings
    assert (held.string_data, held.has("tls.crt"), held.has("tls.crt", "tls.key")) == ({"tls.crt": True, "tls.key": False}, True, False)


def test_objects_of_other_kinds_are_no_error_beside_ours(tmp_path: Path) -> None:
    """A CustomResourceDefinition, say, holds nothing that could be wrong with a mesh; alone it is nothing that was checked."""
    manifest = tmp_path / "crds.yaml"
    text = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\n"
    manifest.write_text(f"{text}---\n{service().replace('web', 'http')}")

    assert not diagnose(read_manifests([str(manifest)])[0], RULES).findings
    manifest.write_text(text)
    with pytest.raises(UsageError, match="there is CustomResourceDefinition, which no rule reads"):
        read_manifests([str(manifest)])


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    """Named again, by another path, by a link or within its folder, a file does not make its objects stand twice."""
    (tmp_path / "cart.yaml").write_text(service())
    (tmp_path / "link.yaml").symlink_to("cart.yaml")
    paths = [str(tmp_path / "cart.yaml"), f"{tmp_path}/./cart.yaml", str(tmp_path / "link.yaml"), str(tmp_path)]

    snapshot, manifests = read_manifests(paths)

    assert list(manifests.texts) == paths[:1]
    assert not snapshot.mesh.problems


def test_a_folder_is_read_around_what_cannot_be_opened(tmp_path: Path) -> None:
    """A named pipe is passed over instead of waited for, a link that leads nowhere is told, and the other files are read."""
    os.mkfifo(tmp_path / "a.yaml")
    (tmp_path / "b.yaml").symlink_to("gone.yaml")
    (tmp_path / "c.yaml").mkdir()
    (tmp_path / "d.yaml").write_text(service())

    snapshot, manifests = read_manifests([str(tmp_path)])

    assert list(manifests.texts) == [str(tmp_path / "d.yaml")]
    assert [(problem.resource.name, problem.reason) for problem in snapshot.mesh.problems] == [
        (str(tmp_path / "b.yaml"), "its target does not exist")
    ]


def test_what_cannot_be_read_is_told_to_be_unread(tmp_path: Path) -> None:
    """A link that leads nowhere, a text that is not UTF-8 and a binary file are each listed among what was not checked."""
    (tmp_path / "a.yaml").symlink_to("gone.yaml")
    (tmp_path / "b.yaml").write_bytes(b"apiVersion: v1\nkind: \xff\n")
    (tmp_path / "c.yaml").write_bytes(b"apiVersion: v1\nkind: \0\n")
    (tmp_path / "d.yaml").write_text(service())

    found = read_manifests([str(tmp_path)])[0]

    assert [(Path(row.file or "").name, row.reason) for row in found.unreadable] == [
        ("a.yaml", "line 1: its target does not exist"),
        ("b.yaml", "line 2: it is not UTF-8 text"),
        ("c.yaml", "line 2: it is a binary file"),
    ]
    assert [problem.level for problem in found.mesh.problems] == ["warning", "error", "error"]


def test_a_key_that_is_there_twice_hides_nothing() -> None:
    """It is a warning, and the object is checked with its last value."""
    snapshot = from_texts({"a.yaml": service().replace("  selector:", "  type: ClusterIP\n  type: NodePort\n  selector:")})[0]

    assert [problem.level for problem in snapshot.mesh.problems] == ["warning"]
    assert not snapshot.unreadable
    assert [item.spec.type for item in snapshot.mesh.all(Service)] == ["NodePort"]


def test_what_is_read_where_nothing_is_said_of_it(tmp_path: Path) -> None:
    """The folder alone, without those in it, and without what git ignores; each where it is asked for."""
    (tmp_path / "inner").mkdir()
    for name in ("cart", "old", "inner/pay"):
        (tmp_path / f"{name}.yaml").write_text(service(Path(name).name))
    (tmp_path / ".gitignore").write_text("old.yaml\n")

    def names(snapshot: Snapshot) -> list[str]:
        return [item.name for item in snapshot.mesh.all(Service)]

    folder = [str(tmp_path)]
    assert names(read_manifests(folder)[0]) == names(read_files(folder).snapshot) == ["cart"]
    assert names(read_manifests(folder, recursive=True)[0]) == ["cart", "pay"]
    assert names(read_manifests(folder, ignore=False)[0]) == ["cart", "old"]


def test_a_generated_name_tells_objects_apart() -> None:
    """Objects that get their names from the API server are each their own, known by what their names begin with."""
    template = "{spec: {containers: [{name: main, image: a}]}}"
    made = [
        f"{{apiVersion: apps/v1, kind: Deployment, metadata: {{generateName: {name}-}}, spec: {{template: {template}}}}}" for name in "ab"
    ]

    rows = [row for row in report("\n---\n".join(made)).active if row.code == "MF201"]

    assert [row.resource.name for row in rows] == ["a-", "b-"]
    assert [row.fix.patches[0].operations[-1].value for row in rows if row.fix] == [{"labels": {"app": name}} for name in "ab"]
