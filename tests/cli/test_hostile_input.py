"""Names that a terminal obeys, names that are no text, and inputs without an end."""

import os
import sys
from pathlib import Path

import pytest

from kubectl_meshfix.documents.reading.limited import MAX_BYTES
from kubectl_meshfix.errors import MeshfixError
from tests.command import SERVICE, run

GATEWAY = """\
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: edge}
spec:
  selector: {istio: ingresgateway}
  servers:
  - port: {number: 9080, name: http, protocol: HTTP}
    hosts: [shop.example.com]
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: edge}
spec:
  selector: {istio: ingressgateway}
  ports: [{name: http2, port: 80, targetPort: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress, namespace: edge}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  template:
    metadata: {labels: {istio: ingressgateway}, annotations: {inject.istio.io/templates: gateway}}
    spec: {containers: [{name: istio-proxy, image: auto}]}
"""

HIDDEN = "\u202e\u2028\x7f\x85\x1b\u200b"
FORMATS = (
    "table",
    "wide",
    "short",
    "name",
    "json",
    "yaml",
    "junit",
    "sarif",
    "github",
    "gitlab",
    "markdown",
    "html",
    "openreports",
    "wgpolicy",
)


@pytest.mark.parametrize("output", FORMATS)
def test_no_format_prints_what_a_terminal_hides_or_obeys(output: str, tmp_path: Path) -> None:
    """A name with such characters, and one with a line that a CI system would take for a command, is shown with escapes."""
    name = "a\\u202e\\u2028\\x7f\\x85\\e\\u200b\\n::error file=x::y"
    (tmp_path / "\x1b[31mx.yaml").write_text(SERVICE.replace("name: cart", f'name: "{name}"'))
    text = run("diagnose", "-f", str(tmp_path), "--scope", "all", "-o", output).stdout
    assert not set(HIDDEN) & set(text)
    assert output == "html" or not any(line.startswith("::error file=x") for line in text.splitlines())
    assert "\\u202e" in text.lower() or output == "html" or "%5Cu202e" in text


@pytest.mark.parametrize("output", ["kustomize", "manifest", "json-patch", "diff"])
def test_no_export_does(output: str, tmp_path: Path) -> None:
    """What apply prints for repositories has the escapes of YAML and JSON, and means the same."""
    (tmp_path / "a.yaml").write_text(SERVICE.replace("{app: cart}", '{app: "a\\u202e\\u2028\\x7f\\x85"}'))
    text = run("apply", "-f", str(tmp_path), "--scope", "all", "--unsafe", "--dry-run", "-o", output).stdout
    assert not set(HIDDEN) & set(text)
    assert text


def test_a_written_file_is_named_with_escapes(tmp_path: Path) -> None:
    """The line that says which file was changed, and the one that says which was taken back."""
    (tmp_path / "\x1b[31mx.yaml").write_text(SERVICE)
    assert "\\x1b[31mx.yaml fixed" in run("apply", "-f", str(tmp_path), "--scope", "all", "--unsafe", "--yes").stdout
    assert "\\x1b[31mx.yaml taken back" in run("undo", "-f", str(tmp_path), "--yes").stdout


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize("output", FORMATS)
def test_a_name_that_is_no_text(output: str, tmp_path: Path) -> None:
    """A file whose name is not UTF-8 is reported in every format."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.yaml")).write_text(SERVICE)
    result = run("diagnose", "-f", str(tmp_path), "--scope", "all", "-o", output)
    assert result.exit_code == 1, result.exception


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device without an end")
@pytest.mark.parametrize("words", [("-f", "/dev/zero"), ("--kubeconfig", "/dev/zero")])
def test_nothing_is_read_without_a_limit(words: tuple[str, str]) -> None:
    """A device that never ends is an error, as a file that is too large is."""
    error = run("diagnose", *words).exception
    assert isinstance(error, MeshfixError)
    assert "MiB" in error.message


def test_standard_input_has_a_limit() -> None:
    """So has what is piped in."""
    assert MAX_BYTES == 100 * 2**20
    error = run("diagnose", "-f", "-", text="a" * (MAX_BYTES + 1)).exception
    assert isinstance(error, MeshfixError)
    assert error.message.startswith("Standard input has more than 100 MiB")


@pytest.mark.parametrize("proxy", ["http://u:secret@127.0.0.1:notaport", "u:secret@127.0.0.1:99999", "http://u:secret@[::1"])
def test_a_proxy_that_is_no_url(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error that repeats no password."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    error = run("diagnose", "-s", "https://10.1.2.3", "--token", "x").exception
    assert isinstance(error, MeshfixError)
    assert "is not the URL of a proxy" in error.message
    assert "secret" not in error.message + error.hint


def test_a_kubeconfig_that_holds_itself(tmp_path: Path) -> None:
    """An alias inside of its own anchor is an error like others."""
    (tmp_path / "kubeconfig").write_text("&a [*a]")
    error = run("diagnose", "--kubeconfig", str(tmp_path / "kubeconfig")).exception
    assert isinstance(error, MeshfixError)
    assert "is not valid YAML, or nested without end" in error.message


def test_a_change_that_lets_another_be_made_says_so(tmp_path: Path) -> None:
    """A Gateway that gets pods only by its first fix needs a second run for the port of their Service, and is told; then all is at rest."""
    (tmp_path / "a.yaml").write_text(GATEWAY)
    words = ("apply", "-f", str(tmp_path), "--scope", "all", "--unsafe", "--yes")
    assert "more be fixed (MF502): run the same command again." in run(*words).stderr
    assert "run the same command again" not in run(*words).stderr
    assert "There is nothing to change." in run(*words).output
