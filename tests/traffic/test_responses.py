"""What callers get and what logs say of each failure, as Envoy writes it."""

import pytest

from kubectl_meshfix.traffic.responses import GRPC_STATUS, Caller, Log, Response, Symptom, relayed, response
from kubectl_meshfix.traffic.terms.failures import Failure

INVALID = "{remote_connection_failure|TLS_error:WRONG_VERSION_NUMBER}"
ISSUER = "jwt_authn_access_denied{Jwt_issuer_is_not_configured}; Jwt issuer is not configured"
AUDIENCE = "jwt_authn_access_denied{Audiences_in_Jwt_are_not_allowed}; Audiences in Jwt are not allowed"
RESET = "; upstream connect error or disconnect/reset before headers"

# A status or a symptom; then code, flag and details of each log, "-" where there is none; then the body.
# "{...}" alone are the details of a request whose server's side ended: upstream_reset_before_response_started{...}.
BY_HTTP: dict[Failure, str] = {
    Failure.NO_SUCH_NAME: "NO_NAME",
    Failure.REFUSED: "503; client 503 URX,UF {remote_connection_failure}" + RESET,
    Failure.NO_ANSWER: "503; client 503 URX,UF {connection_timeout}" + RESET,
    Failure.NO_ROUTE: "404; client 404 NR route_not_found",
    Failure.BLOCKED: "502; client 502 - direct_response",
    Failure.NO_CLUSTER: "503; client 503 NC cluster_not_found",
    Failure.NO_ENDPOINT: "503; client 503 UH no_healthy_upstream; no healthy upstream",
    Failure.NO_FILTER_CHAIN: "503; client 503 UC {connection_termination}; server - NR filter_chain_not_found" + RESET,
    Failure.NO_CERTIFICATE: "503; client 503 UC {connection_termination}; server - - TLS_error:PEER_DID_NOT_RETURN_A_CERTIFICATE" + RESET,
    Failure.TLS_REFUSED: "503; client 503 URX,UF {remote_connection_failure}; server - NR filter_chain_not_found" + RESET,
    Failure.TLS_TO_HTTP: f"503; client 503 URX,UF {INVALID}; server 400 DPE http1.codec_error" + RESET,
    Failure.TLS_TO_PLAIN_TEXT: f"503; client 503 URX,UF {INVALID}" + RESET,
    Failure.BAD_CERTIFICATE: "503; client 503 URX,UF {remote_connection_failure|TLS_error:CERTIFICATE_VERIFY_FAILED}" + RESET,
    Failure.NOT_HTTP: "503; client 503 UC {connection_termination}; server 400 DPE http1.codec_error" + RESET,
    Failure.HTTP_1_0: "426; client 426 DPE low_version; Upgrade Required",
    Failure.NO_HOST: "400; client 400 - missing_host_header",
    Failure.BAD_PATH: "400; client 400 - path_normalization_failed",
    Failure.PROTOCOL: "502; client 502 UPE {protocol_error}" + RESET,
    Failure.DENIED: "403; client 403 - via_upstream; server 403 - rbac_access_denied_matched_policy[{}]; RBAC: access denied",
    Failure.NOT_ALLOWED: "403; client 403 - via_upstream; server 403 - rbac_access_denied_matched_policy[none]; RBAC: access denied",
    Failure.BAD_PROVIDER: "403; client 403 - via_upstream; server 403 - rbac_access_denied_matched_policy[{}]; RBAC: access denied",
    Failure.PROVIDER_DENIED: "403; client 403 - via_upstream; server 403 UAEX ext_authz_denied",
    Failure.UNAUTHENTICATED: f"401; client 401 - via_upstream; server 401 - {ISSUER}",
    Failure.FORBIDDEN_TOKEN: f"403; client 403 - via_upstream; server 403 - {AUDIENCE}",
    Failure.FAULT: "503; client 503 FI fault_filter_abort; fault filter abort",
    Failure.TIMEOUT: "504; client 504 UT response_timeout; upstream request timeout",
    Failure.HANGS: "HANGS",
}
BY_TCP: dict[Failure, str] = {
    Failure.NO_SUCH_NAME: "NO_NAME",
    Failure.REFUSED: "CLOSED; client - UF,URX -",
    Failure.NO_ANSWER: "CLOSED; client - UF,URX -",
    Failure.NO_ROUTE: "CLOSED; client - NR -",
    Failure.BLOCKED: "CLOSED; client - UH -",
    Failure.NO_CLUSTER: "CLOSED; client - NC -",
    Failure.NO_ENDPOINT: "CLOSED; client - UH -",
    Failure.NO_FILTER_CHAIN: "RESET; client - UR -; server - NR filter_chain_not_found",
    Failure.NO_CERTIFICATE: "RESET; client - UC -",
    Failure.TLS_REFUSED: "RESET; client - UR -; server - NR filter_chain_not_found",
    Failure.TLS_TO_HTTP: "CLOSED; server 400 DPE http1.codec_error",
    Failure.TLS_TO_PLAIN_TEXT: "CLOSED; client - UF,URX -",
    Failure.BAD_CERTIFICATE: "CLOSED; client - UF,URX -",
    Failure.NOT_HTTP: "CLOSED; server 400 DPE http1.codec_error",
    Failure.HTTP_1_0: "CLOSED",
    Failure.NO_HOST: "CLOSED",
    Failure.BAD_PATH: "CLOSED",
    Failure.PROTOCOL: "CLOSED",
    Failure.DENIED: "RESET; server - - rbac_access_denied_matched_policy[{}]",
    Failure.NOT_ALLOWED: "RESET; server - - rbac_access_denied_matched_policy[none]",
    Failure.BAD_PROVIDER: "RESET; server - - rbac_access_denied_matched_policy[{}]",
    Failure.PROVIDER_DENIED: "RESET; server - UAEX ext_authz_denied",
    Failure.UNAUTHENTICATED: "CLOSED",
    Failure.FORBIDDEN_TOKEN: "CLOSED",
    Failure.FAULT: "CLOSED",
    Failure.TIMEOUT: "CLOSED",
    Failure.HANGS: "HANGS",
}
DIRECT: dict[Failure, str] = {
    Failure.NO_SUCH_NAME: "NO_NAME",
    Failure.REFUSED: "REFUSED",
    Failure.NO_ANSWER: "NO_ANSWER",
    Failure.NO_ROUTE: "CLOSED; client - NR -",
    Failure.BLOCKED: "CLOSED; client - UH -",
    Failure.NO_CLUSTER: "CLOSED; client - NC -",
    Failure.NO_ENDPOINT: "REFUSED",
    Failure.NO_FILTER_CHAIN: "RESET; server - NR filter_chain_not_found",
    Failure.NO_CERTIFICATE: "TLS_FAILED",
    Failure.TLS_REFUSED: "TLS_FAILED; server - NR filter_chain_not_found",
    Failure.TLS_TO_HTTP: "TLS_FAILED; server 400 DPE http1.codec_error",
    Failure.TLS_TO_PLAIN_TEXT: "TLS_FAILED",
    Failure.BAD_CERTIFICATE: "CLOSED; client - UF,URX -",
    Failure.NOT_HTTP: "CLOSED; server 400 DPE http1.codec_error",
    Failure.HTTP_1_0: "CLOSED",
    Failure.NO_HOST: "CLOSED",
    Failure.BAD_PATH: "CLOSED",
    Failure.PROTOCOL: "CLOSED",
    Failure.DENIED: "RESET; server - - rbac_access_denied_matched_policy[{}]",
    Failure.NOT_ALLOWED: "RESET; server - - rbac_access_denied_matched_policy[none]",
    Failure.BAD_PROVIDER: "RESET; server - - rbac_access_denied_matched_policy[{}]",
    Failure.PROVIDER_DENIED: "RESET; server - UAEX ext_authz_denied",
    Failure.UNAUTHENTICATED: "CLOSED",
    Failure.FORBIDDEN_TOKEN: "CLOSED",
    Failure.FAULT: "CLOSED",
    Failure.TIMEOUT: "CLOSED",
    Failure.HANGS: "HANGS",
}


POLICIES = {Failure.DENIED, Failure.NOT_ALLOWED, Failure.BAD_PROVIDER, Failure.PROVIDER_DENIED}
ANSWERED = {
    *POLICIES, Failure.UNAUTHENTICATED, Failure.FORBIDDEN_TOKEN, Failure.HTTP_1_0, Failure.NO_HOST, Failure.BAD_PATH, Failure.NO_ROUTE,
    Failure.FAULT, Failure.TIMEOUT, Failure.NO_CLUSTER, Failure.NO_ENDPOINT,
}  # fmt: skip


def _of(log: Log | None, whose: str) -> tuple[str, ...]:
    details = log.details.removeprefix("upstream_reset_before_response_started") if log else ""
    return (f"{whose} {log.code or '-'} {log.flag or '-'} {details or '-'}",) if log else ()


def shown(found: Response) -> str:
    """A response as the tables write it."""
    first = str(found.status) if found.status else found.symptom.name if found.symptom else "-"
    return "; ".join((first, *_of(found.client, "client"), *_of(found.server, "server"), *((found.body,) if found.body else ())))


@pytest.mark.parametrize("failure", Failure)
def test_each_failure_has_its_answer(failure: Failure) -> None:
    """A caller's own proxy that reads HTTP answers; one that moves bytes, and none, hand on what happens to the connection."""
    assert shown(response(failure, Caller.HTTP_PROXY, reads_http=True)) == BY_HTTP[failure]
    assert shown(response(failure, Caller.TCP_PROXY, reads_http=False)) == BY_TCP[failure]
    assert shown(response(failure, Caller.NONE, reads_http=False)) == DIRECT[failure]


@pytest.mark.parametrize("failure", Failure)
@pytest.mark.parametrize("caller", [Caller.TCP_PROXY, Caller.NONE])
def test_the_answer_of_a_proxy_that_reads_http_comes_back(failure: Failure, caller: Caller) -> None:
    """Through a caller's proxy that moves bytes, and without one: the log that speaks of it is then the server's."""
    found, own = response(failure, caller, reads_http=True), response(failure, Caller.HTTP_PROXY, reads_http=True)

    if failure in ANSWERED:
        assert (found.status, found.body, found.client, found.server) == (own.status, own.body, None, own.server or own.client)
    else:
        assert found == response(failure, caller, reads_http=False)


@pytest.mark.parametrize("failure", Failure)
def test_a_policy_of_a_server_that_moves_bytes_ends_the_connection(failure: Failure) -> None:
    """The caller's proxy, which reads HTTP, answers for it; all else it meets by itself."""
    found = response(failure, Caller.HTTP_PROXY, reads_http=False)

    if failure in POLICIES:
        ended, silent = (response(item, kind, reads_http=False) for item, kind in (
            (Failure.NO_FILTER_CHAIN, Caller.HTTP_PROXY), (failure, Caller.TCP_PROXY)))  # fmt: skip
        assert (found.status, found.body, found.client, found.server) == (503, ended.body, ended.client, silent.server)
    else:
        assert found == response(failure, Caller.HTTP_PROXY, reads_http=True)


def test_an_answer_is_handed_on() -> None:
    """One with a status as it is; of a connection that ended, a proxy that reads HTTP makes 503."""
    denied, ended = response(Failure.DENIED, Caller.NONE, reads_http=True), response(Failure.NOT_HTTP, Caller.NONE, reads_http=False)

    assert relayed(denied, Caller.NONE) == denied
    assert shown(relayed(denied, Caller.TCP_PROXY)) == shown(denied)
    assert shown(relayed(denied, Caller.HTTP_PROXY)) == BY_HTTP[Failure.DENIED]
    assert shown(relayed(ended, Caller.TCP_PROXY)) == DIRECT[Failure.NOT_HTTP]
    assert shown(relayed(ended, Caller.HTTP_PROXY)) == BY_HTTP[Failure.NOT_HTTP]
    refused = response(Failure.NO_ROUTE, Caller.HTTP_PROXY, reads_http=True)
    assert relayed(refused, Caller.TCP_PROXY).server == refused.client


def test_curl_has_an_exit_code_for_each_symptom() -> None:
    """As its manual lists them."""
    codes = {"NO_NAME": 6, "REFUSED": 7, "NO_ANSWER": 28, "TLS_FAILED": 35, "CLOSED": 52, "RESET": 56, "HANGS": 28}

    assert {symptom.name: symptom.curl for symptom in Symptom} == codes


def test_grpc_has_a_status_for_each_answer_of_a_proxy() -> None:
    """By the mapping of gRPC (`doc/http-grpc-status-mapping.md`)."""
    internal, unauthenticated, denied, unimplemented, unavailable = 13, 16, 7, 12, 14

    assert {
        400: internal, 401: unauthenticated, 403: denied, 404: unimplemented,
        429: unavailable, 502: unavailable, 503: unavailable, 504: unavailable,
    } == GRPC_STATUS  # fmt: skip
