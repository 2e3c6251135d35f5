"""What a translation of routes depends on beside the routes."""

from collections.abc import Callable

import msgspec

from kubectl_meshfix.resources.gateway_api import BackendRef, GRPCRoute, HTTPRoute
from kubectl_meshfix.resources.istio_networking.actions import HTTPRetry

Granted = Callable[[HTTPRoute | GRPCRoute, BackendRef], bool]
"""Whether a route may use a backend of another namespace."""


class Called(msgspec.Struct, frozen=True):
    """The port that is called, whether its listener ends TLS, and how often the mesh retries where a route says nothing.

    ``granted`` is asked about backends of other namespaces; None for routes of Services, which need no grant.
    """

    port: int
    default_retries: HTTPRetry | None = None
    is_tls: bool = False
    granted: Granted | None = None
