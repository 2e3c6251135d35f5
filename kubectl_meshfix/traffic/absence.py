"""When an object that was not read does not exist: clusters can be read whole, files are a part of a whole."""

import re

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, Service
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.registry import registry

INSTALLED = ("istio", "kube-")
"""How namespaces begin that an installer fills, and that hardly anybody keeps in files."""

_USUAL = ("istio-system", "istio-ingress", "istio-egress", "istio-operator", "kube-system", "kube-public", "kube-node-lease")
"""The namespaces that Kubernetes makes, and those that the documentation of Istio has people make."""


def installed_namespace(name: str) -> str | None:
    """The namespace of an installer that a name is a slip of the keyboard away from; None for one of them, and for numbered ones."""
    return None if name in _USUAL or re.search(r"\d", name) else nearest(name, _USUAL)


def namespaces(mesh: Mesh) -> frozenset[str]:
    """The names of all Namespaces, and of the namespaces that objects of any kind are in: whoever writes those has them."""
    mesh.require(kinds.NAMESPACE)
    return mesh.cached("namespaces of anything", _namespaces)


def _namespaces(mesh: Mesh) -> frozenset[str]:
    return frozenset({space.name for space in mesh.all(Namespace)} | {obj.namespace for obj in mesh.objects if obj.namespace})


def is_no_namespace(mesh: Mesh, name: str) -> bool:
    """Whether it is known that there is no namespace of a name.

    Files know where they hold several Namespaces, or one of nearly that name, and not of what an installer brings, but for a slip.
    """
    names = {namespace.name for namespace in mesh.all(Namespace)}
    if name in namespaces(mesh):
        return False
    if mesh.live:
        return mesh.knows(kinds.NAMESPACE)
    if not mesh.holds_all(kinds.NAMESPACE):
        return False
    if name.startswith(INSTALLED):
        return installed_namespace(name) is not None
    return len(names) > 1 or nearest(name, names) is not None


def may_hold_gateways(name: str) -> bool:
    """Whether a namespace has a name under which people install gateways, whose pods files seldom hold."""
    return name in _USUAL or re.search(r"gateway|ingress|egress", name) is not None


def is_unplaced(mesh: Mesh, *namespaces: str) -> bool:
    """Whether one of the namespaces may be none: documents that name none are read into ``default``, and may be applied anywhere."""
    return not mesh.live and "default" in namespaces


def is_unregistered(mesh: Mesh, host: str, namespace: str, asker: Object | None = None) -> bool:
    """Whether nothing registers a full host, and that is known, so that proxies of ``namespace`` get no cluster for it.

    A wildcard that covers the host does not register it. Nobody can tell for hosts of other clusters; one whose domain is misspelt is
    no such host. Files speak for Services of namespaces of which they hold one, for other hosts where they hold a ServiceEntry in
    ``namespace``, and never for what an installer brings. ``asker`` is who calls the host: one that names no namespace is answered by what
    lies beside it.
    """
    if host in registry(mesh).exact:
        return False
    if meant := hosts.with_domain(host):
        return meant in registry(mesh).exact
    service = hosts.service_of(host)
    if hosts.is_of_another_domain(host) or (service and registry(mesh).spans_clusters):
        return False
    if not service:
        return mesh.coverage(kinds.SERVICE_ENTRY).is_complete if mesh.live else mesh.knows(kinds.SERVICE_ENTRY, namespace, asker)
    name, home = service
    if mesh.live:
        return mesh.knows(kinds.SERVICE, home) and mesh.knows(kinds.SERVICE_ENTRY, home)
    is_made = any(name.startswith(gateway.name) for gateway in mesh.within(KubernetesGateway, home))
    return mesh.knows(kinds.SERVICE, home, asker) and not is_made and not home.startswith(INSTALLED)


def may_be_unplaced(mesh: Mesh, host: str, namespace: str) -> bool:
    """Whether files hold a Service of a full host's name whose namespace, or the one of the caller, may be none."""
    name, _, rest = host.partition(".")
    homes = (entry.namespace for entry in registry(mesh).by_name.get(name, ()))
    return any(is_unplaced(mesh, home, namespace, rest.partition(".")[0]) for home in homes)


def holds_pods_of(mesh: Mesh, host: str) -> bool:
    """Whether the Service of a full host is here, and a workload that it selects: who writes these writes the host's routes beside them."""
    named = hosts.service_of(host)
    service = mesh.get(Service, named[1], named[0]) if named else None
    return bool(service and service.spec.selector and mesh.workloads_selected(service.spec.selector, service.namespace))
