"""What people know better than anything that can be read, and how they want ports declared."""

from collections.abc import Mapping
from enum import StrEnum

from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.resources.meta import Struct


class PortFix(StrEnum):
    """How a port's protocol is declared."""

    AUTO = "auto"
    """By its name where nothing depends on that, else by ``appProtocol``."""
    RENAME = "rename"
    """By its name, and whatever refers to the name is changed along."""
    APP_PROTOCOL = "app-protocol"


class Preferences(Struct, frozen=True):
    """A part of a snapshot, so that rules stay functions of it alone.

    ``protocols`` are by namespace (empty for any), Service, and the port's number or name.
    """

    protocols: Mapping[tuple[str, str, str], Protocol] = {}
    port_fix: PortFix = PortFix.AUTO

    def protocol(self, service: Service, port: ServicePort) -> Protocol | None:
        """What somebody says that a port speaks; None where nobody says anything."""
        keys = ((namespace, service.name, word) for namespace in (service.namespace, "") for word in (str(port.port), port.name))
        return next((self.protocols[key] for key in keys if key in self.protocols), None)
