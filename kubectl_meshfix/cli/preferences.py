"""``--protocol`` and ``--port-fix`` as a part of the snapshot."""

from collections.abc import Iterable

from kubectl_meshfix.cli.options import RuleChoice
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.preferences import Preferences
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service

FORM = "Write [NAMESPACE/]SERVICE/PORT=PROTOCOL, such as cart/8080=http."


def preferences(choice: RuleChoice) -> Preferences:
    """The flags' values. Raises UsageError for a word that is none."""
    return Preferences(protocols=dict(map(_protocol, choice.protocol or ())), port_fix=choice.port_fix)


def _protocol(word: str) -> tuple[tuple[str, str, str], Protocol]:
    place, _, name = word.partition("=")
    parts = place.split("/")
    if len(parts) not in (2, 3) or not all(parts) or not name:
        raise UsageError(f'"--protocol {word}" cannot be read.', FORM)
    protocol = protocols.parse(name)
    if protocol in (Protocol.UNSUPPORTED, Protocol.UDP):
        known = ", ".join(item for item in Protocol if item not in (Protocol.UNSUPPORTED, Protocol.UDP))
        raise UsageError(f'"{name}" is no protocol that Istio knows for TCP ports.', f"It knows {known}.")
    *namespace, service, port = parts
    return ((namespace or [""])[0], service, port), protocol


def preferring(mesh: Mesh, wanted: Preferences) -> Mesh:
    """The snapshot with what people said of it. Raises UsageError where they speak of a port that is not there, or of several."""
    for namespace, name, word in wanted.protocols:
        found = sorted(service.namespace for service in _services(mesh, namespace, name, word))
        said = "/".join(filter(None, (namespace, name, word)))
        if not found:
            raise UsageError(f"--protocol speaks of {said}, but no such port of a Service was read.", FORM)
        if len(found) > 1:
            raise UsageError(f"--protocol speaks of {said}, which there is in {' and in '.join(found)}.", f"Say {found[0]}/{said}=….")
    return mesh.preferring(wanted) if wanted != Preferences() else mesh


def _services(mesh: Mesh, namespace: str, name: str, word: str) -> Iterable[Service]:
    services = mesh.within(Service, namespace) if namespace else mesh.all(Service)
    return (item for item in services if item.name == name and any(word in (str(port.port), port.name) for port in item.spec.ports))
