"""What is found in small changes of a folder with kustomizations, and what ``apply`` would write there.

``make docs`` writes ``folders.txt``.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.command import run
from tests.sources.kustomize.shop import FILES, write
from tests.variants.making import variant

FILE = Path(__file__).with_name("folders.txt")
NUMBER = 36


def text() -> str:
    """The whole file. Needs kubectl, which builds."""
    return "\n".join(map(said, range(NUMBER)))


def said(number: int) -> str:
    """What is found in one change of the folder, and the diff of its fixes."""
    name = sorted(name for name in FILES if name.endswith(".yaml"))[number % 9]
    documents = list(yaml.safe_load_all(FILES[name]))
    made = variant(documents, f"{name} {number}")
    changed = {**FILES, name: "---\n".join(yaml.safe_dump(item, sort_keys=False) for item in made.documents)}
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.realpath(folder)
        write(Path(root), changed)
        found = run("diagnose", "-f", root, "-R", "-o", "json", "--scope", "all").stdout
        planned = run("apply", "-f", root, "-R", "--dry-run", "--scope", "all", "--restart", "--unsafe")
        edits = planned.output.replace(f"{root}{os.sep}", "/").replace(root, "")
        lines = [f"{number} {name} {'; '.join(made.changes)}", *_found(found.replace(root, "")), *_edits(edits)]
        return "".join(f"{line}\n" for line in lines)


def _edits(diff: str) -> Iterator[str]:
    """The lines that change, and in which files; all words are a digest, whose lines are as long as the folder's name makes them."""
    lines = diff.splitlines()
    words = " ".join(line.lstrip("# ") for line in lines if line.startswith("#")).split()
    yield f"  words {hashlib.sha256(' '.join(words).encode()).hexdigest()[:8]}"
    yield from (f"  {line}" for line in lines if line.startswith(("+", "-", "@@")) and not line.startswith("---"))


def _found(report: str) -> Iterator[str]:
    rows: list[dict[str, Any]] = json.loads(report)["findings"] if report.startswith("{") else []
    for row in rows:
        place = row["location"] or {}
        at = f"{place.get('file')}:{place.get('line')}"
        yield f"  {row['code']} {row['resource']['namespace']}/{row['resource']['name']} {row['path']} {at}"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
