"""Where a Service's port leads: the container port behind it, and who else leads there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Container, PodSpec, Service, ServicePort
from kubectl_meshfix.resources.meta import Struct


class Target(Struct, frozen=True):
    """One port of one Service: ``position`` is its place in ``spec.ports``, ``number`` the container port it resolves to."""

    service: Service
    position: int
    port: ServicePort
    number: int

    @property
    def path(self) -> str:
        """The JSON pointer of the port."""
        return f"/spec/ports/{self.position}"

    @property
    def protocol(self) -> Protocol:
        """What Istio takes the port for."""
        return protocols.verdict(self.port).protocol


def container_port(port: ServicePort, spec: PodSpec) -> int | None:
    """The container port a Service port leads to.

    A name is looked up among container ports of the same L4 protocol; a number stands for itself
    (`pilot/pkg/serviceregistry/kube/controller/util.go FindPort`).
    """
    match port.target_port:
        case None | 0 | "":
            return port.port
        case int(number):
            return number
        case str(name):
            containers: Iterator[Container] = iter((*spec.containers, *(item for item in spec.init_containers if item.restart_policy)))
            return next(
                (
                    declared.container_port
                    for container in containers
                    for declared in container.ports
                    if declared.name == name and declared.protocol == port.protocol
                ),
                None,
            )


def targets(mesh: Mesh, workload: Workload) -> tuple[Target, ...]:
    """All Service ports that lead to a workload's pods, oldest Service first, then by name.

    That is the order in which Istio lets the first one win a container port (`pilot/pkg/model/context.go
    SetServiceTargets`, `pilot/pkg/networking/core/listener_inbound.go buildInboundChainConfigs`). Workloads whose pods look alike have the
    same, worked out once.
    """
    mesh.require(kinds.SERVICE)
    memo: dict[Any, tuple[Target, ...]] = mesh.memo("targets")
    key = likeness(mesh, workload)
    if key not in memo:
        memo[key] = _targets(mesh, workload)
    return memo[key]


def likeness(mesh: Mesh, workload: Workload) -> tuple[object, ...]:
    """What decides where Service ports lead in a workload's pods: equal for those of which it is the same."""
    return mesh.of_workload("likenesses of workloads", workload, _likeness)


def _likeness(workload: Workload) -> tuple[object, ...]:
    spec = workload.spec
    containers = (*spec.containers, *(item for item in spec.init_containers if item.restart_policy))
    ports = tuple((port.name, port.protocol, port.container_port) for container in containers for port in container.ports)
    return workload.namespace, frozenset(workload.labels.items()), ports


def _targets(mesh: Mesh, workload: Workload) -> tuple[Target, ...]:
    services = sorted(
        mesh.services_selecting(workload.namespace, workload.labels),
        key=lambda service: (service.metadata.creation_timestamp or "", f"{service.name}."),
    )
    return tuple(
        Target(service=service, position=position, port=port, number=number)
        for service in services
        if service.spec.type != "ExternalName"
        for position, port in enumerate(service.spec.ports)
        if (number := container_port(port, workload.spec)) is not None
    )


def together(mesh: Mesh, service: Service, port: ServicePort) -> tuple[tuple[Service, ServicePort], ...]:
    """The Service ports that lead to the same container port as this one, which is among them; one tuple for all of them."""
    memo: dict[Any, tuple[tuple[Service, ServicePort], ...]] = mesh.memo("ports of one container port")
    key = (*_whole_selector(service), _target(port), port.protocol)
    if key not in memo:
        memo[key] = _together(mesh, service, port)
    return memo[key]


def protocols_beside(mesh: Mesh, service: Service, port: ServicePort) -> frozenset[Protocol]:
    """What Istio takes the other Service ports for that lead to the same container port."""
    memo: dict[int, Mapping[Protocol, Sequence[tuple[Service, ServicePort]]]] = mesh.memo("protocols of one container port")
    found = together(mesh, service, port)
    key = id(found)  # it is kept as long as its answer
    if key not in memo:
        memo[key] = grouped(found, lambda item: protocols.verdict(item[1]).protocol)
    return frozenset(
        protocol for protocol, items in memo[key].items() if len(items) > 1 or items[0][0] is not service or items[0][1] is not port
    )


def _together(mesh: Mesh, service: Service, port: ServicePort) -> tuple[tuple[Service, ServicePort], ...]:
    through_pods = [
        (target.service, target.port)
        for workload in kinds_behind(mesh, service)
        for target in _by_number(mesh, workload).get(container_port(port, workload.spec), ())
    ]
    by_selector = mesh.cached("ports by whole selector", _by_whole_selector).get((*_whole_selector(service), _target(port)), ())
    found = {
        (other.name, item.port, item.name): (other, item) for other, item in (*through_pods, *by_selector) if item.protocol == port.protocol
    }
    return tuple(found[key] for key in sorted(found))


def kinds_behind(mesh: Mesh, service: Service) -> tuple[Workload, ...]:
    """One of the workloads behind a Service for each way in which their pods differ for its ports."""
    memo: dict[Any, tuple[Workload, ...]] = mesh.memo("kinds of workloads behind a selector")
    key = _whole_selector(service)
    if key not in memo:
        behind = mesh.workloads_selected(service.spec.selector, service.namespace) if service.spec.selector else ()
        if not behind:
            return ()
        memo[key] = tuple({likeness(mesh, workload): workload for workload in reversed(behind)}.values())[::-1]
    return memo[key]


def _by_number(mesh: Mesh, workload: Workload) -> Mapping[int | None, Sequence[Target]]:
    memo: dict[Any, Mapping[int | None, Sequence[Target]]] = mesh.memo("targets by container port")
    key = likeness(mesh, workload)
    if key not in memo:
        memo[key] = grouped(targets(mesh, workload), lambda target: target.number)
    return memo[key]


def _target(port: ServicePort) -> int | str:
    return port.target_port or port.port


def _whole_selector(service: Service) -> tuple[str, frozenset[tuple[str, str]]]:
    return service.namespace, frozenset(service.spec.selector.items())


def _by_whole_selector(mesh: Mesh) -> Mapping[tuple[object, ...], Sequence[tuple[Service, ServicePort]]]:
    found: dict[tuple[object, ...], list[tuple[Service, ServicePort]]] = {}
    for service in mesh.all(Service):
        if service.spec.selector and service.spec.type != "ExternalName":
            for port in service.spec.ports:
                found.setdefault((*_whole_selector(service), _target(port)), []).append((service, port))
    return found
