"""Gateways of small meshes, written as manifests, and what they make of a request."""

from typing import NamedTuple

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Step, told
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.traffic.gateway.found import gateway_parties
from kubectl_meshfix.traffic.gateway.listening import serve
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.gateways import GatewayRoute
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.routes import Target, VirtualHost
from kubectl_meshfix.traffic.terms.wire import Wire

PODS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress, namespace: edge}
spec:
  template:
    metadata:
      labels: {istio: ingress}
      annotations: {inject.istio.io/templates: gateway}
    spec:
      serviceAccountName: ingress
      containers: [{name: istio-proxy, image: auto}]
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: edge}
spec:
  type: LoadBalancer
  selector: {istio: ingress}
  ports:
  - {name: http, port: 80, targetPort: 8080, nodePort: 30080}
  - {name: https, port: 443, targetPort: 8443}
  - {name: tcp, port: 9000}
---
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec:
  selector: {app: catalog}
  ports: [{name: http, port: 80}]
---
"""
"""A gateway's pods with their Service, and a Service behind it."""

HTTP_APP = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: shop}
spec:
  template:
    metadata: {labels: {istio: ingress}}
    spec: {containers: [{name: app, image: app}]}
"""
"""An application with the labels of a gateway's pods."""


def files(*texts: str) -> Mesh:
    """A mesh of manifests."""
    snapshot, _ = from_texts({"mesh.yaml": "\n---\n".join(texts)})
    return snapshot.meshes.first


def server(name: str, port: str, hosts: str, tls: str = "", namespace: str = "shop") -> str:
    """Istio's Gateway with one server; ``port`` is its number and protocol."""
    number, protocol = port.split()
    ending = f"    tls: {{{tls}}}\n" if tls else ""
    return f"""
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  selector: {{istio: ingress}}
  servers:
  - port: {{number: {number}, name: p{number}, protocol: {protocol}}}
    hosts: [{hosts}]
{ending}"""


def routes(name: str, hosts: str, gateways: str, namespace: str = "shop", *, more: str = "", kind: str = "http") -> str:
    """A VirtualService that sends everything to catalog; ``more`` are other fields of its spec."""
    match = f"match: [{{sniHosts: [{hosts}]}}]\n    " if kind == "tls" else ""
    return f"""
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  hosts: [{hosts}]
  gateways: [{gateways}]
  {kind}:
  - {match}route: [{{destination: {{host: catalog.shop.svc.cluster.local}}}}]
{more}"""


def listener(name: str, port: int, protocol: str, hostname: str = "", more: str = "") -> str:
    """A listener of Kubernetes' Gateway."""
    host = f", hostname: '{hostname}'" if hostname else ""
    return f"  - {{name: {name}, port: {port}, protocol: {protocol}{host}{f', {more}' if more else ''}}}"


def kubernetes(*listeners: str, name: str = "front", namespace: str = "edge", kind: str = "istio") -> str:
    """Kubernetes' Gateway."""
    return "\n".join(
        (
            f"apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: {name}, namespace: {namespace}}}",
            f"spec:\n  gatewayClassName: {kind}\n  listeners:",
            *listeners,
        )
    )


def route(  # noqa: PLR0917 -- what tests write differently
    name: str, namespace: str = "edge", parent: str = "name: front", hostnames: str = "", kind: str = "HTTPRoute", to: str = "name: catalog"
) -> str:
    """A route of Gateway API with one backend."""
    version = "v1alpha2" if kind == "TCPRoute" else "v1"
    hosts = f"  hostnames: [{hostnames}]\n" if hostnames else ""
    return f"""
apiVersion: gateway.networking.k8s.io/{version}
kind: {kind}
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  parentRefs: [{{{parent}}}]
{hosts}  rules:
  - backendRefs: [{{{to}, port: 80}}]
"""


def http(host: str = "shop.example.com", port: int = 80, **rest: object) -> Request:
    """A plain request."""
    return Request(scheme=Scheme.HTTP, host=host, port=port, **rest)  # type: ignore[arg-type]


def https(host: str = "shop.example.com", port: int = 443, **rest: object) -> Request:
    """A request over TLS of the caller's own."""
    return Request(scheme=Scheme.HTTPS, host=host, port=port, **rest)  # type: ignore[arg-type]


class Answer(NamedTuple):
    """What became of a request at a gateway, and the steps by their checks and sentences."""

    value: GatewayRoute | Failure
    steps: tuple[Step, ...]

    @property
    def taken(self) -> GatewayRoute:
        """The connection, where the gateway took it."""
        assert isinstance(self.value, GatewayRoute), self.value
        return self.value

    @property
    def host(self) -> VirtualHost:
        """The virtual host."""
        assert isinstance(self.taken.route, VirtualHost), self.taken.route
        return self.taken.route

    @property
    def targets(self) -> tuple[Alternative[Target], ...]:
        """Where a connection goes."""
        assert isinstance(self.taken.route, tuple), self.taken.route
        return self.taken.route

    @property
    def failure(self) -> Failure:
        """Why not."""
        found = self.value.route if isinstance(self.value, GatewayRoute) else self.value
        assert isinstance(found, Failure), found
        return found

    def told(self, check: str) -> dict[str, str]:
        """The sentences of a check, by the object that they are about."""
        return {
            f"{step.at.resource.name}{step.at.path}" if step.at else "": step.outcome.sentence.format(**step.args)
            for step in self.steps
            if step.check == check
        }


def ask(mesh: Mesh, name: str, request: Request, wire: Wire | None = None, port: int = 0) -> Answer:
    """What the gateway of a name (``namespace/name``) makes of a request."""
    namespace, _, own = name.partition("/")
    steps, value = told(serve(mesh, gateway_parties(mesh, own, namespace)[0], request, wire, port))
    identities = [step.identity for step in steps]
    assert len(set(identities)) == len(identities), [each for each in identities if identities.count(each) > 1]
    return Answer(value, steps)
