"""The drawing of the rooms, from the import contract that holds them to one direction. ``make docs`` writes it."""

import ast
import re
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).parent.parent
CONTRACT = "Arrows point one way"
SVG = ROOT / "docs" / "architecture.svg"

WIDTH, ROW, GAP, LEFT = 860, 46, 10, 40

STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .says { font-size: 12px; fill: #59636e }
  rect { fill: #f6f8fa; stroke: #818b98 }
  path { stroke: #59636e; fill: none; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .says { fill: #9198a1 } rect { fill: #151b23; stroke: #656c76 } path { stroke: #9198a1 }
  }"""


def layers() -> list[list[str]]:
    """The rooms from the top down; those of one row may not import the rows above."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (row for row in project["tool"]["importlinter"]["contracts"] if row["name"] == CONTRACT)
    return [re.split(r" [:|] ", layer) for layer in contract["layers"]]


def svg() -> str:
    """The picture: a row for each layer, a box for each room, and in it what its first sentence says."""
    rows = layers()
    height = len(rows) * (ROW + GAP) + GAP
    boxes = "".join(_box(room, at, place, len(row)) for at, row in enumerate(rows) for place, room in enumerate(row))
    arrow = f'<path d="M18 {GAP} V{height - GAP} m-6 -9 l6 9 l6 -9"/>\n'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">\n'
        f"<title>Rooms of kubectl_meshfix; each imports only rooms below it</title>\n<style>{STYLE}\n</style>\n{arrow}{boxes}</svg>\n"
    )


def _box(room: str, at: int, place: int, among: int) -> str:
    wide = (WIDTH - 1 - LEFT - GAP * (among - 1)) / among
    left, top = LEFT + place * (wide + GAP), GAP + at * (ROW + GAP)
    says = _fitting(_sentence(room), int(wide / 7))
    return (
        f'<rect x="{left:.0f}" y="{top}" width="{wide:.0f}" height="{ROW}" rx="6"/>\n'
        f'<text x="{left + 10:.0f}" y="{top + 19}">{room}</text>\n'
        f'<text class="says" x="{left + 10:.0f}" y="{top + 36}">{escape(says)}</text>\n'
    )


def _sentence(room: str) -> str:
    """The first sentence of the room's docstring, without backticks."""
    folder = ROOT / "kubectl_meshfix" / room
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return re.split(r"(?<=\w)[.:;] |\.$", " ".join(said.split()).replace("`", ""))[0]


def _fitting(text: str, most: int) -> str:
    """A text cut at a word, where it is too long for its box."""
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0].rstrip(',')} …"
