"""What the server's refusals become."""

import json
from typing import Any

import pytest

from kubectl_meshfix.errors import ApiError, ForbiddenError, SourceError
from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.sources.api.api_errors import kind_not_served, raise_for_status
from kubectl_meshfix.sources.api.credentials import Credentials
from kubectl_meshfix.sources.api.kubeconfig import Kubeconfig
from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster, Exec, User

SERVER = "https://api.example:6443"
TOKEN = Credentials(authorization="Bearer x")


def kubeconfig(server: str = SERVER, user: User | None = None, name: str = "me") -> Kubeconfig:
    """A kubeconfig of one server."""
    return Kubeconfig(context="blue", namespace="shop", cluster=Cluster(server=server), user_name=name, user=user or User())


def answer(status: int, body: bytes | None = None, reason: str = "", **headers: str) -> Response:
    """An answer of the API server, a Status unless other bytes are given."""
    said = json.dumps({"kind": "Status", "message": "it says no", "reason": reason}).encode()
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, said if body is None else body)


def refused(response: Response, own: Kubeconfig | None = None, credentials: Credentials = TOKEN) -> Any:
    """The error for an answer."""
    with pytest.raises((SourceError, ForbiddenError)) as caught:
        raise_for_status(response, own or kubeconfig(), credentials)
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 299, 404])
def test_success_and_a_missing_object_are_answers(status: int) -> None:
    """Unless a login page answers in HTML."""
    assert raise_for_status(answer(status), kubeconfig(), TOKEN).status == status
    assert "answers with HTML" in refused(answer(status, content_type="text/html; charset=utf-8")).message


@pytest.mark.parametrize("status", [300, 301, 399])
def test_a_redirect_is_not_followed(status: int) -> None:
    """Where it leads is told."""
    assert refused(answer(status, location="https://login")).message == f"{SERVER} redirects to https://login."
    assert refused(answer(status)).message == f"{SERVER} redirects to elsewhere."


@pytest.mark.parametrize(
    ("status", "reason", "hint"),
    [
        (400, "", ""),
        (409, "Conflict", "Someone else changed the object meanwhile; try again."),
        (409, "AlreadyExists", ""),
        (422, "Invalid", ""),
        (429, "", "The API server is overloaded or starting; try again in a while."),
        (499, "", ""),
        (500, "", "The error is in the server or in a webhook that it calls; the message may name it."),
        (503, "", "The API server is overloaded or starting; try again in a while."),
        (504, "", "The API server is overloaded or starting; try again in a while."),
    ],
)
def test_a_refusal_has_the_servers_words_and_a_hint(status: int, reason: str, hint: str) -> None:
    """By its code, and by the reason where one code has several."""
    error = refused(answer(status, reason=reason))

    assert isinstance(error, ApiError)
    assert (error.message, error.hint, error.status, error.reason, error.is_status) == ("it says no.", hint, status, reason, True)


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (answer(500, b""), "The server answered 500 (Internal Server Error)."),
        (answer(500, b"on fire\nsecond line"), "The server answered 500 (Internal Server Error): on fire."),
        (answer(500, b"a" * 301), f"The server answered 500 (Internal Server Error): {'a' * 300}."),
        (answer(500, b"on \xff"), "The server answered 500 (Internal Server Error): on \ufffd."),
        (answer(500, b"on fire!"), "The server answered 500 (Internal Server Error): on fire!"),
        (answer(500, b"<p>", content_type="text/html"), "The server answered 500 (Internal Server Error)."),
        (answer(599, b"x"), "The server answered 599 (no standard status): x."),
        (
            answer(500, b'{"kind": "Pod", "message": "x"}'),
            'The server answered 500 (Internal Server Error): {"kind": "Pod", "message": "x"}.',
        ),
    ],
)
def test_what_is_no_status_was_not_said_by_the_api_server(response: Response, message: str) -> None:
    """Its code, and its first line where it is plain text; that it is no Status is known."""
    error = refused(response)

    assert (error.message, error.is_status) == (message, False)


def test_a_status_may_say_nothing() -> None:
    """Nulls are absent: the code is told, and no reason."""
    body = b'{"kind": "Status", "message": null, "reason": null, "details": null}'
    error = refused(answer(500, body))
    unknown = kind_not_served("/apis/x", answer(404, body), kubeconfig())

    assert (error.message, error.reason, error.details, error.is_status) == (
        f"The server answered 500 (Internal Server Error): {body.decode()}.",
        "",
        {},
        True,
    )
    assert (unknown.message, unknown.status, unknown.reason, unknown.details) == (f"{SERVER} does not serve /apis/x.", 404, "", {})


def test_what_the_server_says_of_an_unknown_kind_is_kept() -> None:
    """Its reason and details are there for a program."""
    body = b'{"kind": "Status", "reason": "NotFound", "details": {"group": "x"}}'
    error = kind_not_served("/apis/x", answer(404, body), kubeconfig())

    assert (error.reason, error.details) == ("NotFound", {"group": "x"})


def test_plain_http_to_a_tls_port_is_told() -> None:
    """The server then answers 400 in words of its own."""
    body = b"Client sent an HTTP request to an HTTPS server."

    assert refused(answer(400, body), kubeconfig("http://x:6443")).hint == "Write the server's address with https."
    assert refused(answer(400, body)).hint == ""
    assert refused(answer(400), kubeconfig("http://x:6443")).hint == ""


@pytest.mark.parametrize(("credentials", "words"), [(TOKEN, ""), (Credentials(), " No credentials were sent.")])
def test_who_lacks_a_right_is_told_whether_anybody_asked(credentials: Credentials, words: str) -> None:
    """Without credentials it is nobody who lacks it."""
    error = refused(answer(403), credentials=credentials)

    assert isinstance(error, ForbiddenError)
    assert error.is_status
    assert (error.hint or "").endswith(f"--context or --as.{words}")
    assert refused(answer(403, b"no")).is_status is False


PLUGIN = User(exec=Exec(command="login-plugin", api_version="client.authentication.k8s.io/v1"))


@pytest.mark.parametrize(
    ("own", "credentials", "message"),
    [
        (kubeconfig(), Credentials(), f"{SERVER} asks for credentials, and none were sent."),
        (kubeconfig(), TOKEN, f"{SERVER} rejected the credentials of the user 'me': expired or not meant for this cluster."),
        (kubeconfig(name=""), TOKEN, f"{SERVER} rejected the credentials: expired or not meant for this cluster."),
        (
            kubeconfig(user=User(token_file="/run/token")),
            Credentials(authorization="x", renewable=True),
            f"{SERVER} rejected the credentials of the user 'me', also after the token file /run/token was read again.",
        ),
        (
            kubeconfig(user=PLUGIN),
            Credentials(authorization="x", renewable=True),
            f"{SERVER} rejected the credentials of the user 'me', also after the plugin 'login-plugin' ran again.",
        ),
    ],
)
def test_credentials_that_are_rejected(own: Kubeconfig, credentials: Credentials, message: str) -> None:
    """None were sent, or whose they were and where they came from."""
    assert refused(answer(401), own, credentials).message == message


def test_credentials_are_not_sent_in_the_open() -> None:
    """The hint says why there were none."""
    assert refused(answer(401), kubeconfig("http://x"), Credentials()).hint == "None are sent over plain http: use the https address."
    assert "--token" in (refused(answer(401), credentials=Credentials()).hint or "")
