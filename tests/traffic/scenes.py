"""Small meshes told in YAML, and the questions that a request's rooms are asked about them."""

from typing import Any

import yaml

from kubectl_meshfix.chain.steps import Told, told
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic.client.view import View, look
from kubectl_meshfix.traffic.destination.cluster import Cluster, cluster
from kubectl_meshfix.traffic.destination.endpoints import endpoints
from kubectl_meshfix.traffic.destination.tls import wire
from kubectl_meshfix.traffic.server.accept import Chain, accept
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.routes import Target
from kubectl_meshfix.traffic.terms.wire import Wire
from tests.injection.installations import decoded

CATALOG = "catalog.shop.svc.cluster.local"
CART = Party(plane=Plane.SIDECAR, namespace="web", labels={"app": "cart"}, service_account="cart")
BARE = Party(plane=Plane.BARE, namespace="web", labels={"app": "old"})
GET = Request(scheme=Scheme.HTTP, host="catalog.shop", port=80)

GROUND = """
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
kind: Service
metadata: {name: catalog, namespace: shop}
spec: {selector: {app: catalog}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
kind: Deployment
metadata: {name: catalog, namespace: shop}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: catalog, version: v1}}
    spec: {serviceAccountName: catalog, containers: [{name: app, image: app, ports: [{name: web, containerPort: 8080}]}]}
"""

_VERSIONS = {
    "Namespace": "v1", "Service": "v1", "Pod": "v1", "ConfigMap": "v1", "Endpoints": "v1", "Deployment": "apps/v1",
    "StatefulSet": "apps/v1", "EndpointSlice": "discovery.k8s.io/v1", "PeerAuthentication": "security.istio.io/v1",
}  # fmt: skip


def objects(*texts: str) -> tuple[Object, ...]:
    """The objects of YAML documents; the API versions may be left out."""
    found = (raw for text in texts for raw in yaml.safe_load_all(text) if raw)
    return tuple(decoded({"apiVersion": _VERSIONS.get(raw["kind"], "networking.istio.io/v1"), **raw}) for raw in found)


def files(*texts: str, ground: str = GROUND) -> Mesh:
    """Manifests: the shop's catalog in two pods with sidecars, and what else is told."""
    return Mesh(objects(ground, *texts))


def live(*texts: str, ground: str = GROUND) -> Mesh:
    """A cluster that was read whole."""
    return Mesh(objects(ground, *texts), live=True)


def rule(name: str = "rule", namespace: str = "shop", host: str = CATALOG, created: str = "", exports: str = "[]", **spec: Any) -> str:
    """A DestinationRule."""
    meta = {"name": name, "namespace": namespace, **({"creationTimestamp": created} if created else {})}
    body = {"kind": "DestinationRule", "metadata": meta, "spec": {"host": host, "exportTo": yaml.safe_load(exports), **spec}}
    return yaml.safe_dump(body)


def peer(mode: str, namespace: str = "shop", app: str = "", ports: str = "{}") -> str:
    """A PeerAuthentication, for a namespace or for pods by their label."""
    selector = {"selector": {"matchLabels": {"app": app}}} if app else {}
    levels = {str(port): {"mode": level} for port, level in yaml.safe_load(ports).items()}
    meta = {"name": app or "default", "namespace": namespace}
    return yaml.safe_dump(
        {"kind": "PeerAuthentication", "metadata": meta, "spec": {"mtls": {"mode": mode}, "portLevelMtls": levels, **selector}}
    )


def mesh_config(text: str) -> str:
    """The mesh's configuration."""
    return yaml.safe_dump({"kind": "ConfigMap", "metadata": {"name": "istio", "namespace": "istio-system"}, "data": {"mesh": text}})


def view(mesh: Mesh, party: Party = CART) -> View:
    """What a party's proxy knows."""
    return look(mesh, party)


def asked(
    mesh: Mesh, host: str = CATALOG, subset: str = "", port: int = 80, *, called: int = 80, party: Party = CART
) -> Told[Cluster | Failure | Unknown]:
    """The cluster of a target, and the way to it."""
    return told(cluster(mesh, look(mesh, party), Target(host=host, port=port, subset=subset), called))


def clustered(mesh: Mesh, host: str = CATALOG, subset: str = "", port: int = 80, party: Party = CART) -> Cluster:
    """A cluster that there is."""
    found = asked(mesh, host, subset, port, party=party).value
    assert isinstance(found, Cluster), found
    return found


def behind(mesh: Mesh, host: str = CATALOG, subset: str = "", port: int = 80) -> Told[tuple[Endpoint, ...] | Failure]:
    """The endpoints of a cluster."""
    return told(endpoints(mesh, CART, clustered(mesh, host, subset, port)))


def reached(mesh: Mesh, host: str = CATALOG, subset: str = "", port: int = 80) -> tuple[Endpoint, ...]:
    """Endpoints that there are."""
    found = behind(mesh, host, subset, port).value
    assert not isinstance(found, Failure), found
    return found


def sent(
    mesh: Mesh,
    host: str = CATALOG,
    subset: str = "",
    *,
    port: int = 80,
    request: Request = GET,
    party: Party = CART,
    reads_http: bool | None = None,
) -> Told[Wire]:
    """What a party's proxy sends to the first endpoint."""
    ends = reached(mesh, host, subset, port)
    found = clustered(mesh, host, subset, port, party)
    return told(wire(mesh, party, found, ends[0], request, all_endpoints=ends, reads_http=reads_http))


def taken(mesh: Mesh, given: Wire | None = None, request: Request = GET, host: str = CATALOG) -> Told[Chain | Failure]:
    """What the first endpoint makes of what comes, by default of what the cart sends."""
    return told(accept(mesh, reached(mesh, host)[0], given or sent(mesh, host, request=request).value, request))
