"""One question to one pod, by the way that it needs."""

from collections.abc import Callable

from kubectl_meshfix.errors import ForbiddenError, SourceError
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.api.connection import Connection
from kubectl_meshfix.sources.proxies import pod_proxy, port_forward
from kubectl_meshfix.sources.proxies.questions import Question, Way

Ask = Callable[[Ref, Question], bytes]
"""The body of a pod's answer. Raises SourceError with half a sentence that says why there is none: for `NotAsked.reason`."""


def asker(connection: Connection) -> Ask:
    """A way to ask the pods of one cluster, safe to share between threads. Nothing is sent yet."""
    through_api_server = pod_proxy.getter(connection)

    def ask(pod: Ref, question: Question) -> bytes:
        try:
            match question.way:
                case Way.POD_PROXY:
                    return through_api_server(pod, question)
                case Way.PORT_FORWARD:
                    return port_forward.get(connection, pod, question)
        except ForbiddenError as error:
            # Without `create` the API server gives no reason; without `get` it does (`pkg/registry/core/pod/rest/subresources.go`).
            verb = "get" if "cannot get" in error.message else "create"
            raise SourceError(f"not allowed to {verb} {question.way.value} in namespace {pod.namespace}") from error

    return ask
