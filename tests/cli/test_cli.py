"""The command line as a user meets it: answers, talk, exit codes, bad input."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.verbs import VERBS
from kubectl_meshfix.errors import SourceError
from tests.command import SERVICE, run

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = str(ROOT / "examples")
MESHFIX = [sys.executable, "-c", "from kubectl_meshfix.cli.start import main; main()"]

UNREACHABLE = json.dumps(
    {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "c",
    }
)


def process(*arguments: str, env: dict[str, str] | None = None, text: str = "") -> subprocess.CompletedProcess[str]:
    """One command in a process of its own, errors turned into sentences and exit codes as for a user."""
    return subprocess.run(
        [*MESHFIX, *arguments], capture_output=True, text=True, env={**os.environ, **(env or {})}, check=False, input=text
    )


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A file with one fixable finding."""
    path = tmp_path / "cart.yaml"
    path.write_text(SERVICE)
    return path


@pytest.mark.parametrize("output", ["table", "wide", "json", "yaml", "name"])
def test_exit_code_is_the_same_for_every_format(output: str, manifest: Path) -> None:
    """Findings make the exit code 1, clean files 0, whatever the format."""
    clean = manifest.with_name("clean.yaml")
    clean.write_text(SERVICE.replace("web", "http"))

    assert run("diagnose", "-f", str(manifest), "-o", output).exit_code == 1
    assert run("diagnose", "-f", str(clean), "-o", output).exit_code == 0


@pytest.mark.parametrize(("fail_on", "code"), [("error", 0), ("warning", 1), ("info", 1), ("never", 0)])
def test_fail_on(fail_on: str, code: int, manifest: Path) -> None:
    """A warning counts from the severity that --fail-on names."""
    assert run("diagnose", "-f", str(manifest), "--fail-on", fail_on).exit_code == code


def test_json_keeps_to_its_schema() -> None:
    """The report of the whole shop is what docs/schema says, and nothing else is on standard output."""
    schema = json.loads((ROOT / "docs" / "schema" / "report.v1.json").read_text())

    result = run("diagnose", "-f", EXAMPLES, "-R", "-o", "json")

    jsonschema.Draft202012Validator(schema).validate(json.loads(result.stdout))
    assert result.stderr == ""


def test_same_input_gives_the_same_bytes() -> None:
    """Two processes with different hash seeds print the same report."""
    reports = {process("diagnose", "-f", EXAMPLES, "-R", "-o", "json", env={"PYTHONHASHSEED": seed}).stdout for seed in ("1", "2")}

    assert len(reports) == 1


def imported(*arguments: str) -> set[str]:
    """The modules that one command has imported at its end."""
    script = (
        f"import sys; sys.argv = ['kubectl-meshfix', *{arguments!r}]\n"
        "from kubectl_meshfix.cli.start import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "sys.stderr.write('\\n' + ' '.join(sys.modules))"
    )
    return set(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["diagnose", "--help"], ["rules"], ["diagnose"], ["apply", "--dry-run"]])
def test_help_and_files_never_import_the_client(arguments: list[str], manifest: Path) -> None:
    """Neither --help, rules nor a run on files loads kubernetes or urllib3: they cost a third of a second."""
    source = ["-f", str(manifest)] if arguments[0] in ("diagnose", "apply") and "--help" not in arguments else []

    assert not imported(*arguments, *source) & {"kubernetes", "urllib3", "rich"}


@pytest.mark.parametrize(
    "command",
    [
        "rules MF101",
        "diagnose -o json --severity error --ignore MF101 svc",
        "explain -A -v deploy",
        "apply --dry-run",
        "undo --list",
        "completion zsh",
    ],
)
def test_no_word_is_converted_by_pydantic(command: str, manifest: Path) -> None:
    """Text, lists, choices, numbers and switches are taken as they stand: loading pydantic takes a quarter of a run on files."""
    source = ["-f", str(manifest)] if command.split(maxsplit=1)[0] in ("diagnose", "explain", "apply") else []

    assert not {name for name in imported(*command.split(), *source) if name.startswith("pydantic")}


ALONE = """apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80}]}
"""


def test_one_small_file_imports_what_it_needs(tmp_path: Path) -> None:
    """A Service without pods, routes or changes loads nothing that tells of pods, walks gateways, edits documents or reads clusters."""
    (tmp_path / "service.yaml").write_text(ALONE)
    ours = {name for name in imported("diagnose", "-f", str(tmp_path / "service.yaml")) if name.startswith("kubectl_meshfix.")}
    rooms = {".".join(name.split(".")[:3]) for name in ours}

    assert "kubectl_meshfix.rules.ports.undeclared_port_protocol" in ours
    assert not {name for name in ours if name.startswith("kubectl_meshfix.documents.editing.")}
    assert not rooms & {
        "kubectl_meshfix.injection.apiserver",
        "kubectl_meshfix.injection.injector",
        "kubectl_meshfix.injection.kubelet",
        "kubectl_meshfix.injection.prediction",
        "kubectl_meshfix.sources.api",
        "kubectl_meshfix.traffic.trace",
        "kubectl_meshfix.validation",
    }
    assert len(ours) < 225, "loading costs a third of a millisecond a module, more than the work itself"


ROUTED = f"""{ALONE}---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: cart, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: cart, version: v1}}}}
  template:
    metadata: {{labels: {{app: cart, version: v1}}}}
    spec: {{containers: [{{name: cart, image: cart, ports: [{{containerPort: 80}}]}}]}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: cart, namespace: shop}}
spec: {{hosts: [cart], http: [{{route: [{{destination: {{host: cart, subset: v1}}}}]}}]}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {{name: cart, namespace: shop}}
spec: {{host: cart, subsets: [{{name: v1, labels: {{version: v1}}}}]}}
"""


def test_a_service_with_its_routes_imports_what_it_needs(tmp_path: Path) -> None:
    """Pods, routes and a subset, with nothing wrong: no gateway is walked, no proxy looked at, no webhook called, and no fix planned."""
    (tmp_path / "cart.yaml").write_text(ROUTED)
    ours = {name for name in imported("diagnose", "-f", str(tmp_path / "cart.yaml")) if name.startswith("kubectl_meshfix.")}
    rooms = {".".join(name.split(".")[:3]) for name in ours}

    assert {"kubectl_meshfix.rules.routing.undefined_subset", "kubectl_meshfix.validation.virtual_service"} <= ours
    assert not ours & {
        "kubectl_meshfix.fixes.plan",
        "kubectl_meshfix.rules.routing.matching.hidden_routes",
        "kubectl_meshfix.traffic.checks.table",
        "kubectl_meshfix.traffic.client.view",
        "kubectl_meshfix.traffic.gateway.following",
        "kubectl_meshfix.traffic.route.candidates",
    }
    assert not rooms & {
        "kubectl_meshfix.injection.early",
        "kubectl_meshfix.injection.in_force",
        "kubectl_meshfix.injection.kubelet",
        "kubectl_meshfix.injection.reaching",
        "kubectl_meshfix.injection.template",
        "kubectl_meshfix.traffic.trace",
    }
    assert len(ours) < 350


def test_help_imports_no_decoder() -> None:
    """The program's help and its errors are text: what decodes objects takes longer to load than all else of ours."""
    assert not imported("--help") & {"msgspec", "yaml"}


def test_help_imports_no_verb() -> None:
    """The program's help is written from the table of verbs alone, and waits for none of them."""
    assert not imported("--help") & {"kubectl_meshfix.engine", *(f"kubectl_meshfix.cli.verbs.{verb}" for verb in VERBS)}


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_imports_nothing_that_it_works_with(verb: str) -> None:
    """Flags are known before rules, documents and pydantic's validators are loaded, which take longer than all else; no other verb is."""
    others = {f"kubectl_meshfix.cli.verbs.{other}" for other in VERBS if other != verb}

    assert not imported(verb, "--help") & {"kubectl_meshfix.rules", "kubectl_meshfix.engine", "yaml", "pydantic.fields", *others}


def test_every_verb_of_the_table_is_there() -> None:
    """Each line of the table leads to a verb, whose help begins with its own usage."""
    for verb in VERBS:
        assert run(verb, "--help").stdout.startswith(f"Usage: root {verb}"), verb


def test_a_misspelt_verb_is_told_the_nearest() -> None:
    """Verbs that are not loaded are still known by name."""
    assert "Did you mean diagnose?" in process("diagnos").stderr


def test_usage_reads_as_kubectl_calls_it() -> None:
    """Usage lines name the program as users type it."""
    assert "Usage: kubectl meshfix diagnose" in process("diagnose", "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["diagnose", "-f", "/nowhere"], "/nowhere does not exist"),
        (["diagnose", "-f", EXAMPLES, "deployy"], "Did you mean deploy"),
        (["diagnose", "-f", EXAMPLES, "-R", "deploy/crat-v2"], "Did you mean cart-v2"),
        (["diagnose", "-f", EXAMPLES, "--select", "MF999"], 'No rule is called "MF999"'),
        (["diagnose", "-f", EXAMPLES, "-l", "a b c"], "is not a label selector"),
        (["diagnose", "-R"], "-R needs -f"),
        (["diagnose", "deploy/a", "svc"], "is not TYPE/NAME"),
        (["rules", "undeclared-port-protocl"], "Did you mean undeclared-port-protocol"),
        (["diagnose", "--request-timeout", "soon"], "--request-timeout"),
        (["diagnose"], "cannot be reached"),
        (["apply", "--dry-run"], "cannot be reached"),
    ],
)
def test_bad_input_gets_a_sentence_and_exit_code_2(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    """What cannot be done is said in a sentence, with exit code 2 and no traceback."""
    (tmp_path / "config").write_text(UNREACHABLE)

    done = process(*arguments, env={"KUBECONFIG": str(tmp_path / "config")})

    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x01\x02",
        b"\xff\xfe\x00",
        b"apiVersion: v1\nkind: [1",
        b"apiVersion: v1\nkind: Service\n\tports: x",
        b"apiVersion: v1\nkind: " + b"[" * 50_000,
        b"kind: Service\napiVersion: v1\nkind: Pod\n",
        b"kind: Service\napiVersion: v1\nspec: 5\n",
    ],
)
def test_unreadable_files_are_findings(content: bytes, manifest: Path) -> None:
    """A document that cannot be read is a finding, and the others are checked all the same."""
    manifest.with_name("broken.yaml").write_bytes(content)

    result = run("diagnose", "-f", str(manifest.parent), "-o", "json")

    codes = {row["code"] for row in json.loads(result.stdout)["findings"]}
    assert result.exit_code == 1
    assert codes == {"MF001", "MF101"}


def test_apply_changes_only_the_bytes_of_the_fix(manifest: Path) -> None:
    """A fixed file differs in one word; its mode stays, and a second apply leaves it alone."""
    manifest.chmod(0o640)

    result = run("apply", "-f", str(manifest), "--yes", "--unsafe")

    assert result.exit_code == 0
    assert manifest.read_text() == SERVICE.replace("web", "http-web")
    assert stat.S_IMODE(manifest.stat().st_mode) == 0o640
    before = manifest.stat().st_mtime_ns
    assert "nothing to change" in run("apply", "-f", str(manifest), "--yes", "--unsafe").stderr
    assert manifest.stat().st_mtime_ns == before


def test_undo_without_a_cluster_names_the_newest_run_on_files(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody who has only ever fixed files is sent to look for a kubeconfig."""
    monkeypatch.setenv("KUBECONFIG", str(manifest.with_name("none")))
    said = run("apply", "-f", str(manifest), "--yes", "--unsafe").stderr
    way_back = next(line for line in said.splitlines() if "To take it back: " in line).partition("To take it back: ")[2]

    error = run("undo", "--yes").exception

    assert isinstance(error, SourceError)
    assert way_back in error.hint


def test_the_next_command_is_about_the_same_report(manifest: Path) -> None:
    """What diagnose says to type next has the objects and rules of its report, and works with any file's name."""
    spaced = manifest.rename(manifest.with_name("my cart.yaml"))

    said = run("diagnose", "svc/cart", "-f", str(spaced), "--ignore", "MF2", "-l", "a!=b", "-n", "shop", "--severity", "warning").stdout

    command = f"kubectl meshfix apply svc/cart -f '{spaced}' -n shop -l 'a!=b' --severity warning --ignore MF2 --dry-run"
    assert f"Next: {command}" in said.splitlines()


def test_unsafe_fixes_wait_for_their_flag(manifest: Path) -> None:
    """Without --unsafe nothing is written, and the flag that frees the fix is named."""
    result = run("apply", "-f", str(manifest), "--yes")

    assert manifest.read_text() == SERVICE
    assert "--unsafe" in result.stderr


def test_dry_run_shows_all_and_writes_nothing(manifest: Path) -> None:
    """--dry-run prints a diff that patch(1) can use, and exits with 1 because there is something to change."""
    result = run("apply", "-f", str(manifest), "--dry-run")

    assert result.exit_code == 1
    assert "-  - name: web   # a comment\n+  - name: http-web   # a comment\n" in result.stdout
    assert manifest.read_text() == SERVICE


def test_apply_on_stdin_writes_the_fixed_manifests() -> None:
    """With -f - the fixed text comes out, and the diff goes to standard error."""
    result = run("apply", "-f", "-", "--unsafe", text=SERVICE)

    assert result.exit_code == 0
    assert result.stdout == SERVICE.replace("web", "http-web")
    assert "+  - name: http-web" in result.stderr


def test_nobody_to_ask_changes_nothing(manifest: Path) -> None:
    """Without a terminal and without --yes nothing is changed, and the way out is named."""
    done = process("apply", "-f", str(manifest), "--unsafe")

    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert manifest.read_text() == SERVICE


@pytest.mark.parametrize("mode", [0o440, 0o555])
def test_read_only_file_is_left_alone(mode: int, manifest: Path) -> None:
    """A file that may not be written is named, and nothing is written."""
    manifest.chmod(mode)

    done = process("apply", "-f", str(manifest), "--unsafe", "--yes")

    assert done.returncode == 2
    assert "read-only" in done.stderr
    assert manifest.read_text() == SERVICE


def test_full_disk_leaves_the_file_whole(manifest: Path) -> None:
    """When the new text cannot be written, the old one is still there, and no crumbs are."""
    script = (
        "import sys, os, errno\n"
        "from kubectl_meshfix.cli.start import main\n"
        "def full(_): raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "os.fsync = full\n"
        f"sys.argv = ['kubectl-meshfix', 'apply', '-f', {str(manifest)!r}, '--unsafe', '--yes']\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert manifest.read_text() == SERVICE
    assert [path.name for path in manifest.parent.iterdir()] == [manifest.name]


def test_json_patch_is_what_kubectl_patch_takes(manifest: Path) -> None:
    """-o json-patch prints the operations by object."""
    document = json.loads(run("apply", "-f", str(manifest), "--dry-run", "-o", "json-patch").stdout)

    assert document["patches"][0]["resource"]["name"] == "cart"
    assert [item["op"] for item in document["patches"][0]["operations"]] == ["test", "replace"]


def test_a_reader_that_leaves_is_no_error() -> None:
    """``| head -1`` sees one line and nobody sees a traceback."""
    command = f"{sys.executable} -c 'from kubectl_meshfix.cli.start import main; main()' diagnose -f {EXAMPLES} -R -o json | head -1"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True)

    assert done.stdout == "{\n"
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("redirection", "code", "sentence"),
    [
        (">&-", 1, ""),
        ("2>&-", 1, ""),
        ("<&-", 1, ""),
        (">/dev/full", 2, "error: The output cannot be written: No space left on device.\n"),
    ],
)
def test_closed_and_full_streams_get_no_traceback(redirection: str, code: int, sentence: str, manifest: Path) -> None:
    """A stream that is closed takes nothing, one that is full is an error in a sentence."""
    command = f"{sys.executable} -c 'from kubectl_meshfix.cli.start import main; main()' diagnose -f {manifest} -o name {redirection}"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (code, sentence)


def test_answers_are_utf8_whatever_the_locale(manifest: Path) -> None:
    """A locale without arrows and umlauts neither stops a report nor alters manifests on their way through."""
    text = SERVICE.replace("a comment", "für Übersee")

    done = subprocess.run(
        [*MESHFIX, "apply", "-f", "-"],
        input=text.encode(),
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )

    assert done.stdout == text.encode()
    assert process("diagnose", "-f", str(manifest), env={"PYTHONIOENCODING": "ascii"}).returncode == 1


def test_names_are_not_printed_raw_in_errors(manifest: Path) -> None:
    """Escape sequences in a file's name are shown, not obeyed; bytes that are no text are refused."""
    assert "/gone\\x1b[31m does not exist" in process("diagnose", "-f", "/gone\x1b[31m").stderr

    manifest.write_text(SERVICE.replace(", namespace: shop", ""))

    refused = process("diagnose", "-f", str(manifest), "-n", "\udcff", "-o", "json")

    assert (refused.returncode, refused.stderr.partition("\n")[0]) == (2, "error: '\\udcff' cannot be the name of a namespace.")


def test_work_goes_on_when_its_reader_leaves(manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two files none stays unfixed because nobody reads any more which are done."""
    other = tmp_path / "other.yaml"
    other.write_text(SERVICE.replace("name: cart", "name: other"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def answer(text: str) -> None:
        if "fixed" in text:
            raise BrokenPipeError

    monkeypatch.setattr(console, "answer", answer)

    assert run("apply", "-f", str(tmp_path), "--yes", "--unsafe").exit_code == 0
    assert "http-web" in manifest.read_text()
    assert "http-web" in other.read_text()


def test_interrupt_leaves_with_130() -> None:
    """Ctrl-C while standard input is read ends with 130 and no traceback."""
    # started by a shell's & a program ignores Ctrl-C; and what fills the pipe is only taken once somebody reads
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from kubectl_meshfix.cli.start import main; main()"
    command = [sys.executable, "-c", heeding, "diagnose", "-f", "-"]
    running = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdin
    running.stdin.write("# no manifest yet\n" * 100_000)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)

    assert running.returncode == 130
    assert "Traceback" not in said


def test_text_of_manifests_is_never_printed_raw(manifest: Path) -> None:
    """Escape sequences in names are shown, not obeyed."""
    manifest.write_text(SERVICE.replace("name: web   # a comment", 'name: "web\\e[31m\\x07"'))

    shown = run("diagnose", "-f", str(manifest)).stdout

    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "\\x1b[31m" in shown


def test_no_color_and_pipes_are_plain(manifest: Path) -> None:
    """A pipe gets no colours; --color=always gives them all the same."""
    assert "\x1b" not in run("diagnose", "-f", str(manifest)).stdout
    assert "\x1b" in run("diagnose", "-f", str(manifest), "--color=always").stdout
