"""What istiod's webhook refuses in a WorkloadGroup."""

import pytest

from kubectl_meshfix.validation.workload_group import violations
from tests.validation.cases import GONE, Case, assert_case

GOOD = {
    "metadata": {"name": "vms", "namespace": "shop"},
    "spec": {
        "metadata": {"labels": {"app": "vm"}},
        "template": {},
        "probe": {"httpGet": {"port": 80, "scheme": "HTTP", "httpHeaders": [{"name": "a-b", "value": "c"}]}},
    },
}
PROBE = "/spec/probe"
HTTP, NAME = f"{PROBE}/httpGet", f"{PROBE}/httpGet/httpHeaders/0/name"
TCP = {HTTP: GONE, f"{PROBE}/tcpSocket/port": 80}
EXEC = {HTTP: GONE, f"{PROBE}/exec/command": ["true"]}

CASES = [
    Case("a template is needed", {"/spec/template": GONE}, "/spec"),
    Case("labels are Kubernetes'", {"/spec/metadata/labels/app": "a b"}, "/spec/metadata/labels/app", {"/spec/metadata": GONE}),
    *(
        Case(f"{name} cannot be negative", {f"{PROBE}/{name}": -1}, f"{PROBE}/{name}", {f"{PROBE}/{name}": 0})
        for name in ("periodSeconds", "initialDelaySeconds", "timeoutSeconds", "successThreshold", "failureThreshold")
    ),
    Case("a probe of HTTP has a port", {f"{HTTP}/port": GONE}, HTTP),
    Case("a probe's port is a port", {f"{HTTP}/port": 65536}, f"{HTTP}/port", {f"{HTTP}/port": 65535}),
    Case("a scheme is in capitals", {f"{HTTP}/scheme": "https"}, f"{HTTP}/scheme", {f"{HTTP}/scheme": "HTTPS"}, correction="HTTPS"),
    Case("another scheme is none", {f"{HTTP}/scheme": "ftp"}, f"{HTTP}/scheme", {f"{HTTP}/scheme": ""}),
    Case("a header has a name", {NAME: ""}, f"{HTTP}/httpHeaders/0"),
    Case("a header's name has no underscore", {NAME: "a_b"}, NAME, {NAME: "-"}),
    Case("a probe of TCP has a port", {**TCP, f"{PROBE}/tcpSocket/port": 0}, f"{PROBE}/tcpSocket", TCP),
    Case("a probe that runs something says what", {**EXEC, f"{PROBE}/exec/command": []}, f"{PROBE}/exec", EXEC),
    Case("a probe says how to check", {HTTP: GONE}, PROBE, {PROBE: GONE}),
    Case("gRPC is not admitted", {HTTP: GONE, f"{PROBE}/grpc/port": 80}, PROBE, TCP),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)
