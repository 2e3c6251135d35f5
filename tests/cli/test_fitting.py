"""Flags that mean nothing for a source: refused, or their help says what they are for."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from typer.testing import CliRunner, Result

from kubectl_meshfix.cli.flags.fitting import NAMING
from kubectl_meshfix.cli.flags.options import ConnectionFlags
from kubectl_meshfix.cli.main import app
from kubectl_meshfix.cli.verbs import verb_command
from kubectl_meshfix.errors import UsageError
from tests.command import SERVICE
from tests.sources.test_charts import FILES, STAND_IN

VERBS = ("diagnose", "apply", "explain")

OF_FILES = {"filename", "kustomize", "recursive", "helm", "no_ignore"}
OF_CLUSTERS = set(ConnectionFlags.__struct_fields__) | {"probe", "proxies", "wait"}
OF_BOTH = {
    "namespace", "all_namespaces", "selector", "scope", "revision", "select", "ignore", "config", "baseline", "severity", "protocol",
    "prometheus", "port_fix", "color", "no_color", "quiet", "targets", "output", "sort", "statistics", "fail_on", "fail_on_unread",
    "watch", "write_baseline", "bundle", "show_suppressed", "restart", "unsafe", "yes", "dry_run",
}  # fmt: skip
SAID = {"even_if_managed": "on a cluster", "no_secrets": "a cluster", "timeout": "--wait", "verbose": "API server"}
"""Flags that are left out without a word where they mean nothing, and the words of their help that say for what they are."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a manifest, and no kubeconfig."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    (tmp_path / "cart.yaml").write_text(SERVICE)
    return tmp_path


def run(*words: str) -> Result:
    """One command."""
    return CliRunner().invoke(app, list(words))


def complaint(*words: str) -> str:
    """The sentence that a command's words are refused with."""
    result = run(*words)
    assert isinstance(result.exception, UsageError), result.output
    return result.exception.message


def spelt(name: str) -> tuple[str, ...]:
    """A flag of the connection on the command line, with a value where it takes one."""
    kind, info = get_args(get_type_hints(ConnectionFlags, include_extras=True)[name])
    words: Sequence[Any] = (info.default, *info.param_decls)
    flag = next(word for word in words if isinstance(word, str) and word.startswith("--"))
    return (flag,) if kind is bool else (flag, "a=b")


@pytest.mark.parametrize("verb", VERBS)
def test_every_flag_has_a_source(verb: str) -> None:
    """Each flag is for files, for clusters or for both, and those that are left out silently say so in their help."""
    parameters = {param.name: param for param in verb_command(verb).params if param.name != "help"}

    assert parameters.keys() <= OF_FILES | OF_CLUSTERS | OF_BOTH | SAID.keys()
    assert all(words in (parameters[name].help or "") for name, words in SAID.items() if name in parameters)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("flag", ["-R", "--helm", "--no-ignore"])
def test_flags_of_folders_need_files(verb: str, flag: str) -> None:
    """On a cluster there is nothing to go into, to render or to ignore; and what -k names is built, not searched."""
    assert complaint(verb, "deploy/cart", flag) == f"{flag} needs -f: a cluster has no folders."
    Path("kustomization.yaml").write_text("resources: []\n")
    assert complaint(verb, "-k", ".", flag) == f"-k and {flag} cannot be used together."


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", sorted(OF_CLUSTERS - {"probe", "proxies", "wait", *NAMING}))
def test_flags_of_a_connection_need_one(verb: str, name: str) -> None:
    """Who asks, and how, is nothing to files that no cluster is named for; several clusters are too many for them."""
    words = spelt(name)
    assert complaint(verb, "-f", "cart.yaml", *words).startswith(words[0])


@pytest.mark.parametrize("words", [("explain", "--probe"), ("apply", "--wait"), ("apply", "--dry-run=server")])
def test_what_only_a_server_does_needs_one(words: Sequence[str]) -> None:
    """A dry run on the server, a rollout and a probe are nothing that files have."""
    assert complaint(words[0], "-f", "cart.yaml", *words[1:])


def test_a_service_for_prometheus_is_reached_by_the_connection() -> None:
    """Files alone may be judged with what the proxies of a cluster counted: then it matters who asks for that."""
    result = run("diagnose", "-f", "cart.yaml", "--as", "me", "--prometheus", "istio-system/prometheus:9090")

    assert "Prometheus at istio-system/prometheus:9090 was not read" in result.stderr


@pytest.mark.parametrize("words", [("--list",), ("cart.yaml",), ("-f", "cart.yaml")])
def test_undo_of_files_asks_no_cluster(words: Sequence[str]) -> None:
    """The journal is on this machine, and files are too."""
    assert complaint("undo", *words, "--context", "lab").startswith("--context is for a cluster, and ")


def test_labels_choose_among_all_workloads(folder: Path) -> None:
    """-l counts for explain where no object is named."""
    deployment = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {0}, labels: {{app: {0}}}}}
spec:
  selector: {{matchLabels: {{app: {0}}}}}
  template:
    metadata: {{labels: {{app: {0}}}}}
    spec: {{containers: [{{name: main, image: main:1}}]}}
"""
    (folder / "two.yaml").write_text(deployment.format("cart") + deployment.format("till"))

    found = run("explain", "-f", "two.yaml", "-l", "app=till").stdout

    assert "Deployment till" in found
    assert "cart" not in found


RENDERED = (
    STAND_IN[: STAND_IN.index("---")]
    + """\
---
# Source: shop/templates/cart.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: release-name-cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart, sidecar.istio.io/inject: "false"}}
    spec: {containers: [{name: main, image: main:1}]}
EOF
"""
)


def chart(folder: Path, helm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chart of one workload, and the helm that stands on the path."""
    (folder / "shop" / "templates").mkdir(parents=True)
    (folder / "shop" / "Chart.yaml").write_text(FILES["Chart.yaml"])
    (folder / "shop" / "templates" / "cart.yaml").write_text("kind: {{ .Values.kind }}\n")
    (folder / "bin").mkdir()
    if helm:
        (folder / "bin" / "helm").write_text(helm)
        (folder / "bin" / "helm").chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder / "bin"), *(["/usr/bin", "/bin"] if helm else [])]))


def test_explain_renders_charts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --helm, the workloads of a chart are explained as diagnose checks them, whether or not -R goes into its templates."""
    chart(folder, RENDERED, monkeypatch)

    for words in (("-R",), ()):
        result = run("explain", "-f", "shop", "--helm", *words)
        assert result.stdout.startswith("✓ Deployment shop/release-name-cart gets no sidecar: the pod label sidecar.istio.io/inject=false")


@pytest.mark.parametrize(
    ("helm", "sentence", "hint"),
    [
        (
            "",
            "Nothing was checked in shop: the chart's templates were not checked, because helm is not on the path.",
            "Put helm on the path.",
        ),
        (
            "#!/bin/sh\necho 'Error: no such value' >&2\nexit 1\n",
            "Nothing was checked in shop: the chart's templates were not checked, because helm cannot render it: no such value.",
            "Check it with: helm template shop | kubectl meshfix diagnose -f -",
        ),
    ],
)
def test_charts_that_cannot_be_rendered_are_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, helm: str, sentence: str, hint: str
) -> None:
    """Where helm is missing or fails, nothing was explained: that is an error, and says why, and what to do."""
    chart(folder, helm, monkeypatch)

    error = run("explain", "-f", "shop", "--helm").exception
    assert isinstance(error, UsageError)
    assert (error.message, error.hint) == (sentence, hint)
