"""What istiod's webhook refuses in a WasmPlugin, and what it warns of."""

import pytest

from kubectl_meshfix.validation.extensions.wasm_plugin import violations
from tests.validation.cases import GONE, Case, assert_case

GOOD = {
    "metadata": {"name": "cart", "namespace": "shop"},
    "spec": {
        "selector": {"matchLabels": {"app": "cart"}},
        "url": "oci://registry.example.com/filter:1.0",
        "sha256": "0123456789abcdef" * 4,
        "imagePullSecret": "registry",
        "pluginName": "filter",
        "vmConfig": {"env": [{"name": "A", "value": "b"}, {"name": "B", "valueFrom": "HOST"}]},
        "match": [{"mode": "SERVER", "ports": [{"number": 80}]}],
    },
}
URL, HASH, PORT = "/spec/url", "/spec/sha256", "/spec/match/0/ports/0"
FIRST, SECOND = "/spec/vmConfig/env/0", "/spec/vmConfig/env/1"

CASES = [
    Case("an address is needed", {URL: ""}, "/spec", {URL: "file:///filter.wasm"}),
    Case("an address is a URL", {URL: "a b"}, URL, {URL: "registry.example.com/filter:1.0"}),
    Case("an address is one to its end", {URL: "oci://a/%41#%zz"}, URL, {URL: "oci://a/%41#%42"}),
    Case("a scheme is known", {URL: "docker://a/b"}, URL, {URL: "OCI://a/b"}),
    Case(
        "a host with a port has a scheme",
        {URL: "localhost:5000/a"},
        URL,
        {URL: "oci://localhost:5000/a"},
        correction="oci://localhost:5000/a",
    ),
    Case("a hash has 64 letters", {HASH: "abc"}, HASH, {HASH: ""}),
    Case("a hash is in small letters", {HASH: "ABCDEF01" * 8}, HASH, {HASH: "abcdef01" * 8}, correction="abcdef01" * 8),
    Case(
        "a secret's name is not too long",
        {"/spec/imagePullSecret": "a" * 254},
        "/spec/imagePullSecret",
        {"/spec/imagePullSecret": "a" * 253},
    ),
    Case("a plugin's name is not too long", {"/spec/pluginName": "a" * 257}, "/spec/pluginName", {"/spec/pluginName": "a" * 256}),
    Case("a variable has a name", {f"{FIRST}/name": ""}, FIRST, {"/spec/vmConfig/env": []}),
    Case("a variable's name is not too long", {f"{FIRST}/name": "a" * 257}, f"{FIRST}/name", {f"{FIRST}/name": "a" * 256}),
    Case("variables are told once", {f"{SECOND}/name": "A"}, f"{SECOND}/name", {f"{SECOND}/name": "a"}),
    Case("a variable of the host has no value", {f"{SECOND}/value": "c"}, f"{SECOND}/value", {f"{SECOND}/value": ""}, removes=True),
    Case("a port is needed", {f"{PORT}/number": GONE}, PORT, {"/spec/match/0/ports": []}),
    Case("a port is a port's", {f"{PORT}/number": 65536}, f"{PORT}/number", {f"{PORT}/number": 65535}),
    Case("a selector and a target exclude each other", {"/spec/targetRef": {"kind": "Service", "name": "a"}}, "/spec"),
    Case("a selector without labels is warned of", {"/spec/selector": {}}, "/spec/selector", is_warning=True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)
