"""What a port's declared protocol, or its new name, changes for clients: sentences, and clauses that become one."""

from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol

HTTP2 = frozenset({Protocol.HTTP2, Protocol.GRPC, Protocol.GRPC_WEB})
"""Protocols that reach the pods as HTTP/2, whatever the client speaks (`pilot/pkg/networking/core/cluster_builder.go`)."""

OTHER_HOSTS = "requests with another Host header, as ingresses send them, lose routes and mTLS"
POD_ADDRESSES = "requests to the address of a pod lose routes and mTLS"
"""What a declared HTTP port does to requests that do not name the Service, and a sniffed one does not."""


ONLY_HTTP2 = "a server that speaks HTTP/2 only, without gRPC, refuses the HTTP/1.1 that it gets"
"""What counters cannot tell from HTTP/1.1."""


def of_measured(*clauses: str) -> str:
    """What may go differently where all traffic was counted: the clauses that are not empty as one sentence, empty without any."""
    text = "; ".join(filter(None, clauses))
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def of_declaring(protocol: Protocol, *, takes_http10: bool = False, also: str = "") -> str:
    """What may go differently once a sniffed port declares ``protocol``, and what ``also`` may.

    A declared HTTP port takes no HTTP/1.0 unless istiod has PILOT_HTTP10, and a sniffed one passes it on as TCP
    (`pilot/pkg/networking/core/listener.go`, `pilot/pkg/features/pilot.go`).
    """
    others = f"; {also}" if also else ""
    if protocol in HTTP2:
        return f"All requests reach the pods as HTTP/2, which an HTTP/1.1 server refuses{others}."
    if protocol in HTTP_LIKE and takes_http10:
        return f"What is not HTTP/1 on this port, such as gRPC, fails{others}."
    if protocol in HTTP_LIKE:
        return f"HTTP/1.0 clients, such as nginx's proxy_pass by default, get 426{others or ', and what is not HTTP fails'}."
    return "If clients send HTTP to this port, it loses HTTP routing, retries, metrics and path rules."


def of_entering(protocol: Protocol, *, takes_http10: bool = False) -> str:
    """What may go differently once a port that the mesh does not know is known as ``protocol``."""
    refused = ", and HTTP/1.0 clients get 426" if protocol in HTTP_LIKE - HTTP2 and not takes_http10 else ""
    return f"Calls to this port enter the mesh: mTLS, routes and policies begin to apply{refused}."


HEADLESS = "Clients that look up the port's SRV record by its old name find nothing."
UNREAD = "Objects that refer to the old name and could not be read, such as Ingresses, no longer reach the port."
ONE_BY_ONE = "Objects change one after another; until the last has changed, requests through those that refer to the port may fail."
RENAMED = "Connections may be refused for a moment, until the endpoints have the new name, and SRV records and variables change theirs."
READ_BY_OTHERS = "What else reads appProtocol may change with it: a load balancer's health check, or another Gateway's protocol."
BY_SNI = "TLS connections to this port are routed by their SNI, and one without SNI gets no route."
