"""References to a Service's port that are found by how they are spelt: sections of Gateway API's targets, and backends of many others."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.named_ports import named_ports, named_services
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols.reference import Reference
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import BackendTLSPolicy, GRPCRoute, HTTPRoute, TCPRoute, TLSRoute
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.networking import Ingress
from kubectl_meshfix.resources.port_references import Referring

SPELT: tuple[Kind, ...] = (
    kinds.MIDDLEWARE,
    kinds.APISIX_ROUTE,
    kinds.HTTP_SCALED_OBJECT,
    kinds.INTERCEPTOR_ROUTE,
    kinds.PROMETHEUS,
    kinds.LOCAL_REDIRECT_POLICY,
)
"""Kinds that are read for the ports that they name. Those whose ports are numbers only are not here: Contour's HTTPProxy, Kong's
TCPIngress, NGINX's VirtualServer, Argo's Rollout, Istio's own routes.
"""

SECTIONED: tuple[Kind, ...] = (kinds.BACKEND_TLS_POLICY, kinds.HTTP_ROUTE, kinds.GRPC_ROUTE, kinds.TCP_ROUTE, kinds.TLS_ROUTE)
"""Gateway API's kinds whose target or parent may be a Service; ``sectionName`` is then its port (`apis/v1/shared_types.go`,
`policy_types.go`).
"""

ROUTERS: tuple[Kind, ...] = (
    kinds.APISIX_ROUTE,
    kinds.HTTP_SCALED_OBJECT,
    kinds.INTERCEPTOR_ROUTE,
    kinds.HTTP_PROXY,
    kinds.VIRTUAL_SERVER,
    kinds.MAPPING,
)
"""Kinds by which a proxy, which may be in the mesh, sends requests to Services and keeps the caller's Host header."""

NEAR = frozenset({kinds.BACKEND_TLS_POLICY, kinds.APISIX_ROUTE, kinds.HTTP_SCALED_OBJECT, kinds.INTERCEPTOR_ROUTE})
"""Those of them that refer to Services of their own namespace only."""

_ALB_ACTION = "alb.ingress.kubernetes.io/actions."
_ALB_HEALTH = "alb.ingress.kubernetes.io/healthcheck-port"

Key = tuple[str, str, str]
"""The namespace and name of a Service, and its port's name."""


def spelt(mesh: Mesh, service: Service, name: str) -> tuple[Reference, ...]:
    """What names a port of a Service: objects of the kinds above, routes attached to it, Ingresses' annotations, and in files any object.

    An object of files whose kind nobody here reads cannot be changed along, and may mean a Service of any namespace where it names none.
    """
    mesh.require(kinds.INGRESS, *SPELT, *SECTIONED)
    index: Mapping[Key, list[tuple[Key, Reference]]] = mesh.cached("ports by how they are spelt", lambda whole: grouped(_all(whole), _key))
    known = (reference for _, reference in index.get((service.namespace, service.name, name), ()))
    mentions = mesh.cached("mentioned ports", lambda whole: grouped(whole.mentions, lambda row: (row.named.service, row.named.port)))
    mentioned = (
        Reference(mention.resource, "")
        for mention in mentions.get((service.name, name), ())
        if (mention.named.namespace or mention.resource.namespace or service.namespace) == service.namespace
    )
    return (*known, *mentioned)


def routed(mesh: Mesh, service: Service) -> tuple[str, ...]:
    """The objects by which proxies of others send requests to a Service, on any port."""
    mesh.require(*ROUTERS)
    index = mesh.cached("Services behind routers", lambda whole: grouped(_routers(whole), lambda row: row[0]))
    return tuple(text for _, text in index.get((service.namespace, service.name), ()))


def _routers(mesh: Mesh) -> Iterator[tuple[tuple[str, str], str]]:
    for kind in ROUTERS:
        for obj in mesh.all(kind.struct):
            for namespace, name in named_services(obj.spec if isinstance(obj, Referring) else {}):
                host = name.partition("://")[2] or name  # of a Mapping: NAME, NAME.NAMESPACE:PORT, or a URL
                bare, _, rest = host.partition(":")[0].partition(".")
                yield (namespace or rest.partition(".")[0] or obj.namespace, bare), str(obj.ref)


def _key(row: tuple[Key, Reference]) -> Key:
    return row[0]


def _all(mesh: Mesh) -> Iterator[tuple[Key, Reference]]:
    for kind in SPELT:
        for obj in mesh.all(kind.struct):
            spec = obj.spec if isinstance(obj, Referring) else {}
            for found in named_ports(spec, "/spec"):
                yield (found.namespace or obj.namespace, found.service, found.port), Reference(obj.ref, found.path)
    for policy in mesh.all(BackendTLSPolicy):
        for index, target in enumerate(policy.spec.target_refs):
            if (target.group, target.kind) == ("", "Service") and target.section_name:
                path = join("spec", "targetRefs", index, "sectionName")
                yield (policy.namespace, target.name, target.section_name), Reference(policy.ref, path)
    yield from _of_routes(mesh)
    for ingress in mesh.all(Ingress):
        yield from _of_alb(ingress)


def _of_routes(mesh: Mesh) -> Iterator[tuple[Key, Reference]]:
    routes: tuple[HTTPRoute | GRPCRoute | TCPRoute | TLSRoute, ...] = (
        *mesh.all(HTTPRoute),
        *mesh.all(GRPCRoute),
        *mesh.all(TCPRoute),
        *mesh.all(TLSRoute),
    )
    for route in routes:
        for index, parent in enumerate(route.spec.parent_refs):
            if (parent.group, parent.kind) == ("", "Service") and parent.section_name:
                path = join("spec", "parentRefs", index, "sectionName")
                yield (parent.namespace or route.namespace, parent.name, parent.section_name), Reference(route.ref, path)


def _of_alb(ingress: Ingress) -> Iterator[tuple[Key, Reference]]:
    """AWS's controller takes backends from annotations too, and the port of its health check (`docs/guide/ingress/annotations.md`)."""
    annotations = ingress.metadata.annotations
    for key, text in annotations.items():
        for found in named_ports(_json(text)) if key.startswith(_ALB_ACTION) else ():
            yield (ingress.namespace, found.service, found.port), Reference(ingress.ref, "", f"uses it in the annotation {key}")
    checked = annotations.get(_ALB_HEALTH, "")
    paths = [path.backend for rule in ingress.spec.rules if rule.http for path in rule.http.paths]
    for backend in (*paths, *([ingress.spec.default_backend] if ingress.spec.default_backend else [])) if checked else ():
        if backend.service:
            named = (ingress.namespace, backend.service.name, checked)
            yield named, Reference(ingress.ref, "", f"uses it in the annotation {_ALB_HEALTH}")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
