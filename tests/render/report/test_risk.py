"""The risk of a fix, in every format of a report that shows the fix."""

import html
import json
from collections.abc import Callable

import pytest

from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.render.report import github, junit, markdown, policy_report, sarif, table
from kubectl_meshfix.render.report import html as page
from kubectl_meshfix.render.text.machine import as_json, report_document
from kubectl_meshfix.render.text.terminal import Screen
from kubectl_meshfix.report import Report
from tests.render.findings import EVIL, RUN, finding, report

RISK = "Clients of HTTP/1.0 will get 426."

FORMATS: dict[str, Callable[[Report], str]] = {
    "table": lambda found: table.table(found, Screen()),
    "wide": lambda found: table.table(found, Screen(), wide=True),
    "json": lambda found: as_json(report_document(found)),
    "html": lambda found: page.html(found, RUN),
    "markdown": lambda found: markdown.markdown(found, RUN),
    "sarif": lambda found: sarif.sarif(found, RUN),
    "junit": lambda found: junit.junit(found, RUN),
    "github": lambda found: github.github(found, RUN),
    "openreports": lambda found: policy_report.openreports(found, RUN),
}


def unsafe(risk: str | None) -> Report:
    """A report of one fix that is not safe."""
    row = finding()
    fix = Fix(summary="Rename it.", safety=Safety.UNSAFE, risk=risk, patches=(Patch(row.resource, ()),))
    return report(finding(fix=fix))


@pytest.mark.parametrize("name", FORMATS)
def test_the_risk_is_told(name: str) -> None:
    """Whoever sees a fix sees what it risks, once; where it risks nothing the word is not there."""
    told, silent = (FORMATS[name](unsafe(risk)) for risk in (RISK, None))

    assert RISK in html.unescape(told)
    assert "risk:" not in silent.lower()


def test_a_table_has_it_on_a_line_of_its_own() -> None:
    """The line is indented below the fix."""
    lines = FORMATS["table"](unsafe(RISK)).splitlines()

    place = lines.index("    → unsafe fix (--unsafe): Rename it.")
    assert lines[place + 1] == f"      risk: {RISK}"


def test_programs_read_it_as_data() -> None:
    """JSON has the sentence or null; SARIF has it among the properties."""
    assert [json.loads(FORMATS["json"](unsafe(risk)))["findings"][0]["fix"]["risk"] for risk in (RISK, None)] == [RISK, None]
    assert json.loads(FORMATS["sarif"](unsafe(RISK)))["runs"][0]["results"][0]["properties"]["risk"] == RISK


@pytest.mark.parametrize("name", FORMATS)
def test_a_risk_breaks_out_of_no_format(name: str) -> None:
    """A risk that holds what a cluster wrote obeys nobody: no control characters, no markup."""
    told = FORMATS[name](unsafe(EVIL))

    assert "\x1b[31m" not in told
    assert "<script>alert(1)" not in told or name in ("json", "sarif", "table", "wide", "github", "openreports")
