"""A request as its caller makes it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from kubectl_meshfix.resources.meta import Struct


class Scheme(StrEnum):
    """What the caller's application speaks. With HTTPS it is the application that encrypts, so that a sidecar sees TLS alone."""

    HTTP = "http"
    HTTPS = "https"
    GRPC = "grpc"
    TCP = "tcp"

    @property
    def default_port(self) -> int:
        """The port of a URL that names none; 0 where one has to be named."""
        return {Scheme.HTTP: 80, Scheme.GRPC: 80, Scheme.HTTPS: 443}.get(self, 0)


class Request(Struct, frozen=True):
    """One request. What was not said is absent.

    ``host`` is the URL's, in lower case and without brackets, and ``port`` the number that is called. Names of ``headers`` are in lower
    case, and one may come twice. ``path`` starts with a slash and is not decoded; ``query`` comes without its question mark. ``claims``
    are those of a valid token, None for no token. ``principal`` is the identity that a caller without a workload presents, as
    ``trust-domain/ns/NAMESPACE/sa/NAME``. ``source_ip`` is the address that the first proxy sees, and ``sni`` replaces the host in TLS.
    ``came_by_tls`` says that the gateway which has it took TLS off its connection: its ``:scheme`` is https there.
    """

    scheme: Scheme
    host: str
    port: int
    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    version: str = "1.1"
    sni: str = ""
    claims: Mapping[str, Any] | None = None
    principal: str = ""
    source_ip: str = ""
    came_by_tls: bool = False

    @property
    def is_http(self) -> bool:
        """Whether proxies can read it as HTTP: its bytes are not encrypted by the application."""
        return self.scheme in (Scheme.HTTP, Scheme.GRPC)

    @property
    def written_scheme(self) -> str:
        """What it says in ``:scheme``: http or https."""
        return "https" if self.scheme is Scheme.HTTPS or self.came_by_tls else "http"

    @property
    def is_http2(self) -> bool:
        """Whether it comes as HTTP/2."""
        return self.scheme is Scheme.GRPC or self.version == "2"

    @property
    def authority(self) -> str:
        """What it says in ``Host`` or ``:authority``: its header, else the URL's host, with the port where that is not the scheme's own."""
        named = self.header("host")
        if named:
            return named[-1]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == self.scheme.default_port else f"{host}:{self.port}"

    @property
    def server_name(self) -> str:
        """The SNI that its own TLS sends; empty for an address, which TLS does not send."""
        return self.sni or ("" if self.host.replace(".", "").isdecimal() or ":" in self.host else self.host)

    def header(self, name: str) -> tuple[str, ...]:
        """The values of a header, by its name in lower case."""
        return tuple(value for key, value in self.headers if key == name)

    def __str__(self) -> str:
        location = f"[{self.host}]" if ":" in self.host else self.host
        location += "" if self.port == self.scheme.default_port else f":{self.port}"
        query = f"?{self.query}" if self.query else ""
        return f"TCP {location}" if self.scheme is Scheme.TCP else f"{self.method} {self.scheme}://{location}{self.path}{query}"
