"""``--protocol`` and ``--port-fix`` as a part of the snapshot."""

from collections.abc import Iterable, Mapping

from kubectl_meshfix.cli.flags.options import RuleFlags
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.overrides import Overrides, ProtocolOverride
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service

FLAG = "--protocol"
FORM = "Write [NAMESPACE/]SERVICE/PORT=PROTOCOL, such as cart/8080=http."


def overrides(choice: RuleFlags, kept: Mapping[str, str] = {}, kept_in: str = "") -> Overrides:
    """The flags' values, and after them what is ``kept`` in a file: protocols by ``[NAMESPACE/]SERVICE/PORT``.

    Raises UsageError for a word that is none.
    """
    by_flag = dict(_said(*word.partition("=")[::2], FLAG, f"{FLAG} {word}") for word in choice.protocol or ())
    by_file = dict(_said(place, name, kept_in, f"{kept_in}: {place}: {name}") for place, name in kept.items())
    return Overrides(protocols=tuple(filter(None, (by_flag, by_file))), port_fix=choice.port_fix)


def _said(place: str, name: str, by: str, shown: str) -> tuple[tuple[str, str, str], ProtocolOverride]:
    parts = place.split("/")
    if len(parts) not in (2, 3) or not all(parts) or not name:
        raise UsageError(f'"{shown}" cannot be read.', FORM)
    protocol = protocols.parse(name)
    if protocol in (Protocol.UNSUPPORTED, Protocol.UDP):
        known = ", ".join(item for item in Protocol if item not in (Protocol.UNSUPPORTED, Protocol.UDP))
        raise UsageError(f'"{name}" is not a protocol that Istio knows for TCP ports ({shown}).', f"Istio knows {known}.")
    *namespace, service, port = parts
    return ((namespace or [""])[0], service, port), ProtocolOverride(protocol=protocol, by=by)


def with_overrides(meshes: Meshes, wanted: Overrides) -> Meshes:
    """The snapshot with the protocols that the flags and the settings declare.

    Raises UsageError where they speak of several ports, or a flag of one that is not there; a file may speak of more than was read.
    """
    for (namespace, name, word), said in (item for group in wanted.protocols for item in group.items()):
        found = sorted({service.namespace for mesh in meshes for service in _services(mesh, namespace, name, word)})
        place = "/".join(filter(None, (namespace, name, word)))
        if not found and said.by == FLAG:
            raise UsageError(f"{said.by} names {place}, but no such port of a Service was read.", FORM)
        if len(found) > 1:
            raise UsageError(
                f"{said.by} names {place}, which is in namespaces {' and '.join(found)}.", f"Write {found[0]}/{place}=PROTOCOL."
            )
    return meshes.map(lambda mesh: mesh.with_overrides(wanted)) if wanted != Overrides() else meshes


def _services(mesh: Mesh, namespace: str, name: str, word: str) -> Iterable[Service]:
    services = mesh.within(Service, namespace) if namespace else mesh.all(Service)
    return (item for item in services if item.name == name and any(word in (str(port.port), port.name) for port in item.spec.ports))
