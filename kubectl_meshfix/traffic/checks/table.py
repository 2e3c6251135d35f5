"""THE table of the chain of a request: every check, its outcomes, and the only sentences there are about them."""

from kubectl_meshfix.chain.table import Row, rows
from kubectl_meshfix.traffic.checks import (
    address,
    authentication,
    capture,
    cluster,
    endpoints,
    extensions,
    gateway,
    host,
    listener,
    observed,
    party,
    policy,
    route,
    scope,
    server,
    tls,
    waypoint,
    ztunnel,
)

CHECKS: tuple[Row, ...] = (
    *rows(party),
    *rows(address),
    *rows(capture),
    *rows(scope),
    *rows(listener),
    *rows(host),
    *rows(route),
    *rows(cluster),
    *rows(endpoints),
    *rows(tls),
    *rows(gateway),
    *rows(waypoint),
    *rows(ztunnel),
    *rows(server),
    *rows(authentication),
    *rows(policy),
    *rows(extensions),
    *rows(observed),
)
"""All rows, stage by stage, as the questions are asked."""
