"""What happens where not everything may be read or changed."""

import json

import pytest

from kubectl_meshfix.errors import SourceError, TargetError
from tests.cluster.conftest import Lab
from tests.cluster.server import Server
from tests.cluster.test_loop import EXAMPLES, report, run

pytestmark = pytest.mark.vcr

ROLE_FOR_ONE_NAMESPACE = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: team, namespace: shop}
rules:
- {apiGroups: ["", apps, batch, networking.istio.io, networking.k8s.io], resources: ["*"], verbs: [get, list, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: team, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: team}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: viewers}]
"""

NO_HTTP = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-http}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [services]}
  validations:
  - expression: "!object.spec.ports.exists(port, has(port.name) && port.name == 'http-web')"
    message: Ports must not be called http-web here.
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-http}
spec: {policyName: no-http, validationActions: [Deny]}
"""


def open_cart(server: Server) -> None:
    """The shop's namespaces and its cart."""
    server.load(EXAMPLES / "shop" / "namespaces.yaml", EXAMPLES / "shop" / "cart.yaml")


def open_cart_for_a_team(server: Server) -> None:
    """The same, with a role for the viewer in one namespace."""
    open_cart(server)
    server.kubectl("apply", "-f", "-", text=ROLE_FOR_ONE_NAMESPACE)


def forbid_names(server: Server) -> None:
    """The same, with a policy that refuses one of the fixes."""
    open_cart(server)
    server.kubectl("apply", "-f", "-", text=NO_HTTP)
    patch = (
        '[{"op": "test", "path": "/metadata/name", "value": "cart"}, {"op": "replace", "path": "/spec/ports/0/name", "value": "http-web"}]'
    )
    for _ in range(100):
        refused = server.try_kubectl("patch", "service", "cart", "-n", "shop", "--type=json", "--dry-run=server", "-p", patch)
        if "http-web" in refused:
            return
    raise AssertionError("the policy never came into force")


def test_a_namespace_is_diagnosed_with_rights_on_it_alone(lab: Lab) -> None:
    """Where listing all is forbidden the namespace is read, and what is not checked for that is said."""
    lab.prepare(open_cart_for_a_team)

    code, out, _ = run(lab, "diagnose", "-n", "shop", "-o", "json", "--scope", "all", user="viewer")

    document = json.loads(out)
    assert code == 1
    assert {"MF101", "MF102", "MF201"} <= {row["code"] for row in document["findings"]}
    unreadable = {row["kind"]: row["reason"] for row in document["coverage"]["unreadable"]}
    assert "forbidden" in unreadable["mutatingwebhookconfigurations.admissionregistration.k8s.io"]
    assert "only read in shop" in unreadable["services"]


def test_a_team_fixes_its_own_namespace(lab: Lab) -> None:
    """Rights on one namespace are enough to repair it."""
    lab.prepare(open_cart_for_a_team)

    code, out, said = run(lab, "apply", "-n", "shop", "--select", "MF1", "--scope", "all", "--yes", "--unsafe", user="viewer")

    assert code == 0, said
    assert "service/cart in shop fixed" in out


def test_no_rights_at_all_is_an_error(lab: Lab) -> None:
    """Who may read nothing is told so; nothing is called clean."""
    lab.prepare(open_cart)

    with pytest.raises(SourceError, match="may not read anything"):
        run(lab, "diagnose", "-A", user="nobody")


def test_a_wrong_token_is_an_error(lab: Lab) -> None:
    """Credentials that the server does not take are named as the cause."""
    lab.prepare(open_cart)

    with pytest.raises(SourceError, match=r"credentials|[Uu]nauthorized|token"):
        run(lab, "diagnose", "-A", "--token", "expired")


def test_one_refusal_stops_everything(lab: Lab) -> None:
    """When the server refuses one change of several, none is made, and its reason is shown."""
    lab.prepare(forbid_names)
    before = report(lab, "--scope", "all")

    result, _, said = run(lab, "apply", "-A", "--scope", "all", "--yes", "--unsafe", "--restart", "--dry-run=server")

    assert result == 2
    assert "must not be called http-web" in said

    with pytest.raises(TargetError, match="refused a change"):
        run(lab, "apply", "-A", "--scope", "all", "--yes", "--unsafe", "--restart")
    assert report(lab, "--scope", "all")["findings"] == before["findings"]
