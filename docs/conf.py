"""How `make site` builds these pages: Markdown by MyST, the theme Furo, Sphinx's own search. Any warning fails the build."""

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

from kubectl_meshfix import __version__

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
html_title = "kubectl meshfix"
html_copy_source = False
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_show_copyright = False
html_permalinks = True


def setup(app: Sphinx) -> None:
    """Leave blocks of output uncoloured: to a lexer of shell sessions, our comments in a plan are commands of root."""
    app.add_lexer("console", TextLexer)
