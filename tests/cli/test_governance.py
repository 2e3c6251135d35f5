"""Settings, suppressions and baselines as a team meets them on the command line."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner, Result

from kubectl_meshfix.cli.main import app
from kubectl_meshfix.errors import MeshfixError
from tests.command import run
from tests.governance.findings import service

SCHEMA = json.loads((Path(__file__).parent.parent.parent / "docs" / "schema" / "report.v1.json").read_text())
ROTTEN = ("fax", 80), ("udp-sync", 81)
"""A port that declares no protocol, MF101, and one that declares a wrong one, MF102."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one manifest, in which the commands run."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "cart.yaml").write_text(service("cart", *ROTTEN))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/nonexistent")
    return tmp_path


def diagnose(*arguments: str) -> Result:
    """A diagnosis of the repository's manifests."""
    return run("diagnose", "-f", "deploy", "-R", *arguments)


def codes(*arguments: str) -> dict[str, str | None]:
    """The findings that a diagnosis has, and who suppresses each; the report is what its schema says."""
    document = json.loads(diagnose("-o", "json", *arguments).stdout)
    jsonschema.validate(document, SCHEMA)
    return {row["code"]: (row["suppressed"] or {}).get("by") for row in document["findings"]}


def settings(**said: object) -> None:
    """Write settings at the repository's root."""
    Path(".meshfix.yaml").write_text(yaml.safe_dump(said))


def accept(code: str, **more: str) -> dict[str, object]:
    """A suppression of the Service's findings."""
    return {"code": code, "resource": "Service shop/cart", "reason": "a fax", **more}


def complaint(*arguments: str) -> str:
    """What a command ends with."""
    result = run(*arguments)
    assert isinstance(result.exception, MeshfixError), result.output
    return f"{result.exception.message} {result.exception.hint}"


def test_settings_are_found_and_named() -> None:
    """Settings above the manifests count, and every format says on standard error that they did; JSON says it in the report too."""
    settings(ignore=["MF102"])

    assert codes() == {"MF101": None}
    for output in ("table", "json", "name", "sarif"):
        assert "Settings: .meshfix.yaml\n" in diagnose("-o", output).stderr
    assert json.loads(diagnose("-o", "json").stdout)["config"] == ".meshfix.yaml"


def test_settings_are_left_out() -> None:
    """With --config none nothing is looked for, and nothing is said of settings."""
    settings(ignore=["MF102"])

    assert set(codes("--config", "none")) == {"MF101", "MF102"}
    assert "Settings" not in diagnose("--config", "none").stderr


def test_settings_by_name() -> None:
    """A file that --config names counts instead of the one that would be found."""
    settings(ignore=["MF102"])
    Path("other.yaml").write_text("ignore: MF101\n")

    assert set(codes("--config", "other.yaml")) == {"MF102"}


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ((), {"MF101"}),
        (("--select", "MF102"), {"MF102"}),
        (("--select", "udp-name-on-tcp-port"), {"MF102"}),
        (("--select", "MF1"), {"MF101"}),
        (("--ignore", "MF101"), {"MF102"}),
    ],
)
def test_flags_win(flags: tuple[str, ...], found: set[str]) -> None:
    """A flag takes the place of the setting of its name, and who asks for a rule by its own name gets it."""
    settings(ignore=["MF102"])

    assert set(codes(*flags)) == found


def test_severities_decide_the_exit_code() -> None:
    """A rule that a team holds to be less bad fails no run, one that it holds to be worse does, and --fail-on has the last word."""
    settings(severities={"MF1": "info"})
    assert diagnose().exit_code == 0
    settings(severities={"MF1": "info", "MF101": "error"}, **{"fail-on": "error"})
    assert diagnose().exit_code == 1
    settings(**{"fail-on": "never"})
    assert diagnose().exit_code == 0
    assert diagnose("--fail-on", "warning").exit_code == 1


def test_suppressed_findings_are_counted_not_shown() -> None:
    """A suppressed finding is counted, is shown with its reason when asked for, is marked in JSON, and does not fail the run."""
    settings(suppressions=[accept("MF101"), accept("MF102")])

    plain, asked = diagnose(), diagnose("--show-suppressed")

    assert (plain.exit_code, plain.stdout) == (0, "No problems in 1 object of 1 file. 2 suppressed.\n")
    assert asked.stdout.count("suppressed by config: a fax") == 2
    assert codes() == {"MF101": "config", "MF102": "config"}


def test_a_stale_suppression_is_a_finding_in_the_settings() -> None:
    """An expired suppression is a finding on its line of the settings, and what it was for counts again."""
    settings(suppressions=[accept("MF101", expires="2020-01-01"), accept("MF102")])

    document = json.loads(diagnose("-o", "json").stdout)
    (stale,) = (row for row in document["findings"] if row["code"] == "MF002")

    assert stale["location"] == {"file": ".meshfix.yaml", "line": 2, "column": 3}
    assert "expired on 2020-01-01: 1 finding counts again." in stale["message"]
    assert codes() == {"MF002": None, "MF101": None, "MF102": "config"}
    assert "MF002" not in codes("--ignore", "MF002")


def test_nothing_is_stale_in_a_part() -> None:
    """A hook that looks at one file says nothing of suppressions for others; a look at everything does."""
    settings(suppressions=[{"code": "MF101", "resource": "Service shop/till", "reason": "it is gone"}])

    assert "MF002" in run("diagnose", "-f", ".", "-R").stdout
    assert "MF002" not in diagnose().stdout
    assert "MF002" not in run("diagnose", "-f", "deploy/cart.yaml").stdout


def test_apply_leaves_alone_what_is_accepted() -> None:
    """What is suppressed or in the baseline is not fixed, and apply says which settings it goes by."""
    settings(suppressions=[accept("MF101")])

    shown = run("apply", "-f", "deploy", "-R", "--dry-run")

    assert "MF101" not in shown.stdout + shown.stderr
    assert "MF102 Service shop/cart" in shown.stdout
    assert "Settings: .meshfix.yaml" in shown.stderr
    diagnose("--write-baseline", "known.json")
    assert run("apply", "-f", "deploy", "-R", "--dry-run", "--baseline", "known.json").stdout == ""


def test_a_baseline_holds_out_what_was_there() -> None:
    """Writing a baseline makes the run clean; from then on only what is new fails, and what is gone is said."""
    written = diagnose("--write-baseline", "known.json")
    assert (written.exit_code, written.stdout) == (0, "No new problems in 1 object of 1 file. 2 in the baseline.\n")
    assert "known.json now lists 2 findings: 2 new, 0 gone." in written.stderr
    assert diagnose("--baseline", "known.json").exit_code == 0

    Path("deploy/till.yaml").write_text(service("till"))
    failed = diagnose("--baseline", "known.json")
    assert failed.exit_code == 1
    assert "cart" not in failed.stdout
    assert "1 finding in 1 object" in failed.stdout

    Path("deploy/cart.yaml").write_text(service("cart", ("http", 80), ("udp-sync", 81)))
    assert "1 finding in known.json is gone. To update the file: --write-baseline known.json" in diagnose("--baseline", "known.json").stderr
    document = json.loads(diagnose("--baseline", "known.json", "-o", "json").stdout)
    assert document["baseline"] == {"file": "known.json", "gone": 1, "known": 1}


def test_what_ports_speak_is_kept() -> None:
    """A protocol that the settings know is declared instead of what is guessed, and a flag says otherwise; neither makes the fix safe."""
    settings(protocols={"shop/cart/80": "grpc"})

    def fix(*flags: str) -> dict[str, str]:
        rows = json.loads(diagnose("-o", "json", "--select", "MF101", *flags).stdout)["findings"]
        return {key: rows[0]["fix"][key] for key in ("safety", "summary")}

    assert "grpc" not in fix("--config", "none")["summary"]
    assert fix()["safety"] == "unsafe"
    assert "grpc" in fix()["summary"]
    assert "redis" in fix("--protocol", "shop/cart/80=redis")["summary"]


def test_stale_suppressions_are_no_debt() -> None:
    """A baseline never holds out what is said of the settings, now or when another suppression expires."""
    settings(suppressions=[accept("MF101", expires="2020-01-01"), accept("MF102")])

    assert "known.json now lists 1 finding" in diagnose("--write-baseline", "known.json").stderr
    assert codes("--baseline", "known.json") == {"MF002": None, "MF101": "baseline", "MF102": "config"}


def test_a_baseline_is_read_before_anything_else() -> None:
    """A baseline that cannot be read is told of at once, not after a long look at a cluster."""
    assert "none.json does not exist" in complaint("diagnose", "-A", "--baseline", "none.json", "--kubeconfig", "no-such-file")


def test_a_baseline_knows_more_than_is_shown() -> None:
    """--severity only shows less: what a baseline holds does not depend on it, and the totals do not run below zero."""
    diagnose("--write-baseline", "known.json", "--severity", "error")

    assert diagnose("--baseline", "known.json").exit_code == 0
    assert "1 in the baseline" in diagnose("--baseline", "known.json", "--severity", "error").stdout


def test_sarif_says_it_in_its_own_words() -> None:
    """SARIF has suppressions with their reason, and of each finding whether the baseline knows it."""
    settings(suppressions=[accept("MF101")])
    diagnose("--write-baseline", "known.json")
    Path("deploy/till.yaml").write_text(service("till"))

    results = json.loads(diagnose("--baseline", "known.json", "-o", "sarif").stdout)["runs"][0]["results"]

    assert [(row["ruleId"], row["baselineState"], [item["justification"] for item in row["suppressions"]]) for row in results] == [
        ("MF101", "new", ["a fax"]),
        ("MF102", "unchanged", ["It was there when the baseline was written."]),
        ("MF101", "new", []),
    ]


def test_next_commands_keep_the_files() -> None:
    """The command that is proposed goes by the same settings and the same baseline."""
    Path("team.yaml").write_text("ignore: MF102\n")
    Path("known.json").write_text('{"schemaVersion": 1, "tool": "kubectl-meshfix", "findings": []}')

    result = diagnose("--config", "team.yaml", "--baseline", "known.json")

    assert "apply -f deploy -R --config team.yaml --baseline known.json --dry-run" in result.stdout


def test_rules_as_the_settings_have_them() -> None:
    """The catalogue with --config has the rules that are left, as bad as the team holds them to be."""
    settings(select=["MF1"], ignore=["MF104"], severities={"MF103": "info"})

    listed = json.loads(run("rules", "--config", ".meshfix.yaml", "-o", "json").stdout)["rules"]

    assert {row["code"]: row["severity"] for row in listed} == {
        "MF101": "warning",
        "MF102": "error",
        "MF103": "info",
        "MF105": "error",
        "MF106": "error",
    }
    assert "The settings leave MF104 out." in complaint("rules", "MF104", "--config", ".meshfix.yaml")


def test_stale_suppressions_are_told_whatever_rules_the_settings_choose() -> None:
    """A choice of rules in the settings is about the mesh; who chooses by flag gets what he chose."""
    settings(select=["MF1"], suppressions=[accept("MF101", expires="2020-01-01")])

    assert "MF002" in codes()
    assert "MF002" not in codes("--select", "MF1")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--baseline", "none.json"), "none.json does not exist"),
        (("--baseline", "deploy"), "deploy is a folder"),
        (("--write-baseline", "deploy/cart.yaml"), "deploy/cart.yaml is not a baseline of meshfix"),
        (("--write-baseline", "none/known.json"), "none/known.json cannot be written: No such file or directory. Nothing was changed."),
        (("--config", "none.yaml"), "none.yaml does not exist"),
        (("--config", "deploy/cart.yaml"), 'deploy/cart.yaml:1:1: There is no setting "apiVersion".'),
        (("--baseline", "a", "--write-baseline", "b"), "cannot be used together"),
    ],
)
def test_bad_files_are_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    """A file that is not there, not ours, or cannot be written ends the run with a sentence, and nothing is written over."""
    before = Path("deploy/cart.yaml").read_text()

    assert said in complaint("diagnose", "-f", "deploy", "-R", *arguments)
    assert Path("deploy/cart.yaml").read_text() == before


def test_the_day_is_the_reports() -> None:
    """A report that is made again for another day is made with the suppressions of that day."""
    settings(suppressions=[accept("MF101", expires="2020-01-01"), accept("MF102")])

    result = CliRunner().invoke(app, ["diagnose", "-f", "deploy", "-R"], env={"SOURCE_DATE_EPOCH": "1577836800"})

    assert result.exit_code == 0
    assert "2 suppressed." in result.stdout
