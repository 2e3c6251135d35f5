"""What `rules` can print, as the values of ``-o``."""

from enum import StrEnum


class RulesFormat(StrEnum):
    """Formats of the catalogue, and of the rules' pages."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"
    YAML = "yaml"
