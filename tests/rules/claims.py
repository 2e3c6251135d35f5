"""What findings say becomes of requests, as requests that can be traced."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import yaml

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Outcome, answer
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh.protocols import HTTP_LIKE
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.client.following import destinations_seen_from
from kubectl_meshfix.traffic.client.view import look
from kubectl_meshfix.traffic.gateway.found import gateway_parties
from kubectl_meshfix.traffic.gateway_names import MESH, resolve
from kubectl_meshfix.traffic.parties import party
from kubectl_meshfix.traffic.registry import registry
from kubectl_meshfix.traffic.route.virtual_services import rules_of
from kubectl_meshfix.traffic.terms.conditions import Comparison, Condition, Field
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.wire import Transport
from kubectl_meshfix.traffic.trace.answers import Trace
from kubectl_meshfix.traffic.trace.callers import callers, parse_caller
from kubectl_meshfix.traffic.trace.walk import trace
from tests.rules.pages import FILE, Example

ASKER = """
apiVersion: v1
kind: Namespace
metadata: {name: askers, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: asker, namespace: askers}
spec: {selector: {matchLabels: {app: asker}}, template: {metadata: {labels: {app: asker}}, spec: {containers: [{name: app, image: app}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: asker, namespace: askers}
spec: {selector: {app: asker}, ports: [{name: http, port: 80}]}
"""

_MAKE_PODS = ("Deployment", "StatefulSet")

Callers = Sequence[Alternative[Party]]
Holds = Callable[[Trace], bool]


class Claim(NamedTuple):
    """A request, who makes it, and whether what a finding says of it is what a trace of it says."""

    by: Callable[[Mesh], Callers]
    request: Request
    holds: Holds

    def of(self, mesh: Mesh) -> Trace | None:
        """What becomes of the request; None where nobody makes it."""
        found = self.by(mesh)
        return trace(mesh, found, self.request) if found else None


def staged(example: Example, beside: str = "") -> Mesh:
    """An example with what a request needs besides: a caller, and namespaces, workloads and Services for each other where it has none."""
    texts = {FILE: example.text, **example.beside, "asker.yaml": ASKER, "beside.yaml": beside}
    documents = [raw for text in texts.values() for raw in yaml.safe_load_all(text) if raw]
    stage = yaml.safe_dump_all(list(_missing(documents)))
    snapshot, _ = from_texts({**texts, "stage.yaml": stage})
    return snapshot.mesh


def _missing(documents: Sequence[dict]) -> Iterator[dict]:  # type: ignore[type-arg]
    spaces = {raw["metadata"]["namespace"] for raw in documents if "namespace" in raw["metadata"]}
    written = {raw["metadata"]["name"]: raw for raw in documents if raw["kind"] == "Namespace"}
    for name in sorted({*spaces, *written} - written.keys()):
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"istio-injection": "enabled"}}}
    pods = [(raw["metadata"]["namespace"], raw["spec"]["template"]["metadata"]["labels"]) for raw in documents if raw["kind"] in _MAKE_PODS]
    services = [(raw["metadata"], raw["spec"].get("selector")) for raw in documents if raw["kind"] == "Service"]
    for meta, selector in services:
        if selector and not any(space == meta["namespace"] and selector.items() <= labels.items() for space, labels in pods):
            template = {"metadata": {"labels": selector}, "spec": {"containers": [{"name": "app", "image": "app"}]}}
            yield {
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": meta["name"], "namespace": meta["namespace"]},
                "spec": {"selector": {"matchLabels": selector}, "template": template},
            }  # fmt: skip
    for space, labels in pods:
        if "app" in labels and not any(
            meta["namespace"] == space and chosen and chosen.items() <= labels.items() for meta, chosen in services
        ):
            spec = {"selector": {"app": labels["app"]}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}
            yield {"apiVersion": "v1", "kind": "Service", "metadata": {"name": labels["app"], "namespace": space}, "spec": spec}


def from_workload(name: str, namespace: str) -> Callable[[Mesh], Callers]:
    """Requests of a workload's pods."""
    return lambda mesh: answer(callers(mesh, parse_caller(name), namespace))


FROM_ASKER = from_workload("deploy/asker", "askers")


def from_party(plane: Plane, namespace: str = "", account: str = "") -> Callable[[Mesh], Callers]:
    """Requests of pods that nobody here makes."""
    return lambda _: (Alternative(Party(plane=plane, namespace=namespace, service_account=account)),)


def from_gateways(mesh: Mesh) -> Callers:
    """Requests that come to the pods of a gateway, whichever Gateways they serve."""
    return tuple(Alternative(party(item, Plane.GATEWAY)) for item in mesh.workloads if is_gateway(item))[:1]


def http(host: str, port: int = 80, **rest: object) -> Request:
    """A request over HTTP."""
    return Request(scheme=Scheme.HTTP, host=host, port=port, **rest)  # type: ignore[arg-type]


def taking(conditions: Sequence[Condition], made: Request) -> Request:
    """A request that meets the conditions of a route, so far as they compare with texts."""
    values = {item.field: item.value for item in conditions if not item.is_negated and item.comparison is not Comparison.REGEX}
    named = tuple((item.name, item.value or "x") for item in conditions if item.field is Field.HEADER and not item.is_negated)
    query = "&".join(f"{item.name}={item.value}" for item in conditions if item.field is Field.QUERY)
    return Request(
        scheme=made.scheme, host=made.host, port=made.port, method=values.get(Field.METHOD, made.method),
        path=values.get(Field.PATH, made.path), headers=named, query=query,
    )  # fmt: skip


def is_answered(trace: Trace, *statuses: int) -> bool:
    """Whether some of the requests get one of these statuses."""
    return any(branch.ending.status in statuses for branch in trace.branches)


def arrives_in(trace: Trace, transport: Transport) -> bool:
    """Whether some of the requests arrive, on a connection that is protected like this."""
    return any(branch.ending.arrives and branch.ending.transport is transport for branch in trace.branches)


def tells(trace: Trace, *outcomes: Outcome, **args: str) -> bool:
    """Whether one of these outcomes is among the steps, with these arguments of its sentence."""
    steps = (step for branch in trace.branches for step in branch.steps)
    return any(step.outcome in outcomes and args.items() <= step.args.items() for step in steps)


def routed(mesh: Mesh, row: Diagnosis, status: int) -> Iterator[Claim]:
    """For a finding about a destination: every request that its route takes ends there with a status."""
    found = mesh.get(VirtualService, row.resource.namespace or "", row.resource.name)
    assert found
    route = re.match(r"/spec/http/\d+", row.path)
    assert route, "a route of TCP or TLS needs a request of its own"

    def ends_there(trace: Trace) -> bool:
        ends = (branch.ending for branch in trace.branches)
        places = (ending.by.at for ending in ends if ending.status == status and ending.by)
        return any(at and at.resource == row.resource and row.path.startswith(at.path) for at in places)

    for name in found.spec.gateways or (MESH,):
        for by, host, port, number, gateway in _ways(mesh, found, name):
            client = next((item.value for item in by(mesh)), None)
            for rule in rules_of(mesh, look(mesh, client), found, number, gateway) if client else ():
                if rule.at and (rule.at.path == route[0] or rule.at.path.startswith(f"{route[0]}/")):
                    yield Claim(by, taking(rule.conditions, http(host, port)), ends_there)


def _ways(mesh: Mesh, found: VirtualService, name: str) -> Iterator[tuple[Callable[[Mesh], Callers], str, int, int, str]]:
    """Who calls, which host and port, and the port and gateway by which routes are chosen."""
    host = found.spec.hosts[0]
    if name == MESH:
        entries = registry(mesh).visible(hosts.fqdn(host, found.namespace), (found.namespace,))
        numbers = [port.number for entry in entries for port in entry.ports if port.protocol in HTTP_LIKE]
        number, space = next(iter(numbers), 80), min(destinations_seen_from(mesh, found))
        full = host if "." in host else f"{host}.{found.namespace}"
        yield from_party(Plane.SIDECAR, space, "asker"), full, number, number, MESH
        return
    home, bare = resolve(name, found.namespace)
    gateway = mesh.get(Gateway, home, bare)
    for server in gateway.spec.servers if gateway else ():
        yield (
            (lambda mesh: tuple(map(Alternative, gateway_parties(mesh, bare, home)))),
            host,
            server.port.number,
            server.port.number,
            f"{home}/{bare}",
        )
