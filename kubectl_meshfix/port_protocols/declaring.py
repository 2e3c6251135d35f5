"""The two ways to declare a port's protocol: its name, or ``appProtocol``."""

import re
from collections.abc import Mapping
from functools import lru_cache

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety, at_risk, manual
from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.port_fix import PortFix
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols import references, risks, unnoticed
from kubectl_meshfix.port_protocols.evidence import Inference, infer
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.resources.meta import Ref

MAX_NAME = 63
"""A Service port's name is a DNS label."""


def declare(mesh: Mesh, service: Service, position: int) -> tuple[Fix, Inference]:
    """The fix that declares a port's protocol as far as the evidence goes, and the evidence.

    It is safe where no request can be treated differently, and then sets ``appProtocol``: not all who look up a name can be found.
    Else the port is renamed where nothing that was read depends on its name.
    """
    port = service.spec.ports[position]
    inference = infer(mesh, service, port)
    if inference.protocol is None:
        return undecided(mesh, service, position, inference), inference
    risk = unnoticed.risk_of_declaring(mesh, service, port, inference)
    if not risk and _is_new_app_protocol(mesh, service, port):
        summary = f'Set appProtocol "{inference.protocol}" on port {port.port}, which renames nothing.'
        return set_app_protocol(service, position, inference.protocol, Safety.SAFE, summary), inference
    fix = declared_as(mesh, service, position, inference.protocol)
    return (at_risk(fix, risk) if risk else fix), inference


def _is_new_app_protocol(mesh: Mesh, service: Service, port: ServicePort) -> bool:
    """Whether an ``appProtocol`` is what people want, and nobody else reads one."""
    is_wanted = mesh.overrides.port_fix is not PortFix.RENAME
    return is_wanted and port.app_protocol is None and not unnoticed.reads_app_protocol(mesh, service)


def declared_as(mesh: Mesh, service: Service, position: int, protocol: Protocol) -> Fix:
    """The fix that declares a port as ``protocol``, in the way that people prefer as far as that is possible.

    It is unsafe, with the risk of the way; what the protocol itself risks the caller knows.
    """
    port = service.spec.ports[position]
    wanted = mesh.overrides.port_fix
    if wanted is PortFix.APP_PROTOCOL:
        summary = f'Set appProtocol "{protocol}" on port {port.port}.'
        return set_app_protocol(service, position, protocol, Safety.UNSAFE, summary)
    by_force = wanted is PortFix.RENAME
    keep = _why_not_rename(mesh, service, port) if by_force else _why_keep_the_name(mesh, service, port)
    if keep or "_" in protocol:
        summary = f'Set appProtocol "{protocol}" on port {port.port}; {keep or "a name cannot declare it"}.'
        return set_app_protocol(service, position, protocol, Safety.UNSAFE, summary)
    return rename_along(mesh, service, position, protocol) if by_force else rename(service, position, protocol)


def rename(service: Service, position: int, protocol: Protocol) -> Fix:
    """Rename a port so that its name begins with its protocol.

    Never safe: kube-proxy and istiod match endpoints to a port by its name, and the endpoints follow a moment later
    (`kubernetes/pkg/proxy/types.go ServicePortName`).
    """
    port = service.spec.ports[position]
    new = name_for(service, position, protocol)
    path = f"/spec/ports/{position}"
    change = (
        (Operation("test", f"{path}/name", port.name), Operation("replace", f"{path}/name", new))
        if port.name
        else (Operation("test", f"{path}/port", port.port), Operation("add", f"{path}/name", new))
    )
    old = f'Rename port {port.port} from "{port.name}" to' if port.name else f"Name port {port.port}"
    patches = (Patch(resource=service.ref, operations=change),)
    return Fix(summary=f'{old} "{new}".', safety=Safety.UNSAFE, risk=risks.RENAMED, patches=patches)


def rename_along(mesh: Mesh, service: Service, position: int, protocol: Protocol) -> Fix:
    """Rename a port, and everything that was read and refers to its name; on a cluster these cannot change at one moment."""
    old = service.spec.ports[position].name
    fix = rename(service, position, protocol)
    named_by = (*references.to_port(mesh, service, old), *references.by_hand(mesh, service, old)) if old else ()
    operations: dict[Ref, list[Operation]] = {}
    for found in named_by:
        change = [Operation("test", found.path, old), Operation("replace", found.path, name_for(service, position, protocol))]
        operations[found.resource] = operations.get(found.resource, []) + change
    is_headless = service.spec.cluster_ip == "None" and bool(old)
    unread = references.unread(mesh, service) if old else ()
    summary = fix.summary
    if operations:
        summary = f"{summary[:-1]}, also in {few(tuple(map(str, operations)))}."
    if unread:
        summary += f" {unread[0]} objects that may refer to it could not be read."
    risk = risks.HEADLESS if is_headless else risks.UNREAD if unread else risks.ONE_BY_ONE if mesh.live and operations else fix.risk
    patches = (Patch(resource=ref, operations=tuple(changes)) for ref, changes in operations.items())
    return Fix(summary=summary, safety=Safety.UNSAFE, risk=risk, patches=(*fix.patches, *patches))


def set_app_protocol(service: Service, position: int, protocol: Protocol, safety: Safety, summary: str) -> Fix:
    """Set a port's ``appProtocol``; one that is unsafe has the risk that others read it too."""
    port = service.spec.ports[position]
    path = f"/spec/ports/{position}"
    before = (
        Operation("test", f"{path}/port", port.port)
        if port.app_protocol is None
        else Operation("test", f"{path}/appProtocol", port.app_protocol)
    )
    change = Operation("add" if port.app_protocol is None else "replace", f"{path}/appProtocol", str(protocol))
    risk = None if safety is Safety.SAFE else risks.READ_BY_OTHERS
    return Fix(summary=summary, safety=safety, risk=risk, patches=(Patch(resource=service.ref, operations=(before, change)),))


def name_for(service: Service, position: int, protocol: Protocol) -> str:
    """A name that begins with the protocol, keeps what else the old one said, and is unique in the Service.

    It stays unique when the ports before this one are renamed to the same protocol: ``web`` and ``web-http`` cannot both be ``http-web``.
    ``grpc`` and ``web`` do not make ``grpc-web``, which is another protocol.
    """
    port = service.spec.ports[position]
    prefix = str(protocol)
    held, promised = _taken_names(_Same(service), prefix)
    candidates = [*_names(port, prefix), f"{prefix}-{port.port}-{position}"]
    return next(
        name
        for name in candidates
        if len(name) <= MAX_NAME
        and held.get(name, {position}) == {position}
        and promised.get(name, position) >= position
        and protocols.of_word(name) is protocol
    )


class _Same:
    """A Service as a key: equal to itself alone."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def __hash__(self) -> int:
        return id(self.service)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.service is self.service


@lru_cache(maxsize=16)
def _taken_names(same: _Same, prefix: str) -> tuple[Mapping[str, set[int]], Mapping[str, int]]:
    """The positions of the ports that have each name, and of the first that may be renamed to it."""
    held: dict[str, set[int]] = {}
    promised: dict[str, int] = {}
    for position, port in enumerate(same.service.spec.ports):
        held.setdefault(port.name, set()).add(position)
        if _is_renamed(port):
            for name in _names(port, prefix):
                promised.setdefault(name, position)
    return held, promised


def _is_renamed(port: ServicePort) -> bool:
    """Whether MF101 or MF102 may rename a port."""
    return port.protocol == "TCP" and protocols.verdict(port).protocol in (Protocol.UNSUPPORTED, Protocol.UDP)


def _names(port: ServicePort, prefix: str) -> list[str]:
    """The names that a port may get, the best first; a protocol that the old one declares, and that is wrong, is no part of them."""
    declared = protocols.of_word(port.name)
    rest_of = port.name[len(declared) :] if declared is Protocol.GRPC_WEB else port.name.partition("-")[2]
    said = port.name if declared is Protocol.UNSUPPORTED else rest_of
    rest = re.sub(rf"(^|-){re.escape(prefix)}(?=-|$)", "", said).strip("-")
    return [f"{prefix}-{rest}" if rest else prefix, f"{prefix}-{port.port}"]


def _why_keep_the_name(mesh: Mesh, service: Service, port: ServicePort) -> str:
    if port.app_protocol is not None:
        return "it overrides the name"
    if not service.spec.selector and service.spec.type != "ExternalName":
        return _by_endpoints(mesh, service, port)
    if not port.name:
        return ""
    named_by = references.to_port(mesh, service, port.name)
    if named_by:
        return f'the name "{port.name}" stays because {named_by[0].text}'
    if unread := references.unread(mesh, service):
        return f'the name "{port.name}" stays because {unread[0]} objects that may refer to it could not be read'
    if service.spec.cluster_ip == "None":
        return f'the name "{port.name}" stays because it is part of the headless Service\'s SRV records'
    return ""


def _by_endpoints(mesh: Mesh, service: Service, port: ServicePort) -> str:
    """What keeps the name of a port without a selector: the endpoints that people write find it by its name."""
    kept = f'the name "{port.name}" stays' if port.name else "it stays without a name"
    if named_by := references.by_hand(mesh, service, port.name):
        return f"{kept} because {named_by[0].text}"
    return f"{kept} because endpoints that were not read may refer to it"


def _why_not_rename(mesh: Mesh, service: Service, port: ServicePort) -> str:
    """What keeps even those from renaming a port who want it renamed."""
    if port.app_protocol is not None:
        return "it overrides the name"
    fixed = next((found for found in references.to_port(mesh, service, port.name) if not found.path), None)
    if fixed:
        return f'the name "{port.name}" stays because {fixed.text}'
    if not service.spec.selector and service.spec.type != "ExternalName" and not references.by_hand(mesh, service, port.name):
        return "its endpoints refer to ports by name, and were not read"
    return ""


def undecided(mesh: Mesh, service: Service, position: int, inference: Inference) -> Fix:
    """What to do where the evidence does not say which protocol a port speaks; a command where it changes what was read."""
    port = service.spec.ports[position]
    why = (
        "The evidence names more than one protocol."
        if inference.witnesses
        else "Nothing that was read says which protocol the port speaks."
    )
    verb = "add" if port.app_protocol is None else "replace"
    command = (
        f"kubectl patch service {service.name}{service.ref.namespace_flag} --type json -p "
        f'\'[{{"op": "test", "path": "/spec/ports/{position}/port", "value": {port.port}}}, '
        f'{{"op": "{verb}", "path": "/spec/ports/{position}/appProtocol", "value": "PROTOCOL"}}]\''
    )
    summary = f"Declare the protocol of port {port.port}: http, http2, grpc, https, tls, tcp, …."
    return manual(summary, *([command] if mesh.live else ()), why=why)


def is_declared(port: ServicePort) -> bool:
    """Whether Istio knows a port's protocol."""
    return protocols.verdict(port).protocol is not Protocol.UNSUPPORTED
