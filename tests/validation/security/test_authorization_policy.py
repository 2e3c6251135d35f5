"""What istiod's webhook refuses in an AuthorizationPolicy, and what it warns of."""

import pytest

from kubectl_meshfix.validation.security.authorization_policy import violations
from tests.validation.cases import GONE, Case, assert_case, changed, found

GOOD = {
    "metadata": {"name": "cart", "namespace": "shop"},
    "spec": {
        "selector": {"matchLabels": {"app": "cart"}},
        "action": "DENY",
        "rules": [
            {
                "from": [{"source": {"principals": ["cluster.local/ns/shop/sa/web"], "notIpBlocks": ["10.0.0.0/8"]}}],
                "to": [{"operation": {"methods": ["GET"], "paths": ["/a/{*}/b"], "notPorts": ["80"]}}],
                "when": [{"key": "request.headers[x-user]", "values": ["a"]}],
            }
        ],
    },
}
RULE = "/spec/rules/0"
FROM, TO, WHEN = f"{RULE}/from/0", f"{RULE}/to/0", f"{RULE}/when/0"
SOURCE, OPERATION, KEY = f"{FROM}/source", f"{TO}/operation", f"{WHEN}/key"
LABELS = "/spec/selector/matchLabels"
DRY_RUN = "/metadata/annotations/istio.io~1dry-run"
GATEWAY = {"kind": "Gateway", "group": "gateway.networking.k8s.io", "name": "gw"}
TARGETED = {"/spec/selector": GONE, "/spec/targetRefs": [GATEWAY]}
TARGET = "/spec/targetRefs/0"
CUSTOM = {"/spec/action": "CUSTOM", "/spec/provider": {"name": "opa"}, SOURCE: {"remoteIpBlocks": ["10.0.0.1"]}}


def values(key: str, name: str, *words: str) -> dict[str, object]:
    """A condition on a key."""
    return {WHEN: {"key": key, name: list(words)}}


CASES = [
    Case("a selector has no wildcard", {f"{LABELS}/app": "c*"}, f"{LABELS}/app", {f"{LABELS}/app": ""}),
    Case("a selector without labels is warned of", {LABELS: {}}, "/spec/selector", is_warning=True),
    Case("a selector and targets exclude each other", {"/spec/targetRefs": [GATEWAY]}, "/spec", {"/spec/targetRefs": []}),
    Case("one target and several do too", {**TARGETED, "/spec/targetRef": GATEWAY}, "/spec", TARGETED),
    Case("a target has a name", {**TARGETED, f"{TARGET}/name": ""}, TARGET, TARGETED),
    Case("a target is of the own namespace", {**TARGETED, f"{TARGET}/namespace": "a"}, f"{TARGET}/namespace", TARGETED),
    Case("a target is of a known kind", {**TARGETED, f"{TARGET}/kind": "Gatewy"}, f"{TARGET}/kind", TARGETED, correction="Gateway"),
    Case("a workload is no target", {**TARGETED, TARGET: {"kind": "Deployment", "group": "apps", "name": "a"}}, f"{TARGET}/kind"),
    Case("a target's kind is needed", {**TARGETED, f"{TARGET}/kind": ""}, TARGET),
    Case(
        "a target's group is its kind's",
        {**TARGETED, f"{TARGET}/group": "gateway.network.k8s.io"},
        f"{TARGET}/group",
    ),
    Case(
        "a group that is misspelt is corrected",
        {**TARGETED, f"{TARGET}/group": "gateway.networkin.k8s.io"},
        f"{TARGET}/group",
        correction="gateway.networking.k8s.io",
    ),
    Case("Istio's own Gateway is no target", {**TARGETED, f"{TARGET}/group": "networking.istio.io"}, f"{TARGET}/group"),
    Case("a Service has no group", {"/spec/selector": GONE, "/spec/targetRef": {"kind": "Service", "group": "apps", "name": "a"}},
         "/spec/targetRef/group", {"/spec/selector": GONE, "/spec/targetRef": {"kind": "Service", "group": "core", "name": "a"}}),
    Case("a ServiceEntry has one", {**TARGETED, TARGET: {"kind": "ServiceEntry", "name": "a"}}, TARGET,
         {**TARGETED, TARGET: {"kind": "ServiceEntry", "group": "networking.istio.io", "name": "a"}}),
    Case("DENY has rules", {"/spec/rules": []}, "/spec", {"/spec/rules": [{}]}),
    Case("CUSTOM has rules", {**CUSTOM, "/spec/rules": GONE}, "/spec", CUSTOM),
    Case("CUSTOM has a provider", {**CUSTOM, "/spec/provider": None}, "/spec", CUSTOM),
    Case("a provider has a name", {**CUSTOM, "/spec/provider": {}}, "/spec/provider"),
    Case("other actions have none", {"/spec/provider": {"name": "opa"}}, "/spec/provider", {"/spec/provider": None}),
    *(
        Case(f"CUSTOM does not know {name}", {**CUSTOM, SOURCE: {name: ["a"]}}, f"{SOURCE}/{name}", {SOURCE: {name: ["a"]}})
        for name in ("principals", "notRequestPrincipals", "namespaces", "notServiceAccounts", "trustDomains")
    ),
    *(
        Case(f"CUSTOM does not know {key}", {**CUSTOM, **values(key, "values", "a")}, KEY, values(key, "values", "a"))
        for key in ("source.namespace", "source.serviceAccount", "source.trustDomain", "source.principal", "request.auth.claims[a]")
    ),
    Case("an entry of from has a source", {FROM: {}}, FROM, {f"{RULE}/from": []}),
    Case("a source is not empty", {SOURCE: {"principals": []}}, SOURCE, {SOURCE: {"notTrustDomains": ["a"]}}),
    Case("accounts and namespaces exclude each other", {SOURCE: {"serviceAccounts": ["a"], "namespaces": ["b"]}}, SOURCE,
         {SOURCE: {"serviceAccounts": ["a"], "namespaces": [], "requestPrincipals": ["*"]}}),
    *(
        Case(f"{name} has no empty value", {SOURCE: {name: ["a", ""]}}, f"{SOURCE}/{name}/1", {SOURCE: {name: ["a"]}})
        for name in ("principals", "notPrincipals", "requestPrincipals", "notRequestPrincipals", "namespaces", "notNamespaces",
                     "serviceAccounts", "notServiceAccounts", "trustDomains", "notTrustDomains")
    ),
    *(
        Case(f"{name} are addresses", {SOURCE: {name: ["10.0.0.0/33"]}}, f"{SOURCE}/{name}/0", {SOURCE: {name: ["10.0.0.1/8", "::1"]}})
        for name in ("ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks")
    ),
    Case("an empty address is none", {SOURCE: {"ipBlocks": [""]}}, f"{SOURCE}/ipBlocks/0"),
    Case("accounts are 16 at most", {SOURCE: {"serviceAccounts": ["a"] * 17}}, f"{SOURCE}/serviceAccounts",
         {SOURCE: {"serviceAccounts": ["a"] * 16}}),
    Case("accounts have no wildcard", {SOURCE: {"serviceAccounts": ["a/*"]}}, f"{SOURCE}/serviceAccounts/0",
         {SOURCE: {"serviceAccounts": ["a/b"]}}),
    Case("accounts have two parts at most", {SOURCE: {"serviceAccounts": ["a/b/c"]}}, f"{SOURCE}/serviceAccounts/0"),
    Case("accounts have no empty part", {SOURCE: {"serviceAccounts": ["a/"]}}, f"{SOURCE}/serviceAccounts/0"),
    Case("accounts are not too long", {SOURCE: {"serviceAccounts": ["a" * 321]}}, f"{SOURCE}/serviceAccounts/0",
         {SOURCE: {"serviceAccounts": ["a" * 320]}}),
    Case("a trust domain has one wildcard", {SOURCE: {"trustDomains": ["*a*"]}}, f"{SOURCE}/trustDomains/0",
         {SOURCE: {"trustDomains": ["*", "*a", "a*"]}}),
    Case("a trust domain has it at an end", {SOURCE: {"trustDomains": ["a*b"]}}, f"{SOURCE}/trustDomains/0"),
    Case("a trust domain has no slash", {SOURCE: {"trustDomains": ["a/b"]}}, f"{SOURCE}/trustDomains/0"),
    Case("an entry of to has an operation", {TO: {}}, TO, {f"{RULE}/to": []}),
    Case("an operation is not empty", {OPERATION: {}}, OPERATION, {OPERATION: {"notHosts": ["a"]}}),
    *(
        Case(f"{name} has no empty value", {OPERATION: {name: [""]}}, f"{OPERATION}/{name}/0", {OPERATION: {name: ["0"]}})
        for name in ("hosts", "notHosts", "ports", "notPorts", "methods", "notMethods", "paths", "notPaths")
    ),
    Case("a port is a number", {OPERATION: {"ports": ["http"]}}, f"{OPERATION}/ports/0", {OPERATION: {"ports": ["0080"]}}),
    Case("a port is 65535 at most", {OPERATION: {"ports": ["65536"]}}, f"{OPERATION}/ports/0", {OPERATION: {"ports": ["65535"]}}),
    Case("a template is the last after all", {OPERATION: {"paths": ["/a/{**}/{*}"]}}, f"{OPERATION}/paths/0",
         {OPERATION: {"paths": ["/{*}/{**}/b"]}}),
    Case("a template is a whole part", {OPERATION: {"paths": ["/a{*}"]}}, f"{OPERATION}/paths/0", {OPERATION: {"paths": ["/a*"]}}),
    Case("braces are for templates", {OPERATION: {"notPaths": ["/{id}"]}}, f"{OPERATION}/notPaths/0"),
    Case("no wildcard is beside a template", {OPERATION: {"paths": ["/{*}/b*"]}}, f"{OPERATION}/paths/0",
         {OPERATION: {"paths": ["/{*}/b%41~/"]}}),
    Case("no part is empty beside a template", {OPERATION: {"paths": ["/{*}//b"]}}, f"{OPERATION}/paths/0"),
    Case("a condition has a key", {KEY: ""}, WHEN),
    Case("a condition has values", {f"{WHEN}/values": []}, WHEN, values("request.headers[a]", "notValues", "b")),
    Case("values are not empty", values("source.principal", "notValues", ""), f"{WHEN}/notValues/0"),
    Case("a key is known", values("request.method", "values", "GET"), KEY),
    Case("a misspelt key is corrected", values("source.principle", "values", "a"), KEY, correction="source.principal"),
    Case("a misspelt map is corrected", values("request.header[a]", "values", "a"), KEY, correction="request.headers[a]"),
    Case("a header has brackets", values("request.headers", "values", "a"), KEY, values("request.headers[:path]", "values", "a")),
    Case("brackets are not empty", values("request.auth.claims[]", "values", "a"), KEY,
         values("request.auth.claims[a][b]", "values", "a")),
    Case("Envoy's filters have brackets", values("experimental.envoy.filters.a", "values", "b"), KEY,
         values("experimental.envoy.filters.a[b]", "values", "c")),
    *(
        Case(f"{key} is gone", values(key, "values", "a"), KEY)
        for key in ("destination.namespace", "destination.name", "destination.user", "destination.labels[app]")
    ),
    *(
        Case(f"{key} is an address", values(key, "values", "a"), f"{WHEN}/values/0", values(key, "values", "10.0.0.0/8"))
        for key in ("source.ip", "remote.ip", "destination.ip")
    ),
    Case("destination.port is a port", values("destination.port", "values", "-1"), f"{WHEN}/values/0",
         values("destination.port", "values", "0")),
    Case("an account of a condition is one", values("source.serviceAccount", "notValues", "a*"), f"{WHEN}/notValues/0",
         values("source.serviceAccount", "notValues", "a/b")),
    Case("a trust domain of a condition is one", values("source.trustDomain", "values", "a*b"), f"{WHEN}/values/0",
         values("source.trustDomain", "values", "a/*")),
    Case("a dry run is a boolean", {DRY_RUN: "yes"}, DRY_RUN, {DRY_RUN: "T"}),
    Case("a dry run allows or denies", {"/spec/action": "AUDIT", DRY_RUN: "true"}, DRY_RUN, {"/spec/action": "ALLOW", DRY_RUN: "false"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_each_check_is_tripped_by_what_it_is_for(case: Case) -> None:
    """The path of the culprit is told, and the edge of the check is admitted."""
    assert_case(violations, GOOD, case)


def test_a_policy_that_allows_nothing_is_admitted() -> None:
    """Without rules ALLOW denies everything, and AUDIT does nothing."""
    for action in ("ALLOW", "AUDIT"):
        assert found(violations, changed(GOOD, {"/spec/action": action, "/spec/rules": GONE})) == []
