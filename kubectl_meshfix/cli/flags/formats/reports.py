"""What `diagnose` can print, as the values of ``-o``."""

from enum import StrEnum


class ReportFormat(StrEnum):
    """Formats of a report."""

    TABLE = "table"
    WIDE = "wide"
    SHORT = "short"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"
    GITLAB = "gitlab"
    MARKDOWN = "markdown"
    OPENREPORTS = "openreports"
    WGPOLICY = "wgpolicy"
    HTML = "html"


FOR_PEOPLE = frozenset({ReportFormat.TABLE, ReportFormat.WIDE, ReportFormat.SHORT})
"""Formats of a report with a summary below the findings."""
