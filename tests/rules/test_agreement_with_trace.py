"""What a finding says becomes of a request is what a trace of that request says, and no longer once it is fixed."""

import re
from collections.abc import Callable, Iterator, Mapping

import pytest

from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.injection.membership import membership
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.pages import given
from kubectl_meshfix.rules.workloads.probe_rewriting import unmoved
from kubectl_meshfix.traffic.checks import capture, cluster, gateway, listener, route, scope, server, tls, waypoint
from kubectl_meshfix.traffic.server.declared_ports import Reading
from kubectl_meshfix.traffic.terms.parties import Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.wire import Transport
from kubectl_meshfix.traffic.trace.answers import Trace
from tests.rules.claims import (
    FROM_ASKER,
    Callers,
    Claim,
    arrives_in,
    from_gateways,
    from_party,
    from_workload,
    http,
    is_answered,
    routed,
    staged,
    tells,
)
from tests.rules.pages import ALL, Example, fixed, run

Claims = Callable[[Mesh, Diagnosis], Iterator[Claim]]


def _missing_destination(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "equests fail with 503" in row.message
    yield from routed(mesh, row, 503)


def _unknown_gateway(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "requests get 404" in row.message
    yield Claim(from_gateways, http("shop.example.com"), lambda trace: is_answered(trace, 404))


def _sniffed(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    port = _service(mesh, row).spec.ports[_index(row)].port
    if _service(mesh, row).spec.type == "ExternalName":
        return  # the listener of an istiod before 1.20, which a trace does not ask about
    readings = {"reading": Reading.SNIFFED.value}
    yield Claim(FROM_ASKER, http(_host(mesh, row), port), lambda trace: tells(trace, server.DECLARED, **readings))


def _no_listener(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "calls get no mTLS" in row.message
    port = _service(mesh, row).spec.ports[_index(row)].port
    request = Request(scheme=Scheme.TCP, host=_host(mesh, row), port=port)
    yield Claim(FROM_ASKER, request, lambda trace: arrives_in(trace, Transport.PLAIN))


def _conflicting(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "may use" in row.message
    yield Claim(FROM_ASKER, http("basket.shop"), lambda trace: tells(trace, server.UNORDERED))


def _disproved(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    scheme = Scheme.GRPC if "gRPC" in row.message else Scheme.HTTPS
    port = _service(mesh, row).spec.ports[_index(row)].port
    request = Request(scheme=scheme, host=_host(mesh, row), port=port, version="2" if scheme is Scheme.GRPC else "1.1")
    yield Claim(FROM_ASKER, request, lambda trace: trace.arrives is False)


def _past_the_proxy(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "calls bypass the proxy" in row.message
    by = from_workload(f"{row.resource.kind}/{row.resource.name}", row.resource.namespace or "")
    yield Claim(by, http("asker.askers"), lambda trace: tells(trace, capture.AS_PROXY_USER, capture.AS_PROXY_GROUP))


def _before_the_proxy(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    if "accepts only mutual TLS" in row.message:

        def by(mesh: Mesh) -> Callers:
            made = membership(mesh, _workload(mesh, row))
            return () if made.native is True else from_party(Plane.BARE, "shop")(mesh)

        yield Claim(by, http("payments.shop"), lambda trace: tells(trace, server.REFUSES_PLAIN_TEXT))


def _refused_probes(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "STRICT mTLS refuses on port 8080" in row.message

    def by(mesh: Mesh) -> Callers:
        is_moved = not any(True for _ in unmoved(mesh, _workload(mesh, row)))
        return () if is_moved else from_party(Plane.OUTSIDE)(mesh)

    yield Claim(by, http(f"{row.resource.name}.shop"), lambda trace: tells(trace, server.REFUSES_PLAIN_TEXT))


def _peers(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    port = next(item.container_port for item in _workload(mesh, row).spec.containers[0].ports if str(item.container_port) in row.message)
    by, host = from_workload(f"sts/{row.resource.name}", "shop"), f"{row.resource.name}-0.{row.resource.name}.shop.svc.cluster.local"
    request = Request(scheme=Scheme.TCP, host="10.0.0.7" if row.resource.name == "ledger" else host, port=port)
    yield Claim(by, request, lambda trace: tells(trace, server.REFUSES_PLAIN_TEXT))


def _ineffective_policy(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    yield Claim(FROM_ASKER, http("cart.shop", method="POST"), lambda trace: arrives_in(trace, Transport.PLAIN))


def _plain_calls(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    if "calls have no mTLS" in row.message:
        yield Claim(from_workload("deploy/cart", "shop"), http("asker.askers"), lambda trace: tells(trace, capture.NO_PROXY))


def _idle_sidecar(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "This Sidecar configures no proxy" in row.message
    yield Claim(from_workload("deploy/checkout", "shop"), http("asker.askers"), lambda trace: not tells(trace, scope.SELECTED))


def _idle_gateway(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "No proxy serves this Gateway and its routes" in row.message
    found = mesh.get(Gateway, row.resource.namespace or "", row.resource.name)
    assert found
    host = found.spec.servers[0].hosts[0]
    yield Claim(from_gateways, http(host), lambda trace: not tells(trace, gateway.CONFIGURES) and trace.arrives is not True)


def _unreachable_port(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "Clients of the Services cannot connect to it" in row.message
    yield Claim(from_gateways, http("shop.example.com", 8443), lambda trace: tells(trace, gateway.NOT_OFFERED))


def _ignored_server(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "Istio ignores" in row.message
    yield Claim(from_gateways, http("shop.example.com", 443), lambda trace: tells(trace, gateway.PROTOCOL_TAKEN, gateway.HOST_TAKEN))


def _unknown_callers(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "may be refused" in row.message
    by = from_party(Plane.SIDECAR, "checkout", "checkout")
    yield Claim(by, http("cart.shop"), lambda trace: is_answered(trace, 403))


def _idle_policy(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "This policy protects nothing" in row.message
    yield Claim(FROM_ASKER, http("payments.shop", method="POST"), lambda trace: trace.arrives is True)


def _unusable_waypoint(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "raffic goes straight to its destination" in row.message
    by = from_party(Plane.AMBIENT, "shop", "asker")
    past = (waypoint.MISSING, waypoint.NOT_READY, waypoint.NOT_ADMITTED, waypoint.OTHER_TRAFFIC, waypoint.MAY_BE_THERE)
    host = "basket.shop" if row.resource.kind == "Gateway" else "cart.shop"
    yield Claim(by, http(host), lambda trace: tells(trace, *past))


def _no_credentials(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "leave them as plain text" in row.message
    yield Claim(from_workload("deploy/cart", "shop"), http("ledger.example.com"), lambda trace: tells(trace, tls.NO_CREDENTIALS))


def _caught(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    entry = mesh.get(ServiceEntry, row.resource.namespace or "", row.resource.name)
    assert entry
    request = Request(scheme=Scheme.TCP, host="elsewhere.example.com", port=entry.spec.ports[_index(row)].number)
    yield Claim(FROM_ASKER, request, lambda trace: tells(trace, listener.SHARED_TCP))


def _subset_without_pods(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "fail with 503" in row.message
    yield Claim(FROM_ASKER, http("reviews.shop"), lambda trace: is_answered(trace, 503))


def _without_settings(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    rule = mesh.get(DestinationRule, row.resource.namespace or "", row.resource.name)
    assert rule
    host = rule.spec.host if "." in rule.spec.host else f"{rule.spec.host}.shop"
    if "tls" in row.message:
        yield Claim(FROM_ASKER, http(host), lambda trace: arrives_in(trace, Transport.PLAIN))
    elif row.code in {"MF437", "MF430"}:
        yield Claim(FROM_ASKER, http(host), lambda trace: not tells(trace, cluster.LIMITED))
    else:
        yield Claim(FROM_ASKER, http("cart.shop"), lambda trace: not tells(trace, cluster.EJECTS))


def _not_imported(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "The selected proxies know no host by this entry" in row.message
    request = http("cart.shop") if "cart" in row.message else Request(scheme=Scheme.HTTPS, host="maps.example.com", port=443)
    yield Claim(from_workload("deploy/checkout", "shop"), request, lambda trace: tells(trace, listener.PASSES))


def _at_ztunnel(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    by, made = from_party(Plane.AMBIENT, "web", "asker"), http(f"api.{row.resource.namespace}", path="/internal/a", method="GET")
    is_open = "passes to" in row.message or "not enforced" in row.message
    assert is_open or "refused" in row.message
    yield Claim(by, made, lambda trace: trace.arrives is is_open)


def _idle_target(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    by, home = from_party(Plane.AMBIENT, "web", "asker"), row.resource.namespace
    host = f"{'stock' if 'Service stock' in row.message else 'api'}.{home}"
    if row.resource.kind == "AuthorizationPolicy":
        assert "No proxy enforces this policy" in row.message
        yield Claim(by, http(host, method="POST"), lambda trace: trace.arrives is True)
    else:
        yield Claim(by, http(host), lambda trace: tells(trace, waypoint.NOT_NAMED))


def _bypassed_route(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    host = "rates.example.com" if "ServiceEntry" in row.message else f"api.{'billing' if 'billing' in row.message else 'orders'}"
    wanted = waypoint.NOT_NAMED if "No waypoint is named" in row.message else waypoint.ELSEWHERE
    yield Claim(from_party(Plane.AMBIENT, "orders", "asker"), http(host), lambda trace: tells(trace, wanted))


def _bypassed_waypoint(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    if row.resource.kind == "Deployment":
        assert "bypass waypoint billing/waypoint" in row.message
        by = from_workload("deploy/reports", "billing")
        yield Claim(by, http("api.billing"), lambda trace: trace.arrives is True and not tells(trace, waypoint.USED, waypoint.ASSUMED))


def _tls_disagrees(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    named = re.search(r"Service (\S+)/(\S+) port (\d+)", row.message)
    assert named
    yield Claim(FROM_ASKER, http(f"{named[2]}.{named[1]}", port=int(named[3])), lambda trace: is_answered(trace, 503))


def _broken_delegate(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "is dropped" in row.message
    reasons = (
        route.DELEGATE_MISSING, route.DELEGATE_HAS_HOSTS, route.DELEGATE_HIDDEN, route.DELEGATE_CONFLICT,
    )  # fmt: skip
    yield Claim(from_gateways, http("shop.example.com", path="/cart"), lambda trace: tells(trace, *reasons))


def _unserved_host(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    found = mesh.get(VirtualService, row.resource.namespace or "", row.resource.name)
    assert found
    assert "No request for it is served there" in row.message
    if row.fix and any(patch.resource.kind == "Gateway" for patch in row.fix.patches):
        yield Claim(from_gateways, http(found.spec.hosts[_index(row)]), lambda trace: is_answered(trace, 404))


def _redirect_loop(mesh: Mesh, row: Diagnosis) -> Iterator[Claim]:
    assert "a loop" in row.message
    yield Claim(from_gateways, http("shop.example.com"), lambda trace: is_answered(trace, 301))


ASKED: Mapping[str, Claims] = {
    "MF101": _sniffed,
    "MF102": _no_listener,
    "MF103": _conflicting,
    "MF105": _disproved,
    "MF204": _past_the_proxy,
    "MF206": _before_the_proxy,
    "MF207": _refused_probes,
    "MF208": _peers,
    "MF301": _ineffective_policy,
    "MF305": _plain_calls,
    "MF401": _missing_destination,
    "MF402": _missing_destination,
    "MF403": _unknown_gateway,
    "MF404": _missing_destination,
    "MF405": _idle_sidecar,
    "MF424": _no_credentials,
    "MF426": _caught,
    "MF428": _subset_without_pods,
    "MF430": _without_settings,
    "MF431": _without_settings,
    "MF434": _not_imported,
    "MF437": _without_settings,
    "MF408": _broken_delegate,
    "MF411": _unserved_host,
    "MF414": _redirect_loop,
    "MF501": _idle_gateway,
    "MF502": _unreachable_port,
    "MF503": _ignored_server,
    "MF601": _unknown_callers,
    "MF602": _idle_policy,
    "MF801": _unusable_waypoint,
    "MF802": _at_ztunnel,
    "MF603": _tls_disagrees,
    "MF803": _idle_target,
    "MF805": _bypassed_route,
    "MF807": _bypassed_waypoint,
}
"""What a finding of each rule says of requests."""

_OF_INJECTION = "it says which pods get a sidecar, which a request cannot ask; tests of explain hold it to the injector's verdict"
_NEVER_USED = "no request reaches a route that is never used; tests of covering hold it to the routes that take them"
NOT_ASKED: Mapping[str, str] = {
    "MF001": "a document that cannot be read has no part in any mesh",
    "MF002": "it is about the team's settings",
    **dict.fromkeys(("MF003", "MF004", "MF005"), "a trace takes objects as they are, whoever refuses them"),
    "MF104": "which of the two processes gets a port that both listen on, only the kernel knows",
    "MF201": "labels for metrics change nothing for a request",
    "MF202": "labels for metrics change nothing for a request",
    "MF106": "a port without endpoints is a port that nobody routes to",
    "MF203": "without a Service there is no host to call",
    "MF205": "it is about when a Job ends",
    **dict.fromkeys(("MF302", "MF303", "MF304", "MF306", "MF307", "MF308", "MF309", "MF310", "MF311", "MF315"), _OF_INJECTION),
    **dict.fromkeys(("MF312", "MF313", "MF314"), "an annotation that is not read changes nothing"),
    "MF420": "that no proxy uses a rule, the callers of a trace cannot show: whoever is asked is one",
    "MF421": "which of two rules is older, files do not say, and a trace then tells both ways",
    **dict.fromkeys(("MF422", "MF423", "MF425", "MF433"), "what a server makes of TLS, or of the lack of it, no object says"),
    "MF427": "a rule without a host changes nothing for a request",
    "MF429": "which of two entries is older, files do not say",
    "MF432": "what a proxy does without its files, no object says",
    "MF435": "which of two Sidecars is older, files do not say",
    "MF436": "localities are not known before endpoints are",
    "MF438": "callers in a namespace that does not exist make no requests",
    **dict.fromkeys(("MF406", "MF407", "MF409", "MF410"), _NEVER_USED),
    "MF412": "it is about calls that the routes do not take",
    "MF413": "what a server makes of a path, no object says",
    "MF415": "the host's own servers are outside of the mesh, where no trace goes",
    "MF416": "endpoints that somebody wrote for the Service are not in files",
    **dict.fromkeys(("MF417", "MF418"), "the routes are the same without it"),
    "MF419": "claims of a token are not known without --jwt-claims",
    "MF504": "a trace is of one connection, and which others a browser has open no object says",
    **dict.fromkeys(("MF505", "MF506", "MF508"), "it words the very answers of the stage that a trace asks; tests of that stage hold them"),
    "MF507": "a trace takes Secrets that it may not read to be there",
    "MF509": "istiod makes no pods for this Gateway, so there is nothing to call",
    "MF510": "a grant for nobody changes nothing for a request",
    "MF560": "routes that no gateway follows change nothing for a request",
    "MF511": "a status says what Istio did, and a trace what it does",
    **dict.fromkeys(("MF604", "MF607", "MF608"), "values and tokens that nobody sends are no request"),
    **dict.fromkeys(("MF605", "MF606", "MF614"), "tests of authorization hold what a policy refuses to istiod's own rules"),
    "MF609": "whether istiod can fetch the keys, no request shows",
    **dict.fromkeys(("MF610", "MF613"), "who calls, and from where, is not in the objects"),
    **dict.fromkeys(("MF611", "MF612"), "what would be demanded if it counted, is not demanded"),
    "MF701": "access logs change nothing for a request",
    "MF702": "what an EnvoyFilter does, no object says",
    "MF703": "telemetry changes nothing for a request",
    "MF440": "the mode is the same, written or not",
    "MF901": "which of the texts that istiod had it goes on with, no object says",
    "MF902": _OF_INJECTION,
    "MF903": "a trace takes the routes of the Gateway API to be followed, and its findings say that they are not",
    "MF906": "a trace takes what the revision of each proxy reads, so that such an object is none of its objects",
    "MF904": "what is refused to be stored, no object says",
    "MF905": "the certificates of proxies are in no object",
    "MF907": "a trace takes agents on nodes to run",
    "MF908": "a trace begins at the gateway",
    "MF909": "proxies go on with what they have",
    "MF911": "what is refused to be stored, no object says",
    "MF910": "evictions change nothing for a request",
    **dict.fromkeys(
        ("MF950", "MF951", "MF952", "MF953", "MF954", "MF955"), "it is about what proxies answer, and a trace predicts from objects"
    ),
    **dict.fromkeys(("MF704", "MF705", "MF706"), "what an EnvoyFilter does, no object says"),
    **dict.fromkeys(("MF707", "MF708", "MF709"), "telemetry changes nothing for a request"),
    "MF804": "most of it shows in no answer, and where a policy does, MF803 asks",
    "MF806": "old and new pods take the same requests",
}
"""The rules of which no request can be asked, and why."""

_CART = given("cart").text
_POD = """
apiVersion: v1
kind: Pod
metadata:
  name: ledger-0
  namespace: shop
  labels: {app: ledger, version: v1}
  ownerReferences: [{kind: StatefulSet, name: ledger, controller: true}]
spec: {containers: [{name: ledger, image: ledger, ports: [{containerPort: 9001}]}, {name: istio-proxy, image: istio/proxyv2}]}
status: {phase: Running, podIP: 10.0.0.7}
"""
_HTTPS = """
apiVersion: v1
kind: Service
metadata: {name: public-https, namespace: ingress}
spec: {type: LoadBalancer, selector: {istio: public-gateway}, ports: [{name: https, port: 443}]}
"""
_BASKET = """
apiVersion: v1
kind: Service
metadata: {name: basket, namespace: shop, labels: {istio.io/use-waypoint: waypoint}}
spec: {selector: {app: basket}, ports: [{name: http, port: 80}]}
"""

BESIDE: Mapping[str, str] = {
    "MF208-bad-a Service that is not headless": _POD,
    "MF403-bad-a gateway of another namespace": given("gateway").text,
    "MF404-bad-calls come in on port 80, which the host does not have": given("gateway").text,
    "MF503-bad-HTTP and HTTPS on one port": _HTTPS,
    "MF503-bad-two servers with one host": _HTTPS,
    "MF601-bad-a misspelt namespace": _CART,
    "MF801-bad-a misspelt name": _CART,
    **dict.fromkeys(("MF801-bad-no istiod has deployed it", "MF801-bad-its Service lacks a port"), _BASKET),
}
"""What examples leave out and a request needs."""

SILENT: Mapping[str, str] = {
    "MF101-bad-an ExternalName Service whose port is named tcp": "its istiod is older than those whose listeners a trace knows",
    "MF206-bad-the CNI agent redirects what the proxy does not take yet": "the proxy that would take the call does not run yet",
    "MF411-bad-a slip": "after the fix callers still ask for the host that was meant",
    "MF305-bad-a pod whose proxy missed an upgrade": "a proxy of another version takes the same requests",
    "MF807-bad-nobody in ambient mode": "no caller is in ambient mode",
}
"""The examples of those rules that speak of no request, and why."""

BAD = [example for example in ALL if example.what == "bad" and example.rule.code in ASKED]


def _service(mesh: Mesh, row: Diagnosis) -> Service:
    found = mesh.get(Service, row.resource.namespace or "", row.resource.name)
    assert found
    return found


def _workload(mesh: Mesh, row: Diagnosis) -> Workload:
    return next(item for item in mesh.workloads if item.ref == row.resource)


def _index(row: Diagnosis) -> int:
    return int(row.path.split("/")[3])


def _host(mesh: Mesh, row: Diagnosis) -> str:
    return f"{row.resource.name}.{row.resource.namespace}"


def _shown(found: Trace) -> list[str]:
    return [f"{branch.ending.status} {branch.ending.failure}: {' > '.join(map(sentence, branch.steps))}" for branch in found.branches]


def _rows(example: Example) -> list[Diagnosis]:
    return [row for row in run(example).active if row.code == example.rule.code]


def test_every_rule_is_asked_or_says_why_not() -> None:
    """Each rule has claims or a reason, and none both."""
    assert sorted([*ASKED, *NOT_ASKED]) == sorted(rule.code for rule in RULES)


@pytest.mark.parametrize("example", BAD, ids=str)
def test_a_trace_says_what_the_finding_says(example: Example) -> None:
    """Every request that a finding speaks of comes to what it says."""
    mesh = staged(example, BESIDE.get(str(example), ""))
    claims = [claim for row in _rows(example) for claim in ASKED[example.rule.code](mesh, row)]
    assert bool(claims) is (str(example) not in SILENT)
    for claim in claims:
        found = claim.of(mesh)
        assert found
        assert claim.holds(found), _shown(found)


@pytest.mark.parametrize("example", [example for example in BAD if fixed(example)], ids=str)
def test_once_it_is_fixed_no_trace_says_it(example: Example) -> None:
    """The same requests come to something else."""
    after = fixed(example)
    assert after
    mesh, better = (staged(item, BESIDE.get(str(example), "")) for item in (example, after))
    for row in _rows(example):
        for claim in ASKED[example.rule.code](mesh, row):
            found = claim.of(better)
            assert found is None or not claim.holds(found), _shown(found)
