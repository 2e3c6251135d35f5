"""What the rules about security policies say of objects that differ in one thing."""

import pytest

from kubectl_meshfix.rules.policy import (
    caller_without_identity,
    http_rule_on_tcp_port,
    policy_selects_nothing,
    policy_value_never_matches,
    port_mtls_of_service_port,
)
from kubectl_meshfix.rules.rule import Severity
from tests.rules.asking import fix
from tests.rules.near_misses.scenes import Change, example, said, summaries, writes

# ---------------------------------------------------------------- MF602

SELECTING = """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: catalog}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: here, namespace: shop}
spec: {template: {metadata: {labels: {app: HERE}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: there, namespace: web}
spec: {template: {metadata: {labels: {app: THERE}}}}
"""


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        ("catalog", "web", []),
        ("cart", "web", [("/spec/selector/matchLabels/app", Severity.INFO, "Select labels that pods have.")]),
        ("cart", "catalog", [("/metadata", None, "Move this AuthorizationPolicy to namespace web, where pods have these labels.")]),
        ("cataolg", "web", [("/spec/selector/matchLabels/app", None, "Select app=cataolg.")]),
        ("cataolg", "catalog", [("/spec/selector/matchLabels/app", None, "Select app=cataolg.")]),
    ],
)
def test_a_policy_is_in_the_wrong_place_where_its_labels_are_right(
    here: str, there: str, told: list[tuple[str, Severity | None, str]]
) -> None:
    """Where pods beside it have nearly these labels, the label is what is wrong, whatever other namespaces have."""
    found = said(policy_selects_nothing.RULE, SELECTING, ("THERE", there), ("HERE", here))
    assert [(row.path, row.severity, fix(row).summary) for row in found] == told


# ---------------------------------------------------------------- MF604

POLICY = """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {action: DENY, rules: [{to: [{operation: {methods: VALUES}}]}]}
"""
ALONE = "The rule does not deny what it should."
UPPER = 'methods "get" matches no request: methods are upper-case.'


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("[get]", [(f"{UPPER} {ALONE}", None)]),
        ("[get, POST]", [(f"{UPPER} {ALONE}", None)]),
        ("['*', get]", [(f'{UPPER} "*" beside it covers what is meant.', Severity.INFO)]),
        ("[get, '*']", [(f'{UPPER} "*" beside it covers what is meant.', Severity.INFO)]),
        ("[get, get]", [(f"{UPPER} {ALONE}", None)] * 2),
    ],
)
def test_a_value_is_covered_by_one_that_requests_have(values: str, told: list[tuple[str, Severity | None]]) -> None:
    """It has to match the value, and be possible itself."""
    found = said(policy_value_never_matches.RULE, POLICY, ("VALUES", values))
    assert [(row.message, row.severity) for row in found] == told


# ---------------------------------------------------------------- MF606

DENY = example(http_rule_on_tcp_port.RULE, "a DENY rule")
PORTS = "  - name: http\n    port: 80\n    targetPort: 8080\n"
OPERATION = "        methods:\n        - POST\n"
OTHER = """---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 9090}]}
"""


def more(count: int) -> Change:
    """More ports for HTTP on the Service of cart."""
    return PORTS, PORTS + "".join(f"  - {{name: http-{number}, port: {9000 + number}}}\n" for number in range(count))


@pytest.mark.parametrize(
    ("changes", "ports"),
    [
        ((), [["8080"]]),
        ((more(2),), [["8080", "9000", "9001"]]),
        ((more(3),), []),
        (((OPERATION, f"{OPERATION}    - operation: {{methods: [PUT]}}\n"),), [["8080"], ["8080"]]),
        (((OPERATION, f"{OPERATION}    - operation: {{methods: [PUT], ports: ['6379']}}\n"),), []),
        (((OPERATION, f"{OPERATION}    - operation: {{methods: [PUT], notPorts: ['9999']}}\n"),), []),
        (((OPERATION, f"{OPERATION}    when: [{{key: 'request.headers[x-user]', values: [a]}}]\n"),), []),
        ((("    targetPort: 8080\n", "    targetPort: 8080\n    appProtocol: tcp\n"),), []),
    ],
)
def test_a_rule_is_for_the_few_ports_that_carry_http(changes: tuple[Change, ...], ports: list[list[str]]) -> None:
    """At most three, of the pods that the policy is for; by hand where an operation names ports already, or HTTP is asked for elsewhere."""
    found = said(http_rule_on_tcp_port.RULE, DENY + OTHER, *changes)
    assert [value for _, _, value in writes(found[0])] == ports


# ---------------------------------------------------------------- MF610

CALLERS = example(caller_without_identity.RULE, "callers without a sidecar")
PLAIN = """---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: MESH}
spec: {mtls: {mode: DISABLE}}
"""


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("", "Deployment batch/import has no sidecar and so no identity."),
        (PLAIN.replace("MESH", "shop"), "Deployment shop/cart takes no mTLS, so callers have no identity."),
        (PLAIN.replace("MESH", "batch"), "Deployment batch/import has no sidecar and so no identity."),
    ],
)
def test_who_has_no_identity_is_told_once(more: str, message: str) -> None:
    """Where the server takes no mTLS, nobody has one there, and the callers' own lack of it is not told too."""
    found = said(caller_without_identity.RULE, CALLERS + more)
    assert [row.message for row in found] == [f"{message} This entry does not allow their requests."]


# ---------------------------------------------------------------- MF611

SERVICE_PORT = example(port_mtls_of_service_port.RULE)
MODE = "      mode: STRICT"
NAMED: tuple[Change, ...] = (
    ("    targetPort: 8080", "    targetPort: web"),
    ("- containerPort: 8080", "- {name: web, containerPort: 8080}"),
)
SECOND = """---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart-2, namespace: shop}
spec:
  selector: {matchLabels: {app: cart, version: v2}}
  template:
    metadata: {labels: {app: cart, version: v2}}
    spec: {containers: [{name: cart, ports: [{name: web, containerPort: 8081}]}]}
"""


@pytest.mark.parametrize(
    ("more", "changes", "summary"),
    [
        ("", (), "Replace 80 with 8080."),
        ("", ((MODE, f'{MODE}\n    "8081":\n      mode: PERMISSIVE'),), "Replace 80 with 8080."),
        ("", ((MODE, f'{MODE}\n    "8080":\n      mode: PERMISSIVE'),), "Name the container port: one of 8080."),
        (SECOND, NAMED, "Name the container port: one of 8080, 8081."),
        (SECOND, (*NAMED, (MODE, f'{MODE}\n    "8080":\n      mode: PERMISSIVE')), "Name the container port: one of 8080, 8081."),
    ],
)
def test_the_only_container_port_is_meant(more: str, changes: tuple[Change, ...], summary: str) -> None:
    """Where the policy has a mode for it already, or pods have several, a person chooses."""
    assert summaries(said(port_mtls_of_service_port.RULE, SERVICE_PORT + more, *changes)) == [summary]
