"""What a kustomization is, and what it names."""

import os
from pathlib import Path

import pytest

from kubectl_meshfix.sources.kustomize.chains import listed_files
from kubectl_meshfix.sources.kustomize.environments import read_environments
from kubectl_meshfix.sources.kustomize.kustomization import (
    Kustomization,
    children,
    file_in,
    is_remote,
    local_files,
    read_kustomization,
    remotes,
    resource_files,
)
from kubectl_meshfix.sources.kustomize.tree import folders_in, tree
from tests.sources.kustomize.shop import write

FAR = "https://example.com/"


def kustomization(folder: Path, text: str, files: dict[str, str] | None = None) -> Kustomization:
    """A kustomization with files beside it."""
    found = read_kustomization(str(write(folder, {"kustomization.yaml": text, **(files or {})})))
    assert found
    return found


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ("resources: []", True),
        ("kind: Kustomization", True),
        ("kind: Component", True),
        ("kind:\napiVersion:", True),
        ("kind: Service", False),
        ("apiVersion: v1", False),
        ("apiVersion: kustomize.config.k8s.io/v1beta1", True),
        ("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization", False),
        ("- resources", False),
        ("text", False),
        ("", False),
        ("resources: []\n---\nresources: []", False),
        ("resources: []\n---\n{", False),
        ("{", False),
    ],
)
def test_a_kustomization_is_one_map_of_its_kind(tmp_path: Path, text: str, is_read: bool) -> None:
    """Kind and version may be left out; what cannot be read as one document is none."""
    assert (read_kustomization(str(write(tmp_path, {"kustomization.yaml": text}))) is not None) is is_read


def test_a_kustomization_of_bytes_that_are_no_text_is_none(tmp_path: Path) -> None:
    """The reader of files says so."""
    (tmp_path / "kustomization.yaml").write_bytes(b"\xff")

    assert read_kustomization(str(tmp_path)) is None
    assert read_kustomization(str(tmp_path / "gone")) is None


def test_names_of_the_file(tmp_path: Path) -> None:
    """Three names, the first of which counts; a folder of such a name is none."""
    found = []
    for name in ("Kustomization", "kustomization.yml", "kustomization.yaml"):
        write(tmp_path, {name: "resources: []\n"})
        found.append(file_in(str(tmp_path)))
    (tmp_path / "sub/kustomization.yaml").mkdir(parents=True)

    assert [file and Path(file).name for file in found] == ["Kustomization", "kustomization.yml", "kustomization.yaml"]
    assert file_in(str(tmp_path / "sub")) is None


def test_folders_and_manifests(tmp_path: Path) -> None:
    """Entries that are there, and nothing that is no path."""
    entries = "[7, null, {}, gone, a.yaml, sub]"
    own = kustomization(tmp_path, f"resources: {entries}\nbases: {entries}\ncomponents: {entries}\n", {"a.yaml": "", "sub/b.yaml": ""})

    assert list(children(own)) == [str(tmp_path / "sub")] * 3
    assert list(resource_files(own)) == [str(tmp_path / "a.yaml")]


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (f"{FAR}a.yaml", True),
        ("git@example.com:a", True),
        ("git::a", True),
        ("gh:a/b", True),
        ("www.github.com/a/b", True),
        ("github.com:a/b", True),
        ("a.git", True),
        ("a.git/b", True),
        ("a.git?ref=1", True),
        ("a.gitx", False),
        ("a?ref=1", True),
        ("a?x=1&version=2", True),
        ("a?x=1", False),
        ("a/_git/b", True),
        ("a/b", False),
        (f"{FAR}a\nb", False),
        ("there.git", False),
    ],
)
def test_what_kustomize_would_fetch(tmp_path: Path, entry: str, found: bool) -> None:
    """By the way it is written, unless it lies on the disk."""
    (tmp_path / "there.git").mkdir()

    assert is_remote(str(tmp_path), entry) is found


def test_every_field_that_may_name_an_address(tmp_path: Path) -> None:
    """Once each, in the order in which kustomize reads them; entries that are of another type are passed over."""
    one_each = ["resources", "bases", "components", "generators", "transformers", "validators", "crds", "configurations"]
    one_each += ["patchesStrategicMerge"]
    lines = [f"{field}: [7, null, {{}}, '{FAR}{number}', '{FAR}{number}', here]" for number, field in enumerate(one_each)]
    lines += [
        f"{field}: [7, text, {{}}, {{path: 7}}, {{path: '{FAR}{field}'}}]" for field in ("patches", "patchesJson6902", "replacements")
    ]
    lines += [f"openapi: {{path: '{FAR}openapi'}}"]
    lines += [
        f"{kind}Generator: [7, {{files: [7, '{FAR}{kind}', 'k.1-=git@{kind}'], envs: [null, '{FAR}e{kind}'], env: '{FAR}env{kind}'}}]"
        for kind in ("configMap", "secret")
    ]

    found = list(remotes(kustomization(tmp_path, "\n".join(lines))))

    generated = [[f"{FAR}{kind}", f"git@{kind}", f"{FAR}e{kind}", f"{FAR}env{kind}"] for kind in ("configMap", "secret")]
    assert found == [
        *(f"{FAR}{number}" for number in range(9)),
        *(f"{FAR}{field}" for field in ("patches", "patchesJson6902", "replacements", "openapi")),
        *generated[0],
        *generated[1],
    ]


def test_no_field_has_to_be_what_it_should(tmp_path: Path) -> None:
    """Another type holds no address."""
    assert not list(remotes(kustomization(tmp_path, f"resources: {FAR}\nopenapi: '{FAR}'\nconfigMapGenerator: {{files: ['{FAR}']}}\n")))


LONG = "x" * 300
FILES = {"a.yaml": "", "b.yaml": "", "c.yaml": "", "sub/d.yaml": "", "stray.yaml": ""}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("resources: [a.yaml, a.yaml, ./a.yaml, gone.yaml, sub]", {"a.yaml"}),
        ("configMapGenerator: [{files: [k=b.yaml, =c.yaml, a.yaml=x]}]", {"b.yaml", "c.yaml"}),
        ("patches: [{path: a.yaml, options: {deep: [[b.yaml]]}}, 7, null, '']", {"a.yaml", "b.yaml"}),
        (f'patches: [{LONG}, {LONG * 40}, \'a.yaml\\0\', "a.yaml\\0", "a.yaml\\nb.yaml"]', set()),
        ("generators: [7, {a: b}, null, sub, gone.yaml, t.yaml]", {"t.yaml", "a.yaml"}),
        ("transformers: [t.yaml]", {"t.yaml", "a.yaml"}),
        ("validators: [t.yaml, again.yaml]", {"t.yaml", "a.yaml", "again.yaml", "sub/d.yaml"}),
        ("transformers: [bytes.yaml, kustomization.yaml]", {"bytes.yaml"}),
        ('transformers: ["t.yaml\\0"]', set()),
        ("resources: [t.yaml]", {"t.yaml"}),
    ],
)
def test_files_that_are_named(tmp_path: Path, text: str, names: set[str]) -> None:
    """In any field, once each, and in what plug-ins read, also where those name themselves; nothing else that lies there."""
    plugins = {"t.yaml": "path: a.yaml\n---\ntext\n", "again.yaml": "path: sub/d.yaml\ntransformers: [again.yaml]\n"}
    own = kustomization(tmp_path, text, FILES | plugins)
    (tmp_path / "bytes.yaml").write_bytes(b"\xff")

    found = list(local_files(own))

    assert found[0] == own.file
    assert sorted(os.path.relpath(file, tmp_path) for file in found[1:]) == sorted(names)


def test_patches_are_no_objects_where_nothing_builds(tmp_path: Path) -> None:
    """Files of patches and the kustomization; what is no file is nobody's."""
    text = (
        'resources: [a.yaml]\npatches: [{path: b.yaml}, {path: sub}, {path: "a\\0"}, {path: 7}, {}, 7]\npatchesStrategicMerge: [c.yaml]\n'
    )
    own = kustomization(tmp_path, f"{text}patchesJson6902: [{{path: sub/d.yaml}}]\n", FILES)

    found = read_environments([own.folder], is_missing=True)

    names = {os.path.relpath(file, tmp_path.resolve()) for file in found.files}
    assert names == {"kustomization.yaml", "b.yaml", "c.yaml", "sub/d.yaml"}


def test_folders_that_are_not_entered(tmp_path: Path) -> None:
    """Those of hidden names by default, and those that the caller leaves out; without asking for it, none below."""
    write(tmp_path, {f"{name}kustomization.yaml": "" for name in ("", "b/", "a/", ".git/", "a/c/")})

    def found(**options: object) -> list[str]:
        return [os.path.relpath(folder, tmp_path) for folder in folders_in(str(tmp_path), **options)]  # type: ignore[arg-type]

    assert found(recursive=True) == [".", "a", "a/c", "b"]
    assert found(recursive=True, enters=lambda name: name != "c") == [".", ".git", "a", "b"]
    assert found(recursive=False) == ["."]


def test_each_way_of_a_manifest(tmp_path: Path) -> None:
    """Once for each way that it goes; folders that build on each other, and those without kustomization, end it."""
    files = {
        f"{name}/kustomization.yaml": f"resources: [{entries}]\n"
        for name, entries in (("top", "../one, ../two, ../plain"), ("one", "../base"), ("two", "../base"), ("base", "a.yaml, ../one"))
    }
    write(tmp_path, files | {"base/a.yaml": "", "plain/b.yaml": ""})
    (found,) = tree([str(tmp_path / "top")]).environments

    ways = [(Path(one.file).name, [Path(part.folder).name for part in one.way]) for one in listed_files(found)]

    assert ways == [("a.yaml", ["top", "two", "base"]), ("a.yaml", ["top", "one", "base"])]
