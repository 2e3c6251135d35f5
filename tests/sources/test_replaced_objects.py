"""What of an object is lost with an earlier definition."""

from typing import Any

import pytest

from kubectl_meshfix.sources.replaced_objects import lost

WHOLE: dict[str, Any] = {"kind": "Service", "spec": {"type": "ClusterIP", "selector": {"app": "cart", "tier": "web"}}}


@pytest.mark.parametrize(
    ("later", "fields"),
    [
        (WHOLE, ()),
        ({}, ("kind", "spec")),
        ({**WHOLE, "kind": "Pod"}, ("kind",)),
        ({**WHOLE, "kind": {"a": 1}}, ("kind",)),
        ({**WHOLE, "spec": "words"}, ("spec",)),
        ({**WHOLE, "spec": None}, ("spec",)),
        ({**WHOLE, "more": 1}, ()),
        ({**WHOLE, "spec": {}}, ("spec.type", "spec.selector")),
        ({**WHOLE, "spec": {**WHOLE["spec"], "selector": {"app": "cart"}}}, ("spec.selector",)),
        ({**WHOLE, "spec": {**WHOLE["spec"], "selector": {"tier": "web", "app": "cart"}}}, ()),
        ({**WHOLE, "spec": {**WHOLE["spec"], "selector": "words"}}, ("spec.selector",)),
        (None, ("",)),
    ],
)
def test_fields_are_lost_down_to_the_second_level(later: Any, fields: tuple[str, ...]) -> None:
    """What the later definition does not have, or has with another value; what only that one has is not lost."""
    assert lost(WHOLE, later) == fields
