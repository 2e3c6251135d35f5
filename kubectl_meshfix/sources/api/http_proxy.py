"""Which proxy leads to the API server.

Mirrors Go's ``golang.org/x/net/http/httpproxy`` (proxyForURL, useProxy), which decides for kubectl; the Python client's own
choice differs from version to version. A kubeconfig's proxy-url ignores NO_PROXY, as in client-go.
"""

import ipaddress
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster

_PORTS = {"http": 80, "https": 443}


def proxy_for(cluster: Cluster, environ: Mapping[str, str]) -> str:
    """The proxy's URL, or "" for none. Raises SourceError for one that is not http, https or socks5."""
    server = urlsplit(cluster.server)
    proxy = cluster.proxy_url or _from_environment(server, environ)
    if not proxy:
        return ""
    try:
        address = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        is_proxy = address.scheme in {"http", "https", "socks5", "socks5h"} and bool(address.hostname) and address.port != 0
    except ValueError:
        is_proxy = False
    if not is_proxy:
        origin = "proxy-url in the kubeconfig" if cluster.proxy_url else "proxy in the environment"
        raise SourceError(
            f"The {origin} is not the URL of a proxy.", "Write it as http://host:port, https://host:port or socks5://host:port."
        )
    # Go leaves name resolution to the proxy, which urllib3 calls socks5h.
    return address._replace(scheme=address.scheme.replace("socks5h", "socks5").replace("socks5", "socks5h")).geturl()


def _from_environment(server: SplitResult, environ: Mapping[str, str]) -> str:
    upper = f"{server.scheme}_proxy".upper()
    proxy = environ.get(upper) or environ.get(upper.lower()) or ""
    return "" if proxy and _bypassed(server, environ.get("NO_PROXY") or environ.get("no_proxy") or "") else proxy


def _bypassed(server: SplitResult, no_proxy: str) -> bool:
    host = (server.hostname or "").rstrip(".")
    port = server.port or _PORTS[server.scheme]
    address = _address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    return any(_matches(entry.strip().lower(), host, port, address) for entry in no_proxy.split(","))


def _matches(entry: str, host: str, port: int, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
    if entry in {"", "*"}:
        return entry == "*"
    if "/" in entry:
        try:
            return address is not None and address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name, colon, number = entry.rpartition(":")
    if colon and number.isdecimal() and (":" not in name or name.endswith("]")):
        if int(number) != port:
            return False
        entry = name
    entry = entry.strip("[]")
    if address is not None or _address(entry) is not None:
        return address == _address(entry)
    entry = entry.removeprefix("*")
    return host.endswith(entry) if entry.startswith(".") else host == entry or host.endswith(f".{entry}")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
