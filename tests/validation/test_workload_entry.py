"""What istiod's webhook refuses in a WorkloadEntry."""

import pytest

from kubectl_meshfix.validation.workload_entry import violations
from tests.validation.cases import GONE, Case, assert_case

GOOD = {
    "metadata": {"name": "vm", "namespace": "shop"},
    "spec": {"address": "10.0.0.1", "ports": {"http": 8080}, "labels": {"app": "vm"}},
}
ADDRESS, PORTS, LABELS = "/spec/address", "/spec/ports", "/spec/labels"
UNIX = {PORTS: GONE, ADDRESS: "unix:///run/a"}
LONG = "a" * 63

CASES = [
    Case("an address is needed", {ADDRESS: GONE}, "/spec", {ADDRESS: "vm.example.com"}),
    Case("a network alone is warned of", {ADDRESS: GONE, "/spec/network": "n"}, "/spec", {"/spec/network": "n"}, is_warning=True),
    Case("an address is one of IP or a host", {ADDRESS: "vm_1"}, ADDRESS, {ADDRESS: "fe80::1%eth0"}),
    Case("a number is no host", {ADDRESS: "10.0.0.256"}, ADDRESS, {ADDRESS: "10.0.0.255"}),
    Case("leading zeros are not read", {ADDRESS: "10.0.0.01"}, ADDRESS, {ADDRESS: "10.0.0.1"}),
    Case("IPv4 has no zone", {ADDRESS: "10.0.0.1%eth0"}, ADDRESS, {ADDRESS: "fd00::1"}),
    Case("a part of a host is 63 letters long", {ADDRESS: LONG + "a"}, ADDRESS, {ADDRESS: LONG}),
    Case("a host is 255 letters long", {ADDRESS: f"{LONG}." * 4}, ADDRESS, {ADDRESS: f"{LONG}." * 3 + LONG}),
    Case("no part of a host is empty", {ADDRESS: "vm..example.com"}, ADDRESS, {ADDRESS: "vm.example.com."}),
    Case("a socket has an absolute path", {**UNIX, ADDRESS: "unix://run"}, ADDRESS, {**UNIX, ADDRESS: "unix://@run"}),
    Case("a socket is no folder", {**UNIX, ADDRESS: "unix:///run/"}, ADDRESS, UNIX),
    Case("a socket has no ports", {ADDRESS: "unix:///run/a"}, PORTS, UNIX),
    Case("a port's name is a DNS label", {f"{PORTS}/a_b": 80}, f"{PORTS}/a_b", {f"{PORTS}/A-b": 80}),
    Case("a port's name is there", {f"{PORTS}/": 80}, f"{PORTS}/", {f"{PORTS}/a": 80}),
    Case("a port is no more than 65535", {f"{PORTS}/http": 65536}, f"{PORTS}/http", {f"{PORTS}/http": 65535}),
    Case("a port is no less than 1", {f"{PORTS}/http": 0}, f"{PORTS}/http", {f"{PORTS}/http": 1}),
    Case("a label's key begins with a letter", {f"{LABELS}/-a": "b"}, f"{LABELS}/-a", {f"{LABELS}/a_b.c-d": "b"}),
    Case("a label's key has one slash", {f"{LABELS}/a~1b~1c": "b"}, f"{LABELS}/a~1b~1c", {f"{LABELS}/a.b~1c": "b"}),
    Case("a label's name is 63 letters long", {f"{LABELS}/{LONG}a": "b"}, f"{LABELS}/{LONG}a", {f"{LABELS}/{LONG}": "b"}),
    Case(
        "a label's domain is 253 letters long",
        {f"{LABELS}/{'a' * 254}~1b": ""},
        f"{LABELS}/{'a' * 254}~1b",
        {f"{LABELS}/{'a' * 253}~1b": ""},
    ),
    Case("a label's value ends with a letter", {f"{LABELS}/app": "vm-"}, f"{LABELS}/app", {f"{LABELS}/app": ""}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)
