"""The kubeconfig is read as kubectl reads it."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from kubectl_meshfix.errors import MeshfixError, SourceError, UsageError
from kubectl_meshfix.sources.api.exec_plugin import Issued
from kubectl_meshfix.sources.api.kubeconfig import ClusterOptions, Kubeconfig, choose_cluster
from kubectl_meshfix.sources.api.service_account import SERVICE_ACCOUNT, in_pod

needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")

ONE = """
current-context: blue
clusters:
- {name: c, cluster: {server: "https://one:6443", certificate-authority: certs/ca.crt}}
users:
- name: u
  user:
    client-certificate: certs/me.crt
    client-key: ./certs/me.key
    exec: {apiVersion: client.authentication.k8s.io/v1, command: bin/login, interactiveMode: Never}
- {name: path, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: Never}}}
contexts:
- {name: blue, context: {cluster: c, user: u, namespace: shop}}
- {name: on-path, context: {cluster: c, user: path}}
"""
TWO = """
current-context: green
clusters:
- {name: c, cluster: {server: "https://two:6443", tls-server-name: from-two}}
- {name: d, cluster: {server: "https://two-d:6443/prefix/", certificate-authority: ca.crt}}
users:
- {name: u, user: {token: from-two}}
- {name: v, user: {tokenFile: token, as: jane, as-uid: "7", as-groups: [dev], as-user-extra: {reason: [why]}}}
contexts:
- {name: blue, context: {cluster: d, user: v}}
- {name: green, context: {cluster: d, user: v}}
- {name: orphan, context: {cluster: gone, user: v}}
- {name: stranger, context: {cluster: d, user: gone}}
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Two kubeconfigs that name the same things, two without content, and the files they refer to."""
    for name, text in (("one/config", ONE), ("two/config", TWO), ("empty/config", ""), ("comment/config", "# nothing\n")):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text)
    for name in ("one/certs/ca.crt", "one/certs/me.crt", "one/certs/me.key", "two/ca.crt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"the content of {name}")
    return tmp_path


def environment(files: Path, *names: str) -> dict[str, str]:
    """$KUBECONFIG as a list of ``names`` under ``files``."""
    return {"KUBECONFIG": os.pathsep.join(str(files / name) for name in names), "HOME": str(files / "home")}


def loaded(environ: Mapping[str, str], **options: Any) -> Kubeconfig:
    """What ``choose_cluster`` makes of these outside a pod."""
    return choose_cluster(ClusterOptions(**options), environ, Path("/nowhere"))


def write(path: Path, text: str) -> str:
    """The path of a file that now holds ``text``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def test_the_first_file_wins_for_the_current_context_and_for_each_entry(files: Path) -> None:
    """Of two files that name the same things, the first one's context, cluster and user are taken whole."""
    config = loaded(environment(files, "one/config", "two/config"))

    assert (config.context, config.namespace, config.user_name) == ("blue", "shop", "u")
    assert (config.cluster.server, config.cluster.tls_server_name, config.user.token) == ("https://one:6443", "", "")


def test_missing_and_empty_files_of_the_list_count_for_nothing(files: Path) -> None:
    """A list with missing, empty and comment-only files is read as if they were not in it."""
    config = loaded(environment(files, "gone", "empty/config", "comment/config", "two/config", "two/config"))
    gaps = loaded({"KUBECONFIG": os.pathsep.join(["", "", str(files / "two/config"), ""])})

    assert (config.context, config.cluster.server) == ("green", "https://two-d:6443/prefix")
    assert gaps == config


def test_relative_paths_start_at_the_file_that_names_them(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates, keys, token files and commands with a slash are resolved per file; a bare command is left to PATH."""
    monkeypatch.chdir(files)
    blue = loaded({"KUBECONFIG": os.pathsep.join(["one/config", "two/config"])})
    green = loaded(environment(files, "one/config", "two/config"), context="green")
    on_path = loaded(environment(files, "one/config"), context="on-path")

    assert blue.cluster.certificate_authority == str(files / "one/certs/ca.crt")
    assert (blue.user.client_certificate, blue.user.client_key) == (str(files / "one/certs/me.crt"), str(files / "one/certs/me.key"))
    assert blue.user.exec is not None
    assert blue.user.exec.command == str(files / "one/bin/login")
    assert (green.cluster.certificate_authority, green.user.token_file) == (str(files / "two/ca.crt"), str(files / "two/token"))
    assert on_path.user.exec is not None
    assert on_path.user.exec.command == "login"


def test_an_empty_variable_is_an_unset_one(files: Path) -> None:
    """KUBECONFIG= falls back to ~/.kube/config, as no variable at all does."""
    write(files / "home/.kube/config", TWO)

    assert loaded({"KUBECONFIG": "", "HOME": str(files / "home")}).context == "green"
    assert loaded({"HOME": str(files / "home")}).context == "green"


def test_an_explicit_file_stands_alone_and_must_exist(files: Path) -> None:
    """--kubeconfig reads that one file, whatever $KUBECONFIG says, and a missing one is an error."""
    environ = environment(files, "one/config")

    assert loaded(environ, kubeconfig=str(files / "two/config")).context == "green"
    with pytest.raises(SourceError, match=r"/gone does not exist\."):
        loaded(environ, kubeconfig=str(files / "gone"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ("shop", "https://one:6443")),
        ({"namespace": "other"}, ("other", "https://one:6443")),
        ({"context": "green"}, ("default", "https://two-d:6443/prefix")),
        ({"cluster": "d"}, ("shop", "https://two-d:6443/prefix")),
        ({"server": "https://three:1/"}, ("shop", "https://three:1")),
        ({"server": "three:1"}, ("shop", "http://three:1")),
        ({"context": "orphan", "server": "https://three"}, ("default", "https://three")),
    ],
)
def test_flags_override_the_context(files: Path, options: dict[str, Any], expected: tuple[str, str]) -> None:
    """Each flag replaces just what it names; an address without a scheme is plain http, as for kubectl."""
    config = loaded(environment(files, "one/config", "two/config"), **options)

    assert (config.namespace, config.cluster.server) == expected


def test_a_flag_for_the_trust_replaces_all_of_it(files: Path) -> None:
    """--certificate-authority and --insecure-skip-tls-verify drop the file's CA; --server drops the old server's TLS name."""
    text = "clusters: [{name: c, cluster: {server: 'https://x', tls-server-name: n, certificate-authority-data: YWJj}}]\n"
    environ = {"KUBECONFIG": write(files / "trust/config", text + "contexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x")}
    insecure = loaded(environ, insecure_skip_tls_verify=True).cluster
    other = loaded(environ, certificate_authority="/ca.crt", server="https://y").cluster

    assert loaded(environ).cluster.certificate_authority_data == b"abc"
    assert (insecure.insecure_skip_tls_verify, insecure.certificate_authority_data, insecure.tls_server_name) == (True, b"", "n")
    assert (other.certificate_authority, other.certificate_authority_data, other.tls_server_name) == ("/ca.crt", b"", "")


@pytest.mark.parametrize("authority", ["certificate-authority-data: YWJj", "certificate-authority: /ca.crt"])
def test_a_cluster_that_trusts_and_does_not_verify_is_refused(authority: str, files: Path) -> None:
    """Nobody knows which of the two was meant, and kubectl refuses it too."""
    cluster = f"{{server: 'https://x', insecure-skip-tls-verify: true, {authority}}}"
    text = f"clusters: [{{name: c, cluster: {cluster}}}]\ncontexts: [{{name: x, context: {{cluster: c}}}}]\ncurrent-context: x"

    with pytest.raises(SourceError, match="both names a certificate authority and skips verification"):
        loaded({"KUBECONFIG": write(files / "trust/config", text)})


def test_a_token_flag_wins_over_everything_the_file_says(files: Path) -> None:
    """--token replaces a token file, also when the context's user is unknown."""
    environ = environment(files, "two/config")

    assert (loaded(environ, token="t").user.token, loaded(environ, token="t").user.token_file) == ("t", "")
    assert loaded(environ, token="t", context="stranger").user.token == "t"


def test_impersonation_flags_go_over_the_kubeconfigs(files: Path) -> None:
    """User, UID and groups are replaced one by one, extras key by key."""
    environ = environment(files, "two/config")
    flags = {"as_user": "bob", "as_groups": ("a", "b"), "as_user_extra": ("scope=x", "scope=y=z")}
    user = loaded(environ, **flags).user

    assert (user.as_user, user.as_uid, user.as_groups) == ("bob", "7", ("a", "b"))
    assert user.as_user_extra == {"reason": ("why",), "scope": ("x", "y=z")}


def test_flags_alone_are_enough(tmp_path: Path) -> None:
    """Without any kubeconfig, --server and --token make a connection of no context."""
    config = loaded({"HOME": str(tmp_path)}, server="https://x:1", token="t")

    assert (config.context, config.namespace, config.cluster.server, config.user.token) == ("", "default", "https://x:1", "t")


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"context": "gren"}, "The context 'gren' is not in the kubeconfig.", "Choose one with --context: green, blue, orphan, stranger."),
        (
            {"cluster": "x"},
            "The cluster 'x' is not in the kubeconfig.",
            "Choose one with --cluster: c, d.",
        ),
        ({"cluster": "x", "server": "https://y"}, "The cluster 'x' is not in the kubeconfig.", "Choose one with --cluster: c, d."),
        ({"user": "x", "token": "t"}, "The user 'x' is not in the kubeconfig.", "Choose one with --user: u, v."),
        ({"user": "x", "client_certificate": "/c"}, "The user 'x' is not in the kubeconfig.", "Choose one with --user: u, v."),
        ({"context": "orphan"}, "The cluster 'gone', which the context 'orphan' names, is not", "Choose one with --cluster"),
        ({"context": "stranger"}, "The user 'gone', which the context 'stranger' names, is not", "Choose one with --user: u, v."),
        ({"server": "ftp://x"}, "The server address 'ftp://x' is not a URL.", "https://host:port"),
        ({"server": "https://:6443"}, "The server address 'https://:6443' is not a URL.", "https://host:port"),
        ({"server": "https://x:0"}, "The server address 'https://x:0' is not a URL.", "https://host:port"),
        ({"server": "https://x:port"}, "The server address 'https://x:port' is not a URL.", "https://host:port"),
        ({"server": "https://me:secret@x"}, "The server address contains a user name.", "username and password"),
        ({"namespace": "../x"}, "'../x' cannot be the name of a namespace.", "lower-case"),
        ({"as_user_extra": ("=x",)}, "The value '=x' of --as-user-extra is not a pair.", "key=value"),
        ({"as_user_extra": ("x",)}, "The value 'x' of --as-user-extra is not a pair.", "key=value"),
        ({"request_timeout": "5 s"}, "The value '5 s' of --request-timeout is not a duration.", "1m30s"),
    ],
)
def test_what_is_wrong_is_said_with_what_there_is(files: Path, options: dict[str, Any], message: str, hint: str) -> None:
    """An unknown name lists the known ones, nearest first; a wrong value says how a right one looks."""
    with pytest.raises(MeshfixError) as caught:
        loaded(environment(files, "two/config"), **options)

    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("number", "hint"), [(10, "c0, c1, c2, c3, c4, c5, c6, c7, c8, c9."), (11, "c0, c1, c10, c2, c3, c4, c5, c6, c7, c8 and 1 more.")]
)
def test_ten_names_are_shown(tmp_path: Path, number: int, hint: str) -> None:
    """Of more than that the number of the others."""
    text = f"contexts: [{', '.join(f'{{name: c{at}}}' for at in range(number))}]"
    with pytest.raises(SourceError) as caught:
        loaded({"KUBECONFIG": write(tmp_path / "config", text)})

    assert caught.value.hint == f"Choose one with --context: {hint}"


@pytest.mark.parametrize("kind", ["context", "cluster", "user"])
def test_a_kubeconfig_without_any_is_told_to_have_none(tmp_path: Path, kind: str) -> None:
    """It may be the wrong file."""
    with pytest.raises(SourceError) as caught:
        loaded({"KUBECONFIG": write(tmp_path / "config", "")}, **{kind: "x"})

    assert (caught.value.message, caught.value.hint) == (
        f"The {kind} 'x' is not in the kubeconfig.",
        f"The kubeconfig has no {kind}s; is it the right file? See --kubeconfig and $KUBECONFIG.",
    )


def test_nulls_are_absent(tmp_path: Path) -> None:
    """At any depth, as in Go."""
    text = """
    kind: null
    current-context: a
    clusters: [{name: c, cluster: {server: https://x, certificate-authority: null, extensions: [{name: e, extension: null}]}}]
    users: [{name: u, user: null}, {name: v, user: {token: t, exec: null}}]
    contexts: [{name: a, context: {cluster: c, user: v, namespace: null}}]
    """
    config = loaded({"KUBECONFIG": write(tmp_path / "config", text)})

    assert (config.namespace, config.cluster.certificate_authority, config.user.token) == ("default", "", "t")


@pytest.mark.parametrize("flag", [{"as_groups": ("g",)}, {"as_uid": "1"}, {"as_user_extra": ("k=v",)}])
def test_acting_as_a_group_needs_a_user(files: Path, flag: dict[str, Any]) -> None:
    """--as-group, --as-uid and --as-user-extra without --as are a mistake of the command line."""
    with pytest.raises(UsageError, match="without a user"):
        loaded(environment(files, "one/config"), **flag)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [b", "is not valid YAML in line "),
        ("a: 1\nb: 2\nc: @", "is not valid YAML in line 3: "),
        ("\x00", "is not valid YAML"),
        ("kind: Pod", "holds a Pod, not a kubeconfig"),
        ("- a", "Expected `object`, got `array`"),
        ("users: [{name: u, user: {token: 123}}]", "Expected `str`, got `int` - at `$.users[0].user.token`"),
        ("clusters: [{name: c, cluster: {certificate-authority-data: '***'}}]", "`$.clusters[0].cluster.certificate-authority-data`"),
        ("contexts: [{name: a}, {name: a}]", "two entries named 'a'"),
    ],
)
def test_a_broken_file_is_named_with_the_place_and_never_quoted(tmp_path: Path, text: str, message: str) -> None:
    """An unusable kubeconfig is one sentence with the file's name; its values, which may be secrets, are not repeated."""
    path = write(tmp_path / "config", text)

    with pytest.raises(SourceError) as caught:
        loaded({"KUBECONFIG": path})

    assert path in caught.value.message
    assert message in caught.value.message
    assert "123" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names no cluster, and this is not a pod"),
        ("contexts: [{name: a}, {name: b}]", "No context is chosen: the kubeconfig has no current-context."),
        ("current-context: gone", "The current context 'gone' is not in the kubeconfig."),
        ("contexts: [{name: a}]\ncurrent-context: a", "The context 'a' names no cluster."),
        (
            "clusters: [{name: c}]\ncontexts: [{name: a, context: {cluster: c}}]\ncurrent-context: a",
            "The cluster 'c' has no server address.",
        ),
    ],
)
def test_a_kubeconfig_that_leads_nowhere_says_at_which_step(tmp_path: Path, text: str, message: str) -> None:
    """No file, no context, no cluster and no server are four different sentences."""
    with pytest.raises(SourceError) as caught:
        loaded({"KUBECONFIG": write(tmp_path / "config", text)})

    assert message in caught.value.message


def test_nothing_at_all_names_the_places_looked_at(tmp_path: Path) -> None:
    """Without any kubeconfig the error names the file that was looked for and the way to do without."""
    with pytest.raises(SourceError) as caught:
        loaded({"HOME": str(tmp_path)})

    assert f"There is no kubeconfig at {tmp_path}/.kube/config" in caught.value.message
    assert "-f FILE" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", None), ("0s", None), ("5", 5.0), ("5s", 5.0), ("1m30s", 90.0), ("1.5h", 5400.0), ("500ms", 0.5), (".5s", 0.5)],
)
def test_a_timeout_is_seconds_or_a_go_duration(text: str, seconds: float | None) -> None:
    """--request-timeout takes what kubectl takes; zero is none."""
    assert loaded({}, server="https://x", request_timeout=text).timeout == seconds


@pytest.fixture
def pod(tmp_path: Path) -> Path:
    """What the kubelet mounts for a service account."""
    for name, text in (("token", "pod-token"), ("ca.crt", "pem"), ("namespace", "pod-ns\n")):
        write(tmp_path / "sa" / name, text)
    return tmp_path / "sa"


def test_a_pod_uses_its_service_account_when_nothing_else_leads_anywhere(pod: Path, tmp_path: Path) -> None:
    """Inside a pod without a kubeconfig, the mounted token, CA and namespace are used, and flags still count."""
    environ = {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    config = choose_cluster(ClusterOptions(as_user="jane"), environ, pod)

    assert (config.context, config.cluster.server, config.namespace) == ("in-cluster", "https://[fd00::1]:443", "pod-ns")
    assert (config.cluster.certificate_authority, config.user.token_file) == (str(pod / "ca.crt"), str(pod / "token"))
    assert (config.user.as_user, config.user_name) == ("jane", "in-cluster")
    assert choose_cluster(ClusterOptions(), {**environ, "POD_NAMESPACE": "told"}, pod).namespace == "told"


@pytest.mark.parametrize(
    ("host", "port", "file", "is_inside"),
    [
        ("10.0.0.1", "443", "token", True),
        ("", "443", "token", False),
        ("10.0.0.1", "", "token", False),
        ("10.0.0.1", "443", "other", False),
        ("", "", "other", False),
    ],
)
def test_a_pod_has_an_address_and_a_token(tmp_path: Path, host: str, port: str, file: str, is_inside: bool) -> None:
    """One without the other is no way to a cluster."""
    write(tmp_path / file, "x")

    assert in_pod({"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}, tmp_path) is is_inside
    assert not in_pod({}, tmp_path)
    assert str(SERVICE_ACCOUNT) == "/var/run/secrets/kubernetes.io/serviceaccount"


def test_a_pod_without_more_than_a_token_gets_along(tmp_path: Path) -> None:
    """The system's authorities are trusted, and the namespace is the usual one."""
    write(tmp_path / "token", "x")
    environ = {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "6443"}
    config = choose_cluster(ClusterOptions(), environ, tmp_path)

    assert (config.cluster.server, config.cluster.certificate_authority, config.namespace) == ("https://10.0.0.1:6443", "", "default")


def test_a_kubeconfig_in_a_pod_comes_first_but_the_pods_namespace_is_the_default(pod: Path, files: Path) -> None:
    """A context without a namespace gets the pod's own one, and a --server of one's own never gets the pod's token."""
    environ = {**environment(files, "two/config"), "KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    config = choose_cluster(ClusterOptions(), environ, pod)
    elsewhere = choose_cluster(ClusterOptions(server="https://x"), {**environ, "KUBECONFIG": str(files / "gone")}, pod)

    assert (config.context, config.namespace, config.cluster.server) == ("green", "pod-ns", "https://two-d:6443/prefix")
    assert elsewhere.user.token_file == ""


def test_secrets_have_no_repr(files: Path) -> None:
    """Options and users do not show their tokens when something prints them."""
    environ = environment(files, "two/config")
    options = ClusterOptions(token="hunter2")

    assert repr(options) == "ClusterOptions(…)"
    assert repr(choose_cluster(options, environ).user) == "User(…)"
    assert repr(Issued(token="hunter2")) == "Issued(…)"
    assert "hunter2" not in repr(choose_cluster(options, environ))


def test_reading_writes_nothing_back(files: Path) -> None:
    """The kubeconfig has the same bytes and the same time after it was read."""
    path = files / "two/config"
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    loaded(environment(files, "two/config"))

    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_files_alone_never_import_the_client() -> None:
    """Importing the way to a cluster costs neither kubernetes nor urllib3: only taking it does."""
    code = "import sys, kubectl_meshfix.sources.api.pagination; print({'kubernetes', 'urllib3'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


@needs_kubectl
@pytest.mark.parametrize(
    ("names", "context"),
    [
        (("one/config", "two/config"), ""),
        (("two/config", "one/config"), ""),
        (("one/config", "two/config"), "green"),
        (("gone", "empty/config", "two/config"), ""),
        (("comment/config", "one/config"), "on-path"),
    ],
)
def test_kubectl_sees_the_same(files: Path, names: tuple[str, ...], context: str) -> None:
    """`kubectl config view --minify --flatten` names the same context, cluster, user, namespace and certificates."""
    environ = environment(files, *names)
    flags = ["--context", context] if context else []
    command = ["kubectl", "config", "view", "--minify", "--flatten", "--raw", "-o", "json", *flags]
    seen = json.loads(subprocess.run(command, env={**os.environ, **environ}, capture_output=True, check=True).stdout)
    config = loaded(environ, context=context)
    theirs = {kind: seen[f"{kind}s"][0] for kind in ("cluster", "user", "context")}
    cluster, user = theirs["cluster"]["cluster"], theirs["user"]["user"]

    assert config.context == seen["current-context"]
    assert config.namespace == theirs["context"]["context"].get("namespace", "default")
    assert (config.cluster.server, config.user_name) == (cluster["server"].rstrip("/"), theirs["user"]["name"])
    assert Path(config.cluster.certificate_authority).read_bytes() == base64.b64decode(cluster["certificate-authority-data"])
    ours = yaml.safe_load(msgspec.json.encode(config.user))
    for key in ("token", "as", "as-uid", "as-groups", "as-user-extra"):
        assert ours.get(key) == user.get(key)
    if config.user.client_key:
        assert Path(config.user.client_key).read_bytes() == base64.b64decode(user["client-key-data"])
