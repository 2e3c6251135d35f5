"""Which Gateways configure a gateway's pods, and the servers that they make there (`pilot/pkg/model/push_context.go mergeGateways`)."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from kubectl_meshfix.chain.steps import Steps, Told, Where, retold, step, told
from kubectl_meshfix.injection.labels import GATEWAY_NAME
from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.protocols import parse
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway.kubernetes import classes, listeners
from kubectl_meshfix.traffic.gateway.names import bare, sanitized
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.gateway.ways_in import listening_port, service_ports
from kubectl_meshfix.traffic.gateway_pods import namespace_of
from kubectl_meshfix.traffic.terms.parties import Party


def servers(mesh: Mesh, gateway: Party, host: str) -> Steps[tuple[Server, ...]]:
    """All servers of a gateway's pods, in the order in which istiod merges them: oldest Gateway first.

    Gateways that are for other pods are told of where they have a server for ``host``. What is worked out is kept for parties that are
    alike.
    """
    found = _found(mesh, gateway)
    for other in mesh.all(Gateway):
        if any(hosts.matches(bare(name), host) for server in other.spec.servers for name in server.hosts):
            yield from _told_if_not_applied(mesh, gateway, other)
    return (yield from retold(found))


def configured(mesh: Mesh, gateway: Party) -> tuple[Server, ...]:
    """The same without a word about what is for other pods."""
    return _found(mesh, gateway).value


def _found(mesh: Mesh, gateway: Party) -> Told[tuple[Server, ...]]:
    memo = mesh.memo("servers of gateways")
    if gateway.key not in memo:
        memo[gateway.key] = told(_servers(mesh, gateway))
    kept: Told[tuple[Server, ...]] = memo[gateway.key]
    return kept


def _servers(mesh: Mesh, gateway: Party) -> Steps[tuple[Server, ...]]:
    kubernetes = [other for other in mesh.within(KubernetesGateway, gateway.namespace) if _is_of(mesh, other, gateway)]
    homes = {other.namespace for other in kubernetes if classes.is_managed(other)}
    classic = [other for other in _selecting(mesh, gateway) if not homes or other.namespace in homes]
    applying: tuple[Gateway | KubernetesGateway, ...] = (*classic, *kubernetes)
    made: list[Server] = []
    for other in sorted(applying, key=_age):
        yield step(check.CONFIGURES, Where(other.ref), gateway=str(other.ref))
        if isinstance(other, Gateway):
            made += _of_istio(mesh, gateway, other)
        else:
            made += yield from listeners.servers(mesh, other, [_ports(mesh, gateway, other, item.port) for item in other.spec.listeners])
    return tuple(made)


def declared(configuring: Gateway) -> tuple[Server, ...]:
    """The servers of Istio's Gateway as they are written, on the ports that they name."""
    return tuple(_declared(configuring))


def _declared(configuring: Gateway) -> Iterable[Server]:
    for position, server in enumerate(configuring.spec.servers):
        written = (sanitized(host, configuring.namespace) for host in server.hosts)
        names = ("*",) if "*/*" in server.hosts else tuple(written)
        yield Server(
            gateway=configuring,
            at=Where(configuring.ref, f"/spec/servers/{position}"),
            number=server.port.number,
            port=server.port.number,
            protocol=parse(server.port.protocol),
            hosts=names,
            tls=server.tls,
            port_name=server.port.name,
            bind=server.bind,
        )


def _of_istio(mesh: Mesh, gateway: Party, configuring: Gateway) -> Iterable[Server]:
    return (replace(server, port=listening_port(mesh, gateway, server.number)) for server in _declared(configuring))


def _ports(mesh: Mesh, gateway: Party, configuring: KubernetesGateway, number: int) -> tuple[int, ...]:
    """The container ports of a listener: behind the port of its number of the Gateway's Services. The one that istiod makes, which files do
    not hold, leads to the same number.
    """
    found = [target for target in service_ports(mesh, gateway) if classes.is_service_of(mesh, configuring, target.service)]
    return tuple(sorted({target.number for target in found if target.port.port == number})) if found else (number,)


def _selecting(mesh: Mesh, gateway: Party) -> Sequence[Gateway]:
    """Istio's Gateways that select pods."""
    mesh.require(kinds.GATEWAY)
    index = mesh.cached("gateways by a label", _by_label)
    candidates = (found for pair in (("", ""), *gateway.labels.items()) for found in index.get(pair, ()))
    return [
        found
        for found in candidates
        if is_subset(found.spec.selector, gateway.labels) and namespace_of(mesh, found) in (None, gateway.namespace)
    ]


def _by_label(mesh: Mesh) -> Mapping[tuple[str, str], Sequence[Gateway]]:
    """Gateways by one of the labels that they select; those that select all pods by an empty one."""
    return grouped(mesh.all(Gateway), lambda found: next(iter(sorted(found.spec.selector.items())), ("", "")))


def _is_of(mesh: Mesh, configuring: KubernetesGateway, gateway: Party) -> bool:
    """Whether a Kubernetes Gateway configures pods: those that istiod makes for it, or those behind the Service that it names."""
    if configuring.namespace != gateway.namespace or classes.controller(mesh, configuring) == classes.REMOTE:
        return False
    if classes.is_managed(configuring):
        return gateway.labels.get(GATEWAY_NAME) == configuring.name
    behind = {target.service.ref for target in service_ports(mesh, gateway)}
    return any(service.ref in behind for service in classes.named_services(mesh, configuring))


def _told_if_not_applied(mesh: Mesh, gateway: Party, other: Gateway) -> Steps[None]:
    """Why a Gateway does not configure the pods, if it does not."""
    at = Where(other.ref, "/spec/selector")
    if not is_subset(other.spec.selector, gateway.labels):
        words = ", ".join(f"{key}={value}" for key, value in sorted(other.spec.selector.items()))
        yield step(check.SELECTS_OTHERS, at, gateway=str(other.ref), selector=words)
    elif namespace_of(mesh, other) not in (None, gateway.namespace):
        yield step(check.OTHER_NAMESPACE, at, gateway=str(other.ref))
    elif GATEWAY_NAME in gateway.labels and other.namespace != gateway.namespace:
        yield step(check.NOT_BESIDE_KUBERNETES, at, gateway=str(other.ref))


def _age(gateway: Gateway | KubernetesGateway) -> tuple[str, str, str]:
    """`pilot/pkg/model/config.go configCompareByCreationTime`; files have no age, and names decide."""
    return gateway.metadata.creation_timestamp or "", gateway.name, gateway.namespace
