"""The two ways to declare a port's protocol: its name, or ``appProtocol``."""

import re

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes import references
from kubectl_meshfix.fixes.evidence import Inference, infer
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety, manual
from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service, ServicePort

MAX_NAME = 63
"""A Service port's name is a DNS label."""


def declare(mesh: Mesh, service: Service, position: int) -> tuple[Fix, Inference]:
    """The fix that declares a port's protocol as far as the evidence goes, and the evidence.

    The port is renamed where nothing can depend on its name, else it gets an ``appProtocol``, to which nothing refers.
    """
    port = service.spec.ports[position]
    inference = infer(mesh, service, port)
    if inference.protocol is None:
        return _undecided(service, position, inference), inference
    safety = Safety.SAFE if inference.is_proven and not _is_called_by_other_names(mesh, service, inference.protocol) else Safety.UNSAFE
    keep = _why_keep_the_name(mesh, service, port) or ("a name cannot say it" if "_" in inference.protocol else "")
    if keep:
        summary = f'Set appProtocol "{inference.protocol}" on port {port.port}; {keep}.'
        return set_app_protocol(service, position, inference.protocol, safety, summary), inference
    return rename(service, position, inference.protocol, safety), inference


def _is_called_by_other_names(mesh: Mesh, service: Service, protocol: Protocol) -> bool:
    """Whether requests may come with a Host header that does not name the Service.

    A sniffed port's virtual host takes any (`pilot/pkg/networking/core/httproute.go getVirtualHostsForSniffedServicePort`);
    a declared HTTP port's takes the Service's names, and other requests pass by the mesh.
    """
    return protocol in HTTP_LIKE and bool(references.entrances(mesh, service) or references.unread(mesh))


def rename(service: Service, position: int, protocol: Protocol, safety: Safety) -> Fix:
    """Rename a port so that its name begins with its protocol."""
    port = service.spec.ports[position]
    new = name_for(service, position, protocol)
    path = f"/spec/ports/{position}"
    change = (
        (Operation("test", f"{path}/name", port.name), Operation("replace", f"{path}/name", new))
        if port.name
        else (Operation("test", f"{path}/port", port.port), Operation("add", f"{path}/name", new))
    )
    old = f'Rename port {port.port} from "{port.name}" to' if port.name else f"Name port {port.port}"
    return Fix(summary=f'{old} "{new}".', safety=safety, patches=(Patch(resource=service.ref, operations=change),))


def set_app_protocol(service: Service, position: int, protocol: Protocol, safety: Safety, summary: str) -> Fix:
    """Set a port's ``appProtocol``."""
    port = service.spec.ports[position]
    path = f"/spec/ports/{position}"
    before = (
        Operation("test", f"{path}/port", port.port)
        if port.app_protocol is None
        else Operation("test", f"{path}/appProtocol", port.app_protocol)
    )
    change = Operation("add" if port.app_protocol is None else "replace", f"{path}/appProtocol", str(protocol))
    return Fix(summary=summary, safety=safety, patches=(Patch(resource=service.ref, operations=(before, change)),))


def name_for(service: Service, position: int, protocol: Protocol) -> str:
    """A name that begins with the protocol, keeps what else the old one said, and is unique in the Service.

    It stays unique when the ports before this one are renamed to the same protocol: ``web`` and ``web-http`` cannot both be ``http-web``.
    """
    port = service.spec.ports[position]
    prefix = str(protocol)
    taken = {other.name for index, other in enumerate(service.spec.ports) if index != position}
    taken |= {name for other in service.spec.ports[:position] if _is_renamed(other) for name in _names(other, prefix)}
    candidates = [*_names(port, prefix), f"{prefix}-{port.port}-{position}"]
    return next(name for name in candidates if len(name) <= MAX_NAME and name not in taken)


def _is_renamed(port: ServicePort) -> bool:
    """Whether MF101 or MF102 may rename a port."""
    return port.protocol == "TCP" and protocols.verdict(port).protocol in (Protocol.UNSUPPORTED, Protocol.UDP)


def _names(port: ServicePort, prefix: str) -> list[str]:
    """The names that a port may get, the best first; a name's wrong ``udp`` is no part of them."""
    said = port.name.partition("-")[2] if protocols.of_word(port.name) is Protocol.UDP else port.name
    rest = re.sub(rf"(^|-){re.escape(prefix)}(?=-|$)", "", said).strip("-")
    return [f"{prefix}-{rest}" if rest else prefix, f"{prefix}-{port.port}"]


def _why_keep_the_name(mesh: Mesh, service: Service, port: ServicePort) -> str:
    if port.app_protocol is not None:
        return "it overrides the name whatever the name is"
    if not service.spec.selector:
        return "its hand-written endpoints find the port by its name"
    if not port.name:
        return ""
    named_by = references.to_port(mesh, service, port.name)
    if named_by:
        return f'the name "{port.name}" stays because {named_by[0].text} refers to it'
    if unread := references.unread(mesh):
        return f'the name "{port.name}" stays because {unread[0]} objects that may refer to it could not be read'
    if service.spec.cluster_ip == "None":
        return f'the name "{port.name}" stays because it is part of the headless Service\'s SRV records'
    return ""


def _undecided(service: Service, position: int, inference: Inference) -> Fix:
    port = service.spec.ports[position]
    why = "the evidence disagrees" if inference.witnesses else "nothing that was read says which protocol it speaks"
    command = (
        f"kubectl patch service {service.name} -n {service.namespace} --type json -p "
        f'\'[{{"op": "add", "path": "/spec/ports/{position}/appProtocol", "value": "tcp"}}]\''
    )
    return manual(f"Declare the protocol of port {port.port} yourself ({why}): http, http2, grpc, https, tls, tcp, ….", command)


def is_declared(port: ServicePort) -> bool:
    """Whether Istio knows a port's protocol."""
    return protocols.verdict(port).protocol is not Protocol.UNSUPPORTED
