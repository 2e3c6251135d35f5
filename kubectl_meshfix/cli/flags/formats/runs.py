"""What `undo --list` can print, as the values of ``-o``."""

from enum import StrEnum


class RunsFormat(StrEnum):
    """Formats of --list."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
