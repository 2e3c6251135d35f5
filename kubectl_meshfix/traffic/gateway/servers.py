"""Servers of gateways as istiod binds them to ports, whether Istio's Gateway has them or a listener of Kubernetes' became one."""

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.resources.gateway_api import KubernetesGateway, Listener
from kubectl_meshfix.resources.istio_networking.gateways import Gateway, ServerTLS
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.gateway.names import bare

_PASSTHROUGH = frozenset({"", "PASSTHROUGH", "AUTO_PASSTHROUGH"})
"""The modes in which TLS goes through as it is; no mode is the first of them (`ServerTLSSettings_TLSmode`)."""

_WILDCARD_BINDS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104


class Server(Struct, frozen=True):
    """A server on one container port. ``number`` is the port that it names, ``port`` the container's, ``hosts`` may be ``namespace/host``.

    ``listener`` is Kubernetes' listener that it is made of, None for Istio's own servers.
    """

    gateway: Gateway | KubernetesGateway
    at: Where
    number: int
    port: int
    protocol: Protocol
    hosts: tuple[str, ...]
    tls: ServerTLS | None = None
    port_name: str = ""
    bind: str = ""
    listener: Listener | None = None

    @property
    def name(self) -> str:
        """The Gateway's name as VirtualServices are resolved to it."""
        return f"{self.gateway.namespace}/{self.gateway.name}"

    @property
    def reads_plain_http(self) -> bool:
        """Whether it takes plain text and reads HTTP (`pkg/config/protocol/instance.go IsHTTP`)."""
        return self.protocol in HTTP_LIKE

    @property
    def passes_tls(self) -> bool:
        """Whether TLS goes through as it is (`pkg/config/gateway/gateway.go IsPassThroughServer`)."""
        return self.tls is not None and self.tls.mode in _PASSTHROUGH

    @property
    def is_tls(self) -> bool:
        """Whether it is for TLS, and not only sends plain requests there (`IsTLSServer`)."""
        return self.tls is not None and not self.reads_plain_http

    @property
    def terminates(self) -> bool:
        """Whether it takes TLS off."""
        return self.is_tls and not self.passes_tls

    @property
    def reads_http(self) -> bool:
        """Whether it reads HTTP, once TLS is off (`IsHTTPServer`)."""
        return self.reads_plain_http or (self.protocol is Protocol.HTTPS and not self.passes_tls)

    @property
    def route_name(self) -> str:
        """The name of its routes in Envoy, as far as it tells servers of one port apart; empty for servers that read no HTTP."""
        if self.reads_plain_http:
            return f"http.{self.bind}"
        is_https = self.protocol is Protocol.HTTPS and not self.passes_tls
        place = f"{self.name}.{self.listener.name}" if self.listener else self.name
        return f"https.{self.number}.{self.port_name}.{place}.{self.bind}" if is_https else ""

    @property
    def server_names(self) -> tuple[str, ...]:
        """The names of its hosts that TLS callers may ask for; none where it takes all of them (`GetSNIHostsForServer`)."""
        names = tuple(sorted({bare(host).lower() for host in self.hosts}))
        return () if "*" in names else names

    @property
    def is_on_all_addresses(self) -> bool:
        """Whether it listens on all addresses of its pods."""
        return self.bind in _WILDCARD_BINDS

    @property
    def is_on_loopback(self) -> bool:
        """Whether only its own pod reaches it."""
        return self.bind.startswith(("127.", "unix:")) or self.bind == "::1"

    @property
    def redirects(self) -> bool:
        """Whether it answers plain requests with a redirect to HTTPS."""
        return self.tls is not None and self.tls.https_redirect
