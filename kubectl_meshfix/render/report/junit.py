"""JUnit XML, for the test reports of CI systems."""

import re
from itertools import groupby
from xml.etree import ElementTree as Xml

from kubectl_meshfix.render.report.fix_lines import fix_lines
from kubectl_meshfix.render.report.locations import Mark, Run, fails, reported_location, with_marks
from kubectl_meshfix.render.text.field_path import field_path
from kubectl_meshfix.render.text.terminal import safe
from kubectl_meshfix.report import Diagnosis, Report

_NOT_XML = re.compile(r"[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report, run: Run) -> str:
    """A suite a namespace, a case a finding. What is below the limit passes and says so; what could not be read is an error."""
    top = Xml.Element("testsuites", name="kubectl-meshfix")
    ordered = sorted(with_marks(report, run), key=lambda pair: _suite_name(pair[0]))
    for name, pairs in groupby(ordered, key=lambda pair: _suite_name(pair[0])):
        suite = _suite(top, name, run)
        for row, mark in pairs:
            _case(suite, row, mark, report, run)
    if report.gaps or report.skipped_rules:
        _coverage(_suite(top, "coverage", run), report)
    if not len(top):  # some CI systems take a report without cases for a broken one
        Xml.SubElement(_suite(top, "kubectl-meshfix", run), "testcase", classname="kubectl-meshfix", name="no findings")
    for position, suite in enumerate(top):
        suite.set("id", str(position))
        count_cases(suite, list(suite))
    count_cases(top, list(top.iter("testcase")))
    return written(top)


def written(top: Xml.Element) -> str:
    """A document with the element as its root."""
    Xml.indent(top)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(top, encoding="unicode")}\n'


def _suite(top: Xml.Element, name: str, run: Run) -> Xml.Element:
    return Xml.SubElement(
        top, "testsuite", name=xml_text(name), package="kubectl-meshfix", timestamp=run.finished.strftime("%Y-%m-%dT%H:%M:%S"), time="0"
    )


def _suite_name(row: Diagnosis) -> str:
    namespace = row.resource.namespace or "cluster-scoped"
    return f"{row.cluster}: {namespace}" if row.cluster else namespace


def count_cases(element: Xml.Element, cases: list[Xml.Element]) -> None:
    """Write the numbers of cases, and of those that are not well, into an element."""
    element.set("tests", str(len(cases)))
    for attribute, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(case.find(child) is not None for case in cases)))


def _case(suite: Xml.Element, row: Diagnosis, mark: Mark, report: Report, run: Run) -> None:
    ref = row.resource
    case = Xml.SubElement(
        suite,
        "testcase",
        classname=xml_text(".".join(part for part in (row.cluster, ref.group or "core", ref.kind, ref.namespace, ref.name) if part)),
        name=xml_text(f"{row.code} {row.name} {field_path(row.path)}".strip()),
        time="0",
    )
    where = reported_location(row, mark, report, run)
    if where.is_real:
        case.set("file", xml_text(where.path))
        case.set("line", str(where.region.line))
    if row.suppressed:
        Xml.SubElement(case, "skipped", message=xml_text(f"suppressed by {row.suppressed.by}: {row.suppressed.reason}".rstrip(": ")))
        return
    at = f"{where.path}:{where.region.line}:{where.region.column}: " if where.is_real else ""
    commands = row.fix.commands if row.fix else ()
    details = xml_text("\n".join([f"{at}{row.severity}: {row.message}", *row.evidence, *fix_lines(row.fix), *commands, f"See: {row.docs}"]))
    if fails(row, run):
        Xml.SubElement(case, "failure", message=xml_text(row.message), type=str(row.severity)).text = details
    else:
        Xml.SubElement(case, "system-out").text = details


def _coverage(suite: Xml.Element, report: Report) -> None:
    for gap in report.gaps:
        case = Xml.SubElement(suite, "testcase", classname="coverage", name=xml_text(f"{gap.subject} is readable"), time="0")
        Xml.SubElement(case, "error", message=xml_text(gap.reason), type="unreadable")
    for skip in report.skipped_rules:
        case = Xml.SubElement(suite, "testcase", classname="coverage", name=f"{skip.code} could run", time="0")
        Xml.SubElement(case, "skipped", message=xml_text(skip.reason))


def xml_text(text: str) -> str:
    """Text that XML 1.0 can hold."""
    return _NOT_XML.sub("\ufffd", safe(text))
