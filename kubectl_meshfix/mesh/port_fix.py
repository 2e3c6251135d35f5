"""How people want ports declared; a module of its own because the command line has to know before anything is read."""

from enum import StrEnum


class PortFix(StrEnum):
    """How a port's protocol is declared."""

    AUTO = "auto"
    """By its name where nothing depends on that, else by ``appProtocol``."""
    RENAME = "rename"
    """By its name, and whatever refers to the name is changed along."""
    APP_PROTOCOL = "app-protocol"
