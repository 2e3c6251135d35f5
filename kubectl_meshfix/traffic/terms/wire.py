"""What goes over a connection between two parties."""

from enum import StrEnum

from kubectl_meshfix.resources.meta import Ref, Struct


class Transport(StrEnum):
    """How a connection is protected."""

    PLAIN = "plain text"
    TLS = "TLS"
    """TLS of the application, or that a DestinationRule asks for: without a certificate of the mesh."""
    ISTIO = "mutual TLS"
    HBONE = "HBONE"


class Wire(Struct, frozen=True):
    """One connection as its server's side meets it.

    ``identity`` is the caller's, as ``trust-domain/ns/NAMESPACE/sa/NAME``, empty where the server learns none. ``is_http`` says whether the
    bytes inside, once a proxy has taken off its own TLS, are HTTP that a proxy can read, and ``is_http2`` whether they are HTTP/2. Where a
    proxy sent them (``by_proxy``), it is the one that answers its caller. ``sni`` is what TLS says, ``source_ip`` the peer's address where
    it is known. ``has_client_certificate`` is of TLS that is not the mesh's own. ``announces_http`` says that the proxy which sent them
    reads them as HTTP: its ALPN then says so within the mesh's TLS, and they are HTTP/1.1 or HTTP/2. ``expects`` are the identities of
    which the server must show one in the mesh's TLS, and ``expected_by`` is the object that says so; any will do where there are none.
    """

    transport: Transport
    is_http: bool = False
    is_http2: bool = False
    identity: str = ""
    sni: str = ""
    by_proxy: bool = False
    source_ip: str = ""
    has_client_certificate: bool = False
    announces_http: bool = False
    expects: frozenset[str] = frozenset()
    expected_by: Ref | None = None
