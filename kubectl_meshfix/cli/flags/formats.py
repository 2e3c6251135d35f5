"""What each verb can print, as the values of ``-o``."""

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


class PlanFormat(StrEnum):
    """Formats of a plan."""

    DIFF = "diff"
    JSON_PATCH = "json-patch"
    KUSTOMIZE = "kustomize"
    MANIFEST = "manifest"
    HELM_VALUES = "helm-values"


EXPORTS = frozenset({PlanFormat.KUSTOMIZE, PlanFormat.MANIFEST, PlanFormat.HELM_VALUES})
"""Formats of a plan that are for another place: with them nothing is changed."""


class ExplanationFormat(StrEnum):
    """Formats of an explanation."""

    TREE = "tree"
    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    MERMAID = "mermaid"
    HTML = "html"


class TraceFormat(StrEnum):
    """Formats of a trace; a matrix is a table for people."""

    TREE = "tree"
    JSON = "json"
    YAML = "yaml"
    MERMAID = "mermaid"
    HTML = "html"


class ExpectationFormat(StrEnum):
    """Formats of a run of expectations."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    JUNIT = "junit"
    GITHUB = "github"
    MARKDOWN = "markdown"


class RulesFormat(StrEnum):
    """Formats of the catalogue, and of the rules' pages."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"
    YAML = "yaml"


class RunsFormat(StrEnum):
    """Formats of --list."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
