"""Values of types that a schema would refuse: whoever asks without one gets an answer all the same."""

from collections.abc import Iterator
from typing import Any

import pytest

from kubectl_meshfix.documents.pointer import join
from tests.validation import (
    test_destination_rule,
    test_gateway,
    test_proxy_config,
    test_service_entry,
    test_sidecar,
    test_virtual_service,
    test_workload_entry,
    test_workload_group,
)
from tests.validation.cases import changed
from tests.validation.extensions import test_envoy_filter, test_telemetry, test_traffic_extension, test_wasm_plugin
from tests.validation.security import test_authorization_policy, test_peer_authentication, test_request_authentication

MODULES = (
    test_destination_rule, test_gateway, test_proxy_config, test_service_entry, test_sidecar, test_virtual_service, test_workload_entry,
    test_workload_group, test_envoy_filter, test_telemetry, test_traffic_extension, test_wasm_plugin, test_authorization_policy,
    test_peer_authentication, test_request_authentication,
)  # fmt: skip
OTHERS: tuple[Any, ...] = (None, True, -1.5, "x", "", [], {}, [None], [[]], ["a"], {"a": None}, {"a": []}, float("nan"), 10**30)


def pointers(value: Any, path: str = "") -> Iterator[str]:
    """The pointers of all values inside of one."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield path + join(key)
        yield from pointers(inner, path + join(key))


@pytest.mark.parametrize("other", OTHERS, ids=repr)
def test_no_value_is_too_strange(other: Any) -> None:
    """Wherever it stands in whatever is checked, something or nothing is said of it."""
    for module in MODULES:
        seen: set[str] = set()
        for case in module.CASES:
            thing = changed(module.GOOD, case.trips)
            for path in set(pointers(thing["spec"], "/spec")) - seen:
                strange = changed(thing, {path: other})
                assert all(violation.says for violation in module.violations(strange["spec"], strange["metadata"]))
                seen.add(path)
