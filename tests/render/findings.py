"""Reports to render: the examples', and one with everything in it that a format has to bear."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from kubectl_meshfix.cli.main import app
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.problems import Location
from kubectl_meshfix.render.report.locations import Run
from kubectl_meshfix.report import Diagnosis, Report, ReportSource, SkippedRule, Suppressed, Unread
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.rule import Severity

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = str(ROOT / "examples")

FORMATS = ("sarif", "junit", "github", "gitlab", "markdown", "openreports", "wgpolicy", "html")

EVIL = "</script><script>alert(1)</script>|]]>\n::error::%0A`@all` \x1b[31m\u202e\x00 [x](http://e.vil) {0} \"'&amp;"
"""A name that breaks out of whatever does not escape it."""

RUN = Run(folder="/repo/deploy", root="/repo")


@cache
def diagnosed(output: str, *arguments: str) -> Result:
    """``diagnose`` on the examples."""
    return CliRunner().invoke(app, ["diagnose", "-f", EXAMPLES, "-R", "-o", output, *arguments])


def expected() -> list[dict[str, Any]]:
    """The examples' findings as ``-o json`` has them."""
    findings: list[dict[str, Any]] = json.loads(diagnosed("json").stdout)["findings"]
    return findings


def finding(number: int = 0, **changes: Any) -> Diagnosis:
    """A finding about a Service of a file."""
    values: dict[str, Any] = {
        "code": "MF101",
        "name": "undeclared-port-protocol",
        "aliases": ("IST0118",),
        "severity": Severity.WARNING,
        "resource": Ref("v1", "Service", "shop", f"cart-{number}"),
        "path": "/spec/ports/0/name",
        "location": Location(file="cart.yaml", line=7, column=9),
        "message": "The port declares no protocol.",
        "evidence": ("a probe",),
        "docs": "kubectl meshfix rules MF101",
        "fix": manual("Name it.", "kubectl edit service cart"),
    }
    return Diagnosis(**{**values, **changes})


def report(
    *rows: Diagnosis, context: str | None = None, unreadable: tuple[Unread, ...] = (), skipped: tuple[SkippedRule, ...] = ()
) -> Report:
    """A report of some findings, of files or of a cluster."""
    source = (
        ReportSource(kind="cluster", context=context, server="https://c") if context else ReportSource(kind="files", files=("cart.yaml",))
    )
    return Report(source=source, read={"Service": 3}, unreadable=unreadable, skipped_rules=skipped, findings=rows)


def everything() -> Report:
    """One of each: severities, suppressed, of a cluster, about no namespace, unreadable kinds, and text that wants out."""
    return report(
        finding(0, location=None),
        finding(1, location=None, severity=Severity.ERROR, message=EVIL, evidence=(EVIL,), fix=manual(EVIL, EVIL)),
        finding(2, location=None, severity=Severity.INFO, fix=None),
        finding(3, location=None, suppressed=Suppressed(by="meshfix.io/ignore", reason=EVIL)),
        finding(4, location=None, resource=Ref("v1", "Namespace", None, EVIL)),
        finding(5, location=None, resource=Ref("v1", "Service", EVIL, EVIL)),
        context="prod/eu",
        unreadable=(Unread(kind="Gateway", reason=EVIL),),
        skipped=(SkippedRule(code="MF501", reason="Gateway: forbidden"),),
    )
