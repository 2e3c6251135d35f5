"""The examples' shop eight times, in namespaces of its own each, with one Istio: a report of some two hundred findings."""

import re
import shutil
from pathlib import Path

from tests.render.findings import EXAMPLES

NAMESPACES = "shop|warehouse|payments|reports"


def write_eight_shops(folder: Path) -> None:
    """Write the manifests below ``folder``."""
    shutil.copytree(f"{EXAMPLES}/istio", folder / "istio")
    for number in range(1, 9):
        (folder / f"shop-{number}").mkdir()
        for file in sorted(Path(EXAMPLES, "shop").glob("*.yaml")):
            (folder / f"shop-{number}" / file.name).write_text(_renamed(file.read_text(), number))


def _renamed(text: str, number: int) -> str:
    """Manifests whose namespaces have a number at the end, wherever they are named."""
    places = (
        rf"(?<=namespace: )({NAMESPACES})\b",
        rf"(?<=kind: Namespace\nmetadata:\n  name: )({NAMESPACES})\b",
        rf"(?<=\.)({NAMESPACES})(?=\.svc|\n)",
        rf"\b({NAMESPACES})(?=/\w)",
    )
    for place in places:
        text = re.sub(place, rf"\1-{number}", text)
    return text
