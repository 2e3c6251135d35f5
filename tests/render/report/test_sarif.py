"""SARIF as its specification has it (sections of SARIF 2.1.0 Errata 01), and edits that do what apply does."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kubectl_meshfix.cli.flags.options import RuleFlags
from kubectl_meshfix.cli.work.diagnosing import chosen_rules
from kubectl_meshfix.cli.work.source_text import hunks, marks
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.plan import Proposal, make_plan
from kubectl_meshfix.render.report.locations import Replacement
from kubectl_meshfix.render.report.sarif import sarif
from kubectl_meshfix.report import Report, Suppressed
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.targets.files import patched_texts, prepare
from tests.render.findings import ROOT, RUN, diagnosed, everything, finding, report
from tests.render.readers import SARIF_SCHEMA, SARIF_VALIDATOR, sarif_complaints


def examples() -> tuple[Report, Manifests]:
    """The examples' report and texts."""
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in sorted((ROOT / "examples").rglob("*.yaml"))}
    snapshot, manifests = from_texts(texts)
    return diagnose(snapshot, chosen_rules(RuleFlags())), manifests


def run_of(text: str) -> dict[str, Any]:
    """The only run of a log."""
    log = json.loads(text)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


LOGS = pytest.mark.parametrize(
    "text", [diagnosed("sarif").stdout, sarif(everything(), RUN), sarif(report(), RUN)], ids=["examples", "all", "none"]
)


@pytest.mark.skipif(SARIF_VALIDATOR is None, reason="NODE_PATH names no folder with Microsoft's SARIF validator")
@LOGS
def test_the_validator_finds_nothing(text: str, tmp_path: Path) -> None:
    """Microsoft's validator has nothing to say, nor have its rules for GitHub, but that there is no address to read more at yet."""
    assert SARIF_VALIDATOR
    SARIF_VALIDATOR.chmod(0o755)
    log = tmp_path / "meshfix.sarif"
    log.write_text(text)

    assert set(sarif_complaints(log)) <= {"SARIF2005"}


@pytest.mark.skipif(SARIF_SCHEMA is None, reason="NODE_PATH names no folder with Microsoft's SARIF validator")
@LOGS
def test_official_schema(text: str) -> None:
    """The OASIS schema takes every report."""
    assert SARIF_SCHEMA
    schema = json.loads(SARIF_SCHEMA.read_text())

    jsonschema.validators.validator_for(schema)(schema).validate(json.loads(text))


def test_rules_are_there_once_and_results_point_at_theirs() -> None:
    """§3.19.23, §3.27.6: ids are unique, and ruleIndex is the index of ruleId."""
    run = run_of(diagnosed("sarif").stdout)
    rules = run["tool"]["driver"]["rules"]

    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
    for rule in rules:
        assert rule["help"]["markdown"].startswith(f"# {rule['id']} ")
        assert "```yaml bad" not in rule["help"]["markdown"]


def test_regions_are_the_culprits() -> None:
    """§3.30: a region ends after it starts, inside of its file, and holds the value that is wrong."""
    for result in run_of(diagnosed("sarif").stdout)["results"]:
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
        lines = (ROOT / place["artifactLocation"]["uri"]).read_text().split("\n")
        region = place["region"]
        assert (region["startLine"], region["startColumn"]) < (region["endLine"], region["endColumn"])
        assert region["endColumn"] <= len(lines[region["endLine"] - 1]) + 1
    web = next(
        result
        for result in run_of(diagnosed("sarif").stdout)["results"]
        if 'Port 80 "web" declares no protocol' in result["message"]["text"]
    )
    region = web["locations"][0]["physicalLocation"]["region"]
    assert (ROOT / "examples/shop/cart.yaml").read_text().split("\n")[region["startLine"] - 1][
        region["startColumn"] - 1 : region["endColumn"] - 1
    ] == "web"


def test_an_edit_is_what_apply_does() -> None:
    """Each finding's replacements, made alone, give byte for byte the files that apply gives for that finding."""
    found, manifests = examples()
    tried = 0
    for row, mark in zip(found.findings, marks(found, manifests, with_edits=True), strict=True):
        if not row.is_fixable or row.fix is None:
            assert mark.edits == ()
            continue
        plan = make_plan([Proposal(code=row.code, resource=row.resource, fix=row.fix)], frozenset(Safety))
        edits = prepare(plan, manifests)
        assert mark.edits or edits.refusals or not edits.edits, row.message
        if mark.edits:
            tried += 1
            assert replaced(manifests, mark.edits) == dict(patched_texts(edits, manifests))
    assert tried > 10


def replaced(manifests: Manifests, edits: tuple[Replacement, ...]) -> dict[str, str]:
    """The texts after some replacements, as an editor makes them: from the last to the first."""
    texts = dict(manifests.texts)
    for edit in sorted(edits, key=lambda edit: (edit.region.line, edit.region.column), reverse=True):
        lines = texts[edit.file].split("\n")
        start = sum(len(line) + 1 for line in lines[: edit.region.line - 1]) + edit.region.column - 1
        end = sum(len(line) + 1 for line in lines[: edit.region.end_line - 1]) + edit.region.end_column - 1
        texts[edit.file] = texts[edit.file][:start] + edit.text + texts[edit.file][end:]
    return texts


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("name: web\n", "name: http-web\n", [(6, 6, "http-")]),
        ("a: 1\nb: 2\nc: 3\n", "a: 9\nb: 2\nc: 8\n", [(3, 4, "9"), (13, 14, "8")]),
        ("a: 1\n", "a: 1\nb: 2\n", [(5, 5, "b: 2\n")]),
        ("a: 1\nb: 2\n", "a: 1\n", [(5, 10, "")]),
        ("aa", "aaa", [(2, 2, "a")]),
    ],
)
def test_hunks_are_small(before: str, after: str, expected: list[tuple[int, int, str]]) -> None:
    """Only what changes is replaced, each change by itself."""
    assert list(hunks(before, after)) == expected


def test_suppressions_are_said_of_all_results_or_none() -> None:
    """§3.27.23: once one result is suppressed, an empty list says that another is not."""
    lists = [result["suppressions"] for result in run_of(sarif(everything(), RUN))["results"]]

    assert [len(items) for items in lists] == [0, 0, 0, 1, 0, 0]
    assert lists[3][0]["kind"] == "inSource"
    assert all("suppressions" not in result for result in run_of(sarif(report(finding()), RUN))["results"])


def test_findings_of_a_cluster_have_a_place_too() -> None:
    """Code scanning drops what has none, so an object gets a file's name; where it really is, the logical location says."""
    (result,) = run_of(sarif(report(finding(location=None), context="prod/eu"), RUN))["results"]
    (location,) = result["locations"]

    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "cluster/prod_eu/shop/service/cart-0.yaml"},
        "region": {"startLine": 1},
    }
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "v1/Service/shop/cart-0/spec/ports/0/name"


def test_what_was_not_looked_at_is_a_notification() -> None:
    """§3.20.21: unreadable kinds and skipped rules are part of the invocation, and the run succeeded all the same."""
    (invocation,) = run_of(sarif(everything(), RUN))["invocations"]

    assert invocation["executionSuccessful"] is True
    assert [note["level"] for note in invocation["toolExecutionNotifications"]] == ["warning", "note"]


def test_no_message_holds_a_link_of_its_own() -> None:
    """§3.11.6: a name cannot make a reader show a link."""
    results = run_of(sarif(everything(), RUN))["results"]

    assert "\\[x](" in results[1]["message"]["text"]
    assert not any(re.search(r"(?<!\\)\[x\]\(", result["message"]["text"]) for result in results)


def test_a_suppression_without_a_reason_is_justified_by_who_suppressed() -> None:
    """SARIF wants words; an annotation of the object is in the source, settings are not."""
    by = [("config", ""), ("config", "known"), ("meshfix.io/ignore", "")]
    rows = [finding(number, suppressed=Suppressed(by=who, reason=why)) for number, (who, why) in enumerate(by)]

    suppressions = [result["suppressions"][0] for result in run_of(sarif(report(*rows), RUN))["results"]]
    assert [row["justification"] for row in suppressions] == ["config", "known", "meshfix.io/ignore"]
    assert [row["kind"] for row in suppressions] == ["external", "external", "inSource"]
