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

READ_ALL = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: ["*"], resources: ["*"], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: viewers}]
"""

READ_ONE_CONFIG_MAP = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: [""], resources: [namespaces, nodes, pods, services, events, resourcequotas, replicationcontrollers], verbs: [get, list]}
- {apiGroups: [""], resources: [configmaps], resourceNames: [istio], verbs: [get]}
- {apiGroups: [apps, batch, admissionregistration.k8s.io, discovery.k8s.io, networking.istio.io], resources: ["*"], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: reader}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: viewers}]
"""

TWO_TEAMS = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: web-http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: ledger, namespace: payments}
spec: {selector: {app: ledger}, ports: [{name: web-http, port: 80}]}
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


def open_two_teams_for_readers(server: Server) -> None:
    """A Service in each of two namespaces, and a viewer who may read everything."""
    server.load(EXAMPLES / "shop" / "namespaces.yaml")
    server.kubectl("apply", "-f", "-", text=f"{TWO_TEAMS}---{READ_ALL}")


def open_two_teams_for_one(server: Server) -> None:
    """The same, and the viewer may change what is in one of the two."""
    open_two_teams_for_readers(server)
    server.kubectl("apply", "-f", "-", text=ROLE_FOR_ONE_NAMESPACE)


def open_cart_for_who_sees_one_config_map(server: Server) -> None:
    """The cart, Istio's configuration, and a viewer who may not read the injector's part of it."""
    open_cart(server)
    server.load(*sorted((EXAMPLES / "istio").glob("*.yaml")))
    server.kubectl("apply", "-f", "-", text=READ_ONE_CONFIG_MAP)


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


def test_one_config_map_that_may_not_be_read_is_said_to_be_unread(lab: Lab) -> None:
    """Beside another that is read, it is a gap of the report, and is unknown to explain: neither missing nor broken."""
    lab.prepare(open_cart_for_who_sees_one_config_map)

    document = json.loads(run(lab, "diagnose", "-n", "shop", "-o", "json", "--scope", "all", user="viewer")[1])
    explained = json.loads(run(lab, "explain", "service/cart", "-n", "shop", "-o", "json", user="viewer")[1])["explanations"][0]

    gaps = {row["kind"]: row["reason"] for row in document["coverage"]["unreadable"]}
    assert gaps["configmaps"].startswith('configmaps "istio-sidecar-injector" is forbidden')
    assert document["coverage"]["read"]["ConfigMap"] == 1
    checks = {row["name"]: row for stage in explained["stages"] for row in stage["checks"]}
    assert checks["configMap"]["status"] == "unknown"
    assert 'configmaps "istio-sidecar-injector" is forbidden' in checks["configMap"]["detail"]


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


EVERYWHERE = ("apply", "-A", "--scope", "all", "--select", "MF101", "--unsafe")


def test_who_may_only_read_sees_the_changes_worked_out_here(lab: Lab) -> None:
    """A reader's dry runs show every change; that no server tried them is said where it was asked to; applying is an error."""
    lab.prepare(open_two_teams_for_readers)

    plain = run(lab, *EVERYWHERE, "--dry-run", user="viewer")
    code, shown, said = run(lab, *EVERYWHERE, "--dry-run=server", user="viewer")

    assert plain[0] == code == 1
    assert plain[1] == shown
    assert shown.count("--- a/") == 2
    text = " ".join(said.split())
    assert "not tried on the server, because you have no right to change them" in text
    assert 'Service payments/ledger: services "ledger" is forbidden: User "viewer" cannot patch resource "services"' in text

    with pytest.raises(TargetError, match="You may change none of these objects") as error:
        run(lab, *EVERYWHERE, "--yes", user="viewer")
    assert "docs/rbac.md" in error.value.hint


def test_who_may_change_one_namespace_changes_that_one(lab: Lab) -> None:
    """What the user has the right to is made, the rest is listed with the server's reason, and the exit code says that not all is done."""
    lab.prepare(open_two_teams_for_one)

    code, out, said = run(lab, *EVERYWHERE, "--yes", user="viewer")

    assert code == 1
    assert out.splitlines()[-1] == "service/cart in shop fixed"
    assert "ledger" not in out
    assert 'refused Service payments/ledger: services "ledger" is forbidden: User "viewer" cannot patch' in " ".join(said.split())
    assert [row["resource"]["name"] for row in report(lab, "--scope", "all", "--select", "MF101")["findings"]] == ["ledger"]
    if lab.server:
        assert (
            json.loads(lab.server.kubectl("get", "svc", "ledger", "-n", "payments", "-o", "json"))["spec"]["ports"][0]["name"] == "web-http"
        )


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

    result, _, said = run(
        lab, "apply", "-A", "--scope", "all", "--yes", "--unsafe", "--restart", "--port-fix", "rename", "--dry-run=server"
    )

    assert result == 2
    assert "must not be called http-web" in said

    with pytest.raises(TargetError, match="refused a change"):
        run(lab, "apply", "-A", "--scope", "all", "--yes", "--unsafe", "--restart", "--port-fix", "rename")
    assert report(lab, "--scope", "all")["findings"] == before["findings"]
