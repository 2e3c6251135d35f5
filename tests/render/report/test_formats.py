"""What every format of a report keeps to, read back as its users' programs read it."""

import json
import re
from collections import Counter
from html import unescape
from xml.etree import ElementTree

import msgspec
import pytest
import yaml
from typer.testing import CliRunner

from kubectl_meshfix.cli.main import app
from kubectl_meshfix.cli.work.formats import MODULES
from kubectl_meshfix.render.report.github import github
from kubectl_meshfix.render.report.gitlab import gitlab
from kubectl_meshfix.render.report.html import html
from kubectl_meshfix.render.report.junit import junit
from kubectl_meshfix.render.report.locations import Mark, Run, fingerprints, relative, reported_location
from kubectl_meshfix.render.report.markdown import LIMIT, markdown
from kubectl_meshfix.render.report.policy_report import openreports, wgpolicy
from kubectl_meshfix.render.report.sarif import sarif
from kubectl_meshfix.render.text.terminal import safe, safe_line
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.rule import Severity
from tests.render.findings import EVIL, EXAMPLES, FORMATS, RUN, diagnosed, everything, expected, finding, report
from tests.render.readers import github_commands, junit_cases, markdown_rows

RENDERERS = (sarif, junit, github, gitlab, markdown, openreports, wgpolicy, html)


def codes(output: str, text: str) -> Counter[str]:
    """How often each rule is reported, read out of a format."""
    match output:
        case "sarif":
            return Counter(result["ruleId"] for result in json.loads(text)["runs"][0]["results"])
        case "junit":
            return Counter(case.name[:5] for case in junit_cases(text))
        case "github":
            commands = [command for command in github_commands(text) if command.name in ("error", "warning", "notice")]
            return Counter(command.properties["title"][:5] for command in commands)
        case "gitlab":
            return Counter(entry["check_name"][:5] for entry in json.loads(text))
        case "markdown":
            return Counter(row[1][:5] for row in markdown_rows(text))
        case "html":
            return Counter(re.findall(r"<article.*\n<h3>.*<span title=[^>]*>(MF\d+) ", text))
        case _:
            return Counter(result["policy"] for document in yaml.safe_load_all(text) for result in document["results"])


def test_readers_read_what_was_meant() -> None:
    """A hostile text arrives in a JUnit case, a GitHub annotation and a Markdown cell as the very text that a terminal may see."""
    text, found = safe(EVIL), everything()
    annotation = next(command for command in github_commands(github(found, RUN)) if command.name == "error")
    failure = next(result for case in junit_cases(junit(found, RUN)) for result in case.result if safe(EVIL) in (result.text or ""))
    cell = next(unescape(row[3]) for row in markdown_rows(markdown(found, RUN)) if "error" in row[0])

    assert text in annotation.message
    assert failure.type == "error"
    assert cell == safe_line(EVIL)


def test_all_formats_are_tried_here() -> None:
    """A format without a test below does not exist."""
    assert set(MODULES) == set(FORMATS)


@pytest.mark.parametrize("output", FORMATS)
def test_formats_agree_in_number_and_exit_code(output: str) -> None:
    """Whatever the format, each rule is reported as often as in JSON, and the exit code is the same."""
    result = diagnosed(output)

    assert codes(output, result.stdout) == Counter(row["code"] for row in expected())
    assert result.exit_code == diagnosed("json").exit_code == 1
    assert result.stderr == ""
    assert diagnosed(output, "--fail-on", "never").exit_code == 0


@pytest.mark.parametrize("output", FORMATS)
def test_same_input_gives_the_same_bytes_at_the_same_time(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the clock set by SOURCE_DATE_EPOCH, a report can be made again."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    arguments = ["diagnose", "-f", f"{EXAMPLES}/shop/cart.yaml", "-o", output]

    assert CliRunner().invoke(app, arguments).stdout == CliRunner().invoke(app, arguments).stdout != ""


@pytest.mark.parametrize("render", RENDERERS)
def test_nothing_that_a_terminal_obeys_gets_through(render: object) -> None:
    """Control and direction characters of a cluster's texts are escaped in every format."""
    assert callable(render)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", render(everything(), RUN))


@pytest.mark.parametrize("render", RENDERERS)
def test_an_empty_report_is_a_report(render: object) -> None:
    """Nothing found is something that each reader takes."""
    assert callable(render)
    text = render(report(), RUN)

    assert text or render is github


def test_junit_counts_its_children() -> None:
    """Counters are what they count; below the limit passes, suppressed is skipped, unreadable is an error."""
    top = ElementTree.fromstring(junit(everything(), RUN))
    cases = list(top.iter("testcase"))

    assert top.attrib | {"tests": "8", "failures": "4", "errors": "1", "skipped": "2"} == top.attrib
    for suite in top:
        assert int(suite.attrib["tests"]) == len(suite)
        for attribute, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[attribute]) == len(suite.findall(f"testcase/{child}"))
    passing = [case for case in cases if case.find("system-out") is not None]
    assert [case.attrib["classname"] for case in passing] == ["core.Service.shop.cart-2"]
    assert len({(case.attrib["classname"], case.attrib["name"]) for case in cases}) == len(cases)


@pytest.mark.parametrize(("limit", "failures"), [(Severity.ERROR, 1), (Severity.WARNING, 4), (Severity.INFO, 5), (None, 0)])
def test_junit_fails_what_fails_the_run(limit: Severity | None, failures: int) -> None:
    """--fail-on decides here as it does for the exit code."""
    top = ElementTree.fromstring(junit(everything(), msgspec.structs.replace(RUN, limit=limit)))

    assert top.attrib["failures"] == str(failures)


def test_github_annotations_stay_one_line_each() -> None:
    """No text begins a command of its own, the worst come first, and what is suppressed is left out."""
    lines = github(everything(), RUN).splitlines()

    assert [line.split(" ", 1)[0] for line in lines] == ["::error", "::warning", "::warning", "::warning", "::notice", "::warning"]
    assert all(line.startswith("::") for line in lines)


def test_github_names_files_from_the_checkout() -> None:
    """A run in a folder of the repository names files from the repository's root; properties are escaped."""
    row = finding()
    assert row.location
    odd = msgspec.structs.replace(row, location=msgspec.structs.replace(row.location, file="../a,b:c%.yaml"))

    assert "file=deploy/cart.yaml,line=7,col=9," in github(report(row), RUN)
    assert "file=a%2Cb%3Ac%25.yaml,line=7" in github(report(odd), RUN)


def test_gitlab_fingerprints_are_unique() -> None:
    """Two findings at one place are two entries."""
    entries = json.loads(gitlab(report(finding(), finding(message="Another."), finding(1)), RUN))

    assert len({entry["fingerprint"] for entry in entries}) == 3
    assert entries[0]["location"]["path"] == "deploy/cart.yaml"
    assert {entry["severity"] for entry in entries} == {"major"}


def test_fingerprints_outlive_lines_and_words() -> None:
    """What moves in its file, or is said in other words, is the same finding."""
    row = finding()
    assert row.location
    moved = msgspec.structs.replace(row, location=msgspec.structs.replace(row.location, line=70), message="Said better.")

    assert fingerprints(report(row), RUN) == fingerprints(report(moved), RUN)
    assert fingerprints(report(row), RUN) != fingerprints(report(finding(1)), RUN)


def test_markdown_has_no_markup_but_its_own() -> None:
    """Names and messages open no tag, no link, no cell and call nobody."""
    text = markdown(everything(), RUN)
    rows = [line for line in text.splitlines() if line.startswith("| ") and " MF101 " in line]

    assert len(rows) == 5
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 6 for row in rows)
    assert "<script>" not in text
    assert "@all" not in text
    assert "://e.vil" not in text


def test_markdown_stays_below_what_github_takes() -> None:
    """Ten thousand findings are counted in full and listed as far as a job summary holds."""
    text = markdown(report(*(finding(number) for number in range(10_000))), RUN)

    assert "**10,000 findings**" in text
    assert "more are left out" in text
    assert len(text.encode()) < LIMIT + 2000


@pytest.mark.parametrize(("render", "kind"), [(openreports, "Report"), (wgpolicy, "PolicyReport")])
def test_policy_reports_keep_to_their_schema(render: object, kind: str) -> None:
    """Names are DNS-1123, timestamps objects, properties texts, severities known, and each namespace has its own report."""
    assert callable(render)
    documents = list(yaml.safe_load_all(render(everything(), RUN)))
    results = [result for document in documents for result in document["results"]]

    assert {(document["kind"], document["metadata"].get("namespace")) for document in documents} == {
        (f"Cluster{kind}", None),
        (kind, "shop"),
    }
    for document in documents:
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", document["metadata"]["name"])
        totals = Counter(result["result"] for result in document["results"])
        assert {outcome: number for outcome, number in document["summary"].items() if number} == totals
    for result in results:
        assert set(result["timestamp"]) == {"seconds", "nanos"}
        assert all(isinstance(value, str) for value in result.get("properties", {}).values())
        assert result.get("severity", "info") in {"critical", "high", "medium", "low", "info"}
    assert Counter(result["result"] for result in results) == {"warn": 4, "fail": 1, "skip": 1, "error": 1}


def test_policy_reports_are_split_before_they_are_too_large() -> None:
    """A namespace with very many findings has several reports, each with a name of its own."""
    documents = list(yaml.safe_load_all(openreports(report(*(finding(number) for number in range(1200))), RUN)))

    assert [document["metadata"]["name"] for document in documents] == ["kubectl-meshfix", "kubectl-meshfix-2", "kubectl-meshfix-3"]
    assert sum(len(document["results"]) for document in documents) == 1200


def test_paths_of_a_cluster_stay_inside_of_it() -> None:
    """A made-up file name cannot climb out of its folder, whatever an object is called."""
    row = finding(location=None, resource=Ref("v1", "Service", "..", "../../etc/passwd"))

    assert ".." not in reported_location(row, Mark(), report(row, context="../prod"), RUN).path.split("/")


def test_names_of_files_are_relative_where_they_can_be() -> None:
    """From the root of the checkout where a file is in it, whole where it is not."""
    run = Run(folder="/repo/deploy", root="/repo")

    assert relative("a.yaml", run) == ("deploy/a.yaml", True)
    assert relative("./../b.yaml", run) == ("b.yaml", True)
    assert relative("/elsewhere/c.yaml", run) == ("/elsewhere/c.yaml", False)
    assert relative("../../c.yaml", run) == ("/c.yaml", False)
