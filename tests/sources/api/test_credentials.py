"""Credentials come from where the kubeconfig says, as for kubectl, or the run ends with a reason."""

import base64
import io
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.sources.api.credentials import Credentials, obtain
from kubectl_meshfix.sources.api.kubeconfig import Kubeconfig
from kubectl_meshfix.sources.api.kubeconfig_schema import AuthProvider, Cluster, Exec, Extension, User, Variable

pty = pytest.importorskip("pty", reason="the plugins here are shell scripts")

V1 = "client.authentication.k8s.io/v1"
V1BETA1 = "client.authentication.k8s.io/v1beta1"


def config(user: User, **cluster: Any) -> Kubeconfig:
    """A kubeconfig of one user for a cluster behind https."""
    return Kubeconfig(
        context="c", namespace="default", cluster=Cluster(**{"server": "https://api:6443", **cluster}), user_name="jane", user=user
    )


def plugin(tmp_path: Path, script: str, **fields: Any) -> User:
    """A user with a credential plugin that is this shell script."""
    path = tmp_path / "login"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return User(exec=Exec(**{"api_version": V1, "command": str(path), "interactive_mode": "Never", **fields}))


def printing(status: str, version: str = V1) -> str:
    """A script that prints an ExecCredential."""
    return f"""cat <<'EOF'
{{"apiVersion": "{version}", "kind": "ExecCredential", "status": {status}}}
EOF"""


def refusal(user: User) -> SourceError:
    """The error that ends ``obtain``."""
    with pytest.raises(SourceError) as caught:
        obtain(config(user))
    return caught.value


@pytest.mark.parametrize(
    ("user", "header"),
    [
        (User(), ""),
        (User(token="t\n"), "Bearer t"),
        (User(username="jane", password="pä:ss"), f"Basic {base64.b64encode('jane:pä:ss'.encode()).decode()}"),
        (User(token="t", username="jane", password="p"), "Bearer t"),
        (User(token="t", exec=Exec(command="never-run")), "Bearer t"),
        (User(password="p"), ""),
        (User(username="jane", exec=Exec(command="never-run")), f"Basic {base64.b64encode(b'jane:').decode()}"),
    ],
)
def test_a_token_comes_before_a_password_and_both_before_a_plugin(user: User, header: str) -> None:
    """Of several ways to prove who one is, the header carries the one kubectl would choose."""
    assert obtain(config(user)).authorization == header


def test_nothing_secret_goes_over_plain_http(tmp_path: Path) -> None:
    """For an http:// server no credentials are made, and no plugin is run for them."""
    user = plugin(tmp_path, f"touch {tmp_path}/ran")

    assert obtain(config(User(token="t"), server="http://api:8080")) == Credentials()
    assert obtain(config(user, server="http://api:8080")) == Credentials()
    assert not (tmp_path / "ran").exists()


def test_a_token_file_wins_over_the_token_beside_it_and_is_read_again(tmp_path: Path) -> None:
    """A token file is read each time; where it cannot be read the token beside it serves, and without one it is an error."""
    path = tmp_path / "token"
    path.write_text(" one\n")
    user = User(token="beside", token_file=str(path))
    first = obtain(config(user))
    path.write_text("two")
    second = obtain(config(user))
    path.unlink()

    assert (first.authorization, second.authorization, first.renewable) == ("Bearer one", "Bearer two", True)
    assert obtain(config(user)).authorization == "Bearer beside"
    assert "cannot be read: No such file" in refusal(User(token_file=str(path))).message
    path.write_text("\n")
    assert "is empty" in refusal(User(token_file=str(path))).message
    assert obtain(config(user)).authorization == "Bearer beside"
    path.write_text("three")
    assert obtain(config(User(token_file=str(path)))).authorization == "Bearer three"
    path.write_bytes(b"\xff")
    assert refusal(user).message == f"The token file {path} is not text."


@pytest.mark.parametrize("token", ["a\nb", "a\x7f", "tök", "a\x00"])
def test_a_token_that_no_header_can_hold_is_refused(token: str) -> None:
    """And not shown."""
    error = refusal(User(token=token))

    assert error.message == ("The bearer token is damaged: it contains a line break or another character that no HTTP header can hold.")


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    """A client certificate without a key is an error that names the user; with it, both are taken as they are."""
    assert "The user 'jane' has a client certificate but no key." in refusal(User(client_certificate_data=b"c")).message
    assert "The client key /gone cannot be read" in refusal(User(client_certificate_data=b"c", client_key="/gone")).message

    both = obtain(config(User(client_certificate_data=b"c", client_key_data=b"k", token="t")))
    assert (both.certificate, both.key, both.authorization) == (b"c", b"k", "Bearer t")


def test_a_plugin_hands_over_a_token_a_certificate_and_a_time(tmp_path: Path) -> None:
    """Everything an ExecCredential may hold is used, and its expiry is known."""
    status = '{"token": "t", "clientCertificateData": "C", "clientKeyData": "K", "expirationTimestamp": "2030-01-02T03:04:05Z"}'
    credentials = obtain(config(plugin(tmp_path, printing(status))))

    assert (credentials.authorization, credentials.certificate, credentials.key) == ("Bearer t", b"C", b"K")
    assert (credentials.expires, credentials.renewable) == (datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC), True)
    assert Credentials(expires=datetime.now(UTC) - timedelta(seconds=1)).expired
    assert not credentials.expired
    assert not Credentials().expired
    assert repr(credentials) == "Credentials(…)"


def test_a_plugin_is_told_what_it_is_asked_for(tmp_path: Path) -> None:
    """KUBERNETES_EXEC_INFO, arguments, variables and the caller's folder reach the plugin; the cluster only if it wants it."""
    script = f'printf "%s" "$KUBERNETES_EXEC_INFO" > {tmp_path}/info; echo "$1 $EXTRA $KEPT $PWD" > {tmp_path}/rest\n'
    fields = {"args": ("a b",), "env": (Variable(name="EXTRA", value="x"),)}
    user = plugin(tmp_path, script + printing('{"token": "t"}'), provide_cluster_info=True, **fields)
    (tmp_path / "ca.crt").write_text("pem")
    extension = Extension(name="client.authentication.k8s.io/exec", extension={"audience": "a"})
    cluster = {
        "certificate_authority": str(tmp_path / "ca.crt"),
        "tls_server_name": "n",
        "extensions": (extension, Extension(name="other")),
    }
    obtain(config(user, **cluster), {**os.environ, "KEPT": "k"})

    assert msgspec.json.decode((tmp_path / "info").read_bytes()) == {
        "apiVersion": V1,
        "kind": "ExecCredential",
        "spec": {
            "interactive": False,
            "cluster": {
                "server": "https://api:6443",
                "tls-server-name": "n",
                "certificate-authority-data": base64.b64encode(b"pem").decode(),
                "config": {"audience": "a"},
            },
        },
    }
    assert (tmp_path / "rest").read_text() == f"a b x k {Path.cwd()}\n"

    obtain(config(plugin(tmp_path, script + printing('{"token": "t"}')), **cluster))
    assert msgspec.json.decode((tmp_path / "info").read_bytes())["spec"] == {"interactive": False}


@pytest.mark.parametrize(("cluster", "data"), [({}, None), ({"certificate_authority_data": b"pem"}, base64.b64encode(b"pem").decode())])
def test_a_plugin_learns_of_an_authority_where_there_is_one(tmp_path: Path, cluster: dict[str, bytes], data: str | None) -> None:
    """That of the kubeconfig itself, too; without one the plugin sees none."""
    script = f'printf "%s" "$KUBERNETES_EXEC_INFO" > {tmp_path}/info\n' + printing('{"token": "t"}')
    obtain(config(plugin(tmp_path, script, provide_cluster_info=True), **cluster))

    told = msgspec.json.decode((tmp_path / "info").read_bytes())["spec"]["cluster"]
    assert told == {"server": "https://api:6443"} | ({"certificate-authority-data": data} if data else {})


def test_a_plugin_may_be_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare name is looked for where a shell would."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    assert obtain(config(plugin(tmp_path, printing('{"token": "t"}'), command="login"))).authorization == "Bearer t"


def test_a_plugins_words_reach_the_user_and_not_the_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a plugin says on stderr is passed on as it comes; the error has its name and its exit code, and repeats nothing."""
    user = plugin(tmp_path, "echo 'opening a browser' >&2; echo 'token has expired.' >&2; echo >&2; echo secret; exit 42")
    error = refusal(user)

    assert capsys.readouterr().err == "opening a browser\ntoken has expired.\n\n"
    assert error.message == f"The credential plugin '{tmp_path}/login' failed with exit code 42."
    assert "kubectl get --raw" in error.hint


def test_a_plugins_question_is_shown_before_its_line_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is asked for something sees what, although no line feed comes after it, and whatever bytes come before."""
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(shown, "utf-8"))
    obtain(config(plugin(tmp_path, "printf '\\377Code: ' >&2\n" + printing('{"token": "t"}'))))

    assert shown.getvalue().decode() == "\ufffdCode: "


def test_a_plugin_that_leaves_a_helper_behind_does_not_hang(tmp_path: Path) -> None:
    """A background process that keeps stderr open does not hold up the answer."""
    started = time.monotonic()
    credentials = obtain(config(plugin(tmp_path, "sleep 5 >/dev/null &\n" + printing('{"token": "t"}'))))

    assert credentials.authorization == "Bearer t"
    assert time.monotonic() - started < 3


def test_a_missing_plugin_comes_with_its_own_advice(tmp_path: Path) -> None:
    """A command that is not there shows the kubeconfig's installHint, or how to do without one."""
    there: dict[str, Any] = {"api_version": V1, "interactive_mode": "Never"}

    hinted = refusal(User(exec=Exec(command="no-such-plugin", install_hint="Get it at example.com.", **there)))
    assert "'no-such-plugin' that the kubeconfig asks for is not installed" in hinted.message
    assert hinted.hint == "Get it at example.com."
    assert "PATH" in refusal(User(exec=Exec(command="no-such-plugin", **there))).hint
    assert "cannot be run: No such file" in refusal(User(exec=Exec(command=str(tmp_path / "gone"), **there))).message


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"api_version": "client.authentication.k8s.io/v1alpha1"}, "kubectl dropped that version in 1.24"),
        ({"api_version": ""}, "is configured for ''"),
        ({"interactive_mode": ""}, "The interactiveMode '' of the credential plugin"),
        ({"interactive_mode": "Sometimes"}, "is not one of Never, IfAvailable and Always"),
        ({"interactive_mode": "Always"}, "standard input is not a terminal"),
    ],
)
def test_a_plugin_that_cannot_be_run_as_configured_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fields: dict[str, str], message: str
) -> None:
    """An unsupported version, a missing mode and a missing terminal each say so before anything runs."""
    monkeypatch.setattr(sys, "stdin", None)

    assert message in refusal(plugin(tmp_path, "exit 1", **fields)).message


def test_the_beta_version_may_leave_the_mode_out(tmp_path: Path) -> None:
    """v1beta1 defaults to IfAvailable."""
    user = plugin(tmp_path, printing('{"token": "t"}', V1BETA1), api_version=V1BETA1, interactive_mode="")

    assert obtain(config(user)).authorization == "Bearer t"


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("echo not-json", "is not an ExecCredential"),
        (printing('{"token": "t"}', V1BETA1), f"answered in '{V1BETA1}' where the kubeconfig asks for '{V1}'"),
        (printing("null"), "neither a token nor a certificate"),
        (printing("{}"), "neither a token nor a certificate"),
        (printing('{"clientKeyData": "K"}'), "a key without its certificate"),
        (printing('{"token": "s3cret", "expirationTimestamp": "tomorrow"}'), "is not an ExecCredential"),
    ],
)
def test_a_plugin_that_prints_the_wrong_thing_is_named_without_repeating_it(tmp_path: Path, output: str, message: str) -> None:
    """What is wrong with the output is said; the output, which may hold a secret, is not."""
    error = refusal(plugin(tmp_path, output))

    assert message in error.message
    assert "s3cret" not in error.message


@pytest.mark.parametrize(
    ("mode", "expected"), [("IfAvailable", "interactive: typed\n"), ("Always", "interactive: typed\n"), ("Never", "not: \n")]
)
def test_a_plugin_may_ask_at_a_terminal(tmp_path: Path, mode: str, expected: str) -> None:
    """With a terminal on stdin, IfAvailable and Always let the plugin read from it, and Never does not."""
    told = 'case "$KUBERNETES_EXEC_INFO" in *interactive\\":true*) echo "interactive: $answer";; *) echo "not: $answer";; esac'
    user = plugin(tmp_path, f"read answer; {told} > {tmp_path}/said\n" + printing('{"token": "t"}'), interactive_mode=mode)
    (tmp_path / "user.json").write_bytes(msgspec.json.encode(user))
    code = f"""
import msgspec, pathlib
from kubectl_meshfix.sources.api.exec_plugin import issue
from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster, User
import os
issue(msgspec.json.decode(pathlib.Path({str(tmp_path / "user.json")!r}).read_bytes(), type=User).exec, Cluster(), os.environ)
"""
    ours, theirs = pty.openpty()
    os.write(ours, b"typed\n")
    try:
        subprocess.run([sys.executable, "-c", code], stdin=theirs, check=True, timeout=20)
    finally:
        os.close(ours)
        os.close(theirs)

    assert (tmp_path / "said").read_text() == expected


def jwt(expires: float) -> str:
    """A token of three parts that says when it expires."""
    return "e30." + base64.urlsafe_b64encode(msgspec.json.encode({"exp": expires})).decode().rstrip("=") + ".sig"


@pytest.mark.parametrize(
    ("name", "token", "hint"),
    [
        ("gcp", "", "gke-gcloud-auth-plugin"),
        ("azure", "", "kubelogin convert-kubeconfig"),
        ("openstack", "", "client-keystone-auth"),
        ("oidc", "", "kubectl oidc-login"),
        ("oidc", jwt(1), "kubectl get --raw"),
        ("oidc", "opaque", "kubectl oidc-login"),
        ("oidc", 5, "kubectl oidc-login"),
        ("oidc", "e30.!.sig", "kubectl oidc-login"),
        ("oidc", "e30.e30.sig", "kubectl oidc-login"),
        ("gcp", jwt(9_999_999_999), "gke-gcloud-auth-plugin"),
        ("homemade", "", "credential plugin"),
    ],
)
def test_an_auth_provider_names_what_came_after_it(name: str, token: Any, hint: str) -> None:
    """The mechanisms that kubectl dropped end with the name of their replacement."""
    error = refusal(User(auth_provider=AuthProvider(name=name, config={"id-token": token})))

    assert f"The auth-provider '{name}'" in error.message
    assert hint in error.hint
    assert not token or str(token) not in error.message
    assert ("has expired" in error.message) is (name == "oidc" and bool(token))


@pytest.mark.parametrize("filler", ["", "a", "aa", "aaa"])
def test_a_token_may_be_of_any_length(filler: str) -> None:
    """Its parts are base64 without the padding."""
    payload = base64.urlsafe_b64encode(msgspec.json.encode({"exp": 4102444800, "x": filler})).decode().rstrip("=")
    provider = AuthProvider(name="oidc", config={"id-token": f"e30.{payload}.sig"})

    assert obtain(config(User(auth_provider=provider))).authorization == f"Bearer e30.{payload}.sig"


def test_an_oidc_token_is_used_while_it_lasts() -> None:
    """The kubeconfig keeps the oidc provider's token in the kubeconfig: valid, it is as good as any."""
    token = jwt(time.time() + 60)

    assert obtain(config(User(auth_provider=AuthProvider(name="oidc", config={"id-token": token})))).authorization == f"Bearer {token}"
