"""What istiod's webhook refuses in a PeerAuthentication, and what it warns of."""

import pytest

from kubectl_meshfix.validation.security.peer_authentication import violations
from tests.validation.cases import GONE, Case, assert_case

GOOD = {
    "metadata": {"name": "cart", "namespace": "shop"},
    "spec": {
        "selector": {"matchLabels": {"app": "cart"}},
        "mtls": {"mode": "STRICT"},
        "portLevelMtls": {"8080": {"mode": "DISABLE"}},
    },
}
LABELS, PORTS = "/spec/selector/matchLabels", "/spec/portLevelMtls"

CASES = [
    Case("modes of ports are not empty", {PORTS: {}}, PORTS, {PORTS: None}, removes=True),
    Case("modes of ports need a selector", {"/spec/selector": GONE}, PORTS, {"/spec/selector": GONE, PORTS: GONE}, removes=True),
    Case("a port is a number", {PORTS: {"http": {}}}, f"{PORTS}/http", {PORTS: {"1": {}}}),
    Case("a port is not 0", {PORTS: {"0": {}}}, f"{PORTS}/0"),
    Case("a port is 65535 at most", {PORTS: {"65536": {}}}, f"{PORTS}/65536", {PORTS: {"65535": {}}}),
    Case("a selector has no empty key", {f"{LABELS}/": "a"}, f"{LABELS}/"),
    Case("a selector has no wildcard", {f"{LABELS}/app": "*"}, f"{LABELS}/app", {f"{LABELS}/app": ""}),
    Case("a selector without labels is warned of", {LABELS: {}, PORTS: GONE}, "/spec/selector", is_warning=True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)
