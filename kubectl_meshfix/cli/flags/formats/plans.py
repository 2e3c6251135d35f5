"""What `apply` can print, as the values of ``-o``."""

from enum import StrEnum


class PlanFormat(StrEnum):
    """Formats of a plan."""

    DIFF = "diff"
    JSON_PATCH = "json-patch"
    KUSTOMIZE = "kustomize"
    MANIFEST = "manifest"
    HELM_VALUES = "helm-values"


EXPORTS = frozenset({PlanFormat.KUSTOMIZE, PlanFormat.MANIFEST, PlanFormat.HELM_VALUES})
"""Formats of a plan that are for another place: with them nothing is changed."""
