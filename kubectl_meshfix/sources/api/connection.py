"""A connection to an API server that behaves as kubectl's does, raw bytes in and out.

Mirrors client-go ``rest/request.go``, ``rest/with_retry.go`` (Retry-After), ``transport/round_trippers.go`` (impersonation,
credentials) and ``rest/warnings.go``. Importing this module does not import ``urllib3``; ``connect`` does.
"""

import contextlib
import copy
import logging
import os
import random
import re
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import msgspec

from kubectl_meshfix.resources.api import Query, Response
from kubectl_meshfix.sources.api.api_errors import UnreachableError, kind_not_served, raise_for_status
from kubectl_meshfix.sources.api.credentials import Credentials, obtain
from kubectl_meshfix.sources.api.kubeconfig import ClusterOptions, Kubeconfig, choose_cluster
from kubectl_meshfix.sources.api.request_headers import common_headers

if TYPE_CHECKING:
    from websocket import WebSocket

    from kubectl_meshfix.sources.api.http import Answer, Exchange

TRIES = 3
LONGEST_WAIT = 10.0

_LOG = logging.getLogger(__name__)
_WARNING = re.compile(r'(\d{3}) \S+ "((?:[^"\\]|\\.)*)"')


def connect(options: ClusterOptions, environ: Mapping[str, str] = os.environ) -> "Connection":
    """A connection to the cluster that ``options`` and the kubeconfig choose. Runs a credential plugin, sends nothing yet.

    Raises UsageError for flags that make no sense and SourceError for anything missing, unreadable or refused.
    """
    return Connection(choose_cluster(options, environ), environ)


class Connection:
    """An Api (``resources/api.py``) over a pool of 8 kept connections, safe to share between threads."""

    def __init__(self, kubeconfig: Kubeconfig, environ: Mapping[str, str] = os.environ) -> None:
        self.kubeconfig = kubeconfig
        self.server_time: datetime | None = None
        self._environ = environ
        self._largest = 0
        self._tries = TRIES
        self._lock = threading.Lock()
        self._warnings: dict[str, None] = {}
        self._headers = common_headers(kubeconfig)
        self._session = self._opened()

    @property
    def context(self) -> str:
        """The context's name; "" if flags alone name the cluster, "in-cluster" in a pod."""
        return self.kubeconfig.context

    @property
    def server(self) -> str:
        """The API server's URL without a slash at its end."""
        return self.kubeconfig.cluster.server

    @property
    def namespace(self) -> str:
        """-n, or the context's namespace, or "default"."""
        return self.kubeconfig.namespace

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the server warned of (``Warning: 299``), each text once, in order."""
        return tuple(self._warnings)

    def bounded(self, largest: int, *, seconds: float | None = None, tries: int = TRIES) -> "Connection":
        """The same connection for what others than the API server answer: more than ``largest`` bytes are an error.

        A request takes at most ``seconds``, and is sent ``tries`` times at most.
        """
        other = copy.copy(self)
        patience = min(filter(None, (seconds, self.kubeconfig.timeout)), default=None)
        other.kubeconfig = msgspec.structs.replace(self.kubeconfig, timeout=patience)
        other._largest, other._tries = largest, tries
        other._session = other._opened(self._session.credentials)
        return other

    def get(self, path: str, query: Query = ()) -> Response:
        """``request("GET", …)``."""
        return self.request("GET", path, query)

    def request(  # noqa: PLR0913
        self,
        method: str,
        path: str,
        query: Query = (),
        *,
        body: bytes | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
    ) -> Response:
        """One request, as ``Api.request`` describes it.

        Tried up to TRIES times while the server says 429 or 503, a read also when the connection broke; each wait is what
        Retry-After says, or a short back-off, and never over LONGEST_WAIT seconds. Credentials are renewed once on a 401.
        """
        target = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
        headers = [("Accept", accept), *self._headers]
        if body is not None:
            headers.append(("Content-Type", content_type))
        session = self._renewed(self._session) if self._session.credentials.expired else self._session
        answer = _answered(session, method, target, headers, body, self._tries)
        if answer.status == 401 and session.credentials.renewable:
            session = self._renewed(session)
            answer = _answered(session, method, target, headers, body, self._tries)
        self._note(answer)
        return raise_for_status(_response(answer), self.kubeconfig, session.credentials)

    def upgrade(self, path: str, query: Query, protocol: str, timeout: float) -> "WebSocket":
        """A WebSocket to ``path`` that speaks ``protocol``; each read and write takes ``timeout`` seconds at most.

        Tried once, but for credentials that are renewed on a 401. Raises as ``request`` does.
        """
        from kubectl_meshfix.sources.api.websocket import open_websocket  # noqa: PLC0415 -- few ask for one

        target = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
        session = self._renewed(self._session) if self._session.credentials.expired else self._session

        def opened() -> "WebSocket | Response":
            return open_websocket(self.kubeconfig, session.credentials, self._environ, target, self._headers, protocol, timeout)

        found = opened()
        if isinstance(found, Response) and found.status == 401 and session.credentials.renewable:
            session = self._renewed(session)
            found = opened()
        if isinstance(found, Response):
            refusal = raise_for_status(found, self.kubeconfig, session.credentials)
            raise kind_not_served(path, refusal, self.kubeconfig)
        return found

    def _opened(self, credentials: Credentials | None = None) -> "_Session":
        from kubectl_meshfix.sources.api.http import open_exchange  # noqa: PLC0415

        credentials = credentials or obtain(self.kubeconfig, self._environ)
        return _Session(credentials, open_exchange(self.kubeconfig, credentials, self._environ, self._largest))

    def _renewed(self, stale: "_Session") -> "_Session":
        """The plugin runs once, however many threads found ``stale`` refused."""
        with self._lock:
            if self._session is stale:
                self._session = self._opened()
            return self._session

    @property
    def taken_at(self) -> str | None:
        """The server's time at its last answer (RFC 3339, UTC); None where none said it."""
        return self.server_time.strftime("%Y-%m-%dT%H:%M:%SZ") if self.server_time else None

    def _note(self, answer: "Answer") -> None:
        for name, value in answer.headers:
            if name == "warning":
                for code, text in _WARNING.findall(value):
                    if code == "299":
                        self._warnings.setdefault(re.sub(r"\\(.)", r"\1", text))
            elif name == "date":
                with contextlib.suppress(ValueError, OverflowError):
                    self.server_time = parsedate_to_datetime(value).astimezone(UTC)


class _Session(msgspec.Struct, frozen=True):
    credentials: Credentials
    exchange: "Exchange"


def _answered(  # noqa: PLR0913, PLR0917
    session: _Session, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None, tries: int
) -> "Answer":
    if session.credentials.authorization:
        headers = [*headers, ("Authorization", session.credentials.authorization)]
    for attempt in range(1, tries):
        started = time.monotonic()
        try:
            answer = session.exchange(method, target, headers, body)
        except UnreachableError as error:
            if not (error.dropped and method == "GET"):
                raise
            _LOG.debug("%s %s: %s", method, target, error.message)
            time.sleep(_back_off(attempt))
        else:
            _LOG.debug("%s %s %d in %.0f ms", method, target, answer.status, 1000 * (time.monotonic() - started))
            wait = _wait(answer, attempt, method)
            if wait is None:
                return answer
            time.sleep(wait)
    return session.exchange(method, target, headers, body)


def _wait(answer: "Answer", attempt: int, method: str) -> float | None:
    """Seconds until another try, None for no other. ``checkWait``, and 429 and 503 also where the server names no time."""
    asked = dict(answer.headers).get("retry-after", "")
    if (answer.status == 429 or answer.status >= 500) and asked.isdecimal():
        return float(asked) if float(asked) <= LONGEST_WAIT else None
    return _back_off(attempt) if answer.status == 429 or (answer.status == 503 and method == "GET") else None


def _back_off(attempt: int) -> float:
    return 0.2 * float(2**attempt) * random.uniform(0.75, 1.25)  # noqa: S311


def _response(answer: "Answer") -> Response:
    headers: dict[str, str] = {}
    for name, value in answer.headers:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Response(answer.status, headers, answer.body)
