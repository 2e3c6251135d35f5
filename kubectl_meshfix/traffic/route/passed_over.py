"""Why the routes of one object apply to a host, and those of others that name it do not."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import host as check
from kubectl_meshfix.traffic.client.mesh_routes import MeshRoutes, mesh_routes
from kubectl_meshfix.traffic.client.view import View
from kubectl_meshfix.traffic.route.candidates import Candidate, candidates, has_any, rules
from kubectl_meshfix.traffic.route.targets import full_hosts, is_for_sidecars

Source = VirtualService | MeshRoutes


class Asked(NamedTuple):
    """A port, a request's Host, and the registry's host of which that is a name; where it is none's, the Host again."""

    port: int
    name: str
    host: str


def passed_over(mesh: Mesh, view: View, asked: Asked, used: Sequence[Candidate]) -> Steps[None]:
    """One step for each VirtualService and each group of routes that names a host: the one that is ``used``, and why no other is.

    Of several that may be used, as nobody knows their ages, nothing is told here.
    """
    told: set[Where] = set()
    for source in _naming(mesh, asked):
        at = Where(source.ref if isinstance(source, VirtualService) else source.routes[0].ref)
        if at not in told:
            told.add(at)
            yield from _told(mesh, view, asked, used, source, at)


def _told(  # noqa: PLR0913, PLR0917 -- all that a step tells of
    mesh: Mesh, view: View, asked: Asked, used: Sequence[Candidate], source: Source, at: Where
) -> Steps[None]:
    candidate = candidates(mesh, view).of_source.get(id(source))
    port, name, host = asked
    args: dict[str, Any] = {"object": str(at.resource), "host": host, "port": port}
    if any(candidate is item for item in used):
        if len(used) == 1:
            yield step(check.USED, at, **args)
    elif isinstance(source, VirtualService) and not is_for_sidecars(source):
        yield step(check.OF_GATEWAYS, at, **args, gateways=", ".join(source.spec.gateways))
    elif candidate is None:
        yield step(check.NOT_FOLLOWED, at, **args)
    elif isinstance(source, MeshRoutes) and not _is_allowed(view, source, host):
        yield step(check.NOT_PARENT, at, **args, namespace=source.namespace)
    elif not has_any(mesh, view, candidate, port):
        yield from rules(mesh, view, candidate, port)
        yield step(check.NO_ROUTE_LEFT, at, **args)
    elif not (covering := _covering(candidate, host, name)):
        yield step(check.OTHER_NAME, at, object=str(at.resource), host=name, name=", ".join(candidate.hosts))
    elif (first := _more_specific(mesh, view, candidate, used, host)) is not None:
        yield step(check.LESS_SPECIFIC, at, **args, other=str(first.ref))
    elif not used:
        yield step(check.NOT_THIS_PORT, at, **args)
    else:
        yield step(check.BEHIND, at, object=str(at.resource), host=covering[0], other=str(used[0].ref))


def _covering(candidate: Candidate, host: str, name: str) -> list[str]:
    """Its hosts that are the one in question, or cover it."""
    return [own for own in map(str.lower, candidate.hosts) if hosts.matches(own, host.lower()) or hosts.matches(own, name)]


def _more_specific(mesh: Mesh, view: View, candidate: Candidate, used: Sequence[Candidate], host: str) -> Candidate | None:
    """Who has a more specific host than a candidate whose host is a wildcard; it decides even where it has no routes left."""
    specific = candidates(mesh, view).most_specific(host)
    if not specific or any(item is candidate for item in specific):
        return None
    return next((item for item in specific if any(item is one for one in used)), specific[0])


def _is_allowed(view: View, source: MeshRoutes, host: str) -> bool:
    entry = view.entry(source.host) or view.entry(host)
    return source.namespace == view.party.namespace or (entry is not None and entry.namespace == source.namespace)


def _naming(mesh: Mesh, asked: Asked) -> list[Source]:
    """All that name a host, or one of the names that a Service has in some namespace."""
    name, host = asked.name, asked.host
    exact, wildcard = mesh.cached("sources of routes by host", _by_host)
    service = hosts.service_of(host)
    short = (f"{service[0]}.{service[1]}", f"{service[0]}.{service[1]}.svc") if service else ()
    found = [source for key in dict.fromkeys((host.lower(), name, *short)) for source in exact.get(key, ())]
    covering = (source for own, source in wildcard if hosts.matches(own, host.lower()) or hosts.matches(own, name))
    return list({id(source): source for source in (*found, *covering)}.values())


def _by_host(mesh: Mesh) -> tuple[Mapping[str, Sequence[Source]], Sequence[tuple[str, Source]]]:
    exact: dict[str, list[Source]] = defaultdict(list)
    wildcard: list[tuple[str, Source]] = []
    named: list[tuple[str, Source]] = [(host, item) for item in mesh.all(VirtualService) for host in full_hosts(item)]
    named += [(item.host, item) for item in mesh_routes(mesh)]
    for host, source in named:
        if host.startswith("*"):
            wildcard.append((host.lower(), source))
        else:
            exact[host.lower()].append(source)
    return dict(exact), tuple(wildcard)
