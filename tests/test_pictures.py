"""The drawn terminals show what the commands print now, whole, in colours that can be read."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from docs.pictures import COLUMNS, FOLDER, THEMES, Theme, pictures, spans


def test_pictures_are_up_to_date() -> None:
    """Each is what its commands print today, and there are no others. If one is not: make docs."""
    assert {path: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()} == pictures()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.svg")), ids=lambda path: path.stem)
def test_a_picture_is_whole(path: Path) -> None:
    """It is well-formed, and each line ends before the frame does."""
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    ends = [float(text.attrib["x"]) + float(text.attrib["textLength"]) for text in root.iter("{http://www.w3.org/2000/svg}text")]

    assert len(ends) > 10
    assert max(ends) < float(root.attrib["width"])


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2, of ``#rrggbb``."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_text_can_be_read(theme: Theme) -> None:
    """Text has the contrast that WCAG asks for, 4.5 to 1."""
    for colour in (theme.text, theme.dim, *theme.colours.values()):
        dark, light = sorted((luminance(colour), luminance(theme.page)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, colour


def test_styles_go_on_until_they_end() -> None:
    """A style that a line begins is that of the next line too; columns count letters alone."""
    first, second = spans("ab\x1b[31;1mred\nstill\x1b[0m end\n")

    assert [(span.column, span.text, sorted(span.style)) for span in first] == [(0, "ab", []), (2, "red", ["1", "31"])]
    assert [(span.column, span.text, sorted(span.style)) for span in second] == [(0, "still", ["1", "31"]), (5, " end", [])]
    assert COLUMNS > 80
