"""Helm charts: what is not looked at in them, and what they render with their own values."""

import os
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from kubectl_meshfix.documents.reading.limited import read_file
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.mesh.problems import Location, Problem
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.sources.kustomizations import file_ref
from kubectl_meshfix.sources.programs import Failed, Output, run

CHART = "Chart.yaml"
LACKING = re.compile(r"missing in charts/ directory: (.+)")
"""helm, of a chart whose dependencies were not fetched (`helm/pkg/action/dependency.go CheckDependencies`)."""

RELEASE = "release-name"
"""What `helm template` calls a release that nobody named."""


class Rendered(Struct, frozen=True):
    """What a chart's templates make of its own values, as YAML with helm's ``# Source:`` lines."""

    chart: str
    text: str


class Unrendered(Struct, frozen=True):
    """A chart that was not rendered, and why."""

    chart: str
    reason: str


def find_helm(environ: Mapping[str, str] = os.environ) -> str | None:
    """helm, where it is on the path."""
    return shutil.which("helm", path=environ.get("PATH", ""))


def is_library(chart: str) -> bool:
    """Whether a chart is only there for others, and renders nothing (`helm/pkg/chart/metadata.go`)."""
    try:
        documents = read(read_file(Path(chart, CHART), only_regular=True).decode()).documents
    except (OSError, UnicodeDecodeError):
        return False
    return any(isinstance(document.value, dict) and document.value.get("type") == "library" for document in documents)


def render(chart: str, helm: str) -> Rendered | Unrendered:
    """A chart with its own values. It must hold its dependencies: nothing is fetched, and no cluster is asked."""
    match run([helm, "template", RELEASE, os.path.realpath(chart)]):
        case Output(text=text):
            return Rendered(chart=chart, text=text)
        case Failed(reason=reason):
            return Unrendered(chart=chart, reason=reason.removeprefix("Error: ").partition("\n\nUse --debug")[0])


def template_file(chart: str, source: str) -> str:
    """The file of a ``# Source:`` line, which begins with the chart's name: ``shop/charts/cart/templates/service.yaml``."""
    return os.path.normpath(os.path.join(chart, *source.split("/")[1:]))  # noqa: PTH118


def location(chart: str, source: str | None) -> Location:
    """Where a rendered object comes from: its template as a whole, as lines are the rendering's; the chart, for one in an archive."""
    file = template_file(chart, source) if source else ""
    return Location(file=file if Path(file).is_file() else os.path.join(chart, CHART), line=1, column=1, template=source)  # noqa: PTH118


def not_rendered(chart: str, *, asked: bool = False, reason: str = "") -> Problem:
    """That a chart's templates were not looked at, and the command that would.

    ``asked``: they should have been rendered; without a ``reason``, helm is not there.
    """
    file = os.path.join(chart, CHART)  # noqa: PTH118
    lacking = LACKING.search(reason)
    reason = f"charts/ lacks {lacking[1]}" if lacking else reason
    name = shlex.quote(chart)
    why = f", because helm cannot render it: {reason}" if reason else ", because helm is not on the path" if asked else ""
    return Problem(
        resource=file_ref(file),
        path="",
        reason=f"the chart's templates were not checked{why}",
        location=Location(file=file, line=1, column=1),
        level="warning",
        hides=True,
        advice="Render the chart, and check what it makes." if asked else "Add --helm, or render the chart and check what it makes.",
        kept_by="helm" if reason else "no helm" if asked else "",
        command=f"{f'helm dependency build {name} && ' if lacking else ''}helm template {name} | kubectl meshfix diagnose -f -",
    )


def outermost(charts: Iterable[str]) -> list[str]:
    """Charts that are in no other: what is below ``charts/`` of one is rendered with it."""
    found: list[str] = []
    for chart in sorted(charts, key=lambda path: len(Path(path).parts)):
        if not any(Path(chart).is_relative_to(Path(parent, "charts")) for parent in found):
            found.append(chart)
    return sorted(found)
