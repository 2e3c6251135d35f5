"""Which values of annotations the injector refuses (`pkg/kube/inject/validate.go`)."""

import pytest

from kubectl_meshfix.chain.steps import Status, told
from kubectl_meshfix.injection.redirection import INCLUDE_OUTBOUND_PORTS
from kubectl_meshfix.injection.template import READ_VALUES, validate_annotations

PORTS = [f"traffic.sidecar.istio.io/{name}" for name in ("includeInboundPorts", "excludeInboundPorts", "excludeOutboundPorts")]
RANGES = [f"traffic.sidecar.istio.io/{name}" for name in ("includeOutboundIPRanges", "excludeOutboundIPRanges")]
AMOUNTS = [f"sidecar.istio.io/{name}" for name in ("proxyCPU", "proxyMemory", "proxyCPULimit", "proxyMemoryLimit")]
SECONDS = [f"readiness.status.sidecar.istio.io/{name}" for name in ("initialDelaySeconds", "periodSeconds", "failureThreshold")]
STATUS_PORT = ["status.sidecar.istio.io/port"]
INTERFACES = [
    *(f"traffic.sidecar.istio.io/{name}" for name in ("excludeInterfaces", "kubevirtInterfaces")),
    "istio.io/reroute-virtual-interfaces",
]
INTERCEPTION = ["sidecar.istio.io/interceptionMode"]
MERGE, CONFIG = ["prometheus.istio.io/merge-metrics"], ["proxy.istio.io/config"]

TAKEN = [
    (PORTS, ["", " ", "80", "80,443", " 80 , 443 ", "0", "65535"]),
    (PORTS[:1], ["*"]),
    (RANGES, ["", "10.0.0.0/8", "10.0.0.1/8", "10.0.0.0/8,2001:db8::/32", "0.0.0.0/0"]),
    (RANGES[:1], ["*"]),
    (AMOUNTS, ["100m", "1", "0.5", ".5", "1.", "128Mi", "1e3", "-1", "+2G"]),
    (SECONDS, ["0", "15", "4294967295"]),
    (STATUS_PORT, ["15020", " 15020 ", "65535", "0"]),
    (INTERFACES, ["", "eth0", "eth0,net1", " eth0 , net1 ", "abcdefghijklmno"]),
    (INTERCEPTION, ["REDIRECT", "TPROXY", "NONE"]),
    (MERGE, ["true", "false", "T", "0"]),
    (CONFIG, ["", "{}", "concurrency: 2"]),
]
REFUSED = [
    (PORTS, ["65536", "-1", "http", "80,", "80;443", "8O"]),
    (PORTS[1:], ["*"]),
    (RANGES, ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/8,", " ", "10.0.0.0/255.0.0.0", "fe80::1%eth0/64"]),
    (RANGES[1:], ["*"]),
    (AMOUNTS, ["", "100 m", "lots", "128mi", "1,5"]),
    (SECONDS, ["", "-1", "1.5", "4294967296", " 1"]),
    (STATUS_PORT, ["65536", "", "http"]),
    (INTERFACES, [" ", "0eth", "abcdefghijklmnop", "eth0,"]),
    (INTERCEPTION, ["", "redirect", "NONE "]),
    (MERGE, ["", "yes", "TruE"]),
    (CONFIG, ["- a", "a: [", "text"]),
]


def pairs(rows: list[tuple[list[str], list[str]]]) -> list[tuple[str, str]]:
    """An annotation and a value, each with each."""
    return [(name, value) for names, values in rows for name in names for value in values]


@pytest.mark.parametrize(("name", "value"), pairs(TAKEN))
def test_a_value_at_the_edge_of_what_istio_takes_is_taken(name: str, value: str) -> None:
    """Nothing is called wrong that Istio accepts."""
    steps, refused = told(validate_annotations({name: value}))

    assert refused is None
    assert [step.status for step in steps] == [Status.PASS]


@pytest.mark.parametrize(("name", "value"), pairs(REFUSED))
def test_a_value_just_over_the_edge_is_refused(name: str, value: str) -> None:
    """The pod is refused with it, or, by the newest versions alone, may be; the value is in the words."""
    steps, refused = told(validate_annotations({name: value, "sidecar.istio.io/inject": "?"}))

    assert [step.status for step in steps] == [Status.WARN if name in INTERFACES else Status.FAIL]
    assert (refused is None) == (name in INTERFACES)
    assert steps[0].evidence[0].startswith(f'{name}: "{value}" is not ')


def test_every_annotation_has_its_edges_here() -> None:
    """An annotation whose value is read has values on either side; only the list of ports to redirect is never refused."""
    assert {name for name, _ in pairs(TAKEN)} == {name for name, _ in pairs(REFUSED)} == set(READ_VALUES) - {INCLUDE_OUTBOUND_PORTS}
