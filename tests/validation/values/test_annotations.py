"""Annotations that no object, or only some, may have."""

from types import ModuleType

import pytest

from kubectl_meshfix.validation import (
    destination_rule,
    gateway,
    proxy_config,
    service_entry,
    sidecar,
    virtual_service,
    workload_entry,
    workload_group,
)
from kubectl_meshfix.validation.values.annotations import annotations

DRY_RUN = "istio.io/dry-run"
PATH = "/metadata/annotations/istio.io~1dry-run"


@pytest.mark.parametrize(
    "kind",
    [destination_rule, gateway, proxy_config, service_entry, sidecar, virtual_service, workload_entry, workload_group],
    ids=lambda kind: kind.__name__.rpartition(".")[2],
)
def test_every_kind_looks_at_annotations(kind: ModuleType) -> None:
    """A dry run is refused whatever else is wrong."""
    assert PATH in {violation.path for violation in kind.violations({}, {"annotations": {DRY_RUN: "true"}})}


@pytest.mark.parametrize(
    ("action", "value", "refused"),
    [("ALLOW", "true", False), ("DENY", "F", False), ("ALLOW", "yes", True), ("AUDIT", "true", True), ("CUSTOM", "false", True)],
)
def test_a_dry_run_is_for_what_allows_or_denies(action: str, value: str, refused: bool) -> None:
    """Its value is one that Go reads as true or false."""
    said = list(annotations({"annotations": {DRY_RUN: value}}, action=action))

    assert [violation.path for violation in said] == ([PATH] if refused else [])
