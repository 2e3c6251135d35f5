"""Where VirtualServices send traffic: what the rules about it share."""

from collections.abc import Iterable, Iterator
from typing import Literal, get_args

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.mesh import hosts
from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.registry import EVERYWHERE, registry, spread
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking import Destination, HTTPMatch, L4Match, VirtualService
from kubectl_meshfix.resources.meta import Struct

Protocol = Literal["http", "tls", "tcp"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
"""The three lists of routes."""

REDIRECTED = "Requests that fail today go to this destination, which may not be the one that was meant."


class Target(Struct, frozen=True):
    """A destination or mirror. ``path`` is its JSON pointer, ``host`` its host in full, ``match`` its route's conditions."""

    path: str
    host: str
    destination: Destination
    protocol: Protocol
    match: tuple[HTTPMatch | L4Match, ...] = ()
    is_mirror: bool = False


def targets(virtual_service: VirtualService) -> Iterator[Target]:
    """Every destination and mirror that names a host, in the order of the document."""
    for path, destination, protocol, match in _destinations(virtual_service):
        if destination.host:
            host = hosts.fqdn(destination.host, virtual_service.namespace)
            is_mirror = "/mirror" in path
            yield Target(path=path, host=host, destination=destination, protocol=protocol, match=match, is_mirror=is_mirror)


def _destinations(virtual_service: VirtualService) -> Iterator[tuple[str, Destination, Protocol, tuple[HTTPMatch | L4Match, ...]]]:
    for protocol in PROTOCOLS:
        for i, route in enumerate(getattr(virtual_service.spec, protocol)):
            for j, weighted in enumerate(route.route):
                yield f"/spec/{protocol}/{i}/route/{j}/destination", weighted.destination, protocol, route.match
            if protocol == "http" and route.mirror:
                yield f"/spec/http/{i}/mirror", route.mirror, protocol, route.match
            if protocol == "http":
                for j, mirror in enumerate(route.mirrors):
                    yield f"/spec/http/{i}/mirrors/{j}/destination", mirror.destination, protocol, route.match


def exported_to(mesh: Mesh, virtual_service: VirtualService) -> frozenset[str]:
    """Namespaces whose proxies follow it, or ``*``; none for ``~``."""
    return spread(virtual_service.spec.export_to or mesh_config(mesh).default_virtual_service_export_to, virtual_service.namespace)


def clients(mesh: Mesh, virtual_service: VirtualService) -> frozenset[str]:
    """Namespaces from which its destinations have to be seen: its own, or those alone to which it is exported."""
    exported = exported_to(mesh, virtual_service)
    return frozenset({virtual_service.namespace}) if EVERYWHERE in exported else exported


def meant(mesh: Mesh, virtual_service: VirtualService, target: Target) -> tuple[str, ...]:
    """Registered hosts that an unknown one was clearly meant to be: one of the same name elsewhere, or several, else of nearly the same."""
    known, seen_from = registry(mesh), clients(mesh, virtual_service)
    written, suffix = target.destination.host, f".svc.{hosts.CLUSTER_DOMAIN}"
    name, _, namespace = target.host.removesuffix(suffix).partition(".")
    if not target.host.endswith(suffix):
        whole = hosts.of_service(name, namespace.partition(".")[0])
        better = whole if whole.startswith(f"{written}.") and whole in known.exact else nearest(target.host, known.exact)
    else:
        same_name = {entry.host for entry in known.by_name.get(name, ()) if known.visible(entry.host, seen_from)}
        own = hosts.of_service(name, virtual_service.namespace)
        if same_name:
            return (own,) if own in same_name and not namespace else tuple(sorted(same_name))
        close = nearest(name, (service.name for service in mesh.within(Service, namespace)))
        better = hosts.of_service(close, namespace) if close else None
    if not better or not known.visible(better, seen_from):
        return ()
    return (better if "." in written else better.partition(".")[0],)


def consequence(target: Target) -> str:
    """What becomes of traffic to a host, port or subset for which there is no cluster."""
    if target.is_mirror:
        return "nothing is mirrored"
    return "requests fail with 503" if target.protocol == "http" else "connections are closed"


def replace(virtual_service: VirtualService, path: str, old: str | int, new: str | int, risk: str = REDIRECTED) -> Fix:
    """Write another value."""
    operations = (Operation("test", path, old), Operation("replace", path, new))
    patch = Patch(resource=virtual_service.ref, operations=operations)
    return Fix(summary=f"Replace {old} by {new}.", safety=Safety.UNSAFE, risk=risk, patches=(patch,))


def listed(values: Iterable[object]) -> str:
    """Values for a sentence."""
    return ", ".join(map(str, values))


def gateway_key(name: str, namespace: str) -> tuple[str, str]:
    """Namespace and name of the Gateway a VirtualService of ``namespace`` means (`pilot/pkg/model/config.go resolveGatewayName`).

    ``name``, ``namespace/name`` and ``./name``, and the older ``name.namespace.svc.cluster.local``, of which all but two words is ignored.
    """
    if "/" in name:
        before, _, after = name.partition("/")
        return (namespace if before == "." else before, after)
    first, dot, rest = name.partition(".")
    return (rest.partition(".")[0], first) if dot else (namespace, name)
