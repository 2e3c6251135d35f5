"""Pools of connections (`pkg/config/validation/validation.go validateConnectionPool`)."""

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.validation.values.durations import duration
from kubectl_meshfix.validation.values.fields import has, is_true, number, part, text
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_HTTP_COUNTS = ("http1MaxPendingRequests", "http2MaxRequests", "maxRequestsPerConnection", "maxRetries", "maxConcurrentStreams")


def connection_pool(fields: Fields, name: str, path: str) -> Violations:
    """The pool that ``fields`` has by a name, if there is any. ``path`` is that of ``fields``."""
    pool, place = part(fields, name), path + join(name)
    if pool is None:
        return
    if not has(pool, "http", "tcp"):
        yield Violation(path=place, says=f"{name} has neither http nor tcp; write one of them, or leave {name} out")
    yield from _http(part(pool, "http"), f"{place}/http")
    yield from _tcp(part(pool, "tcp"), f"{place}/tcp")


def _http(http: Fields | None, path: str) -> Violations:
    for name in _HTTP_COUNTS:
        yield from _count(http, name, path)
    yield from duration(http, "idleTimeout", path)
    if text(http, "h2UpgradePolicy") == "UPGRADE" and is_true(http, "useClientProtocol"):
        says = "useClientProtocol is set beside h2UpgradePolicy UPGRADE, and the protocol cannot be both kept and upgraded"
        yield Violation(path=path + join("useClientProtocol"), says=says)
    keepalive, place = part(http, "http2KeepAlive"), f"{path}/http2KeepAlive"
    if keepalive is not None:
        for name in ("interval", "timeout"):
            if not has(keepalive, name):
                yield Violation(path=place, says=f"http2KeepAlive has no {name}, and needs both interval and timeout")
            yield from duration(keepalive, name, place)


def _tcp(tcp: Fields | None, path: str) -> Violations:
    yield from _count(tcp, "maxConnections", path)
    yield from duration(tcp, "connectTimeout", path)
    yield from duration(tcp, "maxConnectionDuration", path)
    yield from duration(tcp, "idleTimeout", path, zero_is_off=True)
    keepalive = part(tcp, "tcpKeepalive")
    yield from duration(keepalive, "time", f"{path}/tcpKeepalive")
    yield from duration(keepalive, "interval", f"{path}/tcpKeepalive")


def _count(fields: Fields | None, name: str, path: str) -> Violations:
    value = number(fields, name)
    if value < 0:
        yield Violation(path=path + join(name), says=f"{name} is {value}, and cannot be negative")
