"""Helm's charts: said to be there, or rendered."""

import os
import shutil
from pathlib import Path

import pytest

from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.sources import charts
from kubectl_meshfix.sources.charts import Rendered, Unrendered
from tests.sources.kustomize.shop import contents, write

HELM = shutil.which("helm")

FILES = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "values.yaml": "port: web\n",
    "templates/service.yaml": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: {{ .Release.Name }}}\nspec: {ports: [{port: 80, name: {{ .Values.port }}}]}\n"
    ),
    "charts/cart/Chart.yaml": "apiVersion: v2\nname: cart\nversion: 1.0.0\n",
    "charts/cart/templates/account.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: cart}\n",
}


STAND_IN = """\
#!/bin/sh
[ "$1 $2" = "template release-name" ] || exit 3
cat <<EOF
---
# Source: shop/templates/service.yaml
apiVersion: v1
kind: Service
metadata: {name: release-name, labels: {chart: "$(basename "$3")"}}
EOF
"""


def sources(rendered: Rendered) -> dict[str, str]:
    """The kinds that were rendered, with their templates' files."""
    found = {str(document.value["kind"]): document.source for document in read(rendered.text).documents}
    return {kind: charts.location(rendered.chart, source).file for kind, source in found.items()}


@pytest.mark.skipif(HELM is None, reason="helm is not on the path")
def test_helm_renders_a_chart_with_its_own_values(tmp_path: Path) -> None:
    """Objects lead back to their templates, those of a chart inside of it too; no file is made."""
    before = contents(write(tmp_path / "chart", FILES))

    rendered = charts.render(str(tmp_path / "chart"), HELM or "")

    assert isinstance(rendered, Rendered)
    assert "name: web" in rendered.text
    assert sources(rendered) == {
        "Service": str(tmp_path / "chart/templates/service.yaml"),
        "ServiceAccount": str(tmp_path / "chart/charts/cart/templates/account.yaml"),
    }
    assert contents(tmp_path / "chart") == before


@pytest.mark.skipif(HELM is None, reason="helm is not on the path")
def test_helm_says_what_is_wrong(tmp_path: Path) -> None:
    """A chart whose dependency is not there, and would have to be fetched, is not rendered; the reason is helm's."""
    files = {**FILES, "Chart.yaml": FILES["Chart.yaml"] + "dependencies: [{name: db, version: 1.x, repository: 'https://example.com'}]\n"}

    outcome = charts.render(str(write(tmp_path, files)), HELM or "")

    assert isinstance(outcome, Unrendered)
    assert "missing in charts/ directory: db" in outcome.reason
    assert not outcome.reason.startswith("Error")


@pytest.mark.skipif(os.name != "posix", reason="the program that stands in is a script")
def test_the_program_is_called_as_helm_is(tmp_path: Path) -> None:
    """A program in helm's place gets ``template``, a name and the chart, and its source lines lead to files."""
    write(tmp_path / "shop", FILES)
    write(tmp_path, {"bin/helm": STAND_IN})
    (tmp_path / "bin/helm").chmod(0o755)
    helm = charts.find_helm({"PATH": f"{tmp_path / 'bin'}:{os.defpath}"})

    rendered = charts.render(str(tmp_path / "shop"), helm or "")

    assert isinstance(rendered, Rendered)
    assert 'chart: "shop"' in rendered.text
    assert sources(rendered) == {"Service": str(tmp_path / "shop/templates/service.yaml")}
    assert charts.find_helm({"PATH": str(tmp_path)}) is None


def test_what_is_in_an_archive_leads_to_the_chart(tmp_path: Path) -> None:
    """A template that is in no file of the folder, and an object without a source line, are the chart's."""
    chart = str(write(tmp_path, FILES))

    for source in ("shop/charts/db/templates/service.yaml", None):
        assert charts.location(chart, source).file == str(tmp_path / "Chart.yaml")


def test_charts_inside_of_charts_are_rendered_with_them(tmp_path: Path) -> None:
    """Only what is below ``charts`` of another is no chart of its own."""
    found = [str(tmp_path / name) for name in ("shop/charts/cart", "shop", "shop/other", "db")]

    assert charts.outermost(found) == [str(tmp_path / name) for name in ("db", "shop", "shop/other")]


@pytest.mark.parametrize(
    ("asked", "reason", "words"),
    [
        (False, "", ""),
        (True, "", ", because helm is not on the path"),
        (True, "no such value", ", because helm cannot render it: no such value"),
    ],
)
def test_what_was_not_looked_at_is_a_warning(asked: bool, reason: str, words: str) -> None:
    """It says why, and the command that looks."""
    problem = charts.not_rendered("shop", asked=asked, reason=reason)

    assert problem.reason == f"the chart's templates were not checked{words}"
    assert problem.command == "helm template shop | kubectl meshfix diagnose -f -"
    assert ("--helm" in problem.advice) is not asked
    assert (problem.level, problem.resource.name) == ("warning", "shop/Chart.yaml")


def test_a_chart_without_its_dependencies_says_which() -> None:
    """Helm's long sentence becomes the names, and the command fetches them first."""
    said = "An error occurred while checking for chart dependencies. … found in Chart.yaml, but missing in charts/ directory: db, cache"

    problem = charts.not_rendered("shop", asked=True, reason=said)

    assert problem.reason == "the chart's templates were not checked, because helm cannot render it: charts/ lacks db, cache"
    assert problem.command == "helm dependency build shop && helm template shop | kubectl meshfix diagnose -f -"


@pytest.mark.parametrize(("kind", "is_library"), [("type: library\n", True), ("type: application\n", False), ("", False), ("]", False)])
def test_libraries_render_nothing(tmp_path: Path, kind: str, is_library: bool) -> None:
    """A library is known by its type."""
    assert charts.is_library(str(write(tmp_path, {"Chart.yaml": FILES["Chart.yaml"] + kind}))) is is_library
