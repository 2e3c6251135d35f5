"""Hosts of a Sidecar's egress that import nothing."""

from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.absence import INSTALLED, is_unplaced, is_unregistered, namespaces
from kubectl_meshfix.traffic.export_to import EVERYWHERE, HERE, NOWHERE
from kubectl_meshfix.traffic.registry import Entry, registry


class Lack(Enum):
    """What is not there: the namespace, which is a Service's name instead, or is unknown; the host in that namespace, or anywhere."""

    SERVICE = auto()
    NAMESPACE = auto()
    ELSEWHERE = auto()
    HOST = auto()


class EmptyImport(NamedTuple):
    """A host of an egress entry as it is written at a JSON pointer, what it lacks, and what it was clearly meant to be."""

    path: str
    written: str
    lack: Lack
    meant: tuple[str, ...] = ()


def empty_imports(mesh: Mesh, sidecar: Sidecar) -> Iterator[EmptyImport]:
    """The hosts of a Sidecar's egress by which it imports no Service, ServiceEntry or VirtualService; wildcards are not judged."""
    for i, egress in enumerate(sidecar.spec.egress):
        for j, written in enumerate(egress.hosts):
            space, slash, name = written.partition("/")
            if slash and not space.startswith(NOWHERE) and "/" not in name:
                yield from _of(mesh, sidecar, EmptyImport(f"/spec/egress/{i}/hosts/{j}", written, Lack.HOST), space, name)


def _of(mesh: Mesh, sidecar: Sidecar, found: EmptyImport, space: str, name: str) -> Iterator[EmptyImport]:
    own = sidecar.namespace
    if space not in (HERE, EVERYWHERE, own) and _is_no_namespace(mesh, space, own):
        if name == "*" and mesh.get(Service, own, space):
            yield found._replace(lack=Lack.SERVICE, meant=(f"./{hosts.of_service(space, own)}",))
        else:
            better = nearest(space, namespaces(mesh))
            if better or mesh.live:
                yield found._replace(lack=Lack.NAMESPACE, meant=(f"{better}/{name}",) if better else ())
    elif not name.startswith("*") and space != EVERYWHERE:
        place = own if space == HERE else space
        homes = sorted({entry.namespace for entry in registry(mesh).exact.get(name, ())})
        if place in homes or _has_routes(mesh, name, place) or is_unplaced(mesh, place, own, *homes):
            return
        if homes:
            yield found._replace(lack=Lack.ELSEWHERE, meant=tuple(f"{home}/{name}" for home in homes))
        elif is_unregistered(mesh, name, place, sidecar):
            better = nearest(name, (entry.host for entry in _within(mesh, place)))
            yield found._replace(meant=(f"{space}/{better}",) if better else ())


def _is_no_namespace(mesh: Mesh, name: str, own: str) -> bool:
    """Whether nothing here is in a namespace. What installers fill, files seldom hold."""
    if name in namespaces(mesh) or is_unplaced(mesh, own):
        return False
    if mesh.live:
        return mesh.knows(kinds.NAMESPACE)
    return not name.startswith(INSTALLED)


def _has_routes(mesh: Mesh, host: str, namespace: str) -> bool:
    """Whether a VirtualService of a namespace is for a host, which a Sidecar then imports."""
    return any(
        hosts.matches(hosts.fqdn(own, namespace), host) for item in mesh.within(VirtualService, namespace) for own in item.spec.hosts
    )


def _within(mesh: Mesh, namespace: str) -> Iterator[Entry]:
    for entries in registry(mesh).exact.values():
        yield from (entry for entry in entries if entry.namespace == namespace)
