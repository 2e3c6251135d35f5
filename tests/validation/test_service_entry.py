"""What istiod's webhook refuses in a ServiceEntry, and what it warns of."""

import pytest

from kubectl_meshfix.validation.service_entry import violations
from tests.validation.cases import GONE, Case, assert_case

GOOD = {
    "metadata": {"name": "api", "namespace": "shop"},
    "spec": {
        "hosts": ["api.example.com"],
        "ports": [{"number": 80, "name": "http", "protocol": "HTTP"}],
        "resolution": "STATIC",
        "endpoints": [{"address": "10.0.0.1"}],
    },
}
HOST, ADDRESSES, PORT, RESOLUTION, ENDPOINTS = "/spec/hosts/0", "/spec/addresses", "/spec/ports/0", "/spec/resolution", "/spec/endpoints"
ADDRESS, EXPORTS, LOCATION = "/spec/endpoints/0/address", "/spec/exportTo", "/spec/location"
NONE = {RESOLUTION: "NONE", ENDPOINTS: GONE}
DNS = {RESOLUTION: "DNS", ADDRESS: "b.example.com"}
DYNAMIC = {RESOLUTION: "DYNAMIC_DNS", ENDPOINTS: GONE, HOST: "*.example.com"}
SELECTED = {ENDPOINTS: GONE, "/spec/workloadSelector": {"labels": {"app": "api"}}}
AUTO, WAYPOINT = "/metadata/labels/networking.istio.io~1enable-autoallocate-ip", "/metadata/labels/istio.io~1use-waypoint"
TCP = {f"{PORT}/protocol": "TCP"}
SECOND = {"number": 81, "name": "b", "protocol": "HTTP"}
LABEL = "/spec/workloadSelector/labels/app"

CASES = [
    Case("a selector has no wildcard", {**SELECTED, LABEL: "*"}, LABEL, SELECTED),
    Case(
        "a selector without labels is warned of",
        {**SELECTED, "/spec/workloadSelector": {}},
        "/spec/workloadSelector",
        SELECTED,
        is_warning=True,
    ),
    Case("a selector has no endpoints beside it", {"/spec/workloadSelector": {"labels": {"a": "b"}}}, "/spec", SELECTED),
    Case("a host is needed", {"/spec/hosts": []}, "/spec"),
    Case("not all hosts can be meant", {**NONE, HOST: "*"}, HOST, {**NONE, HOST: "*.com"}),
    Case("a host is one", {HOST: "api_1.example.com"}, HOST, {HOST: "api"}),
    Case("a host has no scheme", {HOST: "https://api.example.com/"}, HOST, {HOST: "a.b"}, correction="api.example.com"),
    Case("a path is no host", {HOST: "https://api.example.com/v1"}, HOST),
    Case("a host has no port", {HOST: "api.example.com:80"}, HOST),
    Case("an empty host is none", {HOST: ""}, HOST),
    Case("a host's first part is 63 letters long", {HOST: "a" * 64 + ".b"}, HOST, {HOST: "a" * 63 + ".b"}),
    Case("a host's last part is no number", {HOST: "api.1"}, HOST, {HOST: "api.1a"}),
    Case("a partial wildcard is warned of", {HOST: "*api.example.com"}, HOST, {HOST: "*.example.com"}, is_warning=True),
    Case("a wildcard is in front", {HOST: "api.*.com"}, HOST, {HOST: "*.api.com"}),
    Case("an address is one", {ADDRESSES: ["10.0.0"]}, f"{ADDRESSES}/0", {ADDRESSES: ["10.0.0.1", "fd00::1"]}),
    Case("a block has enough bits", {ADDRESSES: ["10.0.0.0/33"]}, f"{ADDRESSES}/0", {ADDRESSES: ["10.0.0.1/32", "fd00::/128"]}),
    Case("a block has no mask", {ADDRESSES: ["10.0.0.0/255.0.0.0"]}, f"{ADDRESSES}/0", {ADDRESSES: ["10.0.0.0/0"]}),
    Case("a block has no zone", {ADDRESSES: ["fe80::1%a/64"]}, f"{ADDRESSES}/0", {ADDRESSES: ["fe80::1/64"]}),
    Case("two slashes are no block", {ADDRESSES: ["10.0.0.0/8/8"]}, f"{ADDRESSES}/0"),
    Case("DNS has no blocks", {**DNS, ADDRESSES: ["10.0.0.0/8"]}, f"{ADDRESSES}/0", {**DNS, ADDRESSES: ["10.0.0.8"]}),
    Case("names of ports are unique", {"/spec/ports/1": {**SECOND, "name": "http"}}, "/spec/ports/1/name", {"/spec/ports/1": SECOND}),
    Case("numbers of ports are unique", {"/spec/ports/1": {**SECOND, "number": 80}}, "/spec/ports/1/number", {"/spec/ports/1": SECOND}),
    Case("targetPort is a port", {f"{PORT}/targetPort": 65536}, f"{PORT}/targetPort", {f"{PORT}/targetPort": 65535}),
    Case("a port has a name", {f"{PORT}/name": GONE}, PORT),
    Case("a port's name is a DNS label", {f"{PORT}/name": "http_1"}, f"{PORT}/name", {f"{PORT}/name": "http-1"}),
    Case("a port has a number", {f"{PORT}/number": 0}, PORT),
    Case("a port's number is one", {f"{PORT}/number": 65536}, f"{PORT}/number", {f"{PORT}/number": 65535}),
    Case("a protocol is known", {f"{PORT}/protocol": "HTPP"}, f"{PORT}/protocol", {f"{PORT}/protocol": "http"}, correction="HTTP"),
    Case("another protocol is not guessed", {f"{PORT}/protocol": "AMQP"}, f"{PORT}/protocol", {f"{PORT}/protocol": GONE}),
    Case("TCP without addresses is warned of", {**NONE, **TCP}, PORT, {**NONE, **TCP, ADDRESSES: ["10.0.0.1"]}, is_warning=True),
    Case("istiod gives addresses unless told not to", {AUTO: "False", **TCP}, PORT, {AUTO: "true", **TCP}, is_warning=True),
    Case("NONE has no endpoints", {RESOLUTION: "NONE"}, ENDPOINTS, NONE),
    Case("NONE is the default", {RESOLUTION: GONE}, ENDPOINTS, NONE),
    Case("NONE uses no selector", {**SELECTED, RESOLUTION: "NONE"}, "/spec/workloadSelector", SELECTED, is_warning=True),
    Case("STATIC has no names", {ADDRESS: "b.example.com"}, ADDRESS, {ADDRESS: "fd00::1"}),
    Case("an endpoint has an address", {"/spec/endpoints/0": {}}, "/spec/endpoints/0"),
    Case("a socket has one port", {"/spec/ports/1": SECOND, ADDRESS: "unix:///a"}, ADDRESS, {ADDRESS: "unix:///a"}),
    Case(
        "an endpoint's port has a known name",
        {"/spec/endpoints/0/ports": {"https": 443}},
        "/spec/endpoints/0/ports/https",
        {"/spec/endpoints/0/ports": {"http": 443}},
    ),
    Case("DNS looks up no wildcard", {**DNS, ENDPOINTS: [], HOST: "*.example.com"}, HOST, {**DNS, HOST: "*.example.com"}),
    Case(
        "DNS_ROUND_ROBIN has one endpoint",
        {RESOLUTION: "DNS_ROUND_ROBIN", f"{ENDPOINTS}/1": {"address": "b"}},
        ENDPOINTS,
        {RESOLUTION: "DNS_ROUND_ROBIN"},
    ),
    Case("DNS has no sockets", {**DNS, ADDRESS: "unix:///a"}, ADDRESS, DNS),
    Case("an endpoint of DNS has an address", {**DNS, ADDRESS: ""}, "/spec/endpoints/0", DNS),
    Case("an endpoint of DNS has labels", {**DNS, "/spec/endpoints/0/labels": {"a": "-"}}, "/spec/endpoints/0/labels/a", DNS),
    Case("an endpoint of DNS has known ports", {**DNS, "/spec/endpoints/0/ports": {"b": 1}}, "/spec/endpoints/0/ports/b", DNS),
    Case(
        "hosts of DNS that share an address are warned of",
        {**DNS, ADDRESSES: ["10.0.0.1"], "/spec/hosts/1": "b.c", f"{PORT}/protocol": "TLS"},
        "/spec/hosts",
        {**DNS, ADDRESSES: ["10.0.0.1"], "/spec/hosts/1": "b.c"},
        is_warning=True,
    ),
    Case("DYNAMIC_DNS has wildcards", {**DYNAMIC, HOST: "api.example.com"}, HOST, DYNAMIC),
    Case("DYNAMIC_DNS has partial wildcards too", {**DYNAMIC, HOST: "*api_1.example.com"}, HOST, {**DYNAMIC, HOST: "*api.example.com"}),
    Case("DYNAMIC_DNS has no addresses", {**DYNAMIC, ADDRESSES: ["10.0.0.1"]}, ADDRESSES, DYNAMIC),
    Case("DYNAMIC_DNS has no endpoints", {RESOLUTION: "DYNAMIC_DNS", HOST: "*.b"}, ENDPOINTS, DYNAMIC),
    Case("DYNAMIC_DNS has no TCP", {**DYNAMIC, **TCP}, f"{PORT}/protocol", {**DYNAMIC, f"{PORT}/protocol": "grpc"}),
    Case("DYNAMIC_DNS sniffs no protocol", {**DYNAMIC, f"{PORT}/protocol": ""}, PORT, DYNAMIC),
    Case(
        "DYNAMIC_DNS at a waypoint is outside of the mesh",
        {**DYNAMIC, WAYPOINT: "w", LOCATION: "MESH_INTERNAL"},
        LOCATION,
        {**DYNAMIC, WAYPOINT: "None", LOCATION: "MESH_INTERNAL"},
    ),
    Case(
        "hosts share no port of TCP",
        {**TCP, "/spec/hosts/1": "b.c"},
        "/spec/hosts",
        {**NONE, **TCP, "/spec/hosts/1": "b.c", ADDRESSES: ["1.2.3.4"]},
    ),
    Case("exports are namespaces", {EXPORTS: ["shop_1"]}, f"{EXPORTS}/0", {EXPORTS: ["shop-1", ".", "infra"]}),
    Case("exports are told once", {EXPORTS: [".", "shop"]}, f"{EXPORTS}/1", {EXPORTS: ["~"]}, removes=True),
    Case("all namespaces are alone", {EXPORTS: ["*", "shop"]}, EXPORTS, {EXPORTS: ["*"]}, correction=["*"]),
    Case("no namespace is alone", {EXPORTS: ["~", "shop"]}, EXPORTS, {EXPORTS: ["~"]}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)
