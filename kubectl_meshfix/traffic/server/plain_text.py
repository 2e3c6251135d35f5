"""Which servers of the mesh refuse plain text: those whose proxies accept nothing but mutual TLS."""

import msgspec

from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS
from kubectl_meshfix.injection.membership import Mode, membership
from kubectl_meshfix.mesh.ports import container_port
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import PodSpec, Service
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.traffic import peer_authentication
from kubectl_meshfix.traffic.client.dns.names import below_services, candidates
from kubectl_meshfix.traffic.parties import party
from kubectl_meshfix.traffic.peer_authentication import Accepted, MTLSMode, accepted
from kubectl_meshfix.traffic.server.declared_ports import takes
from kubectl_meshfix.traffic.terms.parties import Plane

INPUTS: tuple[Kind, ...] = tuple(dict.fromkeys((kinds.SERVICE, kinds.SIDECAR, *peer_authentication.INPUTS, *WORKLOAD_INPUTS)))
"""Kinds that these questions read."""


class Refusal(msgspec.Struct, frozen=True):
    """A Service whose pods refuse plain text, and what makes them."""

    service: Service
    by: Accepted


def refused_by(mesh: Mesh, namespace: str, host: str, port: int | None) -> Refusal | None:
    """The Service of the mesh that a name means to pods of a namespace, where all of its pods are known to refuse plain text.

    ``port`` is the Service's; None stands for each of them.
    """
    service = _service(mesh, namespace, host)
    behind = mesh.workloads_selected(service.spec.selector, service.namespace) if service and service.spec.selector else ()
    ports = [item for item in service.spec.ports if port in (None, item.port)] if service else []
    found: list[Accepted] = []
    for workload in behind:
        numbers = [container_port(item, workload.spec) for item in ports]
        answers = [strictly(mesh, workload, number) if number else None for number in numbers]
        if not answers or not all(answers):
            return None
        found += filter(None, answers)
    return Refusal(service, found[0]) if service and found else None


def strictly(mesh: Mesh, workload: Workload, port: int) -> Accepted | None:
    """Why the pods of a workload refuse plain text on a container port; None where they do not, or nobody knows."""
    made = membership(mesh, workload)
    if made.mode is Mode.NONE or (made.mode is not Mode.AMBIENT and not takes(mesh, party(workload, Plane.SIDECAR, made.revision), port)):
        return None
    found = accepted(mesh, workload.namespace, workload.labels, port)
    return found if found and found.mode is MTLSMode.STRICT else None


def _service(mesh: Mesh, namespace: str, host: str) -> Service | None:
    """The Service that a name means, its own or one of a headless Service's pods."""
    for full in candidates(host.lower(), namespace, PodSpec()):
        match below_services(full):
            case (name, home):
                found = mesh.get(Service, home, name)
            case (_, name, home):
                found = mesh.get(Service, home, name)
                found = found if found and found.is_headless else None
            case _:
                found = None
        if found:
            return found
    return None
