"""Which document an object comes from, where its name alone does not tell."""

from pathlib import Path

import pytest

from kubectl_meshfix.sources.kustomize.building import Builder
from kubectl_meshfix.sources.kustomize.environments import read_environments
from kubectl_meshfix.sources.kustomize.leading_back import lead_back
from kubectl_meshfix.sources.kustomize.origins import Origins
from kubectl_meshfix.sources.kustomize.tree import tree
from tests.sources.kustomize.shop import needs_kubectl, write


def document(kind: str, name: str, more: str = "") -> str:
    """An object of three lines."""
    return f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}{more}}}\n"


PREFIX = "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: x-\nfieldSpecs: [{path: metadata/name}]\n"
GENERATOR = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: made}\nliterals: [a=b]\n"
RENAME = "- {op: replace, path: /metadata/name, value: b}"
TWO = [document("Service", "cart"), document("Service", "cart-admin"), document("ConfigMap", "cart"), document("Service", "other")]


def places(folder: Path, files: dict[str, str]) -> dict[str, str]:
    """The file and line of each object, by kind, namespace and name."""
    found = read_environments([str(write(folder, files))])
    assert list(found.problems()) == []
    return {
        "/".join(filter(None, part.built.identity[1:])): f"{Path(place.file).name}:{place.line}"
        for part in found.objects
        for place in [found.locate(part, "")]
    }


@needs_kubectl
@pytest.mark.parametrize(
    ("own", "files", "expected"),
    [
        (
            "resources: [a.yaml]",
            {"a.yaml": "---\n".join(TWO)},
            {"Service/cart": "a.yaml:1", "Service/cart-admin": "a.yaml:5", "ConfigMap/cart": "a.yaml:9", "Service/other": "a.yaml:13"},
        ),
        (
            "resources: [a.yaml]\ntransformers: [p.yaml]",
            {"a.yaml": "---\n".join(TWO), "p.yaml": PREFIX},
            {
                "Service/x-cart": "a.yaml:1",
                "Service/x-cart-admin": "a.yaml:5",
                "ConfigMap/x-cart": "a.yaml:9",
                "Service/x-other": "a.yaml:13",
            },
        ),
        (
            "resources: [a.yaml]",
            {"a.yaml": "---\n".join(document("Service", "cart", more) for more in ("", ", namespace: one", ", namespace: two"))},
            {"Service/cart": "a.yaml:1", "Service/one/cart": "a.yaml:5", "Service/two/cart": "a.yaml:9"},
        ),
        (
            f"resources: [a.yaml]\npatches: [{{target: {{kind: Service}}, options: {{allowNameChange: true}}, patch: '{RENAME}'}}]",
            {"a.yaml": document("Service", "zzz")},
            {"Service/b": "a.yaml:1"},
        ),
        (
            "resources: [a.yaml, b.yaml]\nconfigMapGenerator: [{name: cart, options: {disableNameSuffixHash: true}, namespace: three}]",
            {name: document("ConfigMap", "cart", f", namespace: {more}") for name, more in (("a.yaml", "one"), ("b.yaml", "two"))},
            {"ConfigMap/one/cart": "a.yaml:1", "ConfigMap/two/cart": "b.yaml:1", "ConfigMap/three/cart": "kustomization.yaml:2"},
        ),
        (
            "\n\ngenerators: [g.yaml]",
            {"g.yaml": GENERATOR},
            {"ConfigMap/made-4h2mbtbbt6": "kustomization.yaml:3"},
        ),
        (
            "configMapGenerator:\n- name: made\n  files: [k=a.txt]\n  options: {disableNameSuffixHash: true}",
            {"a.txt": ""},
            {"ConfigMap/made": "kustomization.yaml:2"},
        ),
    ],
    ids=["one file", "a name that a plug-in changed", "namespaces in one file", "another name", "a generator too", "a plug-in", "a file"],
)
def test_where_objects_come_from(tmp_path: Path, own: str, files: dict[str, str], expected: dict[str, str]) -> None:
    """Kind and name in any document of a file; kustomize tells the file where those leave it open, and what is made is of no file."""
    assert places(tmp_path, {"kustomization.yaml": own, **files}) == expected


@needs_kubectl
def test_a_file_that_a_generator_reads_by_another_name(tmp_path: Path) -> None:
    """The key's value is the file's text; where there is no such file, the entry is the place."""
    own = "configMapGenerator:\n- name: made\n  files:\n  - k=sub/a.txt\n  - b.txt\n"
    found = read_environments([str(write(tmp_path, {"kustomization.yaml": own, "sub/a.txt": "", "b.txt": ""}))])
    (part,) = found.objects

    led = [lead_back(part.environment.environment, part.built, f"/data/{key}", found.origins) for key in ("k", "b.txt", "c")]
    (tmp_path / "b.txt").unlink()
    led.append(lead_back(part.environment.environment, part.built, "/data/b.txt", found.origins))

    file, made = str(tmp_path / "kustomization.yaml"), "configMapGenerator in"
    assert [(one.location.file, one.location.line, one.by, one.words) for one in led] == [
        (str(tmp_path / "sub/a.txt"), 1, "field", f"{tmp_path}/sub/a.txt, which {made} {file} reads"),
        (str(tmp_path / "b.txt"), 1, "field", f"{tmp_path}/b.txt, which {made} {file} reads"),
        (file, 2, "field", f"{made} {file}"),
        (file, 5, "field", f"{made} {file}"),
    ]


def test_nothing_is_noted_where_it_cannot_be_built_again(tmp_path: Path) -> None:
    """The folder was built; with the note of origins it is not."""
    (one,) = tree([str(write(tmp_path, {"kustomization.yaml": "resources: [a.yaml]", "a.yaml": ""}))]).environments

    assert Origins(Builder(command=("false",))).noted(one) == {}
    assert Origins(Builder(command=("echo", "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    a: b\n#"))).noted(one) == {}
