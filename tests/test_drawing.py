"""The drawing of the rooms shows what there is."""

import xml.etree.ElementTree as ET

from docs import drawing


def test_every_room_is_drawn_and_none_overlaps_another() -> None:
    """Each folder and module of the package's top level has a box; boxes of one row stand side by side, and all within the picture."""
    picture = ET.fromstring(drawing.svg())
    boxes = [tuple(float(box.attrib[key]) for key in ("x", "y", "width")) for box in picture.iter("{http://www.w3.org/2000/svg}rect")]
    package = drawing.ROOT / "kubectl_meshfix"
    rooms = {path.stem for path in package.iterdir() if not path.name.startswith(("_", ".")) and path.name != "py.typed"}

    assert {room for row in drawing.layers() for room in row} == rooms
    assert len(boxes) == len(rooms)
    assert all(x + width <= drawing.WIDTH + 1 for x, _, width in boxes)
    for x, y, width in boxes:
        assert not [other for other in boxes if other[1] == y and x < other[0] < x + width]


def test_words_fit_into_their_box() -> None:
    """A sentence that is too long ends at a word."""
    assert drawing._fitting("Where a plan goes", 40) == "Where a plan goes"
    assert drawing._fitting("Which findings lie on the way, of a request", 32) == "Which findings lie on the way …"
