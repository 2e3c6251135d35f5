"""THE table of what a caller gets when something stands in the way, and of what the access logs then say.

Flags and details are Envoy's (`source/common/stream_info/utility.cc`, `envoy/stream_info/stream_info.h ResponseCodeDetailValues`); most
rows were measured on Envoy 1.40 with the configuration that istiod 1.31 generates.
"""

from collections.abc import Mapping
from enum import StrEnum

from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.terms.failures import Failure


class Symptom(StrEnum):
    """What a caller sees that gets no HTTP status; ``curl`` is the tool's exit code for it."""

    NO_NAME = "could not resolve host"
    REFUSED = "connection refused"
    NO_ANSWER = "timed out"
    TLS_FAILED = "TLS handshake failed"
    CLOSED = "connection closed without an answer"
    RESET = "connection reset"
    HANGS = "no answer, ever"

    @property
    def curl(self) -> int:
        """The exit code of curl."""
        return _CURL[self]


_CURL = {
    Symptom.NO_NAME: 6, Symptom.REFUSED: 7, Symptom.NO_ANSWER: 28, Symptom.TLS_FAILED: 35, Symptom.CLOSED: 52, Symptom.RESET: 56,
    Symptom.HANGS: 28,
}  # fmt: skip


class Caller(StrEnum):
    """Who answers the caller: its own proxy, which reads HTTP or moves bytes, or nobody before the server."""

    HTTP_PROXY = "http"
    TCP_PROXY = "tcp"
    NONE = "none"


class Log(Struct, frozen=True):
    """What an access log says of a request: Envoy's response flag and details, empty where it writes ``-``. ``code`` 0 is no HTTP."""

    code: int = 0
    flag: str = ""
    details: str = ""


class Response(Struct, frozen=True):
    """What a caller gets: a status, or a symptom where there is none; and what the logs of both proxies say, None where none is written."""

    status: int | None = None
    symptom: Symptom | None = None
    body: str = ""
    client: Log | None = None
    server: Log | None = None


_UPSTREAM = "upstream connect error or disconnect/reset before headers"
_RBAC = "RBAC: access denied"
_VIA = "via_upstream"
_NOT_HTTP = Log(code=400, flag="DPE", details="http1.codec_error")
_NO_CHAIN = Log(flag="NR", details="filter_chain_not_found")


def _http(status: int, flag: str, details: str, body: str = "", server: Log | None = None) -> Response:
    return Response(status=status, body=body, client=Log(code=status, flag=flag, details=details), server=server)


def _closed(symptom: Symptom, flag: str = "", server: Log | None = None, details: str = "") -> Response:
    return Response(symptom=symptom, client=Log(flag=flag, details=details) if flag else None, server=server)


def _refused_by_server(status: int, details: str, body: str) -> Response:
    return Response(status=status, body=body, client=Log(code=status, details=_VIA), server=Log(code=status, details=details))


def _reset(reason: str) -> str:
    """The details of a request whose server's side ended before it answered."""
    return f"upstream_reset_before_response_started{{{reason}}}"


def _tls_error(words: str) -> str:
    return _reset(f"remote_connection_failure|TLS_error:{words}")


_CONNECTION = _reset("remote_connection_failure")
_TERMINATED = _reset("connection_termination")

_HTTP: Mapping[Failure, Response] = {
    Failure.NO_SUCH_NAME: Response(symptom=Symptom.NO_NAME),
    Failure.REFUSED: _http(503, "URX,UF", _CONNECTION, _UPSTREAM),
    Failure.NO_ANSWER: _http(503, "URX,UF", _reset("connection_timeout"), _UPSTREAM),
    Failure.NO_ROUTE: _http(404, "NR", "route_not_found"),
    Failure.BLOCKED: _http(502, "", "direct_response"),
    Failure.NO_CLUSTER: _http(503, "NC", "cluster_not_found"),
    Failure.NO_ENDPOINT: _http(503, "UH", "no_healthy_upstream", "no healthy upstream"),
    Failure.NO_FILTER_CHAIN: _http(503, "UC", _TERMINATED, _UPSTREAM, _NO_CHAIN),
    Failure.NO_CERTIFICATE: _http(503, "UC", _TERMINATED, _UPSTREAM, Log(details="TLS_error:PEER_DID_NOT_RETURN_A_CERTIFICATE")),
    Failure.TLS_REFUSED: _http(503, "URX,UF", _CONNECTION, _UPSTREAM, _NO_CHAIN),
    Failure.TLS_TO_HTTP: _http(503, "URX,UF", _tls_error("WRONG_VERSION_NUMBER"), _UPSTREAM, _NOT_HTTP),
    Failure.TLS_TO_PLAIN_TEXT: _http(503, "URX,UF", _tls_error("WRONG_VERSION_NUMBER"), _UPSTREAM),
    Failure.BAD_CERTIFICATE: _http(503, "URX,UF", _tls_error("CERTIFICATE_VERIFY_FAILED"), _UPSTREAM),
    Failure.NOT_HTTP: _http(503, "UC", _TERMINATED, _UPSTREAM, _NOT_HTTP),
    Failure.HTTP_1_0: _http(426, "DPE", "low_version", "Upgrade Required"),
    Failure.NO_HOST: _http(400, "", "missing_host_header"),
    Failure.BAD_PATH: _http(400, "", "path_normalization_failed"),
    Failure.PROTOCOL: _http(502, "UPE", _reset("protocol_error"), _UPSTREAM),
    Failure.DENIED: _refused_by_server(403, "rbac_access_denied_matched_policy[{}]", _RBAC),
    Failure.NOT_ALLOWED: _refused_by_server(403, "rbac_access_denied_matched_policy[none]", _RBAC),
    Failure.BAD_PROVIDER: _refused_by_server(403, "rbac_access_denied_matched_policy[{}]", _RBAC),
    Failure.PROVIDER_DENIED: Response(
        status=403, client=Log(code=403, details=_VIA), server=Log(code=403, flag="UAEX", details="ext_authz_denied")
    ),
    Failure.UNAUTHENTICATED: _refused_by_server(
        401, "jwt_authn_access_denied{Jwt_issuer_is_not_configured}", "Jwt issuer is not configured"
    ),
    Failure.FORBIDDEN_TOKEN: _refused_by_server(
        403, "jwt_authn_access_denied{Audiences_in_Jwt_are_not_allowed}", "Audiences in Jwt are not allowed"
    ),
    Failure.FAULT: _http(503, "FI", "fault_filter_abort", "fault filter abort"),
    Failure.TIMEOUT: _http(504, "UT", "response_timeout", "upstream request timeout"),
    Failure.HANGS: Response(symptom=Symptom.HANGS),
}
"""A caller whose own proxy reads HTTP: it answers."""

_TCP: Mapping[Failure, Response] = {
    Failure.NO_SUCH_NAME: Response(symptom=Symptom.NO_NAME),
    Failure.REFUSED: _closed(Symptom.CLOSED, "UF,URX"),
    Failure.NO_ANSWER: _closed(Symptom.CLOSED, "UF,URX"),
    Failure.NO_ROUTE: _closed(Symptom.CLOSED, "NR"),
    Failure.BLOCKED: _closed(Symptom.CLOSED, "UH"),
    Failure.NO_CLUSTER: _closed(Symptom.CLOSED, "NC"),
    Failure.NO_ENDPOINT: _closed(Symptom.CLOSED, "UH"),
    Failure.NO_FILTER_CHAIN: _closed(Symptom.RESET, "UR", _NO_CHAIN),
    Failure.NO_CERTIFICATE: _closed(Symptom.RESET, "UC"),
    Failure.TLS_REFUSED: _closed(Symptom.RESET, "UR", _NO_CHAIN),
    Failure.TLS_TO_HTTP: _closed(Symptom.CLOSED, "", _NOT_HTTP),
    Failure.TLS_TO_PLAIN_TEXT: _closed(Symptom.CLOSED, "UF,URX"),
    Failure.BAD_CERTIFICATE: _closed(Symptom.CLOSED, "UF,URX"),
    Failure.NOT_HTTP: _closed(Symptom.CLOSED, "", _NOT_HTTP),
    Failure.HTTP_1_0: _closed(Symptom.CLOSED),
    Failure.NO_HOST: _closed(Symptom.CLOSED),
    Failure.BAD_PATH: _closed(Symptom.CLOSED),
    Failure.PROTOCOL: _closed(Symptom.CLOSED),
    Failure.DENIED: _closed(Symptom.RESET, "", Log(details="rbac_access_denied_matched_policy[{}]")),
    Failure.NOT_ALLOWED: _closed(Symptom.RESET, "", Log(details="rbac_access_denied_matched_policy[none]")),
    Failure.BAD_PROVIDER: _closed(Symptom.RESET, "", Log(details="rbac_access_denied_matched_policy[{}]")),
    Failure.PROVIDER_DENIED: _closed(Symptom.RESET, "", Log(flag="UAEX", details="ext_authz_denied")),
    Failure.UNAUTHENTICATED: _closed(Symptom.CLOSED),
    Failure.FORBIDDEN_TOKEN: _closed(Symptom.CLOSED),
    Failure.FAULT: _closed(Symptom.CLOSED),
    Failure.TIMEOUT: _closed(Symptom.CLOSED),
    Failure.HANGS: Response(symptom=Symptom.HANGS),
}
"""A caller whose proxy moves bytes: the connection to it stands, and then ends."""

_DIRECT: Mapping[Failure, Response] = {
    **_TCP,
    Failure.REFUSED: Response(symptom=Symptom.REFUSED),
    Failure.NO_ANSWER: Response(symptom=Symptom.NO_ANSWER),
    Failure.NO_ENDPOINT: Response(symptom=Symptom.REFUSED),
    Failure.NO_FILTER_CHAIN: Response(symptom=Symptom.RESET, server=_NO_CHAIN),
    Failure.NO_CERTIFICATE: Response(symptom=Symptom.TLS_FAILED),
    Failure.TLS_REFUSED: Response(symptom=Symptom.TLS_FAILED, server=_NO_CHAIN),
    Failure.TLS_TO_HTTP: Response(symptom=Symptom.TLS_FAILED, server=_NOT_HTTP),
    Failure.TLS_TO_PLAIN_TEXT: Response(symptom=Symptom.TLS_FAILED),
}
"""A caller without a proxy: what the server's side does reaches it."""


def response(failure: Failure, caller: Caller, *, reads_http: bool) -> Response:
    """What a caller gets.

    ``reads_http`` is whether the proxy that meets the failure reads HTTP: then its answer comes back as it is, whoever moves its bytes.
    """
    by_proxy = {Caller.HTTP_PROXY: _HTTP, Caller.TCP_PROXY: _TCP, Caller.NONE: _DIRECT}[caller][failure]
    if caller is Caller.HTTP_PROXY and not reads_http and failure in _OF_POLICIES:
        ended = _HTTP[Failure.NO_FILTER_CHAIN]
        return Response(status=ended.status, body=ended.body, client=ended.client, server=_TCP[failure].server)
    if caller is Caller.HTTP_PROXY or not reads_http or failure not in _ANSWERED:
        return by_proxy
    answered = _HTTP[failure]
    return Response(status=answered.status, body=answered.body, server=answered.server or answered.client)


def relayed(found: Response, by: Caller) -> Response:
    """What a caller gets of an answer that its own proxy hands on; NONE where the caller has no proxy before the one that answers."""
    own = found.client or found.server
    match by:
        case Caller.NONE:
            return found
        case Caller.TCP_PROXY:
            return Response(status=found.status, symptom=found.symptom, body=found.body, server=own)
        case Caller.HTTP_PROXY if found.status is None:
            ended = _HTTP[Failure.NO_FILTER_CHAIN]
            return Response(status=ended.status, body=ended.body, client=ended.client, server=own)
        case Caller.HTTP_PROXY:
            return Response(status=found.status, body=found.body, client=Log(code=found.status or 0, details=_VIA), server=own)


_OF_POLICIES = frozenset({Failure.DENIED, Failure.NOT_ALLOWED, Failure.BAD_PROVIDER, Failure.PROVIDER_DENIED})
"""What a server that moves bytes ends without a word."""

_ANSWERED = frozenset(
    {
        Failure.DENIED,
        Failure.NOT_ALLOWED,
        Failure.BAD_PROVIDER,
        Failure.PROVIDER_DENIED,
        Failure.UNAUTHENTICATED,
        Failure.FORBIDDEN_TOKEN,
        Failure.HTTP_1_0,
        Failure.NO_HOST,
        Failure.BAD_PATH,
        Failure.NO_ROUTE,
        Failure.FAULT,
        Failure.TIMEOUT,
        Failure.NO_CLUSTER,
        Failure.NO_ENDPOINT,
    }
)
"""What a proxy that reads HTTP answers with a status, whoever called it."""

GRPC_STATUS: Mapping[int, int] = {400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14}
"""What gRPC callers get in ``grpc-status`` for a proxy's own answer, with HTTP status 200; 2 for all others (`grpc/common.cc`)."""
