"""Which files become texts: standard input, folders around what cannot be read, and charts."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.sources import manifest_files
from kubectl_meshfix.sources.charts import is_library
from kubectl_meshfix.sources.ignored import ignored_below
from kubectl_meshfix.sources.manifest_files import is_manifest_name, read_texts
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.sources.kustomize.shop import write

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec: {ports: [{name: http, port: 80}]}\n"


def test_standard_input_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is named: what comes a second time is nothing."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SERVICE.encode())))

    assert read_texts(["-", "-"], recursive=False).texts == {"-": SERVICE}


def test_a_link_that_leads_to_itself(tmp_path: Path) -> None:
    """It cannot be read: where it was named that is an error, in a folder it is told and the others are read."""
    write(tmp_path, {"b.yaml": SERVICE})
    (tmp_path / "a.yaml").symlink_to("a.yaml")

    with pytest.raises(SourceError, match=r"a\.yaml cannot be read: Too many levels of symbolic links\.$"):
        read_texts([str(tmp_path / "a.yaml")], recursive=False)
    found = read_texts([str(tmp_path)], recursive=False)

    assert list(found.texts) == [str(tmp_path / "b.yaml")]
    assert [(problem.resource.name, problem.reason, problem.hides) for problem in found.problems] == [
        (str(tmp_path / "a.yaml"), "it cannot be read: Too many levels of symbolic links", True)
    ]


def test_a_folder_that_goes_away_meanwhile(tmp_path: Path) -> None:
    """It is told, and the others are read."""
    write(tmp_path, {"a.yaml": SERVICE, "b/b.yaml": SERVICE, "c/c.yaml": SERVICE})
    search = manifest_files._Search(recursive=True, ignore=False, read=set(), problems=[], ignored=[])
    found = manifest_files._manifests_in(str(tmp_path), search)

    names = [Path(next(found)[0]).name]
    shutil.rmtree(tmp_path / "b")
    names += [Path(file).name for file, _ in found]

    assert names == ["a.yaml", "c.yaml"]
    assert [(problem.resource.name, problem.reason) for problem in search.problems] == [
        (str(tmp_path / "b"), "the folder cannot be read: No such file or directory")
    ]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("a.yaml", True),
        ("a.YML", True),
        ("a.json", True),
        ("Kustomization", True),
        ("kustomization", False),
        ("a.yaml.txt", False),
        ("00-assert.yaml", False),
        ("00-errors-late.yml", False),
        ("00-assert.json", True),
        ("00-assertion.yaml", True),
        ("assert.yaml", True),
    ],
)
def test_names_that_a_folder_is_searched_for(name: str, is_one: bool) -> None:
    """Three endings, and kustomize's own name; not what a test expects of a cluster."""
    assert is_manifest_name(name) is is_one


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with no program on the path."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


CHART = {"shop/Chart.yaml": "name: shop\n", "shop/templates/a.yaml": "kind: {{ .Values.kind }}\n"}
UNCHECKED = "the chart's templates were not checked"


@pytest.mark.parametrize(
    ("files", "helm", "texts", "problems"),
    [
        (CHART, False, ["shop/Chart.yaml"], [UNCHECKED]),
        (CHART, True, ["shop/Chart.yaml"], [f"{UNCHECKED}, because helm is not on the path"]),
        ({**CHART, "shop/Chart.yaml": "name: shop\ntype: library\n"}, False, ["shop/Chart.yaml"], []),
        ({**CHART, "shop/Chart.yaml": "name: shop\ntype: library\n"}, True, ["shop/Chart.yaml"], []),
        ({"shop/Chart.yaml": "name: shop\n"}, False, ["shop/Chart.yaml"], []),
        ({"shop/Chart.yaml": "name: shop\n"}, True, ["shop/Chart.yaml"], [f"{UNCHECKED}, because helm is not on the path"]),
        ({**CHART, "shop/crds/b.yaml": SERVICE}, False, ["shop/Chart.yaml", "shop/crds/b.yaml"], [UNCHECKED]),
        ({"shop/Chart.yaml": "name: shop\n", "shop/x/b.yaml": "a: {{ b }}\n"}, False, ["shop/Chart.yaml"], [UNCHECKED]),
        ({**CHART, "templates/b.yaml": "a: {{ b }}\n"}, False, ["shop/Chart.yaml", "templates/b.yaml"], [UNCHECKED]),
        ({"shop/OldChart.yaml": "a: b\n", "shop/templates/a.yaml": SERVICE}, False, ["shop/OldChart.yaml", "shop/templates/a.yaml"], []),
        (
            {**CHART, "shop/charts/db/Chart.yaml": "name: db\n", "shop/charts/db/templates/a.yaml": "{{ a }}"},
            False,
            ["shop/Chart.yaml", "shop/charts/db/Chart.yaml"],
            [UNCHECKED],
        ),
    ],
)
def test_templates_of_charts_are_no_texts(files: dict[str, str], helm: bool, texts: list[str], problems: list[str], bare: Path) -> None:
    """Nor is what else of a chart has braces; a chart that has no templates, or is there for others only, is nothing to tell of."""
    write(bare, files)

    found = read_texts(["."], recursive=True, helm=helm)

    assert sorted(found.texts) == texts
    assert [problem.reason for problem in found.problems] == problems


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (b"type: library\n", True),
        (b"name: a\n---\ntype: library\n", True),
        (b"type: application\n", False),
        (b"- type: library\n", False),
        (b"type: [\n", False),
        (b"type: library # \xff\n", False),
        (None, False),
    ],
)
def test_a_chart_that_is_there_for_others(text: bytes | None, is_one: bool, tmp_path: Path) -> None:
    """It says so; one that cannot be read says nothing."""
    if text is not None:
        (tmp_path / "Chart.yaml").write_bytes(text)

    assert is_library(str(tmp_path)) is is_one


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not on the path")
def test_what_git_holds_is_not_passed_over(tmp_path: Path) -> None:
    """A file that was added although a .gitignore names it, and the folder it is in."""
    write(tmp_path, {".gitignore": "*.yaml\nkept\ngone\n", "a.yaml": "", "b.yaml": "", "kept/a.yaml": "", "gone/a.yaml": ""})
    for words in (["init", "-q"], ["add", "-f", "a.yaml", "kept/a.yaml"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    is_ignored = ignored_below(str(tmp_path))

    assert [name for name in ("kept", "gone") if is_ignored(str(tmp_path), name, is_folder=True)] == ["gone"]
    assert [name for name in ("a.yaml", "b.yaml", "c.yml") if is_ignored(str(tmp_path), name, is_folder=False)] == ["b.yaml"]


@pytest.mark.parametrize("text", ["kind: [\n", "apiVersion: [\n", "a: [\n"])
def test_a_text_of_a_folder_that_says_less_than_a_manifest(text: str) -> None:
    """It is not looked at, unless it was named."""
    assert not from_texts({"a.yaml": text}, named=frozenset())[0].mesh.problems
    assert len(from_texts({"a.yaml": text}, named=frozenset(["a.yaml"]))[0].mesh.problems) == 1
