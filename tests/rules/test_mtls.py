"""When the TLS of callers and servers fits, or is not known to differ (MF603)."""

import pytest

from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.rules.policy import client_and_server_tls_disagree
from kubectl_meshfix.sources.manifest_meshes import from_texts

SHOP = """
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: cart, image: cart}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
"""

BARE = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: old-cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart, old: "yes"}}
  template:
    metadata: {labels: {app: cart, old: "yes", sidecar.istio.io/inject: "false"}}
    spec: {containers: [{name: cart, image: cart}]}
"""

STRICT = """
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
"""


def rule(
    name: str = "cart", host: str = "cart.shop.svc.cluster.local", namespace: str = "shop", tls: str = "DISABLE", more: str = ""
) -> str:
    """A DestinationRule that sets ``tls`` for all of a host."""
    return f"""
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{host: "{host}", trafficPolicy: {{tls: {{mode: {tls}}}{more}}}}}
"""


def policy(name: str, spec: str) -> str:
    """A PeerAuthentication for the pods of cart."""
    return f"""
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {{name: {name}, namespace: shop}}
spec: {{selector: {{matchLabels: {{app: cart}}}}, {spec}}}
"""


def found(*documents: str) -> list[Diagnosis]:
    """What the rule finds in manifests."""
    mesh, _ = from_texts({"all.yaml": "\n---\n".join(documents)})
    return list(diagnose(mesh, [client_and_server_tls_disagree.RULE]).active)


@pytest.mark.parametrize(
    "beside",
    [
        (rule(tls="ISTIO_MUTUAL"),),
        (rule(), policy("cart", "mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: PERMISSIVE}}")),
        (rule(), policy("cart", "mtls: {mode: DISABLE}")),
        (rule("all", "*.local", "istio-system"), rule(tls="ISTIO_MUTUAL")),
        (rule(), BARE),
        (rule(more=", portLevelSettings: [{port: {number: 80}, tls: {mode: ISTIO_MUTUAL}}]"),),
    ],
    ids=["same", "port", "workload", "hidden", "another pod", "port of the rule"],
)
def test_what_some_pod_takes_is_silent(beside: tuple[str, ...]) -> None:
    """What counts is the mode of the port and the rule that callers follow; one pod that takes what they send is enough."""
    assert not found(SHOP, STRICT, *beside)


def test_what_is_not_known_is_silent() -> None:
    """Where nobody knows whether the pods have a sidecar, or the caller's namespace hides the rule, nothing is said."""
    without_namespace = SHOP.partition("---")[2]

    assert found(SHOP, STRICT, rule())
    assert not found(without_namespace, STRICT, rule())
    assert not found(SHOP, STRICT, rule(namespace="elsewhere"))
    assert not found(SHOP, STRICT, STRICT.replace("default", "other").replace("STRICT", "DISABLE"), rule())


def test_rules_of_unknown_age_are_silent() -> None:
    """Of two rules for one host the older one counts, and files do not say which that is."""
    assert not found(SHOP, STRICT, rule("one"), rule("other", tls="ISTIO_MUTUAL"))


def test_a_namespace_that_disables_mtls_closes_a_strict_workload() -> None:
    """Callers look at the mode of the Service's namespace, not at that of the pods: a workload that demands mTLS gets plain text."""
    (row,) = found(SHOP, STRICT.replace("STRICT", "DISABLE"), policy("cart", "mtls: {mode: STRICT}"))

    assert (row.resource.name, row.path) == ("cart", "/spec/mtls/mode")
    assert "PeerAuthentication shop/default (DISABLE)" in row.message


def test_a_subset_counts_where_a_route_leads_to_it() -> None:
    """The tls of a subset matters to the requests that a VirtualService sends there."""
    subset = """
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec: {host: cart, subsets: [{name: v1, labels: {app: cart}, trafficPolicy: {tls: {mode: DISABLE}}}]}
"""
    route = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [cart], http: [{route: [{destination: {host: cart, subset: v1}}]}]}
"""
    (row,) = found(SHOP, STRICT, subset, route)

    assert row.path == "/spec/subsets/0/trafficPolicy/tls/mode"
    assert not found(SHOP, STRICT, subset)


def test_tls_of_the_application_is_refused_by_a_port_for_http() -> None:
    """A sidecar takes no TLS but the mesh's on a port for HTTP, whatever the policy; a TCP port passes it to the application."""
    assert found(SHOP, rule(tls="SIMPLE"))
    assert not found(SHOP.replace("name: http", "name: tcp"), rule(tls="SIMPLE"))


def test_a_fix_waits_where_another_setting_would_count() -> None:
    """Removing tls of a port would leave the rest of the policy in force, and the mesh needs automatic mTLS."""
    level = rule(tls="ISTIO_MUTUAL", more=", portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}]")
    (row,) = found(SHOP, STRICT, level)

    assert row.path == "/spec/trafficPolicy/portLevelSettings/0/tls/mode"
    assert row.fix
    assert not row.fix.patches


def test_a_service_whose_pods_are_not_in_the_files_is_silent() -> None:
    """Whether its pods take what callers send is not known, and no rule may fail of that."""
    web = SHOP.replace("name: shop", "name: front").replace("namespace: shop", "namespace: front").replace("cart", "web")
    service = SHOP.split("---")[2]

    assert found(service, web, STRICT, rule(tls="DISABLE")) == []
    assert found(service, web, rule(tls="ISTIO_MUTUAL")) == []
