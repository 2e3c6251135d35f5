"""The stages of the chain of a request."""

STAGES = ADDRESS, CAPTURE, SCOPE, LISTENER, HOST, ROUTE, CLUSTER, ENDPOINTS, TLS, SERVER, AUTHENTICATION, POLICY = (
    "address", "capture", "scope", "listener", "host", "route", "cluster", "endpoints", "tls", "server", "authentication", "policy",
)  # fmt: skip
"""In the order in which a request goes through them. Each proxy on the way has its own."""

GATEWAY, WAYPOINT, ZTUNNEL, FOUND, EXTENSIONS = "gateway", "waypoint", "ztunnel", "party", "extensions"
"""What gateways and ambient add, who takes part, and what nobody here evaluates."""

PROXY = "proxy"
"""What the proxy itself has, where it was asked."""
