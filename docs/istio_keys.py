"""``python -m docs.istio_keys API VERSION``: the table of Istio's annotations and labels, from a checkout of istio.io/api.

Facts alone: names, the objects that may have them, how mature they are. Their descriptions are not copied.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kubectl_meshfix.resources.embedded import mapping

TABLE = Path(__file__).parent.parent / "kubectl_meshfix" / "mesh" / "istio_keys" / "table.py"

HEAD = '''"""Istio's annotations and labels, made by `docs/istio_keys.py` from the tables of istio.io/api.

A row is a name, the kinds that may have it, separated by spaces, and how mature it is; ``!`` marks what is deprecated.
"""

VERSION = "{version}"
"""The version of Istio that knows exactly these."""

Row = tuple[str, str, str]

ANNOTATIONS: tuple[Row, ...] = (
{annotations}
)

LABELS: tuple[Row, ...] = (
{labels}
)
'''


def rows(file: Path, field: str) -> Iterator[str]:
    """The lines of a table, in the order of names. Raises ValueError for a file that is not what it is taken to be."""
    content, problem = mapping(file.read_text(encoding="utf-8"))
    if problem or field not in content:
        raise ValueError(f"{file}: {problem or f'no {field}'}")
    items: list[dict[str, Any]] = content[field]
    for item in sorted(items, key=lambda item: str(item["name"])):
        maturity = str(item.get("featureStatus") or "Alpha").lower()  # the generator of istio.io/api takes it so
        row = (str(item["name"]), " ".join(sorted(item["resources"])), maturity + "!" * bool(item.get("deprecated")))
        yield f"    {row!r},".replace("'", '"')


def main(api: str, version: str) -> None:
    """Write the table."""
    annotations = "\n".join(rows(Path(api) / "annotation" / "annotations.yaml", "annotations"))
    labels = "\n".join(rows(Path(api) / "label" / "labels.yaml", "labels"))
    TABLE.write_text(HEAD.format(version=version, annotations=annotations, labels=labels), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
