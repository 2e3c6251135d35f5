"""A mesh for routes: manifests in a few words, and the ways of one request through them."""

from collections.abc import Iterable
from typing import Any

import yaml

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Step, answer, told
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.client.view import View, look
from kubectl_meshfix.traffic.route.choosing import choose
from kubectl_meshfix.traffic.route.virtual_hosts import Found, virtual_host
from kubectl_meshfix.traffic.terms.listeners import HTTPListener
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.routes import DirectResponse, Forward, Redirect, Rule, VirtualHost
from tests.injection.installations import decoded

CATALOG = """
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec: {clusterIP: 10.0.0.1, selector: {app: catalog}, ports: [{name: http, port: 80}]}
"""

_VERSIONS = {
    "VirtualService": "networking.istio.io/v1", "ServiceEntry": "networking.istio.io/v1", "Service": "v1", "ConfigMap": "v1",
    "HTTPRoute": "gateway.networking.k8s.io/v1", "GRPCRoute": "gateway.networking.k8s.io/v1",
}  # fmt: skip


def mesh(*texts: str) -> Mesh:
    """A mesh of manifests; ``kind`` implies ``apiVersion``, and the namespace is shop where none is named."""
    documents = [document for text in texts for document in yaml.safe_load_all(text) if document]
    return Mesh([decoded(_complete(document)) for document in documents])


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    metadata = {"namespace": "shop", **document["metadata"]}
    return {"apiVersion": _VERSIONS[document["kind"]], **document, "metadata": metadata}


def caller(namespace: str = "web", **labels: str) -> Party:
    """A pod with a sidecar."""
    return Party(plane=Plane.SIDECAR, namespace=namespace, labels=labels)


def get(host: str = "catalog.shop", path: str = "/", *, port: int = 80, **rest: Any) -> Request:
    """A request."""
    path, _, query = path.partition("?")
    headers = tuple((name.replace("_", "-"), value) for name, value in rest.pop("headers", {}).items())
    return Request(scheme=rest.pop("scheme", Scheme.HTTP), host=host, port=port, path=path, query=query, headers=headers, **rest)


def hosts_of(meshed: Mesh, request: Request, party: Party | None = None, listener: HTTPListener | None = None) -> list[Alternative[Found]]:
    """What the request's Host gets."""
    view: View = look(meshed, party or caller())
    return list(answer(virtual_host(meshed, view, listener or HTTPListener(port=request.port), request)))


def said(meshed: Mesh, request: Request, party: Party | None = None, listener: HTTPListener | None = None) -> list[str]:
    """All sentences on the way of a request."""
    view: View = look(meshed, party or caller())
    found = told(virtual_host(meshed, view, listener or HTTPListener(port=request.port), request))
    steps: Iterable[Step] = found.steps
    host = found.value[0].value
    if isinstance(host, VirtualHost):
        steps = (*steps, *told(choose(host.rules, request)).steps)
    return [sentence(step) for step in steps]


def rule_of(meshed: Mesh, request: Request, party: Party | None = None, listener: HTTPListener | None = None) -> Rule | None:
    """The one rule that takes a request."""
    (found,) = hosts_of(meshed, request, party, listener)
    assert isinstance(found.value, VirtualHost), found.value
    (chosen,) = answer(choose(found.value.rules, request))
    return chosen.value


def ends(meshed: Mesh, request: Request, party: Party | None = None, listener: HTTPListener | None = None) -> object:
    """Where the request goes in short: hosts with ports and subsets, a status, or what stands in the way."""
    (found,) = hosts_of(meshed, request, party, listener)
    if not isinstance(found.value, VirtualHost):
        return found.value
    (chosen,) = answer(choose(found.value.rules, request))
    return end_of(chosen.value)


def end_of(rule: Rule | None) -> object:
    """A rule's end in short."""
    match rule.action if rule else None:
        case Forward() as forward:
            return "|".join(f"{target.host}:{target.port}/{target.subset}".removesuffix("/") for target in forward.targets)
        case DirectResponse() | Redirect() as answered:
            return answered.status
        case _:
            return None
