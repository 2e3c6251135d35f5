"""Credential plugins: run the command a kubeconfig names and take the credentials it prints.

Mirrors client-go ``plugin/pkg/client/auth/exec/exec.go`` (isInteractive, refreshCredsLocked, wrapCmdRunErrorLocked): the
plugin runs in the caller's folder, inherits stdin only when it may ask, and its stderr is the caller's.
"""

import base64
import codecs
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster, Exec
from kubectl_meshfix.sources.api.tls import authority

_GROUP = "client.authentication.k8s.io"
_VERSIONS = (f"{_GROUP}/v1", f"{_GROUP}/v1beta1")
_RETRY = "Log in again with the tool that it belongs to; `kubectl get --raw /version` runs the same plugin and shows whether that helped."


class Issued(msgspec.Struct, frozen=True, rename="camel"):
    """An ExecCredential's status: a token, a PEM certificate with its key, or both. ``expiration_timestamp`` has a time zone."""

    token: str = ""
    client_certificate_data: str = ""
    client_key_data: str = ""
    expiration_timestamp: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    def __repr__(self) -> str:
        return "Issued(…)"


class _ExecCredential(msgspec.Struct, rename="camel"):
    api_version: str = ""
    status: Issued | None = None


def issue(plugin: Exec, cluster: Cluster, environ: Mapping[str, str]) -> Issued:
    """Runs ``plugin`` once. Raises SourceError naming it, with its exit code where it failed; why, it has said itself."""
    command = _command(plugin)
    interactive = _interactive(plugin)
    environment = {**environ, **{variable.name: variable.value for variable in plugin.env}}
    environment["KUBERNETES_EXEC_INFO"] = _exec_info(plugin, cluster, interactive)
    try:
        code, output = _run([command, *plugin.args], environment, interactive=interactive)
    except OSError as error:
        raise SourceError(f"The credential plugin '{plugin.command}' cannot be run: {error.strerror}.", plugin.install_hint) from error
    if code != 0:
        raise SourceError(f"The credential plugin '{plugin.command}' failed with exit code {code}.", _RETRY)
    return _issued(plugin, output)


def _command(plugin: Exec) -> str:
    if plugin.api_version not in _VERSIONS:
        old = " kubectl dropped that version in 1.24." if plugin.api_version == f"{_GROUP}/v1alpha1" else ""
        raise SourceError(
            f"The credential plugin '{plugin.command}' is configured for '{plugin.api_version}', not {' or '.join(_VERSIONS)}.{old}",
            "Update the plugin and have its tool write the kubeconfig again (`aws eks update-kubeconfig`, `gcloud container clusters …`).",
        )
    if os.sep in plugin.command:
        return plugin.command
    found = shutil.which(plugin.command)
    if found is None:
        hint = plugin.install_hint or "Install it or add its folder to PATH."
        raise SourceError(f"The credential plugin '{plugin.command}' that the kubeconfig asks for is not installed.", hint)
    return found


def _interactive(plugin: Exec) -> bool:
    terminal = sys.stdin is not None and sys.stdin.isatty()
    match plugin.interactive_mode or ("IfAvailable" if plugin.api_version.endswith("v1beta1") else ""):
        case "Never":
            return False
        case "IfAvailable":
            return terminal
        case "Always" if terminal:
            return True
        case "Always":
            raise SourceError(
                f"The credential plugin '{plugin.command}' asks for input, and standard input is not a terminal.",
                "Log in from a terminal first, or use another user.",
            )
        case other:
            raise SourceError(
                f"The interactiveMode '{other}' of the credential plugin '{plugin.command}' is not one of Never, IfAvailable and Always.",
                "Correct it in the kubeconfig.",
            )


def _exec_info(plugin: Exec, cluster: Cluster, interactive: bool) -> str:
    spec: dict[str, Any] = {"interactive": interactive}
    if plugin.provide_cluster_info:
        described = msgspec.to_builtins(cluster)
        for private in ("certificate-authority", "extensions"):
            described.pop(private, None)
        if cluster.certificate_authority:
            described["certificate-authority-data"] = base64.b64encode(authority(cluster)).decode()
        for extension in cluster.extensions:
            if extension.name == f"{_GROUP}/exec":
                described["config"] = extension.extension
        spec["cluster"] = described
    return msgspec.json.encode({"kind": "ExecCredential", "apiVersion": plugin.api_version, "spec": spec}).decode()


def _run(command: list[str], environment: Mapping[str, str], *, interactive: bool) -> tuple[int, bytes]:
    stdin = None if interactive else subprocess.DEVNULL
    read_end, write_end = os.pipe()
    relay = threading.Thread(target=_relay, args=(read_end,), daemon=True)
    relay.start()
    try:
        done = subprocess.run(command, env=environment, stdin=stdin, stdout=subprocess.PIPE, stderr=write_end, check=False)  # noqa: S603
    finally:
        os.close(write_end)
        # A helper that the plugin left behind may hold its stderr open for ever.
        relay.join(timeout=0.5)
    return done.returncode, done.stdout


def _relay(read_end: int) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with open(read_end, "rb", buffering=0) as stream:
        while chunk := stream.read(4096):
            text = decoder.decode(chunk)
            sys.stderr.write(text)
            sys.stderr.flush()


def _issued(plugin: Exec, output: bytes) -> Issued:
    def refuse(why: str) -> SourceError:
        return SourceError(f"The credential plugin '{plugin.command}' {why}.", "Update the plugin, or ask whoever provides it.")

    try:
        credential = msgspec.json.decode(output, type=_ExecCredential)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise refuse("printed something that is not an ExecCredential") from None
    if credential.api_version != plugin.api_version:
        raise refuse(f"answered in '{credential.api_version}' where the kubeconfig asks for '{plugin.api_version}'")
    issued = credential.status or Issued()
    if bool(issued.client_certificate_data) != bool(issued.client_key_data):
        raise refuse("returned a certificate without its key, or a key without its certificate")
    if not (issued.token or issued.client_key_data):
        raise refuse("returned neither a token nor a certificate")
    return issued
