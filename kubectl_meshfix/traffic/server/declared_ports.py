"""What a server's proxy takes a container port for (`pilot/pkg/networking/core/listener_inbound.go buildInboundChainConfigs`)."""

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.mesh import ports, protocols
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.istio_networking.proxies import IngressListener, Sidecar
from kubectl_meshfix.traffic.client.scoping.sidecars import chosen
from kubectl_meshfix.traffic.inbound_capture import interception, is_captured
from kubectl_meshfix.traffic.terms.parties import Party


class Reading(StrEnum):
    """How a proxy reads what comes to a port (`pilot/pkg/networking/networking.go ModelProtocolToListenerProtocol`)."""

    HTTP = "HTTP"
    TCP = "TCP"
    SNIFFED = "whatever the first bytes show"


class Declared(msgspec.Struct, frozen=True):
    """A declaration of a port: its protocol, whose it is and where, and when that was made."""

    protocol: Protocol
    at: Where
    created: str = ""

    @property
    def reading(self) -> Reading:
        """How the proxy reads the port."""
        return Reading.HTTP if self.protocol in HTTP_LIKE else Reading.SNIFFED if self.protocol is Protocol.UNSUPPORTED else Reading.TCP


def ingress_of(sidecar: Sidecar | None, port: int) -> tuple[IngressListener, Where] | None:
    """The listener of a Sidecar's ingress for a container port, which is its own number; the first counts."""
    for i, listener in enumerate(sidecar.spec.ingress if sidecar else ()):
        if sidecar and listener.port.number == port:
            return listener, Where(sidecar.ref, f"/spec/ingress/{i}")
    return None


def takes(mesh: Mesh, party: Party, port: int) -> bool:
    """Whether the proxy of pods with a sidecar takes what comes to a container port: by redirection, or by a listener of its own.

    It has such a listener for a Sidecar's ingress where nothing is redirected.
    """
    if is_captured(mesh, party.revision, party.annotations, port):
        return True
    is_off = interception(mesh, party.revision, party.annotations) == "NONE"
    return is_off and ingress_of(chosen(mesh, party).sidecar, port) is not None


def declarations(mesh: Mesh, party: Party, port: int) -> tuple[Declared, ...]:
    """All declarations of a container port: by Services that select the pods and by ServiceEntries, the oldest first.

    The first counts; files have no ages, and names decide.
    """
    found = [*_of_services(mesh, party, port), *_of_service_entries(mesh, party, port)]
    return tuple(sorted(found, key=lambda item: (item.created, item.at.resource.name)))


def declared_as(mesh: Mesh, party: Party, port: int, sidecar: Sidecar | None) -> Declared | None:
    """The declaration of a container port that counts: the Sidecar's alone where it has an ingress, else the oldest; None for none."""
    if sidecar and sidecar.spec.ingress:
        found = ingress_of(sidecar, port)
        return Declared(protocols.parse(found[0].port.protocol), found[1]) if found else None
    return next(iter(declarations(mesh, party, port)), None)


def is_order_known(found: tuple[Declared, ...]) -> bool:
    """Whether it is known which declaration counts, or all say the same."""
    return len({item.reading for item in found}) < 2 or all(item.created for item in found)


def _of_services(mesh: Mesh, party: Party, port: int) -> Iterator[Declared]:
    if party.workload is not None:
        for target in ports.targets(mesh, party.workload):
            if target.number == port and target.port.protocol != "UDP":
                created = target.service.metadata.creation_timestamp or ""
                yield Declared(target.protocol, Where(target.service.ref, target.path), created)
        return
    for service in mesh.services_selecting(party.namespace, party.labels):
        for i, item in enumerate(service.spec.ports):
            number = ports.container_port(item, party.spec) or item.port
            if number == port and item.protocol != "UDP" and service.spec.type != "ExternalName":
                protocol = protocols.verdict(item).protocol
                yield Declared(protocol, Where(service.ref, f"/spec/ports/{i}"), service.metadata.creation_timestamp or "")


def _of_service_entries(mesh: Mesh, party: Party, port: int) -> Iterator[Declared]:
    for entry in mesh.within(ServiceEntry, party.namespace):
        labels = entry.spec.workload_selector.labels if entry.spec.workload_selector else {}
        if not labels or not is_subset(labels, party.labels):
            continue
        for i, item in enumerate(entry.spec.ports):
            if (item.target_port or item.number) == port:
                created = entry.metadata.creation_timestamp or ""
                yield Declared(protocols.parse(item.protocol), Where(entry.ref, f"/spec/ports/{i}"), created)
