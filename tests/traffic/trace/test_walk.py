"""What the walk makes of what the rooms say: retries, proxies that hand answers on, extensions, ends that are alike."""

from fractions import Fraction

import pytest

from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.responses import Log
from kubectl_meshfix.traffic.terms.wire import Transport
from kubectl_meshfix.traffic.trace.answers import Branch, Trace
from kubectl_meshfix.traffic.trace.callers import callers, parse_caller
from kubectl_meshfix.traffic.trace.urls import parse_request
from kubectl_meshfix.traffic.trace.walk import trace
from tests.traffic.scenes import files, live, rule

CART = """
kind: Namespace
metadata: {name: web, labels: {istio-injection: enabled}}
---
kind: Deployment
metadata: {name: cart, namespace: web}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: cart}}
    spec: {containers: [{name: app, image: app, ports: [{containerPort: 8080}]}]}
---
kind: Service
metadata: {name: cart, namespace: web}
spec: {clusterIP: None, selector: {app: cart}, ports: [{name: http, port: 8080}]}
"""
OLD = """
kind: Deployment
metadata: {name: catalog-old, namespace: shop}
spec:
  replicas: %d
  template:
    metadata: {labels: {app: catalog, sidecar.istio.io/inject: "false"}}
    spec: {containers: [{name: app, image: app}]}
"""
GATEWAY = """
kind: Gateway
metadata: {name: edge, namespace: web}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]}
---
kind: VirtualService
metadata: {name: edge, namespace: web}
spec:
  hosts: [shop.example.com]
  gateways: [edge]
  http: [{match: [{uri: {prefix: /items}}], route: [{destination: {host: catalog.shop.svc.cluster.local, subset: v9}}]}]
"""

DENY_ALL = """
kind: AuthorizationPolicy
apiVersion: security.istio.io/v1
metadata: {name: nothing, namespace: web}
spec: {}
"""


def traced(mesh: Mesh, who: str, url: str, **flags: str) -> Trace:
    """The trace of a command line."""
    steps, parties = told(callers(mesh, parse_caller(who), None))
    return trace(mesh, parties, parse_request(url, **flags), steps)


def only(found: Trace) -> Branch:
    """The one branch of a trace."""
    assert len(found.branches) == 1, [(branch.share, branch.ending) for branch in found.branches]
    return found.branches[0]


def test_a_connection_that_fails_is_tried_elsewhere() -> None:
    """One pod of three cannot take mutual TLS: with two retries every request arrives, and a step says why."""
    mesh = files(CART, OLD % 1, rule(trafficPolicy={"tls": {"mode": "ISTIO_MUTUAL"}}))

    branch = only(traced(mesh, "deploy/cart", "http://catalog.shop/"))

    assert branch.ending.arrives is True
    assert branch.share == 1
    assert [step.args["servers"] for step in branch.steps if step.check == "retry"] == ["Deployment shop/catalog-old"]


def test_more_failing_pods_than_retries_still_fail() -> None:
    """Three pods of five fail and there are two retries: some requests get 503."""
    mesh = files(CART, OLD % 3, rule(trafficPolicy={"tls": {"mode": "ISTIO_MUTUAL"}}))

    found = traced(mesh, "deploy/cart", "http://catalog.shop/")

    assert found.arrives is None
    assert {(branch.ending.status, branch.share) for branch in found.branches} == {(None, Fraction(2, 5)), (503, Fraction(3, 5))}


@pytest.mark.parametrize(("version", "status"), [("1.0", 426), ("1.1", 404)])
def test_a_gateway_takes_no_http_1_0(version: str, status: int) -> None:
    """HTTP/1.0 is answered before any route is looked at."""
    branch = only(traced(files(CART, GATEWAY), "gateway/edge", "http://shop.example.com/", version=version))

    assert branch.ending.status == status


def test_a_gateway_answers_for_what_is_behind_it() -> None:
    """A subset that nobody defines: the gateway's own log names it, and it is the first proxy."""
    branch = only(traced(files(CART, GATEWAY, rule(subsets=[{"name": "v1"}])), "gateway/edge", "http://shop.example.com/items"))

    assert branch.ending.status == 503
    assert branch.ending.client == Log(code=503, flag="NC", details="cluster_not_found")
    assert branch.ending.by is not None
    assert branch.ending.by.at is not None
    assert branch.ending.by.at.path == "/spec/http/0/route/0/destination"


def test_extensions_leave_no_certain_answer() -> None:
    """An EnvoyFilter of the server changes its proxy: the request may not arrive, and the filter is named. Counting changes nothing."""
    text = """
kind: EnvoyFilter
apiVersion: networking.istio.io/v1alpha3
metadata: {name: filter, namespace: shop}
spec:
  configPatches:
  - applyTo: HTTP_FILTER
    match: {context: SIDECAR_INBOUND}
    patch: {operation: INSERT_BEFORE, value: {name: %s}}
"""
    altered, counted = (traced(files(CART, text % name), "deploy/cart", "http://catalog.shop/") for name in ("lua", "istio.stats"))

    assert (altered.arrives, altered.altering) == (None, ("EnvoyFilter shop/filter",))
    assert (counted.arrives, counted.altering) == (True, ())


def test_what_makes_no_difference_is_no_condition() -> None:
    """Nobody knows which of two VirtualServices is older; it arrives either way, and that is one branch without a condition."""
    mesh = files(
        CART,
        """
kind: VirtualService
metadata: {name: one, namespace: shop}
spec: {hosts: [catalog], http: [{route: [{destination: {host: catalog}}]}]}
---
kind: VirtualService
metadata: {name: two, namespace: shop}
spec: {hosts: [catalog], http: [{route: [{destination: {host: catalog}}]}]}
""",
    )

    branch = only(traced(mesh, "deploy/cart", "http://catalog.shop/"))

    assert (branch.given, branch.ending.arrives) == ((), True)


def test_shares_of_faults_and_weights_multiply() -> None:
    """A tenth of the requests is aborted, and the rest is split by weight; all shares together are one."""
    text = """
kind: VirtualService
metadata: {name: catalog, namespace: shop}
spec:
  hosts: [catalog]
  http:
  - fault: {abort: {percentage: {value: 10}, httpStatus: 418}}
    route: [{destination: {host: catalog}, weight: 75}, {destination: {host: nosuch}, weight: 25}]
"""
    found = traced(files(CART, text), "deploy/cart", "http://catalog.shop/")
    shares = {(branch.ending.status, branch.share) for branch in found.branches}

    assert shares == {(418, Fraction(1, 10)), (None, Fraction(27, 40)), (503, Fraction(9, 40))}
    assert sum(branch.share for branch in found.branches) == 1


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("deploy/crat", 'There is no Deployment "crat".'),
        ("cart", '"cart" does not name a caller.'),
        ("svc/cart", "A Service sends no requests."),
        ("gateway/egde", 'There is no Gateway "egde".'),
        ("nosuch/default", 'There is no namespace "nosuch".'),
    ],
)
def test_callers_that_are_not_there(word: str, message: str) -> None:
    """A word that names no caller is an error that says what it may be instead."""
    with pytest.raises(UsageError) as raised:
        traced(files(CART, GATEWAY), word, "http://catalog.shop/")

    assert raised.value.message == message
    assert raised.value.hint


def test_a_pod_reaches_itself_by_the_name_of_a_headless_service() -> None:
    """Of three pods each gets a third of its own calls, inside the pod; the others go through both proxies."""
    three = files(CART.replace("replicas: 1", "replicas: 3"), DENY_ALL)

    inside, others = sorted(traced(three, "deploy/cart", "http://cart.web:8080/").branches, key=lambda branch: branch.share)

    assert (inside.share, inside.ending.arrives, inside.steps[-1].check) == (Fraction(1, 3), True, "serverProxy")
    assert (others.share, others.ending.status) == (Fraction(2, 3), 403)


def test_a_pod_comes_back_in_by_a_services_own_address() -> None:
    """kube-proxy is outside of the pod: what comes back is redirected to the proxy as from anybody."""
    past = "template:\n    metadata: {labels: {app: cart}, annotations: {traffic.sidecar.istio.io/excludeOutboundPorts: '8080'}}"
    mesh = files(CART.replace("clusterIP: None, ", "").replace("template:\n    metadata: {labels: {app: cart}}", past), DENY_ALL)

    assert only(traced(mesh, "deploy/cart", "http://cart.web:8080/")).ending.status == 403


TCP_GATEWAY = """
kind: Gateway
metadata: {name: edge, namespace: web}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 443, name: tls, protocol: TLS}, hosts: [shop.example.com], tls: {mode: SIMPLE, credentialName: edge}}]
---
kind: VirtualService
metadata: {name: edge, namespace: web}
spec:
  hosts: [shop.example.com]
  gateways: [edge]
  tcp: [{route: [{destination: {host: catalog.shop.svc.cluster.local, port: {number: 80}}}]}]
"""


def test_behind_a_gateway_that_takes_off_tls_is_http() -> None:
    """Whether the gateway reads it or moves bytes: the server's proxy reads it as HTTP."""
    found = traced(files(CART, TCP_GATEWAY), "gateway/edge", "https://shop.example.com/")

    assert [branch.ending.arrives for branch in found.branches] == [True]


def test_the_scheme_behind_tls_is_https() -> None:
    """A route of a gateway that matches the scheme matches it, and a redirect keeps it."""
    routes = GATEWAY.replace(
        "number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]",
        "number: 443, name: https, protocol: HTTPS}, hosts: [shop.example.com], tls: {mode: SIMPLE, credentialName: edge}",
    )
    http = "http: [{match: [{scheme: {exact: https}}], redirect: {uri: /new}}]"
    routes = routes[: routes.index("http: [{match")] + http + "\n"

    branch = only(traced(files(CART, routes), "gateway/edge", "https://shop.example.com/old"))

    assert (branch.ending.status, branch.ending.location) == (301, "https://shop.example.com/new")


EDGE = """
kind: Deployment
metadata: {name: edge, namespace: web}
spec:
  template:
    metadata:
      labels: {istio: ingressgateway, sidecar.istio.io/inject: "true"}
      annotations: {inject.istio.io/templates: gateway}
    spec: {containers: [{name: istio-proxy, image: auto}]}
"""
TOKENS = """
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: %s}
spec: {jwtRules: [{issuer: issuer.example.com, jwks: "{}", forwardOriginalToken: %s}]}
"""


def test_a_token_goes_on_behind_a_gateway() -> None:
    """One that does not look at it hands it on; one that accepts it takes it off, unless it is told not to."""
    route = GATEWAY.replace(", subset: v9", "").replace("/items", "/")

    def status(*texts: str, issuer: str = "eve") -> int | None:
        mesh = files(CART, EDGE, route, TOKENS.replace("issuer.example.com", "bob") % ("shop", "false"), *texts)
        return only(traced(mesh, "gateway/edge", "http://shop.example.com/", claims=f'{{"iss": "{issuer}"}}')).ending.status

    assert status() == 401
    assert status(TOKENS.replace("issuer.example.com", "eve") % ("web", "false")) is None
    assert status(TOKENS.replace("issuer.example.com", "eve") % ("web", "true")) == 401


def running(name: str, ip: str) -> str:
    """A pod of the cart with a sidecar."""
    return f"""
kind: Pod
metadata:
  name: {name}
  namespace: web
  labels: {{app: cart, security.istio.io/tlsMode: istio}}
  annotations: {{sidecar.istio.io/status: '{{}}'}}
  ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: cart, controller: true}}]
spec: {{containers: [{{name: app, image: app, ports: [{{containerPort: 8080}}]}}, {{name: istio-proxy, image: proxyv2}}]}}
status: {{podIP: {ip}, phase: Running, conditions: [{{type: Ready, status: 'True'}}]}}
"""


@pytest.mark.parametrize(("pods", "is_inside"), [(("10.0.0.1",), True), (("10.0.0.1", "10.0.0.2"), False)], ids=["one", "two"])
def test_by_its_address_a_lone_pod_reaches_itself(pods: tuple[str, ...], *, is_inside: bool) -> None:
    """Of two, another is taken to call; what stays inside meets no proxy, and no policy."""
    mesh = live(CART, DENY_ALL, *(running(f"cart-{index}", ip) for index, ip in enumerate(pods)))

    found = only(traced(mesh, "deploy/cart", "http://10.0.0.1:8080/"))

    assert (found.ending.arrives is True) is is_inside
    assert (found.ending.transport is Transport.PLAIN) or not is_inside
