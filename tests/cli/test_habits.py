"""What hands type that know kubectl, istioctl and linters: each is done, or answered by one sentence and exit code 2."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kubectl_meshfix.cli.flags.spelling import ALIASES, arranged
from kubectl_meshfix.cli.main import app
from kubectl_meshfix.cli.verbs import VERBS
from kubectl_meshfix.errors import MeshfixError
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.choice import FAMILIES, is_named
from tests.command import SERVICE, run

WORKLOAD = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  template:
    metadata: {labels: {app: cart}}
    spec: {containers: [{name: cart, image: "cart:1"}]}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a manifest, a second one in a folder of its own, and no kubeconfig."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    (tmp_path / "cart.yaml").write_text(SERVICE + WORKLOAD)
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "till.yaml").write_text(SERVICE.replace("cart", "till"))
    return tmp_path


def complaint(*words: str) -> str:
    """The sentence and the hint that a command ends with."""
    error = run(*words).exception
    assert isinstance(error, MeshfixError), error
    return f"{error.message}\n{error.hint}"


def found(*words: str) -> set[str]:
    """The names of the objects that ``diagnose --select MF101`` has findings for."""
    document = json.loads(CliRunner().invoke(app, [*words, "--select", "MF101", "-o", "json"], catch_exceptions=False).stdout)
    return {row["resource"]["name"] for row in document["findings"]}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["cart.yaml"], {"cart"}),
        (["cart.yaml", "deploy/till.yaml"], {"cart", "till"}),
        (["deploy/"], {"till"}),
        (["./deploy"], {"till"}),
        (["-f", "cart.yaml", "deploy/till.yaml"], {"cart", "till"}),
        (["-f", "cart.yaml,deploy/till.yaml"], {"cart", "till"}),
        (["-f", "*.yaml"], {"cart"}),
        (["*.yaml"], {"cart"}),
        ([".", "-R"], {"cart", "till"}),
        (["svc/till", "cart.yaml", "deploy/till.yaml"], {"till"}),
        (["svc", "till", "cart.yaml", "deploy/till.yaml"], {"till"}),
    ],
)
def test_files_stand_without_their_flag(words: list[str], expected: set[str]) -> None:
    """Existing files and folders, globs that no shell has expanded, and lists with commas are all ``-f``."""
    assert found("diagnose", *words) == expected


def test_a_kind_is_a_kind_though_a_folder_has_its_name(folder: Path) -> None:
    """``diagnose deploy`` asks the cluster as it always has, and what follows a kind is a name; a file's own comma separates nothing."""
    (folder / "till").mkdir()
    (folder / "a,b.yaml").write_text(SERVICE)

    assert "kubeconfig" in complaint("diagnose", "deploy")
    assert "kubeconfig" in complaint("diagnose", "svc", "till")
    assert run("diagnose", "deploy").stderr == "deploy means objects of the cluster here. For the folder of this name: ./deploy\n"
    assert found("diagnose", "-f", "a,b.yaml") == {"cart"}


def test_apply_and_undo_take_files_as_diagnose_does(folder: Path) -> None:
    """What is shown without -f is fixed and taken back without it."""
    assert run("apply", "cart.yaml", "--yes", "--unsafe", "--select", "MF101").exit_code == 0
    assert "http-web" in (folder / "cart.yaml").read_text()
    assert run("undo", "cart.yaml", "--yes").exit_code == 0
    assert (folder / "cart.yaml").read_text() == SERVICE + WORKLOAD


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("diagnose crat.yaml", "crat.yaml does not exist."),
        ("diagnose -f x*.yaml", "No file matches x*.yaml."),
        ("diagnose -f https://a.b/c.yaml", "curl -fsSL https://a.b/c.yaml | kubectl meshfix diagnose -f -"),
        ("apply https://a.b/c.yaml", "curl -fsSL https://a.b/c.yaml | kubectl meshfix apply -f -"),
        ("diagnose -k overlays/prod", "overlays/prod is not a directory."),
        ("apply --kustomize=x -R", "-k and -R cannot be used together."),
        ("explain -k x cart.yaml", "-k and -f cannot be used together."),
        ("diagnose -k .", ". has no kustomization.yaml."),
        ("cart.yaml", "Name a verb first: kubectl meshfix diagnose cart.yaml."),
        ("get pods", "kubectl get shows objects."),
        ("diagnos", "Did you mean diagnose?"),
        ("-n shop", "There is no verb after -n shop."),
        ("--nope", "kubectl meshfix has no flag --nope."),
        ("diagnose --scpe all", "diagnose has no flag --scpe.\nDid you mean --scope? See: kubectl meshfix diagnose --help"),
        ("diagnose --select", "--select needs a value.\nSee: kubectl meshfix diagnose --help"),
        ("diagnose -A=perhaps", '-A is a switch and takes true or false, not "perhaps".'),
        ("completion", "is missing.\nSee: kubectl meshfix completion --help"),
        ("completion bash zsh", "There is a word too many: zsh."),
        ("diagnose --severity loud", '--severity takes error, warning or info, not "loud".'),
        ("diagnose -o jsonn", "Did you mean json?"),
        ("diagnose -o jsonpath={.items}", "Pipe -o json into jq."),
        ("explain -v=much", '--v takes a number, not "much".'),
        ("diagnose --failure-threshold Error", "--fail-on error"),
        ("diagnose --output-threshold=Error", "--severity error"),
        ("diagnose -S IST0118=x", "--ignore IST0118"),
        ("diagnose --suppress IST0118=x", "docs/configuration.md"),
        ("diagnose --use-kube=false", "add -f FILE"),
        ("diagnose --sort-by=x", "jq"),
        ("diagnose --no-headers", "-o name"),
        ("diagnose --fix", "kubectl meshfix apply --dry-run"),
        ("apply --watch", "diagnose --watch"),
        ("explain MF101", "Its page: kubectl meshfix rules MF101."),
        ("explain ist0118", "Its page: kubectl meshfix rules IST0118."),
        ("diagnose MF101", "--select MF101"),
        ("diagnose --select KIA1301", "Kiali's KIA1301 has no rule here."),
        ("rules IST0137", "inbound clusters are keyed by it"),
        ("rules --coverage MF1", "No code of istioctl or Kiali begins with MF1."),
        ("rules MF101 nosuch", 'No rule is called "nosuch".'),
        ("rules prts", "Did you mean ports?"),
        ("diagnose cart.yaml hpa", "No rule looks at objects of kind HorizontalPodAutoscaler."),
        ("diagnose cart.yaml rs", "There is no ReplicaSet in these files."),
        ("apply vs -f cart.yaml", "There is no VirtualService in these files."),
    ],
)
def test_what_is_not_taken_is_answered(words: str, sentence: str) -> None:
    """One sentence says what is wrong, the next what to type."""
    said = complaint(*words.split())

    assert sentence in said
    assert "Value error" not in said


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("", "--help"),
        ("help", "--help"),
        ("--help=true", "--help"),
        ("help apply", "apply --help"),
        ("apply help", "apply --help"),
        ("-n shop diagnose svc", "diagnose -n shop svc"),
        ("-nshop -A --context=a --as-group b diagnose", "diagnose -nshop -A --context=a --as-group b"),
        ("--context a help diagnose", "diagnose --context a --help"),
        ("lint x.yaml", "diagnose x.yaml"),
        ("fix --yes", "apply --yes"),
        ("diff -f x --dry-run=none -- -y", "apply -f x --dry-run=none --dry-run -- -y"),
        ("--version", "--version"),
    ],
)
def test_words_are_brought_into_order(typed: str, means: str) -> None:
    """``help``, other verbs' names and flags before the verb become what Typer reads."""
    assert " ".join(arranged(typed.split())) == means


@pytest.mark.parametrize("name", ALIASES)
def test_other_names_do_what_their_verb_does(name: str, folder: Path) -> None:
    """Linters' and istioctl's names of diagnose, ``fix`` and ``diff``, which never changes anything."""
    flags = ["--unsafe", "--yes", "--dry-run=none"] if name == "diff" else []

    assert run(name, "cart.yaml", "--select", "MF101", *flags).exit_code == (0 if name == "fix" else 1)
    assert (folder / "cart.yaml").read_text() == SERVICE + WORKLOAD


def test_flags_before_the_verb_count() -> None:
    """Kubectl's habit of global flags, which kubectl itself cannot pass to a plugin."""
    assert found("-n", "shop", "diagnose", "cart.yaml") == {"cart"}
    assert "'none' is not in the kubeconfig" in complaint("--context", "none", "-n", "shop", "diagnose", "cart.yaml")
    assert "kubeconfig" in complaint("--kubeconfig", "none", "diagnose")


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (["--fail-on", "none"], 0),
        (["--fail-on=NEVER"], 0),
        (["--severity=warn"], 1),
        (["--severity", "Error"], 0),
        (["-o", "JSON"], 1),
        (["--fail-on", "Warnings"], 1),
    ],
)
def test_values_in_any_case_and_by_other_words(flags: list[str], code: int) -> None:
    """``Error`` as istioctl writes it, ``warn`` as linters do, ``none`` for never."""
    assert run("diagnose", "cart.yaml", "--select", "MF101", *flags).exit_code == code


@pytest.mark.parametrize("verb", VERBS)
def test_help_is_for_people(verb: str) -> None:
    """No type of Python's is named, examples come before flags, and the connection's flags have a place of their own."""
    text = run(verb, "--help").stdout

    assert not {"<", ">"} & set(text.replace(" > report.html", "")) or verb == "completion"
    assert "--certificate-authority" not in text
    if "Examples:" in text:
        assert text.index("Examples:") < text.index("Options:")
        assert "kubectl meshfix options" in text or verb == "rules"


def test_options_lists_what_every_verb_takes() -> None:
    """The flags that verbs' help leaves out, and -n and -A, which may stand before the verb."""
    text = run("options").stdout

    assert all(flag in text for flag in ("-n, --namespace NAMESPACE", "--certificate-authority FILE", "-s, --server URL", "-A"))


def test_rules_by_number_family_and_several() -> None:
    """Several pages at once, a family as a table, a number without its letters."""
    pages = run("rules", "MF101", "udp-name-on-tcp-port").stdout

    assert [line for line in pages.splitlines() if line.startswith("# MF")] == [
        "# MF101 undeclared-port-protocol",
        "# MF102 udp-name-on-tcp-port",
    ]
    assert run("rules", "101").stdout == run("rules", "MF101").stdout
    assert run("rules", "ports").stdout == run("rules", "MF1").stdout
    assert run("rules", "ports").stdout.count("\n  MF1") == sum(rule.code.startswith("MF1") for rule in RULES)


def test_every_rule_is_in_the_family_of_its_folder() -> None:
    """The words for families are the folders' names."""
    for rule in RULES:
        folder = rule.check.__module__.split(".")[2]
        assert is_named(rule, folder), (rule.code, folder)
    assert set(FAMILIES) == {rule.check.__module__.split(".")[2] for rule in RULES}


def test_quiet_leaves_the_answer_alone() -> None:
    """-q prints findings and diffs, and nothing about them; errors are printed all the same."""
    loud, quiet = run("diagnose", "cart.yaml", "--select", "MF101"), run("diagnose", "-q", "cart.yaml", "--select", "MF101")

    assert loud.stdout.startswith(quiet.stdout)
    assert "1 finding" not in quiet.stdout + quiet.stderr
    assert run("apply", "-q", "cart.yaml", "--dry-run", "--select", "MF101").stderr == ""
    assert run("diagnose", "cart.yaml", "--select", "MF101").stdout == loud.stdout


def test_verbose_adds_the_evidence() -> None:
    """-v of diagnose is -o wide."""
    assert run("diagnose", "cart.yaml", "-v").stdout == run("diagnose", "cart.yaml", "-o", "wide").stdout


def test_colour_by_flag_and_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bare --color is always, --no-color is never, and the environment asks as it does elsewhere."""
    monkeypatch.delenv("NO_COLOR", raising=False)

    assert "\x1b" in run("diagnose", "cart.yaml", "--color").stdout
    assert "\x1b" not in run("diagnose", "cart.yaml", "--color", "--no-color").stdout
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.setenv(name, "1")
        assert "\x1b" in run("diagnose", "cart.yaml").stdout
        assert "\x1b" not in run("diagnose", "cart.yaml", "--color=never").stdout
        monkeypatch.setenv("NO_COLOR", "")
        assert "\x1b" not in run("diagnose", "cart.yaml").stdout
        monkeypatch.delenv("NO_COLOR")
        monkeypatch.setenv(name, "0")
        assert "\x1b" not in run("diagnose", "cart.yaml").stdout
        monkeypatch.delenv(name)


def test_a_service_is_explained_by_what_is_behind_it() -> None:
    """``explain svc/x`` explains the workloads that the Service selects; one without any says why it has none."""
    assert json.loads(run("explain", "svc/cart", "cart.yaml", "-o", "json").stdout)["explanations"][0]["target"]["kind"] == "Deployment"
    assert "no workload here has the labels app=till" in complaint("explain", "svc/till", "deploy/till.yaml")
    assert run("explain", "cronjobs", "-f", "cart.yaml").stdout == "No cronjobs in these files.\n"


def test_rules_tell_what_others_find() -> None:
    """--coverage lists the codes of istioctl and Kiali with the rules that find the same, in every format, all of them or some."""
    table, some = run("rules", "--coverage"), run("rules", "--coverage", "ist0118", "-o", "json")

    assert [line.split()[:3] for line in table.stdout.splitlines() if line.startswith("IST0118")] == [
        ["IST0118", "PortNameIsNotUnderNamingConvention", "MF101"]
    ]
    assert re.search(r"^140 codes: \d+ found, \d+ argued, \d+ not yet\.$", table.stdout, re.MULTILINE)
    assert json.loads(some.stdout)["codes"] == [
        {
            "code": "IST0118",
            "name": "PortNameIsNotUnderNamingConvention",
            "tool": "istioctl",
            "status": "found",
            "rules": ["MF101"],
            "reason": "",
        }
    ]
    assert run("rules", "--coverage", "IST0118", "-o", "yaml").stdout.count("- code:") == 1
    assert "| IST0118 | PortNameIsNotUnderNamingConvention | MF101 |" in run("rules", "--coverage", "-o", "markdown").stdout
