"""A rule's page on a terminal: the little Markdown that pages are written in, with its headings, wrapped paragraphs, lists and examples."""

import re
from collections.abc import Iterator

from kubectl_meshfix.render.text.terminal import Screen, Style, wrapped

_LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")
_FOUND = re.compile(r"# MF\d{3}\b")
"""The comment at a line of an example that a rule finds."""

_ITEM = re.compile(r"(- |\d+\. )(.*)")


def on_terminal(page: str, screen: Screen) -> str:
    """The page in the width of the screen. ``✗`` stands before each line of an example that is wrong."""
    return "\n".join(_lines(page, screen)).strip("\n") + "\n"


def _lines(page: str, screen: Screen) -> Iterator[str]:
    paragraph: list[str] = []
    is_example = False
    for line in page.splitlines():
        if line.startswith(("```", "#", "|")) or is_example or not line.strip() or _ITEM.match(line):
            yield from _paragraph(paragraph, screen)
            paragraph = []
        if line.startswith("```"):
            is_example = not is_example
        elif is_example:
            yield _example(line, screen)
        elif line.startswith("#"):
            yield screen.paint(line.lstrip("# "), Style.STRONG)
        elif not line.strip() or line.startswith("|"):
            yield line
        else:
            paragraph.append(line.strip())
    yield from _paragraph(paragraph, screen)


def _paragraph(lines: list[str], screen: Screen) -> Iterator[str]:
    if not lines:
        return
    text = " ".join(lines)
    item = _ITEM.fullmatch(text)
    mark, words = item.groups() if item else ("", text)
    indent = " " * (2 + len(mark))
    yield f"  {mark}{wrapped(_inline(words, screen), screen, indent)[len(indent) :]}"


def _inline(text: str, screen: Screen) -> str:
    """Links with their address, and code in a colour, or in its quotes where there are none."""
    text = _LINK.sub(r"\1 (\2)", text)
    if not screen.color:
        return text
    return _CODE.sub(lambda code: " ".join(screen.paint(word, Style.INFO) for word in code[1].split(" ")), text)


def _example(line: str, screen: Screen) -> str:
    if _FOUND.search(line):
        return screen.paint(f"  ✗ {line}", Style.ERROR)
    return screen.paint(f"    {line}", Style.FAINT) if line else ""
