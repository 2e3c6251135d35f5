"""Errors of the API server as sentences: a status code and a metav1.Status become an error with a hint."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from kubectl_meshfix.errors import ApiError, ForbiddenError, SourceError
from kubectl_meshfix.resources.api import NOT_JSON, Response
from kubectl_meshfix.sources.api.credentials import Credentials
from kubectl_meshfix.sources.api.kubeconfig import Kubeconfig


class UnreachableError(SourceError):
    """No whole answer came. ``dropped``: the connection broke, and a repeated read may well succeed."""

    def __init__(self, message: str, hint: str, *, dropped: bool = False) -> None:
        super().__init__(message, hint)
        self.dropped = dropped


class _Status(msgspec.Struct, frozen=True):
    """apimachinery ``pkg/apis/meta/v1/types.go`` Status, as far as a client needs it."""

    kind: str = ""
    message: str | None = ""
    reason: str | None = ""
    details: Mapping[str, Any] | None = None


def raise_for_status(response: Response, kubeconfig: Kubeconfig, credentials: Credentials) -> Response:
    """``response`` if it is 2xx, or the API server's own 404. Raises ForbiddenError, ApiError or SourceError otherwise."""
    server = kubeconfig.cluster.server
    if response.status < 300 or response.missing:
        if response.headers.get("content-type", "").startswith("text/html"):
            message = f"{server} answers with HTML: it is not an API server, or a login page is in front of it."
            raise SourceError(message, "Check the server's address in the kubeconfig, and your proxy and VPN.")
        return response
    status = _status(response.body)
    message = _sentence((status.message or "").strip() or _text(response))
    match response.status:
        case 401:
            raise _unauthorized(kubeconfig, credentials)
        case 403:
            nobody = " No credentials were sent." if credentials == Credentials() else ""
            refusal = ForbiddenError(message, f"Ask for a role that allows it, or use another user with --context or --as.{nobody}")
            refusal.is_status = status.kind == "Status"
            raise refusal
        case code if code < 400:
            target = response.headers.get("location", "elsewhere")
            raise SourceError(f"{server} redirects to {target}.", "Put the API server's own address into the kubeconfig.")
    error = ApiError(message, _advice(response, status, server), status=response.status, reason=status.reason or "", details=status.details)
    error.is_status = status.kind == "Status"
    raise error


def kind_not_served(path: str, response: Response, kubeconfig: Kubeconfig) -> ApiError:
    """The error for a 404 where a list was expected: the cluster does not know the kind."""
    status = _status(response.body)
    message = f"{kubeconfig.cluster.server} does not serve {path}."
    return ApiError(
        message, "Its CustomResourceDefinition may not be installed.", status=404, reason=status.reason or "", details=status.details
    )


def _unauthorized(kubeconfig: Kubeconfig, credentials: Credentials) -> SourceError:
    server, user = kubeconfig.cluster.server, kubeconfig.user_name
    who = f" of the user '{user}'" if user else ""
    if credentials == Credentials():
        plain = not server.startswith("https:")
        why = "None are sent over plain http: use the https address." if plain else "Log in, or give --token or a --context with a user."
        return SourceError(f"{server} asks for credentials, and none were sent.", why)
    if credentials.renewable:
        origin = (
            f"the token file {kubeconfig.user.token_file} was read"
            if kubeconfig.user.token_file
            else f"the plugin '{_plugin(kubeconfig)}' ran"
        )
        message = f"{server} rejected the credentials{who}, also after {origin} again."
        return SourceError(message, "Log in again; the account may be unknown to this cluster.")
    return SourceError(f"{server} rejected the credentials{who}: expired or not meant for this cluster.", "Log in again to get new ones.")


def _plugin(kubeconfig: Kubeconfig) -> str:
    return kubeconfig.user.exec.command if kubeconfig.user.exec else ""


def _advice(response: Response, status: _Status, server: str) -> str:
    match response.status:
        case 400 if not status.kind and server.startswith("http:"):
            return "Write the server's address with https."
        case 409 if status.reason == "Conflict":
            return "Someone else changed the object meanwhile; try again."
        case 429 | 503 | 504:
            return "The API server is overloaded or starting; try again in a while."
        case code if code >= 500:
            return "The error is in the server or in a webhook that it calls; the message may name it."
        case _:
            return ""


def _status(body: bytes) -> _Status:
    try:
        status = msgspec.json.decode(body, type=_Status)
    except NOT_JSON:
        return _Status()
    return status if status.kind == "Status" else _Status()


def _text(response: Response) -> str:
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = "no standard status"
    plain = response.headers.get("content-type", "text/plain").startswith("text/plain")
    first = response.body[:300].decode("utf-8", "replace").strip().partition("\n")[0] if plain else ""
    return f"The server answered {response.status} ({phrase}): {first}" if first else f"The server answered {response.status} ({phrase})"


def _sentence(message: str) -> str:
    return message if message.endswith((".", "!", "?")) else f"{message}."
