"""How callers reach the pods of a gateway: through which Service, and on which container port."""

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh import ports
from kubectl_meshfix.mesh.ports import Target
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway.kubernetes import classes
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party

NO_TRANSLATION = "experimental.istio.io/disable-gateway-port-translation"
"""The label of a Service whose ports Istio's Gateways do not name (`pilot/pkg/model/gateway.go`)."""


def service_ports(mesh: Mesh, gateway: Party) -> tuple[Target, ...]:
    """All Service ports that lead to a gateway's pods, oldest Service first; worked out once for parties that are alike."""
    memo = mesh.memo("service ports of gateways")
    if gateway.key not in memo:
        memo[gateway.key] = ports.targets(mesh, gateway.workload) if gateway.workload else _without_workload(mesh, gateway)
    found: tuple[Target, ...] = memo[gateway.key]
    return found


def listening_port(mesh: Mesh, gateway: Party, number: int) -> int:
    """The container port of a server of Istio's Gateway: behind the first Service port of its number, else the number as it stands
    (`pilot/pkg/model/gateway.go resolvePorts`).
    """
    translating = (target for target in service_ports(mesh, gateway) if NO_TRANSLATION not in target.service.labels)
    return next((target.number for target in translating if target.port.port == number), number)


def way_in(mesh: Mesh, gateway: Party, number: int) -> Steps[int | Failure]:
    """The container port that callers from outside reach by a port, through a Service or on the pods' node."""
    offered = [target for target in service_ports(mesh, gateway) if target.port.protocol == "TCP"]
    outward = [target for target in offered if is_outward(target.service)]
    by_number = [target for target in (*outward, *offered) if target.port.port == number]
    if found := next(iter((*by_number, *(target for target in outward if number and target.port.node_port == number))), None):
        at = Where(found.service.ref, found.path)
        told = check.OFFERED if is_outward(found.service) else check.INWARD
        yield step(told, at, service=str(found.service.ref), port=number, target=found.number)
        return found.number
    if not by_number and (made := _made(mesh, gateway)):
        return (yield from _through_made(made, number))
    if on_node := _on_node(gateway, number):
        yield step(check.ON_NODE, port=number, target=on_node)
        return on_node
    if offered and _knows(mesh, gateway):
        services = ", ".join(dict.fromkeys(target.service.name for target in offered))
        numbers = ", ".join(dict.fromkeys(str(target.port.port) for target in outward or offered))
        yield step(check.NOT_OFFERED, Where(offered[0].service.ref, "/spec/ports"), port=number, services=services, ports=numbers)
        return Failure.REFUSED
    if not offered and mesh.live and _knows(mesh, gateway):
        yield step(check.NO_SERVICE, Where(gateway.workload.ref) if gateway.workload else None, workload=str(gateway))
        return Failure.REFUSED
    kind = UnknownKind.RUNTIME if mesh.live else UnknownKind.NOT_IN_FILES
    unknown = Unknown(kind=kind, of=f"the Service of {gateway}", settled_by=CLUSTER)
    yield step(check.SERVICE_NOT_READ, unknown=unknown, port=number)
    return listening_port(mesh, gateway, number)


def _made(mesh: Mesh, gateway: Party) -> KubernetesGateway | None:
    """The Kubernetes Gateway for which istiod makes a Service that is not here: it has the ports of the listeners. On a cluster it is there
    or it is not.
    """
    if mesh.live and _knows(mesh, gateway):
        return None
    found = mesh.get(KubernetesGateway, gateway.namespace, gateway.gateway.name) if gateway.gateway else None
    if found is None or found.ref != gateway.gateway or not classes.is_managed(found):
        return None
    return None if any(classes.is_service_of(mesh, found, target.service) for target in service_ports(mesh, gateway)) else found


def _through_made(made: KubernetesGateway, number: int) -> Steps[int | Failure]:
    at, service = Where(made.ref, "/spec/listeners"), f"Service {made.namespace}/{classes.made_name(made)}"
    numbers = tuple(dict.fromkeys(listener.port for listener in made.spec.listeners))
    if number not in numbers:
        yield step(check.NOT_OFFERED, at, port=number, services=service, ports=", ".join(map(str, numbers)) or "none")
        return Failure.REFUSED
    yield step(check.MADE if classes.is_made_for_outside(made) else check.MADE_INWARD, at, service=service, port=number)
    return number


def is_outward(service: Service) -> bool:
    """Whether a Service can be reached from outside of the cluster by itself."""
    return service.spec.type in ("LoadBalancer", "NodePort") or bool(service.spec.external_ips)


def _without_workload(mesh: Mesh, gateway: Party) -> tuple[Target, ...]:
    """The same for pods that nobody here makes: of the party's labels, by which a Service's selector finds them or is found."""
    services = sorted(
        mesh.services_selecting(gateway.namespace, gateway.labels),
        key=lambda service: (service.metadata.creation_timestamp or "", service.name),
    )
    return tuple(
        Target(service=service, position=position, port=port, number=number)
        for service in services
        for position, port in enumerate(service.spec.ports)
        if (number := ports.container_port(port, gateway.spec)) is not None
    )


def _on_node(gateway: Party, number: int) -> int | None:
    """The container port behind a port of the pods' node; None where they listen on no such port."""
    if gateway.spec.host_network:
        return number
    declared = (port for container in gateway.spec.containers for port in container.ports)
    return next((port.container_port for port in declared if number and port.host_port == number), None)


def _knows(mesh: Mesh, gateway: Party) -> bool:
    """Whether all Services of the gateway's namespace are here."""
    return mesh.knows(kinds.SERVICE, gateway.namespace, gateway.workload.object if gateway.workload else None)
