"""Listeners that istiod does not build, and Gateways of a class that nobody serves."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from kubectl_meshfix.chain.steps import Outcome, told
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import GatewayClass, KubernetesGateway
from kubectl_meshfix.traffic.gateway.kubernetes import classes, listeners

INPUTS = (kinds.KUBERNETES_GATEWAY, kinds.GATEWAY_CLASS, kinds.REFERENCE_GRANT, kinds.NAMESPACE, kinds.SECRET)


class Unbuilt(msgspec.Struct, frozen=True):
    """A listener that is not built, its JSON pointer, and why: an outcome of the table of checks, with the words of its sentence."""

    gateway: KubernetesGateway
    path: str
    why: Outcome
    words: dict[str, str]


class Unserved(NamedTuple):
    """A Gateway of a class that is not there; ``meant`` are the classes that a slip could be for."""

    gateway: KubernetesGateway
    meant: tuple[str, ...]


def unbuilt(mesh: Mesh) -> Iterator[Unbuilt]:
    """Each listener of Istio's that is not programmed, whatever else is wrong with the Gateway."""
    mesh.require(*INPUTS)
    for gateway in mesh.all(KubernetesGateway):
        if classes.is_istios(mesh, gateway):
            for step in told(listeners.servers(mesh, gateway, [(item.port,) for item in gateway.spec.listeners])).steps:
                if step.at:
                    yield Unbuilt(gateway, step.at.path, step.outcome, {key: str(value) for key, value in step.args.items()})


def unserved(mesh: Mesh) -> Iterator[Unserved]:
    """Each Gateway whose class is known not to be there. Files hardly hold classes; they know a slip for one of Istio's."""
    known = {found.name for found in mesh.all(GatewayClass)} | set(classes.BUILTIN)
    for gateway in mesh.all(KubernetesGateway):
        name = gateway.spec.gateway_class_name
        if name and classes.controller(mesh, gateway) is None:
            near = nearest(name, known)
            if mesh.knows(kinds.GATEWAY_CLASS) if mesh.live else near:
                yield Unserved(gateway, (near,) if near else ())
