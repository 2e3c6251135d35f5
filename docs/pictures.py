"""The pictures of README and of the site: terminals that show what commands on the examples really print. `make docs` draws them anew.

Each is an SVG without scripts, fonts or links of its own, once for light pages and once for dark ones. A picture of several commands shows
one after the other; where nothing may move, or nothing can, it shows the first.
"""

import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from docs.pages import running

FOLDER = Path(__file__).parent / "images"
COLUMNS = 98
SIZE, LINE, WIDTH, MARGIN, BAR = 14, 19, 8.43, 16, 32
"""Of a letter its height, of a line its height, of a letter its width, of the frame its margin, of the title bar its height; in pixels."""

SECONDS = 6
"""How long each command of several is shown."""

PICTURES: Mapping[str, Sequence[str]] = {
    "repair": (
        "diagnose -f examples/shop/cart.yaml --select ports",
        "apply -f examples/shop/cart.yaml --select MF102 --unsafe --yes",
        "undo 20260301-120000-4f2a9c --yes",
    ),
    "explain": ("explain -f examples -R deploy/ledger -n payments",),
    "trace": ("trace -f examples/bookinfo deploy/productpage-v1 http://ratings:9080/ratings/0",),
}
"""The commands of each picture; the number of a run stands for that of the last one."""


class Theme(NamedTuple):
    """The colours of a terminal; those of text have a contrast of at least 4.5 to the page."""

    page: str
    bar: str
    text: str
    dim: str
    colours: Mapping[str, str]


THEMES = {
    "light": Theme("#ffffff", "#e7e9ee", "#1f2328", "#59636e", {"31": "#b3261e", "32": "#116329", "33": "#7d4e00", "36": "#0b5c8a"}),
    "dark": Theme("#12161c", "#252b34", "#e6e9ee", "#9aa4b0", {"31": "#ff8a80", "32": "#7ee2a0", "33": "#f0c674", "36": "#7cc7f5"}),
}

_STYLE = re.compile(r"\x1b\[([\d;]*)m")


class Span(NamedTuple):
    """Text of one line in one style, which is the numbers of ECMA-48's SGR."""

    column: int
    text: str
    style: frozenset[str]


def spans(text: str) -> list[list[Span]]:
    """What a terminal shows, line by line."""
    lines: list[list[Span]] = []
    style: frozenset[str] = frozenset()
    for line in text.rstrip("\n").split("\n"):
        row: list[Span] = []
        column = 0
        for number, part in enumerate(_STYLE.split(line)):
            if number % 2:
                style = frozenset() if part in ("", "0") else style | frozenset(part.split(";"))
            elif part:
                row.append(Span(column, part, style))
                column += len(part)
        lines.append(row)
    return lines


def drawn(screens: Sequence[tuple[str, str]], theme: Theme) -> str:
    """The SVG of commands with what each prints."""
    shown = [[[Span(0, f"$ kubectl meshfix {command}", frozenset("1"))], [], *spans(text)] for command, text in screens]
    width = round(COLUMNS * WIDTH + 2 * MARGIN)
    height = BAR + 2 * MARGIN + LINE * max(map(len, shown))
    said = escape(", then ".join(f"kubectl meshfix {command}" for command, _ in screens))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
        f"<title>{said}</title>",
        f"<style>{''.join(_css(len(shown), theme))}</style>",
        f'<rect width="{width}" height="{height}" rx="8" fill="{theme.page}" stroke="{theme.bar}"/>',
        f'<path d="M0 {BAR}V8a8 8 0 0 1 8-8h{width - 16}a8 8 0 0 1 8 8v{BAR - 8}z" fill="{theme.bar}"/>',
        *(f'<circle cx="{MARGIN + 4 + 18 * number}" cy="{BAR // 2}" r="5" fill="{theme.dim}"/>' for number in range(3)),
        *(line for number, rows in enumerate(shown) for line in _screen(number, rows)),
        "</svg>\n",
    ])  # fmt: skip


def _css(count: int, theme: Theme) -> Iterator[str]:
    yield f"text{{font:{SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:{theme.text};white-space:pre}}"
    yield f".s1{{font-weight:700}}.s2{{fill:{theme.dim}}}"
    yield from (f".s{number}{{fill:{colour}}}" for number, colour in theme.colours.items())
    yield from (f"#screen{number}{{opacity:0}}" for number in range(1, count))
    if count > 1:
        rest = 100 / count
        yield "@media (prefers-reduced-motion:no-preference){"
        yield f"@keyframes shown{{0%,{rest:.4g}%{{opacity:1}}{rest + 0.01:.4g}%,100%{{opacity:0}}}}"
        for number in range(count):
            yield f"#screen{number}{{opacity:0;animation:shown {count * SECONDS}s {number * SECONDS}s step-end infinite}}"
        yield "}"


def _screen(number: int, rows: Iterable[Sequence[Span]]) -> Iterator[str]:
    yield f'<g id="screen{number}">'
    for line, row in enumerate(rows):
        baseline = BAR + MARGIN + SIZE + line * LINE
        for span in row:
            blank = len(span.text) - len(span.text.lstrip(" "))
            text = span.text.strip(" ")
            if text:
                left = MARGIN + (span.column + blank) * WIDTH
                names = " ".join(f"s{part}" for part in sorted(span.style))
                style = f' class="{names}"' if names else ""
                yield f'<text x="{left:.1f}" y="{baseline}" textLength="{len(text) * WIDTH:.1f}"{style}>{escape(text)}</text>'
    yield "</g>"


def pictures() -> Mapping[Path, str]:
    """Every picture and its text."""
    return {
        FOLDER / f"{name}-{tone}.svg": drawn(screens, theme)
        for name, screens in ((name, list(_run(commands))) for name, commands in PICTURES.items())
        for tone, theme in THEMES.items()
    }


def _run(commands: Iterable[str]) -> Iterator[tuple[str, str]]:
    with running(COLUMNS=str(COLUMNS), FORCE_COLOR="1") as run:
        for command in commands:
            yield command, run(shlex.split(command))


def main() -> int:
    """Draw all of them."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in pictures().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
