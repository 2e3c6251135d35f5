"""Objects that speak of traffic, made in the words of a manifest."""

from typing import Any

import msgspec

from kubectl_meshfix.resources.core import ConfigMap, Service
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.meta import Meta, Object
from kubectl_meshfix.resources.workloads import Deployment


def make(
    struct: type[Object],
    name: str,
    namespace: str = "shop",
    annotations: dict[str, str] | None = None,
    labels: dict[str, str] | None = None,
    **spec: Any,
) -> Any:
    """An object with a spec in the words of a manifest."""
    metadata = {"name": name, "namespace": namespace, "annotations": annotations or {}, "labels": labels or {}}
    return msgspec.convert({"metadata": metadata, "spec": spec}, struct)


def service(name: str, namespace: str = "shop", *ports: tuple[str, int], export_to: str = "", **rest: Any) -> Service:
    """A Service; without ports it has http on 80."""
    annotations = {"networking.istio.io/exportTo": export_to} if export_to else {}
    named = [{"name": word, "port": number} for word, number in ports or (("http", 80),)]
    obj: Service = make(Service, name, namespace, annotations, **{"ports": named, "selector": {"app": name}, **rest})
    return obj


def entry(name: str, namespace: str, *hosts: str, export_to: tuple[str, ...] = ()) -> ServiceEntry:
    """A ServiceEntry with one port, 443."""
    ports = [{"number": 443, "name": "https", "protocol": "HTTPS"}]
    obj: ServiceEntry = make(ServiceEntry, name, namespace, hosts=list(hosts), ports=ports, exportTo=list(export_to))
    return obj


def to(host: str, subset: str = "", port: int = 0) -> dict[str, Any]:
    """A route to one destination."""
    return {"route": [{"destination": {"host": host, "subset": subset, **({"port": {"number": port}} if port else {})}}]}


def routes(*http: dict[str, Any], name: str = "vs", namespace: str = "shop", **spec: Any) -> VirtualService:
    """A VirtualService with HTTP routes."""
    obj: VirtualService = make(VirtualService, name, namespace, http=list(http), **spec)
    return obj


def rule(host: str, *subsets: str, name: str = "rule", namespace: str = "shop", **spec: Any) -> DestinationRule:
    """A DestinationRule whose subsets are named after versions."""
    defined = [{"name": subset, "labels": {"version": subset}} for subset in subsets]
    obj: DestinationRule = make(DestinationRule, name, namespace, host=host, subsets=defined, **spec)
    return obj


def deployment(name: str, namespace: str = "shop", **labels: str) -> Deployment:
    """A Deployment whose pods get labels."""
    obj: Deployment = make(Deployment, name, namespace, template={"metadata": {"labels": labels}})
    return obj


def gateway_pods(name: str, namespace: str = "ingress", **labels: str) -> Deployment:
    """A Deployment of gateway pods with labels."""
    metadata = {"labels": labels, "annotations": {"inject.istio.io/templates": "gateway"}}
    obj: Deployment = make(Deployment, name, namespace, template={"metadata": metadata})
    return obj


def mesh_config(text: str) -> ConfigMap:
    """The mesh's configuration."""
    return ConfigMap(metadata=Meta(name="istio", namespace="istio-system"), data={"mesh": text})
