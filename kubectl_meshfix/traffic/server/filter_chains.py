"""Which filter chain of a sidecar takes a connection: the table of Istio's `pilot/pkg/networking/core/filterchain_options.go`."""

import msgspec

from kubectl_meshfix.traffic.peer_authentication import MTLSMode
from kubectl_meshfix.traffic.server.declared_ports import Reading
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.wire import Transport, Wire


class Taken(msgspec.Struct, frozen=True):
    """A chain: whether it reads HTTP, and whether the proxy takes the mesh's TLS off and learns who calls."""

    is_http: bool
    is_terminated: bool = False


def chain(reading: Reading, mode: MTLSMode, wire: Wire, *, is_http_1_0: bool = False) -> Taken | Failure:
    """The chain that takes a connection, by how the port is read, by what the server accepts, and by what comes.

    ``is_http_1_0`` says that HTTP/1.0 arrives as such, which the inspector of the first bytes does not know for HTTP.
    """
    match wire.transport:
        case Transport.PLAIN:
            return Failure.NO_FILTER_CHAIN if mode is MTLSMode.STRICT else _plain(reading, wire, is_http_1_0=is_http_1_0)
        case Transport.TLS:
            if mode is MTLSMode.STRICT:
                return Failure.BAD_CERTIFICATE if wire.has_client_certificate else Failure.NO_CERTIFICATE
            if reading is not Reading.HTTP:
                return Taken(is_http=False)
            return Failure.TLS_TO_HTTP if mode is MTLSMode.DISABLE else Failure.TLS_REFUSED
        case Transport.ISTIO:
            if mode is MTLSMode.DISABLE:
                return Failure.TLS_TO_HTTP if reading is Reading.HTTP else Failure.TLS_TO_PLAIN_TEXT
            return _mutual(reading, wire)
        case Transport.HBONE:
            found = _plain(reading, wire, is_http_1_0=is_http_1_0)
            return found if isinstance(found, Failure) else Taken(found.is_http, is_terminated=True)


def _plain(reading: Reading, wire: Wire, *, is_http_1_0: bool) -> Taken | Failure:
    match reading:
        case Reading.HTTP:
            return Taken(is_http=True) if wire.is_http else Failure.NOT_HTTP
        case Reading.TCP:
            return Taken(is_http=False)
        case Reading.SNIFFED:
            return Taken(is_http=wire.is_http and not is_http_1_0)


def _mutual(reading: Reading, wire: Wire) -> Taken | Failure:
    """By the ALPN of the mesh's TLS, which says HTTP where the sender's proxy read it as HTTP."""
    match reading:
        case Reading.HTTP:
            return Taken(is_http=True, is_terminated=True) if wire.is_http else Failure.NOT_HTTP
        case Reading.TCP:
            return Taken(is_http=False, is_terminated=True)
        case Reading.SNIFFED:
            return Taken(is_http=wire.announces_http, is_terminated=True)
