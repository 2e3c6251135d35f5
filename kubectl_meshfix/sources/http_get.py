"""Plain questions to a server that a person named: no credentials but those in its URL, one try, an answer of bounded size."""

import os
import ssl
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote, urlencode, urlsplit

from kubectl_meshfix import __version__
from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.resources.api import Query
from kubectl_meshfix.sources.api.http_proxy import proxy_for
from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster

SILENCE = 10.0
"""Seconds that may pass without a byte."""


def getter(url: str, largest: int, environ: Mapping[str, str] = os.environ) -> Callable[[str, Query], bytes]:
    """A function that gets paths below ``url``. It follows no redirect, and raises SourceError with half a sentence that says why."""
    address = urlsplit(url)
    root = address._replace(netloc=address.netloc.rpartition("@")[2]).geturl().rstrip("/")

    def ask(path: str, query: Query) -> bytes:
        import urllib3  # noqa: PLC0415 -- only who asks waits for it

        headers = {"User-Agent": f"kubectl-meshfix/{__version__}", "Accept": "application/json"}
        if address.username is not None:
            headers |= urllib3.make_headers(basic_auth=f"{unquote(address.username)}:{unquote(address.password or '')}")
        proxy = proxy_for(Cluster(server=root), environ)
        try:
            pool = urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()
            with pool.request(
                "GET",
                f"{root}{path}?{urlencode(query, quote_via=quote)}",
                headers=headers,
                timeout=urllib3.Timeout(connect=SILENCE, read=SILENCE * 3),
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            ) as response:
                body = response.read(largest + 1)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise SourceError(_plain(error)) from error
        if response.status >= 300 and not body.startswith(b'{"status":"error"'):
            raise SourceError(f"it answers with HTTP {response.status}")
        if len(body) > largest:
            raise SourceError(f"its answer is longer than {largest} bytes")
        return body

    return ask


def _plain(error: BaseException) -> str:
    """The last cause of a failure, in the words of the system."""
    while deeper := error.__cause__ or error.__context__:
        error = deeper
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return "it does not answer" if isinstance(error, TimeoutError) else str(error)
