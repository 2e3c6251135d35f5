"""What a VirtualService's route does with a request (`networking/v1alpha3/virtual_service.proto`)."""

from kubectl_meshfix.resources.istio_networking.destinations import Destination
from kubectl_meshfix.resources.meta import Struct


class HeaderOperations(Struct, frozen=True):
    """Headers that are taken away, set and added, in this order."""

    set: dict[str, str] = {}
    add: dict[str, str] = {}
    remove: tuple[str, ...] = ()


class Headers(Struct, frozen=True):
    """What is done to headers; only those of requests are read."""

    request: HeaderOperations = HeaderOperations()


class Percent(Struct, frozen=True):
    """A share in percent."""

    value: float = 0.0


class MirrorPolicy(Struct, frozen=True):
    """A destination that gets a copy of a share of the requests: of all where none is given."""

    destination: Destination = Destination()
    percentage: Percent | None = None


class StringMatch(Struct, frozen=True):
    """How a text is compared: by one of the three, or, where it has none of them, by being there."""

    exact: str | None = None
    prefix: str | None = None
    regex: str | None = None


class HTTPRedirect(Struct, frozen=True):
    """An answer that names another place; empty fields keep what was asked for. ``derive_port`` may be ``FROM_REQUEST_PORT``."""

    uri: str = ""
    prefix_rewrite: str = ""
    authority: str = ""
    scheme: str = ""
    port: int = 0
    derive_port: str = ""
    redirect_code: int = 0


class HTTPBody(Struct, frozen=True):
    """A body; one in bytes is not read."""

    string: str = ""


class HTTPDirectResponse(Struct, frozen=True):
    """An answer of the proxy's own."""

    status: int = 0
    body: HTTPBody = HTTPBody()


class RegexRewrite(Struct, frozen=True):
    """Replaces every match of a regular expression in a path."""

    match: str = ""
    rewrite: str = ""


class HTTPRewrite(Struct, frozen=True):
    """What a path and the authority become; an ``uri`` replaces what the route matched."""

    uri: str = ""
    authority: str = ""
    uri_regex_rewrite: RegexRewrite | None = None


class FaultDelay(Struct, frozen=True):
    """How long some requests are held back. ``percent`` is older; with neither, none is."""

    percent: int = 0
    percentage: Percent | None = None
    fixed_delay: str = ""


class FaultAbort(Struct, frozen=True):
    """How some requests are refused; without a percentage none is. The status of gRPC is its name."""

    http_status: int = 0
    grpc_status: str = ""
    percentage: Percent | None = None


class HTTPFault(Struct, frozen=True):
    """Faults that the caller's proxy injects."""

    delay: FaultDelay | None = None
    abort: FaultAbort | None = None


class HTTPRetry(Struct, frozen=True):
    """How often a request is tried again, and on what (a comma-separated list, empty for Istio's default)."""

    attempts: int = 0
    retry_on: str = ""


class CorsPolicy(Struct, frozen=True):
    """Who may call from a browser. ``allow_origin`` is older. Preflights of others are answered too where ``IGNORE`` is said of them."""

    allow_origin: tuple[str, ...] = ()
    allow_origins: tuple[StringMatch, ...] | None = None
    unmatched_preflights: str = ""
