"""What `test` can print, as the values of ``-o``."""

from enum import StrEnum


class ExpectationFormat(StrEnum):
    """Formats of a run of expectations."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    JUNIT = "junit"
    GITHUB = "github"
    MARKDOWN = "markdown"
