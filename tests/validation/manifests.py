"""Objects of Istio and the Gateway API to begin with: those of the rules' pages, and those of folders that a person names."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from kubectl_meshfix.documents.reading.list_kind import objects
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.rules.pages import all_given
from kubectl_meshfix.validation.schema.tables import table
from tests.rules.pages import ALL


def judged(texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The objects of some texts whose kind has a table, in their order."""
    for text in texts:
        for document in read(text).documents:
            for _, value in objects(document.value):
                if isinstance(value, dict) and table(value) and isinstance(value.get("spec"), dict):
                    yield value


def of_pages() -> list[dict[str, Any]]:
    """The objects of the examples of all rules."""
    return list(judged([*(example.text for example in ALL), *(item.text for item in all_given())]))


def of_folders(paths: Iterable[str]) -> list[dict[str, Any]]:
    """The objects of every YAML file of some folders."""
    files = sorted(file for path in paths for file in Path(path).rglob("*.y*ml"))
    return list(judged(file.read_text("utf-8", errors="replace") for file in files))
