"""What takes a connection in a client's proxy."""

from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.registry import Entry


class HTTPListener(Struct, frozen=True):
    """A listener that reads HTTP. ``entry`` is set where it is for one host alone, whose port is sniffed: the Host header has no effect."""

    port: int
    entry: Entry | None = None


class TCPListener(Struct, frozen=True):
    """A listener that hands bytes on to one host, or by SNI."""

    entry: Entry
    port: int


class Passthrough(Struct, frozen=True):
    """The proxy sends plain text to the address that was called; ``is_http`` where it reads HTTP on the way, and answers for it."""

    is_http: bool


Listener = HTTPListener | TCPListener | Passthrough
