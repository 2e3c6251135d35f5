"""Small meshes told in YAML, and what a client there is asked."""

from typing import Any

import yaml

from kubectl_meshfix.chain.steps import Told, told
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import PodSpec
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic.client.address import Address, resolve
from kubectl_meshfix.traffic.client.capture import captured
from kubectl_meshfix.traffic.client.listener import listener
from kubectl_meshfix.traffic.client.view import View, look, told_view
from kubectl_meshfix.traffic.parties import party
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.listeners import HTTPListener, Listener, Passthrough, TCPListener
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from tests.injection.installations import decoded

CATALOG = "catalog.shop.svc.cluster.local"

_VERSIONS = {
    **dict.fromkeys(("Namespace", "Service", "Pod", "ConfigMap"), "v1"),
    **dict.fromkeys(("Deployment", "StatefulSet"), "apps/v1"),
}  # fmt: skip


def objects(*texts: str) -> tuple[Object, ...]:
    """The objects of YAML documents; API versions may be left out."""
    raws = (raw for text in texts for raw in yaml.safe_load_all(text) if raw)
    return tuple(decoded({"apiVersion": _VERSIONS.get(raw["kind"], "networking.istio.io/v1"), **raw}) for raw in raws)


def files(*texts: str) -> Mesh:
    """Manifests."""
    return Mesh(objects(*texts))


def cluster(*texts: str) -> Mesh:
    """A cluster that was read whole."""
    return Mesh(objects(*texts), live=True)


def service(name: str, port: int = 80, port_name: str = "http", namespace: str = "shop", extra: str = "") -> str:
    """A Service with one port."""
    named = f"name: {port_name}, " if port_name else ""
    return f"""
kind: Service
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{selector: {{app: {name}}}, ports: [{{{named}port: {port}}}]{extra}}}
"""


def entry(name: str, host: str, port: int, protocol: str, *, extra: str = "resolution: DNS", namespace: str = "web") -> str:
    """A ServiceEntry with one port."""
    return f"""
kind: ServiceEntry
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{hosts: ["{host}"], ports: [{{number: {port}, name: p, protocol: {protocol}}}], {extra}}}
"""


def sidecar(spec: str, name: str = "default", namespace: str = "web") -> str:
    """A Sidecar."""
    return f"kind: Sidecar\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec: {spec}\n"


def mesh_config(text: str) -> str:
    """The mesh's configuration, in one line of YAML."""
    return f"kind: ConfigMap\nmetadata: {{name: istio, namespace: istio-system}}\ndata: {{mesh: '{text}'}}\n"


def values(text: str) -> str:
    """The injector's values, as JSON of ``global.proxy``."""
    data = f"{{config: '', values: '{{\"global\": {{\"proxy\": {text}}}}}'}}"
    return f"kind: ConfigMap\nmetadata: {{name: istio-sidecar-injector, namespace: istio-system}}\ndata: {data}\n"


def cart(namespace: str = "web", annotations: str = "", spec: str = "containers: [{name: cart}]") -> str:
    """The Deployment that calls."""
    return f"""
kind: Deployment
metadata: {{name: cart, namespace: {namespace}}}
spec:
  template:
    metadata: {{labels: {{app: cart}}, annotations: {{{annotations}}}}}
    spec: {{{spec}}}
"""


def caller(mesh: Mesh, plane: Plane = Plane.SIDECAR, namespace: str = "web") -> Party:
    """The caller: the mesh's own Deployment cart, else pods with its labels."""
    found = next((item for item in mesh.workloads if item.name == "cart"), None)
    if found:
        return party(found, plane)
    return Party(plane=plane, namespace=namespace, labels={"app": "cart"}, service_account="cart", spec=PodSpec())


def request(host: str = "catalog.shop", port: int = 80, scheme: Scheme = Scheme.HTTP, **rest: Any) -> Request:
    """A request."""
    return Request(scheme=scheme, host=host, port=port, **rest)


def checked(found: Told[Any]) -> Told[Any]:
    """What was told, once every step is known to have its words, and a place of its own."""
    words(found)
    assert len({item.identity for item in found.steps}) == len(found.steps)
    return found


def words(steps: Told[Any]) -> list[str]:
    """What was told, in words."""
    return [sentence(item) for item in steps.steps]


def resolved(mesh: Mesh, host: str, **who: Any) -> Told[Address | Failure]:
    """What a name leads to."""
    return checked(told(resolve(mesh, caller(mesh, **who), request(host))))


def address(mesh: Mesh, host: str, **who: Any) -> Address:
    """The same, for a name that resolves."""
    found = resolved(mesh, host, **who).value
    assert isinstance(found, Address)
    return found


def taken(mesh: Mesh, host: str = "catalog.shop", port: int = 80) -> Told[bool | Unknown]:
    """Whether the caller's proxy gets a connection."""
    who = caller(mesh)
    return checked(told(captured(mesh, who, address(mesh, host), request(host, port))))


def heard(mesh: Mesh, host: str = "catalog.shop", port: int = 80, scheme: Scheme = Scheme.HTTP, **rest: Any) -> Told[Listener | Failure]:
    """What the caller's proxy does with a connection."""
    who = caller(mesh)
    asked = request(host, port, scheme, **rest)
    found = told(resolve(mesh, who, asked)).value
    assert isinstance(found, Address)
    return checked(told(listener(mesh, look(mesh, who), found, asked)))


def result(mesh: Mesh, host: str = "catalog.shop", port: int = 80, scheme: Scheme = Scheme.HTTP, **rest: Any) -> str:
    """The same in a word: ``http``, ``http of HOST``, ``tcp to HOST``, ``passthrough``, or the failure's name."""
    match heard(mesh, host, port, scheme, **rest).value:
        case HTTPListener(entry=own):
            return f"http of {own.host}" if own else "http"
        case TCPListener(entry=own):
            return f"tcp to {own.host}"
        case Passthrough():
            return "passthrough"
        case failure:
            return failure.name


def view(mesh: Mesh, **who: Any) -> View:
    """What the caller's proxy knows."""
    return look(mesh, caller(mesh, **who))


def known(mesh: Mesh, host: str = CATALOG, **who: Any) -> list[str]:
    """What is told of the proxy's view of a host, by the checks' ids and statuses."""
    return [f"{item.check} {item.status}" for item in checked(told(told_view(mesh, caller(mesh, **who), host))).steps]
