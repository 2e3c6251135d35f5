"""One exchange over HTTP, on urllib3's pool of connections.

Import it where a cluster is really asked, never at the top of a module. The ``kubernetes`` package is not used: its own pool is this one,
and importing it costs five times as much as all else that a small cluster's first request needs.
"""

import errno
import os
import socket
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
import urllib3

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.sources.api.connection_errors import unreachable
from kubectl_meshfix.sources.api.credentials import Credentials
from kubectl_meshfix.sources.api.http_proxy import proxy_for
from kubectl_meshfix.sources.api.kubeconfig import Kubeconfig
from kubectl_meshfix.sources.api.tls import tls_context

CONNECTIONS = 8
CONNECT_TIMEOUT = 10.0


class Answer(msgspec.Struct, frozen=True):
    """What came back: ``headers`` in the order and number they came in, with lower-case names; ``body`` decompressed."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


Exchange = Callable[[str, str, Sequence[tuple[str, str]], bytes | None], Answer]


def open_exchange(kubeconfig: Kubeconfig, credentials: Credentials, environ: Mapping[str, str] = os.environ, largest: int = 0) -> Exchange:
    """A function ``(method, path, headers, body) → Answer`` over a pool of kept connections, safe to share between threads.

    Opening sends nothing. The function sends repeated headers as repeated lines, follows no redirect, repeats nothing and
    raises UnreachableError where no whole answer came, or one of more than ``largest`` bytes (0 for any size). Raises
    SourceError for unusable certificates and proxies.
    """
    pool = _pool(kubeconfig, credentials, environ)
    server, timeout = kubeconfig.cluster.server, kubeconfig.timeout

    def exchange(method: str, path: str, headers: Sequence[tuple[str, str]], body: bytes | None) -> Answer:
        started = time.monotonic()
        try:
            response = pool.request(
                method,
                server + path,
                headers=urllib3.HTTPHeaderDict(headers),
                body=body,
                timeout=urllib3.Timeout(connect=min(CONNECT_TIMEOUT, timeout or CONNECT_TIMEOUT), read=timeout),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            content = _content(response, None if timeout is None else started + timeout, largest)
        except (urllib3.exceptions.HTTPError, OSError, zlib.error) as error:
            raise unreachable(error, kubeconfig) from error
        return Answer(response.status, [(name.lower(), value) for name, value in response.headers.items()], content)

    return exchange


def open_socket(kubeconfig: Kubeconfig, credentials: Credentials, environ: Mapping[str, str], timeout: float) -> socket.socket:
    """A new connection to the API server for what is not HTTP: TLS, certificates and proxies as for any other request.

    ``timeout`` is in seconds, until it stands and for each read and write after that. Raises UnreachableError and SourceError.
    """
    pool = _pool(kubeconfig, credentials, environ).connection_from_url(kubeconfig.cluster.server)
    try:
        connection = pool._new_conn()
        connection.timeout = min(CONNECT_TIMEOUT, timeout)
        if pool.proxy is not None and isinstance(pool, urllib3.HTTPSConnectionPool):
            pool._prepare_proxy(connection)  # type: ignore[arg-type]
        else:
            if pool.proxy is not None:  # a plain request names the server to its proxy in its first line; what is no request needs a tunnel
                connection.set_tunnel(urlsplit(kubeconfig.cluster.server).netloc, headers=pool.proxy_headers)
            connection.connect()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise unreachable(error, kubeconfig) from error
    found: socket.socket = getattr(connection, "sock")  # noqa: B009 -- urllib3 has it, and its types do not
    found.settimeout(timeout)
    return found


def _content(response: urllib3.BaseHTTPResponse, deadline: float | None, largest: int) -> bytes:
    try:
        chunks, size = [], 0
        while chunk := response.read1(65536):
            chunks.append(chunk)
            size += len(chunk)
            if largest and size > largest:
                raise OSError(errno.EMSGSIZE, "The answer is too long")
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError
        content = b"".join(chunks)
    except BaseException:
        response.close()
        raise
    response.release_conn()
    # A recording may say gzip of what vcrpy has unpacked already.
    zipped = response.headers.get("Content-Encoding") == "gzip" and content.startswith(b"\x1f\x8b")
    return _unzipped(content, largest) if zipped else content


def _unzipped(content: bytes, largest: int) -> bytes:
    unzipping = zlib.decompressobj(wbits=31)
    text = unzipping.decompress(content, largest)
    if unzipping.unconsumed_tail:
        raise OSError(errno.EMSGSIZE, "The answer is too long")
    if not unzipping.eof:
        raise zlib.error
    return text


def _pool(kubeconfig: Kubeconfig, credentials: Credentials, environ: Mapping[str, str]) -> urllib3.PoolManager:
    cluster = kubeconfig.cluster
    options: dict[str, Any] = {"maxsize": CONNECTIONS, "socket_options": _socket_options()}
    if cluster.server.startswith("https:"):
        options["ssl_context"] = tls_context(cluster, credentials.certificate, credentials.key)
        if cluster.tls_server_name:
            options["server_hostname"] = cluster.tls_server_name
    if cluster.insecure_skip_tls_verify:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    proxy, headers = _proxy(proxy_for(cluster, environ))
    if not proxy:
        return urllib3.PoolManager(**options)
    if not proxy.startswith("socks"):
        return urllib3.ProxyManager(proxy, proxy_headers=headers, **options)
    try:
        from urllib3.contrib.socks import SOCKSProxyManager  # noqa: PLC0415 -- needs a package that few have
    except ImportError as error:
        message = "The cluster is reached through a SOCKS proxy, which this installation cannot use."
        raise SourceError(message, "Install PySocks beside kubectl-meshfix, or use an HTTP proxy.") from error
    return SOCKSProxyManager(proxy, **options)


def _proxy(url: str) -> tuple[str, dict[str, str] | None]:
    """The proxy without its password, and the header that carries it; SOCKS keeps both in its URL."""
    address = urlsplit(url)
    if "@" not in address.netloc or address.scheme == "socks5h":
        return url, None
    secret = f"{unquote(address.username or '')}:{unquote(address.password or '')}"
    return address._replace(netloc=address.netloc.rpartition("@")[2]).geturl(), dict(urllib3.make_headers(proxy_basic_auth=secret))


def _socket_options() -> list[tuple[int, int, int]]:
    """Keep-alive probes, so that a connection a firewall forgot ends in a minute and not never (net.Dialer, HTTP/2 pings)."""
    probes = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
    known = [(socket.IPPROTO_TCP, int(getattr(socket, name)), value) for name, value in probes if hasattr(socket, name)]
    return [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), *known]
