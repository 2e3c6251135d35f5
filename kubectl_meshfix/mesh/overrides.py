"""What people know better than anything that can be read, and how they want ports declared."""

from collections.abc import Mapping

from kubectl_meshfix.mesh.port_fix import PortFix
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.resources.meta import Struct


class ProtocolOverride(Struct, frozen=True):
    """What somebody says that a port speaks, and where: ``by`` is a flag, or a file."""

    protocol: Protocol
    by: str


class Overrides(Struct, frozen=True):
    """A part of a snapshot, so that rules stay functions of it alone.

    ``protocols`` are by namespace (empty for any), Service, and the port's number or name: what weighs most comes first.
    """

    protocols: tuple[Mapping[tuple[str, str, str], ProtocolOverride], ...] = ()
    port_fix: PortFix = PortFix.AUTO

    def protocol(self, service: Service, port: ServicePort) -> ProtocolOverride | None:
        """What somebody says that a port speaks; None where nobody says anything."""
        if not self.protocols:
            return None
        keys = [(namespace, service.name, word) for namespace in (service.namespace, "") for word in (str(port.port), port.name)]
        return next((said[key] for said in self.protocols for key in keys if key in said), None)
