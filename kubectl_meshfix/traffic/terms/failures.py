"""How a request may fail. What the caller gets for each stands in THE table, ``traffic/responses.py``."""

from enum import StrEnum


class Failure(StrEnum):
    """What stands in the way, as the proxy that meets it sees it."""

    NO_SUCH_NAME = "the name does not resolve"
    REFUSED = "nobody listens"
    NO_ANSWER = "nobody answers"
    NO_ROUTE = "no route matches"
    BLOCKED = "REGISTRY_ONLY forbids hosts that nobody registered"
    NO_CLUSTER = "there is no such host, port or subset"
    NO_ENDPOINT = "no endpoint is healthy"
    NO_FILTER_CHAIN = "the server refuses plain text"
    NO_CERTIFICATE = "the server wants a certificate of the mesh"
    TLS_REFUSED = "the server takes no TLS here"
    TLS_TO_HTTP = "the server's proxy reads HTTP in plain text"
    TLS_TO_PLAIN_TEXT = "the server speaks no TLS"
    BAD_CERTIFICATE = "the certificate is not the one that is expected"
    NOT_HTTP = "the server's proxy cannot read it as HTTP"
    HTTP_1_0 = "Envoy takes no HTTP/1.0"
    NO_HOST = "the request names no host"
    BAD_PATH = "the path cannot be read"
    PROTOCOL = "the server does not speak the HTTP that is sent"
    DENIED = "a policy denies it"
    NOT_ALLOWED = "no policy allows it"
    BAD_PROVIDER = "the policy's provider cannot be used"
    PROVIDER_DENIED = "the policy's provider denies it"
    UNAUTHENTICATED = "the token is not accepted"
    FORBIDDEN_TOKEN = "the token is for somebody else"  # noqa: S105
    FAULT = "the route injects a fault"
    TIMEOUT = "the route's time is over"
    HANGS = "both sides wait for the other to speak"
