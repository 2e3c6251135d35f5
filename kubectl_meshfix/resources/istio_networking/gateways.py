"""Istio's Gateways: the servers of proxies that stand alone (`networking/v1alpha3/gateway.proto`)."""

from kubectl_meshfix.resources.meta import Object, Struct


class ServerPort(Struct, frozen=True):
    """A port of a Gateway or ServiceEntry; ``protocol`` is spelt as its author did."""

    number: int = 0
    name: str = ""
    protocol: str = ""
    target_port: int = 0


class ServerTLS(Struct, frozen=True):
    """How a gateway's server speaks TLS."""

    mode: str = ""
    https_redirect: bool = False
    credential_name: str = ""
    credential_names: tuple[str, ...] = ()
    server_certificate: str = ""
    private_key: str = ""
    ca_certificates: str = ""


class Server(Struct, frozen=True):
    """One server of a Gateway; hosts may carry a ``namespace/`` prefix."""

    name: str = ""
    port: ServerPort = ServerPort()
    hosts: tuple[str, ...] = ()
    tls: ServerTLS | None = None
    bind: str = ""


class GatewaySpec(Struct, frozen=True):
    """``selector`` picks gateway pods, by default in any namespace."""

    selector: dict[str, str] = {}
    servers: tuple[Server, ...] = ()


class Gateway(Object, frozen=True):
    """Istio's own Gateway."""

    api_version: str = "networking.istio.io/v1"
    kind: str = "Gateway"
    spec: GatewaySpec = GatewaySpec()
