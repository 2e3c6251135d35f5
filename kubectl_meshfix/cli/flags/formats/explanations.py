"""What `explain` can print, as the values of ``-o``."""

from enum import StrEnum


class ExplanationFormat(StrEnum):
    """Formats of an explanation."""

    TREE = "tree"
    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    MERMAID = "mermaid"
    HTML = "html"
