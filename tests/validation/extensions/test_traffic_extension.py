"""What istiod's webhook refuses in a TrafficExtension, and what it warns of."""

import pytest

from kubectl_meshfix.validation.extensions.traffic_extension import violations
from tests.validation.cases import GONE, Case, assert_case

GOOD = {
    "metadata": {"name": "cart", "namespace": "shop"},
    "spec": {
        "selector": {"matchLabels": {"app": "cart"}},
        "lua": {"inlineCode": "function envoy_on_request(handle) end"},
        "match": [{"ports": [{"number": 80}]}],
    },
}
CODE, PORT = "/spec/lua/inlineCode", "/spec/match/0/ports/0/number"
MODULE = {"/spec/lua": GONE, "/spec/wasm": {"url": "oci://a/b"}}

CASES = [
    Case("one language is chosen", {"/spec/wasm": {"url": "oci://a/b"}}, "/spec", MODULE),
    Case("a language is needed", {"/spec/lua": GONE}, "/spec"),
    Case("code is needed", {CODE: ""}, "/spec/lua"),
    Case("code has 64 KiB at most", {CODE: "é" * 32769}, CODE, {CODE: "é" * 32768}),
    Case("a module has an address", {**MODULE, "/spec/wasm/url": ""}, "/spec/wasm", MODULE),
    Case("a module has a good hash", {**MODULE, "/spec/wasm/sha256": "g" * 64}, "/spec/wasm/sha256", {**MODULE, "/spec/wasm/sha256": ""}),
    Case("a port is a port's", {PORT: 65536}, PORT, {PORT: 65535}),
    Case(
        "a selector and targets exclude each other",
        {"/spec/targetRefs": [{"kind": "Service", "name": "a"}]},
        "/spec",
        {"/spec/targetRefs": []},
    ),
    Case("a selector without labels is warned of", {"/spec/selector": {}}, "/spec/selector", is_warning=True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)
