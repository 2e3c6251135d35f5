"""The pods with a sidecar, and how their proxies read the ports that are declared."""

from collections.abc import Iterator, Mapping

import msgspec

from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS
from kubectl_meshfix.mesh import ports
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.traffic.client import view
from kubectl_meshfix.traffic.client.scoping.sidecars import chosen
from kubectl_meshfix.traffic.coherence.seen import proxies
from kubectl_meshfix.traffic.server.declared_ports import Declared, declarations, declared_as, is_order_known, takes
from kubectl_meshfix.traffic.terms.parties import Party, Plane

INPUTS: tuple[Kind, ...] = tuple(dict.fromkeys((*view.INPUTS, *WORKLOAD_INPUTS)))
"""Kinds that decide."""


class Server(msgspec.Struct, frozen=True):
    """Pods that are alike, and the container ports of which it is known what they are declared as."""

    party: Party
    ports: Mapping[int, Declared]


def servers(mesh: Mesh) -> tuple[Server, ...]:
    """The pods that are known to have a sidecar, with the ports that it takes and Services lead to."""
    return mesh.cached("servers with a sidecar", lambda _: tuple(_servers(mesh)))


def _servers(mesh: Mesh) -> Iterator[Server]:
    for workload, party in proxies(mesh, kinds.SIDECAR):
        if party.plane is Plane.SIDECAR:
            numbers = dict.fromkeys(target.number for target in ports.targets(mesh, workload) if target.port.protocol != "UDP")
            yield Server(party, dict(_declared(mesh, party, numbers)))


def _declared(mesh: Mesh, party: Party, numbers: Mapping[int, None]) -> Iterator[tuple[int, Declared]]:
    sidecar = chosen(mesh, party).sidecar
    for number in numbers:
        found = declared_as(mesh, party, number, sidecar)
        if found and takes(mesh, party, number) and is_order_known(declarations(mesh, party, number)):
            yield number, found
