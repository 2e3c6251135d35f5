"""How `make site` builds these pages: Markdown by MyST, the theme Furo, Sphinx's own search. Any warning fails the build."""

import re
from collections.abc import Mapping
from typing import Any

from sphinx.application import Sphinx

from docs.output_lexer import OutputLexer
from docs.pictures import THEMES
from kubectl_meshfix import __version__

_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BAD = re.compile(r"# MF\d{3}")

_BELOW: Mapping[str, tuple[str, ...]] = {
    "rules/README": ("given", "MF*"),
    "explain/README": ("cni", "openshift", "revisions"),
    "trace": ("trace/bookinfo", "trace/shop"),
}
"""The pages that the side bar shows below another one, by that one; as forges show these pages, the list is not in their text."""

project = "kubectl-meshfix"
release = __version__
copyright = "the authors of kubectl-meshfix, Apache-2.0"  # noqa: A001 (Sphinx's name for it)

extensions = ["myst_parser"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
suppress_warnings = ["myst.header", "misc.highlighting_failure"]
highlight_language = "text"
language = "en"

html_theme = "furo"
_MARKED = {"light": "#fdf2e2", "dark": "#3a3220"}
html_theme_options = {
    f"{tone}_css_variables": {"terminal-marked": _MARKED[tone]} | {f"terminal-{number}": colour for number, colour in theme.colours.items()}
    for tone, theme in THEMES.items()
}
html_title = "kubectl meshfix"
html_copy_source = False
html_static_path = ["site.css", "site.js"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_show_sphinx = False
html_show_copyright = False
html_permalinks = True


def _with_marked_lines(app: Sphinx, name: str, source: list[str]) -> None:
    """Mark the lines of a rule page's examples in which the rule finds something; what a page says of itself stays as it is."""
    del app

    def marked(fence: re.Match[str]) -> str:
        lines = [str(number) for number, line in enumerate(fence[1].splitlines(), 1) if _BAD.search(line)]
        return f"```{{code-block}} yaml\n:emphasize-lines: {','.join(lines)}\n\n{fence[1]}```" if lines else fence[0]

    if name.startswith("rules/MF"):
        source[0] = _YAML.sub(marked, source[0])


def _with_pages_below(app: Sphinx, name: str, source: list[str]) -> None:
    """Put the list of the pages below this one at its end."""
    del app
    if name in _BELOW:
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\n\n" + "\n".join(_BELOW[name]) + "\n```\n"


def _with_levels(app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Give the side bar's headings a level, which Sphinx leaves out and WAI-ARIA requires."""
    del app, name, template, doctree
    if "furo_navigation_tree" in context:
        context["furo_navigation_tree"] = context["furo_navigation_tree"].replace('role="heading"', 'role="heading" aria-level="2"')


def setup(app: Sphinx) -> None:
    """Colour what commands print as a terminal does, mark what is wrong in the rules' examples, and order the side bar."""
    app.add_lexer("console", OutputLexer)
    app.connect("source-read", _with_marked_lines)
    app.connect("source-read", _with_pages_below)
    app.connect("html-page-context", _with_levels, priority=900)
