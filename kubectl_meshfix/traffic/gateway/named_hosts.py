"""Which Gateways are for a host that somebody calls from outside."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.hosts import is_within

_EVERY = frozenset({"", "*"})


def gateways_for(mesh: Mesh, host: str) -> tuple[Ref, ...]:
    """The Gateways of Istio and of Kubernetes with a server that names a host, or a wildcard for it. ``*`` alone names none."""
    memo = mesh.memo("hosts of gateways")
    if not memo:
        memo["all"] = [*_of_istio(mesh), *_of_kubernetes(mesh)]
    named: Sequence[tuple[Ref, str]] = memo["all"]
    return tuple(dict.fromkeys(ref for ref, pattern in named if pattern not in _EVERY and is_within(host, pattern)))


def _of_istio(mesh: Mesh) -> Iterator[tuple[Ref, str]]:
    for gateway in mesh.all(Gateway):
        for server in gateway.spec.servers:
            yield from ((gateway.ref, name.rpartition("/")[2].lower()) for name in server.hosts)


def _of_kubernetes(mesh: Mesh) -> Iterator[tuple[Ref, str]]:
    gateways = mesh.all(KubernetesGateway)
    if not gateways:
        return
    from kubectl_meshfix.mesh.waypoints import is_waypoint  # noqa: PLC0415 -- where there is a Gateway

    for gateway in gateways:
        if not is_waypoint(gateway):
            yield from ((gateway.ref, listener.hostname.lower()) for listener in gateway.spec.listeners)
