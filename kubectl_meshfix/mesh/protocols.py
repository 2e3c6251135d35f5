"""Which protocol Istio speaks on a Service's port (`pkg/config/kube/conversion.go ConvertProtocol`)."""

from enum import StrEnum
from functools import lru_cache

import msgspec

from kubectl_meshfix.resources.core import ServicePort


class Protocol(StrEnum):
    """Protocols of Istio's registry, by their names in messages (`pkg/config/protocol/instance.go`)."""

    GRPC = "grpc"
    GRPC_WEB = "grpc-web"
    HTTP = "http"
    HTTP_PROXY = "http_proxy"
    HTTP2 = "http2"
    HTTPS = "https"
    MONGO = "mongo"
    MYSQL = "mysql"
    REDIS = "redis"
    TCP = "tcp"
    TLS = "tls"
    UDP = "udp"
    UNSUPPORTED = "unsupported"
    """None of the above: Istio sniffs the first bytes of each connection."""


class Verdict(msgspec.Struct, frozen=True):
    """A port's protocol and what decided it: ``udp``, ``appProtocol``, ``name``, ``port`` (a well-known number) or ``nothing``."""

    protocol: Protocol
    decided_by: str


_KUBERNETES_APP_PROTOCOLS = {
    "kubernetes.io/h2c": Protocol.HTTP2,
    "kubernetes.io/ws": Protocol.HTTP,
    "kubernetes.io/wss": Protocol.HTTPS,
}

WELL_KNOWN_TCP = frozenset({25, 53, 3306, 27017})
"""Service ports never sniffed: their servers speak first, or DNS (`conversion.go wellKnownPorts`)."""

SERVER_FIRST_NUMBERS = frozenset({21, 22, 23, 25, 110, 143, 587, 873, 3306, 4222, 5900, 6667})
"""Numbers mostly used for protocols in which the server speaks first, so that whoever sniffs the client's first bytes waits too."""

HTTP_LIKE = frozenset({Protocol.HTTP, Protocol.HTTP2, Protocol.HTTP_PROXY, Protocol.GRPC, Protocol.GRPC_WEB})
"""Protocols that get an HTTP listener (`pilot/pkg/networking/networking.go ModelProtocolToListenerProtocol`)."""


_BY_NAME = {protocol.value: protocol for protocol in Protocol}


def parse(word: str) -> Protocol:
    """A protocol by its name in any case, else UNSUPPORTED (`pkg/config/protocol/instance.go Parse`)."""
    return _BY_NAME.get(word.lower(), Protocol.UNSUPPORTED)


@lru_cache(maxsize=1024)  # few words are the names of most ports
def of_word(word: str) -> Protocol:
    """What a port's name or ``appProtocol`` declares.

    ``grpc-web`` is a prefix without a separator, so that ``grpc-website`` is gRPC-Web too; else the part before the first dash counts.
    """
    if word[:8].lower() == Protocol.GRPC_WEB.value:
        return Protocol.GRPC_WEB
    return parse(word.partition("-")[0])


def verdict(port: ServicePort) -> Verdict:
    """The protocol Istio uses for a Service's port, and what decided it.

    An ``appProtocol``, even an empty one, overrides the name. Well-known numbers count only when the word said nothing.
    """
    if port.protocol == "UDP":
        return Verdict(Protocol.UDP, "udp")
    if port.app_protocol in _KUBERNETES_APP_PROTOCOLS:
        return Verdict(_KUBERNETES_APP_PROTOCOLS[port.app_protocol], "appProtocol")
    word, decided_by = (port.name, "name") if port.app_protocol is None else (port.app_protocol, "appProtocol")
    protocol = of_word(word)
    if protocol is not Protocol.UNSUPPORTED:
        return Verdict(protocol, decided_by)
    if port.port in WELL_KNOWN_TCP:
        return Verdict(Protocol.TCP, "port")
    return Verdict(Protocol.UNSUPPORTED, decided_by if word else "nothing")
