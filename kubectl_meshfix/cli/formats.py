"""Reports for other programs and for browsers: each format is imported only when it is asked for."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from kubectl_meshfix.cli import surroundings
from kubectl_meshfix.cli.reading import Diagnosed
from kubectl_meshfix.engine import Report
from kubectl_meshfix.render.places import Mark, Run
from kubectl_meshfix.rules.rule import Severity

MODULES = {
    "sarif": "sarif",
    "junit": "junit",
    "github": "github",
    "gitlab": "gitlab",
    "markdown": "markdown",
    "openreports": "reports",
    "wgpolicy": "reports",
    "html": "page",
}
"""The module of ``render`` that holds the function of the format's name."""

WITHOUT_MARKS = frozenset({"openreports", "wgpolicy", "markdown"})
"""Formats that show a line and no more of a place."""


def formatted(found: Diagnosed, name: str, limit: Severity | None) -> str:
    """A report in one of the formats above. ``limit`` is the least severity that fails the run, None for none."""
    render: Callable[[Report, Run], str] = getattr(import_module(f"kubectl_meshfix.render.{MODULES[name]}"), name)
    marks: tuple[Mark, ...] = ()
    if found.manifests and name not in WITHOUT_MARKS:
        from kubectl_meshfix.cli.marking import marks as marked  # noqa: PLC0415 -- reads the manifests again

        marks = marked(found.report, found.manifests, with_edits=name == "sarif")
    folder = Path.cwd()
    return render(
        found.report,
        Run(folder=folder.as_posix(), root=surroundings.root(folder).as_posix(), limit=limit, finished=surroundings.now(), marks=marks),
    )
