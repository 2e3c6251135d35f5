"""What `trace` can print, as the values of ``-o``."""

from enum import StrEnum


class TraceFormat(StrEnum):
    """Formats of a trace; a matrix is a table for people."""

    TREE = "tree"
    JSON = "json"
    YAML = "yaml"
    MERMAID = "mermaid"
    HTML = "html"
