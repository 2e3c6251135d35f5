"""What somebody meant who wrote a name or number that is not there, and the fix that writes it."""

from collections.abc import Collection, Mapping, Sequence

from kubectl_meshfix.fixes.corrections import choice, patch, replacement
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.client.following import destinations_seen_from
from kubectl_meshfix.traffic.gateway_names import names_in, namespaces_of, resolve
from kubectl_meshfix.traffic.registry import registry
from kubectl_meshfix.traffic.route.targets import RouteTarget

REDIRECTED = "Requests that fail today go to this destination, which may not be the one that was meant."


def replace(virtual_service: VirtualService, path: str, old: str | int, new: str | int, risk: str = REDIRECTED) -> Fix:
    """Write another value."""
    return patch(virtual_service.ref, replacement(path, old, new), f"Replace {old} with {new}.", risk=risk)


def suggested_hosts(mesh: Mesh, virtual_service: VirtualService, target: RouteTarget) -> tuple[str, ...]:
    """Registered hosts that an unknown one was clearly meant to be: one of the same name elsewhere, or several, else of nearly the same."""
    seen_from = destinations_seen_from(mesh, virtual_service)
    return meant_hosts(mesh, target.written, target.host, virtual_service.namespace, seen_from)


def meant_hosts(mesh: Mesh, written: str, host: str, home: str, seen_from: Collection[str]) -> tuple[str, ...]:
    """The same for a host as it is ``written`` in the namespace ``home``, and in full, that proxies of some namespaces have to see."""
    known = registry(mesh)
    suffix = f".svc.{hosts.CLUSTER_DOMAIN}"
    name, _, namespace = host.removesuffix(suffix).partition(".")
    if meant := hosts.with_domain(host):
        better: str | None = meant
    elif not host.endswith(suffix):
        whole = hosts.of_service(name, namespace.partition(".")[0])
        better = whole if whole.startswith(f"{written}.") and whole in known.exact else nearest(host, known.exact)
    else:
        same_name = {entry.host for entry in known.by_name.get(name, ()) if known.visible(entry.host, seen_from)}
        own = hosts.of_service(name, home)
        if same_name:
            return (own,) if own in same_name and not namespace else tuple(sorted(same_name))
        close = nearest(name, mesh.cached("names of Services", _names_of_services).get(namespace, ()))
        better = hosts.of_service(close, namespace) if close else None
    if not better or not known.visible(better, seen_from):
        return ()
    return (better if "." in written else better.partition(".")[0],)


def _names_of_services(mesh: Mesh) -> Mapping[str, Sequence[str]]:
    names: dict[str, list[str]] = {}
    for service in mesh.all(Service):
        names.setdefault(service.namespace, []).append(service.name)
    return names


def choose_host(virtual_service: VirtualService, target: RouteTarget, suggested: tuple[str, ...]) -> Fix:
    """Write the one host that was meant; by hand where there are several, or none."""
    if len(suggested) == 1:
        return replace(virtual_service, f"{target.path}/host", target.written, suggested[0])
    if suggested:
        return choice("Write the full host: {}.", suggested)
    return manual(
        "Correct the host, or create a Service for it (a ServiceEntry if it is outside of the mesh).",
        "kubectl get services,serviceentries --all-namespaces",
    )


def suggested_gateways(mesh: Mesh, virtual_service: VirtualService, name: str) -> tuple[str, ...]:
    """Gateways that an unknown one was clearly meant to be: those of the same name elsewhere, else the one of nearly the same."""
    namespace, bare = resolve(name, virtual_service.namespace)
    if elsewhere := namespaces_of(mesh, bare):
        return tuple(f"{found}/{bare}" for found in elsewhere)
    near = nearest(bare, names_in(mesh, namespace))
    return (near if namespace == virtual_service.namespace else f"{namespace}/{near}",) if near else ()
