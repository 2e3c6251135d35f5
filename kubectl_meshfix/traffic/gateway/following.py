"""Which VirtualServices a server of Istio's Gateway follows, and why others are not for it (`pilot/pkg/networking/core/gateway.go`)."""

from collections.abc import Iterable, Sequence
from enum import IntEnum

import msgspec

from kubectl_meshfix.chain.steps import Step, Steps, Where, step
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.client.following import exported_to, precedence
from kubectl_meshfix.traffic.gateway.names import admitted, bare, common
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.gateway_names import by_gateway, resolve


class Far(IntEnum):
    """How far a VirtualService comes on its way to a server."""

    UNNAMED = 0
    NOT_EXPORTED = 1
    NOT_ADMITTED = 2
    NO_HOST = 3
    NO_ROUTES = 4
    FOLLOWED = 5


class Judged(msgspec.Struct, frozen=True):
    """How far one came, and the step that says so."""

    far: Far
    told: Step


def bound(mesh: Mesh, namespace: str, gateway: str) -> tuple[VirtualService, ...]:
    """The VirtualServices that name a gateway (``namespace/name``) and are exported to the namespace of its pods, in istiod's order.

    Those that are for their own namespace alone come first, then those that name the pods', then public ones; the oldest of each first
    (`pilot/pkg/model/push_context.go VirtualServicesForGateway`).
    """
    memo = mesh.memo("virtual services of gateways")
    if (namespace, gateway) not in memo:
        named = by_gateway(mesh).get(gateway, ())
        ranked = [
            (rank, found) for found in named if (rank := precedence(exported_to(mesh, found), found.namespace, namespace)) is not None
        ]
        memo[namespace, gateway] = tuple(found for _, found in sorted(ranked, key=lambda row: row[0]))
    found: tuple[VirtualService, ...] = memo[namespace, gateway]
    return found


def hosts_in_common(server: Server, namespace: str, names: Iterable[str]) -> tuple[str, ...]:
    """The hosts that a server has in common with routes of a namespace."""
    return common(admitted(server.hosts, namespace), names)


def told_each(mesh: Mesh, servers: Sequence[Server], namespace: str, host: str, kind: str) -> Steps[None]:
    """One step for each VirtualService that could be meant: it names the host, or one of the servers' gateways.

    ``namespace`` is that of the gateway's pods, ``kind`` the list of routes that the servers need.
    """
    classic = [server for server in servers if server.listener is None]
    by_name = {server.name: server for server in servers if server.listener}
    for found in mesh.all(VirtualService):
        names = {"/".join(resolve(name, found.namespace)) for name in found.spec.gateways}
        is_meant = any(hosts.matches(name.lower(), host) for name in found.spec.hosts)
        named = [server for server in classic if server.name in names]
        judged = [_judged(mesh, found, server, namespace, kind) for server in named or (classic[:1] if is_meant else ())]
        best = max(judged, key=lambda row: row.far, default=None)
        if best and (is_meant or best.far in (Far.NO_HOST, Far.NOT_ADMITTED, Far.NO_ROUTES)):
            yield best.told
        elif is_meant and not best and not names.isdisjoint(by_name):
            yield step(check.OF_KUBERNETES, Where(found.ref, "/spec/gateways"))


def _judged(mesh: Mesh, found: VirtualService, server: Server, namespace: str, kind: str) -> Judged:
    spec = found.spec
    if server.name not in ("/".join(resolve(name, found.namespace)) for name in spec.gateways):
        return Judged(Far.UNNAMED, _unnamed(found, server))
    if _rank(mesh, found, namespace) is None:
        return Judged(Far.NOT_EXPORTED, step(check.NOT_EXPORTED, Where(found.ref, "/spec/exportTo"), namespace=namespace))
    at = Where(found.ref, "/spec/hosts")
    admitting = admitted(server.hosts, found.namespace)
    if not admitting:
        return Judged(Far.NOT_ADMITTED, step(check.NOT_ADMITTED, at, hosts=", ".join(server.hosts)))
    matched = hosts_in_common(server, found.namespace, spec.hosts)
    if not matched:
        told = step(check.NO_HOST_IN_COMMON, at, theirs=", ".join(spec.hosts), hosts=", ".join(map(bare, server.hosts)))
        return Judged(Far.NO_HOST, told)
    if not getattr(spec, kind):
        return Judged(Far.NO_ROUTES, step(check.NO_SUCH_ROUTES, Where(found.ref, "/spec"), kind=kind))
    return Judged(Far.FOLLOWED, step(check.FOLLOWED, Where(found.ref), gateway=server.name, hosts=", ".join(matched)))


def _unnamed(found: VirtualService, server: Server) -> Step:
    at = Where(found.ref, "/spec/gateways")
    if not found.spec.gateways:
        return step(check.MESH_ALONE, at)
    if server.gateway.name in found.spec.gateways:
        meant = f"{found.namespace}/{server.gateway.name}"
        return step(check.SHORT_NAME, at, name=server.gateway.name, meant=meant, gateway=server.name)
    return step(check.NAMES_OTHERS, at, gateways=", ".join(found.spec.gateways), gateway=server.name)


def _rank(mesh: Mesh, found: VirtualService, namespace: str) -> int | None:
    return precedence(exported_to(mesh, found), found.namespace, namespace)
