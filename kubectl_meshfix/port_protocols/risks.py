"""What a port's declared protocol, or its new name, changes for clients."""

from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol

_HTTP2 = frozenset({Protocol.HTTP2, Protocol.GRPC, Protocol.GRPC_WEB})
"""Protocols that reach the pods as HTTP/2, whatever the client speaks (`pilot/pkg/networking/core/cluster_builder.go`)."""


def of_declaring(protocol: Protocol, *, by_other_names: bool = False) -> str:
    """What may go differently once a sniffed port declares ``protocol``; ``by_other_names``: requests may not name the Service.

    A declared HTTP port takes no HTTP/1.0 unless istiod has PILOT_HTTP10, and a sniffed one passes it on as TCP
    (`pilot/pkg/networking/core/listener.go`, `pilot/pkg/features/pilot.go`).
    """
    others = "; requests with another Host header, as ingresses send them, lose routes and mTLS" if by_other_names else ""
    if protocol in _HTTP2:
        return f"All requests reach the pods as HTTP/2, which an HTTP/1.1 server refuses{others}."
    if protocol in HTTP_LIKE:
        return f"HTTP/1.0 clients, such as nginx's proxy_pass by default, get 426{others or ', and what is not HTTP fails'}."
    return "If clients send HTTP to this port, it loses HTTP routing, retries, metrics and path rules."


def of_entering(protocol: Protocol) -> str:
    """What may go differently once a port that the mesh does not know is known as ``protocol``."""
    refused = ", and HTTP/1.0 clients get 426" if protocol in HTTP_LIKE - _HTTP2 else ""
    return f"Calls to this port enter the mesh: mTLS, routes and policies begin to apply{refused}."


HEADLESS = "Clients that look up the port's SRV record by its old name find nothing."
UNREAD = "Objects that refer to the old name and could not be read, such as Ingresses, no longer reach the port."
ONE_BY_ONE = "Objects change one after another; until the last has changed, requests through those that refer to the port may fail."
BY_SNI = "TLS connections to this port are routed by their SNI, and one without SNI gets no route."
