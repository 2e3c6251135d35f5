"""The answer to a TAB, by the program that kubectl calls and by the shells' scripts."""

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from kubectl_meshfix.cli.completion.answer import completions
from kubectl_meshfix.cli.main import app
from kubectl_meshfix.cli.verbs import VERBS
from kubectl_meshfix.rules import RULES

COMPLETE = [sys.executable, "-c", "from kubectl_meshfix.cli.completion.answer import main; main()"]
NO_FILES, NO_SPACE, FILES = ":4", ":6", ":0"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own: no kubeconfig, no journal, no cache."""
    for name, folder in (("HOME", "home"), ("XDG_CACHE_HOME", "cache"), ("XDG_STATE_HOME", "state")):
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.delenv("BASH_COMP_DEBUG_FILE", raising=False)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    return tmp_path


def tab(*words: str) -> list[str]:
    """The lines that the program answers, in a process of its own; it never fails and never says anything else."""
    done = subprocess.run([*COMPLETE, *words], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    return done.stdout.splitlines()


def texts(*words: str) -> list[str]:
    """The words of an answer, without what they are and what the shell shall do; in this process."""
    return [line.partition("\t")[0] for line in completions(words).splitlines()[:-1]]


def config(folder: Path, server: str = "https://127.0.0.1:1", user: object = None) -> Path:
    """A kubeconfig with two contexts."""
    path = folder / "config"
    context = {"cluster": "red-cluster", "user": "ann", "namespace": "shop"}
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "red-cluster", "cluster": {"server": server}}],
                "users": [{"name": "ann", "user": user or {"token": "a-secret"}}],
                "contexts": [{"name": "red", "context": context}, {"name": "blue", "context": context}],
                "current-context": "red",
            }
        )
    )
    return path


def test_the_program_answers_as_kubectl_reads_it() -> None:
    """A line a word with a TAB and what it is, and last what the shell shall do."""
    assert tab("rul") == [f"rules\t{VERBS['rules']}", NO_FILES]
    assert tab("diagnose", "--fail-on", "") == ["error", "warning", "info", "never", NO_FILES]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["diagnose", "--sev"], ["--severity"]),
        (["diagnose", "--severity="], ["error", "warning", "info"]),
        (["diagnose", "--severity=w"], ["warning"]),
        (["diagnose", "-o", "sa"], ["sarif"]),
        (["diagnose", "-osa", "--scope", "m"], ["mesh"]),
        (["diagnose", "-o", "s"], ["short", "sarif"]),
        (["diagnose", "--sort="], ["severity", "object"]),
        (["diagnose", "--stat"], ["--statistics"]),
        (["rules", "-o", "m"], ["markdown"]),
        (["explain", "-o", "t"], ["tree", "table"]),
        (["test", "-o", "j"], ["json", "junit"]),
        (["test", "--ini"], ["--init"]),
        (["apply", "-o=kus"], ["kustomize"]),
        (["apply", "--dry-run="], ["none", "client", "server"]),
        (["apply", "--dry-run", "deploym"], ["deployments", "deploymentconfigs"]),
        (["explain", "-v", "statef"], ["statefulsets"]),
        (["apply", "-A", "--port-fix", "re"], ["rename"]),
        (["diagnose", "--severity", "error", "--sever"], []),
        (["diagnose", "--select", "MF101", "--sel"], ["--selector", "--select"]),
        (
            ["diagnose", "--select", "MF101,MF102,MF10"],
            ["MF101,MF102,MF103", "MF101,MF102,MF104", "MF101,MF102,MF105", "MF101,MF102,MF106"],
        ),
        (["diagnose", "--ignore=undeclared"], ["undeclared-port-protocol"]),
        (["diagnose", "statef"], ["statefulsets"]),
        (["diagnose", "gate"], ["gateways.networking.istio.io", "gateways.gateway.networking.k8s.io"]),
        (["diagnose", "svc/cart", "statef"], ["statefulsets/"]),
        (["diagnose", "-f", "x.yaml", "deploy/"], []),
        (["explain", "virt"], []),
        (["diagnose", "--", "--sev"], []),
        (["rules", "MF10"], ["MF101", "MF102", "MF103", "MF104", "MF105", "MF106"]),
        (["rules", "MF101", "MF10"], ["MF101", "MF102", "MF103", "MF104", "MF105", "MF106"]),
        (["rules", "pol"], ["policy", "policy-selects-nothing", "policy-value-never-matches", "policy-target-without-waypoint"]),
        (["ana"], ["analyze"]),
        (["analyze", "--sev"], ["--severity"]),
        (["diff", "--kus"], ["--kustomize"]),
        (["help", "und"], ["undo"]),
        (["help", "undo", ""], []),
        (["ver"], ["version"]),
        (["version", "--cl"], ["--client", "--cluster", "--client-certificate", "--client-key"]),
        (["-n", "shop", "dia"], ["diagnose"]),
        (["-A", "diagnose", "--all"], []),
        (["--insec"], ["--insecure-skip-tls-verify"]),
        (["diagnose", "--color", "stat"], ["statefulsets"]),
        (["diagnose", "--w"], ["--watch", "--write-baseline"]),
        (["completion", ""], ["bash", "zsh", "fish", "powershell", "kubectl"]),
        (["nonsense", ""], []),
        (["diagnose", "--token", ""], []),
        (["diagnose", "--nonsense", "--sev"], ["--severity"]),
    ],
)
def test_each_place_gets_what_fits_there(words: list[str], expected: list[str]) -> None:
    """Flags of the verb, values of the flag, lists with commas, kinds, rules: only what begins as typed and can still be given."""
    assert texts(*words) == expected


@pytest.mark.parametrize(
    "words", [["diagnose", "-f", ""], ["test", ""], ["test", "a.yaml", ""], ["undo", "-f", "x"], ["apply", "--kubeconfig=", ""][:2]]
)
def test_files_are_left_to_the_shell(words: list[str]) -> None:
    """Where a file is wanted, the shell completes it as it always does."""
    assert completions(words) == f"{FILES}\n"


def test_no_space_follows_what_is_no_whole_word() -> None:
    """After TYPE/ a name has to follow."""
    assert completions(["diagnose", "svc/cart", "statefuls"]).splitlines()[-1] == NO_SPACE


def test_every_rule_is_offered_by_its_code_with_its_name() -> None:
    """The headings of the pages say what the registry says."""
    lines = completions(["diagnose", "--select", "MF"]).splitlines()[:-1]

    assert lines == [f"{rule.code}\t{rule.name}" for rule in RULES]


def test_nothing_is_said_of_words_with_a_comma() -> None:
    """A described word fits nowhere in kubectl's script for bash where ``printf %q`` puts a backslash into it."""
    assert (
        completions(["diagnose", "--select", "MF101,MF103,MF10"])
        == f"MF101,MF103,MF102\nMF101,MF103,MF104\nMF101,MF103,MF105\nMF101,MF103,MF106\n{NO_FILES}\n"
    )


def test_contexts_clusters_and_users_come_from_the_kubeconfig(home: Path) -> None:
    """They are read from the files that the line names; what cannot be read gives nothing, and no word of complaint."""
    config(home)

    assert completions(["diagnose", "--context", ""]) == (
        "blue\tcluster red-cluster, namespace shop\nred\tcluster red-cluster, namespace shop\n:4\n"
    )
    assert texts("apply", "--cluster=") == ["red-cluster"]
    assert texts("undo", "--user", "a") == ["ann"]
    assert tab("diagnose", "--kubeconfig", "/nowhere", "--context", "") == [NO_FILES]


def test_runs_are_offered_with_their_date_and_findings(home: Path) -> None:
    """The newest first, as undo takes them; one that is undone is not offered."""
    manifest = home / "cart.yaml"
    for number in (1, 2):
        manifest.write_text(
            "apiVersion: v1\nkind: Service\nmetadata: {name: cart, labels: {istio.io/rev: x}}\nspec: {ports: [{name: web, port: 8080}]}\n"
        )
        assert CliRunner().invoke(app, ["apply", "-f", str(manifest), "--yes", "--unsafe"]).exit_code == 0, number

    newest, older, last = completions(["undo", ""]).splitlines()

    assert newest > older
    assert newest.endswith("files: MF101 in 1")
    assert last == NO_FILES
    assert CliRunner().invoke(app, ["undo", newest.split("\t")[0], "--yes"]).exit_code == 0
    assert texts("undo", "") == [older.split("\t")[0]]


class Slow(BaseHTTPRequestHandler):
    """An API server that takes its time."""

    released: ClassVar[threading.Event]
    paths: ClassVar[list[str]]

    def do_GET(self) -> None:
        """Answer a list of names once released."""
        self.paths.append(f"{self.path} {self.headers['Accept'].partition(';')[2][:30]}")
        self.released.wait(30)
        body = json.dumps({"items": [{"metadata": {"name": name}} for name in ("shop", "shipping", "bad\nname")]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def slow(home: Path) -> Iterator[type[Slow]]:
    """A server that answers when the test lets it, and a kubeconfig for it."""

    class Handler(Slow):
        released = threading.Event()
        paths: ClassVar[list[str]] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    config(home, f"http://127.0.0.1:{server.server_address[1]}")
    yield Handler
    Handler.released.set()
    server.shutdown()
    server.server_close()


def eventually(*words: str) -> list[str]:
    """An answer that is being fetched, as soon as it is there."""
    for _ in range(100):
        if found := tab(*words)[:-1]:
            return found
        time.sleep(0.1)
    return []


def test_a_slow_cluster_is_not_waited_for_and_answers_the_next_tab(slow: type[Slow], home: Path) -> None:
    """The first TAB ends with nothing while the server still thinks; what it says then is there for the next, from a private file."""
    assert tab("diagnose", "-n", "sh") == [NO_FILES]
    slow.released.set()

    assert eventually("diagnose", "-n", "sh") == ["shipping", "shop"]
    assert tab("diagnose", "-n", "sh") == ["shipping", "shop", NO_FILES]
    assert slow.paths == ["/api/v1/namespaces?limit=500 as=PartialObjectMetadataList;v"]
    (kept,) = (home / "cache" / "kubectl-meshfix" / "names").glob("*.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "secret" not in kept.read_text()


@pytest.mark.parametrize("words", [["deploy/"], ["deploy", ""], ["svc/cart", "deploy/"]])
def test_names_follow_their_type_in_both_spellings(words: list[str], slow: type[Slow]) -> None:
    """TYPE/NAME and TYPE NAME, in the namespace of the line or else of the context."""
    slow.released.set()
    prefix = "deploy/" if words[-1] else ""

    assert eventually("apply", *words) == [f"{prefix}shipping", f"{prefix}shop"]
    assert eventually("apply", "-n", "prod", "deploy", "shop", "") == ["shipping"]
    assert [path.split("?")[0] for path in slow.paths] == [f"/apis/apps/v1/namespaces/{name}/deployments" for name in ("shop", "prod")]


def test_another_user_or_cluster_is_another_question(slow: type[Slow]) -> None:
    """What one may see is not shown to whom the line speaks as."""
    slow.released.set()
    eventually("diagnose", "-n", "")

    assert eventually("diagnose", "--as", "eve", "-n", "") == ["shipping", "shop"]
    assert len(slow.paths) == 2


def test_a_token_on_the_line_asks_nobody(slow: type[Slow]) -> None:
    """A secret that was typed goes into no other process and no file."""
    slow.released.set()

    assert tab("diagnose", "--token", "abc", "-n", "") == [NO_FILES]
    assert slow.paths == []


def test_a_cluster_that_is_away_is_no_error(home: Path) -> None:
    """Nothing is listening: no answer, no text, and not asked again with each key."""
    config(home)

    assert tab("explain", "-n", "") == [NO_FILES]
    assert tab("explain", "-n", "") == [NO_FILES]


def test_a_credential_plugin_is_run_once_and_only_for_what_a_cluster_knows(home: Path) -> None:
    """It may open a browser: contexts and flags never run it, and names do once in a while, not with each TAB."""
    log, plugin = home / "log", home / "plugin"
    plugin.write_text(f"#!/bin/sh\necho run >>{log}\nexit 1\n")
    plugin.chmod(0o755)
    config(home, user={"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin), "interactiveMode": "Never"}})

    assert texts("diagnose", "--context", "r") == ["red"]
    assert texts("diagnose", "--sev") == ["--severity"]
    assert not log.exists()
    for _ in range(3):
        assert tab("diagnose", "-n", "") == [NO_FILES]
    for _ in range(100):
        if log.exists():
            break
        time.sleep(0.1)
    assert tab("diagnose", "-n", "") == [NO_FILES]
    assert log.read_text() == "run\n"


def test_an_error_of_ours_goes_to_the_log_of_cobras_scripts(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken kubeconfig leaves the line as it is; who debugs completion finds the reason where kubectl's own would be."""
    (home / "config").write_text("{")
    monkeypatch.setenv("BASH_COMP_DEBUG_FILE", str(home / "debug"))

    assert tab("diagnose", "--context", "") == [NO_FILES]
    assert "is not valid YAML" in (home / "debug").read_text()


@pytest.fixture
def on_path(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our two programs on PATH."""
    folder = home / "bin"
    folder.mkdir()
    for name, module in (("kubectl-meshfix", "main"), ("kubectl_complete-meshfix", "completion.answer")):
        program = folder / name
        program.write_text(f"#!{sys.executable}\nfrom kubectl_meshfix.cli.{module} import main\nmain()\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kubectl_completes_through_the_program(on_path: Path) -> None:
    """What kubectl hands to the shell for its plugin is what we answered."""
    done = subprocess.run(["kubectl", "__complete", "meshfix", "diagnose", "--severity", ""], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["error", "warning", "info", ":4"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [("diagnose --sev", ["--severity"]), ("diagnose --severity=w", ["warning"]), ("diagnose -o j", ["json", "junit"]), ("undo -f ", [])],
)
def test_bash_completes_by_the_script(typed: str, expected: list[str], on_path: Path) -> None:
    """The function of the script fills COMPREPLY, also where bash-completion is not installed."""
    script = (
        "source <(kubectl-meshfix completion bash); compopt() { :; }\n"
        'COMP_WORDS=(kubectl-meshfix $1 "$2"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _kubectl_meshfix; echo "${COMPREPLY[@]}"'
    )
    head, _, word = typed.rpartition(" ")

    done = subprocess.run(["bash", "-c", script, "bash", head, word], capture_output=True, text=True, check=True)

    assert (done.stdout.split(), done.stderr) == (expected, "")


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_completes_by_the_script(on_path: Path) -> None:
    """Words come with what they are, and values after ``=`` with the flag before them."""
    words = ("kubectl-meshfix rules MF10", "kubectl-meshfix diagnose --severity=w")
    script = "; ".join(["kubectl-meshfix completion fish | source", *(f"complete -C '{typed}'" for typed in words)])

    done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[0] == "MF101\tundeclared-port-protocol"
    assert done.stdout.splitlines()[-1] == "--severity=warning"


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_the_script_for_zsh_is_read_by_zsh(on_path: Path) -> None:
    """It defines its function and registers it."""
    script = "autoload -Uz compinit; compinit -u -D; source <(kubectl-meshfix completion zsh); print ${_comps[kubectl-meshfix]}"

    assert subprocess.run(["zsh", "-f", "-c", script], capture_output=True, text=True, check=True).stdout == "_kubectl_meshfix\n"


def test_the_program_for_kubectl_can_be_printed(on_path: Path) -> None:
    """Krew links one program only; the other is printed, and answers alike."""
    shim = on_path / "shim"
    shim.write_text(CliRunner().invoke(app, ["completion", "kubectl"]).stdout)
    shim.chmod(0o755)

    assert subprocess.run([shim, "rul"], capture_output=True, text=True, check=True).stdout.splitlines() == tab("rul")
