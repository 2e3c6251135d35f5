"""Files in the folders of kustomizations: built, read as they are, or told to be left."""

from pathlib import Path

import pytest

from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.sources.files import read_files
from tests.sources.kustomize.shop import needs_kubectl, write

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec: {ports: [{name: http, port: 80}]}\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: tls}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


KUSTOMIZED = {"k/kustomization.yaml": "resources: [a.yaml]\n", "k/a.yaml": SERVICE}


@needs_kubectl
@pytest.mark.parametrize(
    ("files", "paths", "builds", "texts"),
    [
        ({}, ["k"], 1, []),
        ({}, ["k/kustomization.yaml"], 1, []),
        ({}, ["k/a.yaml"], None, ["k/a.yaml"]),
        ({}, ["k", "k/a.yaml"], 1, ["k/a.yaml"]),
        ({}, ["k", "k/kustomization.yaml"], 1, []),
        ({"l/kustomization.yaml": "resources: [a.yaml]\n", "l/a.yaml": SERVICE.replace("cart", "pay")}, ["k", "l"], 2, []),
        ({"l/a.yaml": SERVICE}, ["k", "l/a.yaml"], 1, ["l/a.yaml"]),
        ({"k/b.yaml": SERVICE}, ["k"], 1, []),
        ({"k/b.yaml": "apiVersion: v1\n"}, ["k"], 1, ["k/b.yaml"]),
        ({"k/b.yaml": "kind: Service\n"}, ["k"], 1, ["k/b.yaml"]),
        ({"k/a.yaml": SECRET}, ["k"], 1, []),
        ({"k/a.yaml": SERVICE + "---\napiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\n"}, ["k"], 1, []),
    ],
)
def test_what_kustomizations_take_out_of_the_texts(
    files: dict[str, str], paths: list[str], builds: int | None, texts: list[str], here: Path
) -> None:
    """Their own files and those that they build, but for manifests that were named; a file alone is read as it is."""
    write(here, {**KUSTOMIZED, **files})

    found = read_files(paths)

    assert (len(found.environments.builds.built) if found.environments else None) == builds
    assert list(found.manifests.texts) == texts


@needs_kubectl
@pytest.mark.parametrize(
    ("text", "strays"),
    [
        (SERVICE, 1),
        (f"- {SERVICE.splitlines()[0]}\n  kind: Service\n", 0),
        ("apiVersion: v1\nkind: [\n", 1),
        ("apiVersion: example.com/v1\nkind: Widget\n", 0),
        (SECRET, 0),
    ],
)
def test_files_that_no_kustomization_names(text: str, strays: int, tmp_path: Path) -> None:
    """Told where they hold an object that some rule looks at, as far as they can be read."""
    write(tmp_path, {**KUSTOMIZED, "k/b.yaml": text})

    problems = read_files([str(tmp_path / "k")]).snapshot.mesh.problems

    assert [problem.reason for problem in problems] == ["it does not name b.yaml in its folder, so it was not checked"] * strays


@needs_kubectl
@pytest.mark.parametrize("text", [SERVICE.replace("ports: [{name: http, port: 80}]", "type: [a]"), SERVICE.replace("cart", "APP_NAME")])
def test_what_is_built_and_cannot_be_read(text: str, tmp_path: Path) -> None:
    """A value of a wrong type, and a name that is not filled in: the other objects are."""
    write(tmp_path, {**KUSTOMIZED, "k/a.yaml": f"{text}---\n{SERVICE.replace('cart', 'pay')}"})

    found = read_files([str(tmp_path / "k")])

    assert [item.name for item in found.snapshot.mesh.all(Service)] == ["pay"]
    assert found.environments
    assert [ref.name for ref in found.environments.parts] == ["pay"]
