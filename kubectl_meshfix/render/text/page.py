"""One HTML file: it loads nothing, obeys no style and no script but its own, and no text that a cluster wrote becomes markup."""

import base64
import hashlib
import html as markup
from collections.abc import Iterable
from importlib import resources

from kubectl_meshfix import __version__
from kubectl_meshfix.render.text.terminal import count, safe

LONGEST = 4_000
"""Characters of one text that are shown; what is longer is no name and no sentence."""


MANY = 200
"""Groups from which on a browser draws only those that are in sight."""


def page(title: str, header: Iterable[str], main: Iterable[str], *, groups: int) -> str:
    """The whole file. Its policy lets in the style and the script by their hashes (`w3.org/TR/CSP3`), and nothing else."""
    style, script = (resources.files(__package__).joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{text(title)}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        '<a class="skip" href="#content">To the content</a>',
        "<header>",
        *header,
        "</header>",
        '<main id="content" class="many">' if groups > MANY else '<main id="content">',
        *main,
        "</main>",
        f'<footer class="faint">kubectl-meshfix {__version__}</footer>',
        f"<script>{script}</script>",
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def form(label: str, kinds: Iterable[tuple[str, str, bool]], *, fixable: bool = False) -> str:
    """A search and a box for each kind of row: its value, its name, and whether it is ticked. Shown where scripts may run."""
    ticks = [(kind, " checked" * on, name) for kind, name, on in kinds]
    boxes = [f'<label><input type="checkbox" name="kind" value="{kind}"{tick}> {name}</label>' for kind, tick, name in ticks]
    boxes += ['<label><input type="checkbox" name="fixable"> Only fixable</label>'] if fixable else []
    return "\n".join(
        [
            f'<form hidden role="search" aria-label="{label}">',
            '<label class="search">Search <input type="search" name="words" autocomplete="off" spellcheck="false"></label>',
            f"<fieldset><legend>Show</legend>{''.join(boxes)}</fieldset>",
            '<output class="faint" aria-live="polite"></output>',
            "</form>",
        ]
    )


def text(value: str) -> str:
    """A text as text: escaped, control and direction characters shown, and no longer than a person reads."""
    shown = value if len(value) <= LONGEST else f"{value[:LONGEST]}… ({count(len(value) - LONGEST, 'more character')})"
    return markup.escape(safe(shown))


def command(words: str) -> str:
    """A command to copy; it can be scrolled by keyboard, because it is as long as it is."""
    return f'<pre tabindex="0">{text(words)}</pre>'


def bulleted(pieces: Iterable[str]) -> str:
    """Texts as a list."""
    return f"<ul>{''.join(f'<li>{text(piece)}</li>' for piece in pieces)}</ul>"


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
