"""GET from a port of a pod through the API server (`pods/proxy`), which keeps the caller's credentials to itself.

Needs `get` on pods/proxy. The request comes from the API server, not from the pod's loopback address.
"""

import re
import time
from collections.abc import Callable
from functools import cache

from kubectl_meshfix.errors import ApiError, ForbiddenError, SourceError
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.proxies.questions import Question

Get = Callable[[Ref, Question], bytes]


def getter(connection: Connection) -> Get:
    """A function that asks a pod once. It raises SourceError with half a sentence, and ForbiddenError where the API server refuses."""

    @cache
    def bounded(largest: int, seconds: float) -> Connection:
        return connection.bounded(largest, seconds=seconds, tries=1)

    def get(pod: Ref, question: Question) -> bytes:
        path = f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}:{question.port}/proxy{question.path}"
        started = time.monotonic()
        try:
            answer = bounded(question.largest, question.seconds).request("GET", path, question.query, accept="text/plain")
        except ForbiddenError as error:
            if error.is_status:
                raise
            raise SourceError(f"port {question.port} answers with HTTP 403") from error
        except ApiError as error:
            raise SourceError(_why(error, question)) from error
        except SourceError as error:
            if time.monotonic() - started >= question.seconds:
                raise SourceError(f"it did not answer within {question.seconds:g} s") from error
            raise SourceError(error.message.rstrip(".")) from error
        if answer.missing:
            raise SourceError("it is gone" if b'"kind":"Status"' in answer.body else f"port {question.port} answers with HTTP 404")
        return answer.body

    return get


def _why(error: ApiError, question: Question) -> str:
    """What the API server says of a pod that it cannot reach, without addresses; or the pod's own refusal."""
    if not error.is_status:
        return f"port {question.port} answers with HTTP {error.status}"
    words = error.message.rstrip(".")
    if "connection refused" in words:
        return f"nothing listens on port {question.port}"
    found = re.search(r"dial tcp \S+: (.+)", words)
    return f"port {question.port} cannot be reached: {found[1] if found else words}"
