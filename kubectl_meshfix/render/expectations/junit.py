"""A run as JUnit XML, for the test reports of CI systems: a suite a file, a case an expectation."""

from itertools import groupby
from xml.etree import ElementTree as Xml

from kubectl_meshfix.expectations.terms import Result, Verdict
from kubectl_meshfix.render.expectations import words
from kubectl_meshfix.render.expectations.words import Run
from kubectl_meshfix.render.report import locations
from kubectl_meshfix.render.report.junit import count_cases, written, xml_text


def junit(run: Run, place: locations.Run) -> str:
    """What does not hold is a failure, what could not be checked an error. ``place`` tells where files are named from, and the time."""
    top = Xml.Element("testsuites", name="kubectl-meshfix test")
    for position, (file, rows) in enumerate(groupby(run.results, key=lambda row: _file(row, place))):
        suite = Xml.SubElement(
            top, "testsuite", name=xml_text(file), package="kubectl-meshfix", timestamp=place.finished.strftime("%Y-%m-%dT%H:%M:%S"),
            time="0", id=str(position),
        )  # fmt: skip
        for row in rows:
            _case(suite, row, file)
        count_cases(suite, list(suite))
    count_cases(top, list(top.iter("testcase")))
    return written(top)


def _case(suite: Xml.Element, row: Result, file: str) -> None:
    case = Xml.SubElement(suite, "testcase", classname=xml_text(file), name=xml_text(words.title(row)), time="0")
    if location := row.expectation.location:
        case.set("file", xml_text(file))
        case.set("line", str(location.line))
    if row.verdict is Verdict.HOLDS:
        if notes := words.notes(row):
            Xml.SubElement(case, "system-out").text = xml_text("\n".join(notes))
        return
    said = words.why(row)
    by = words.decided_by(row)
    details = "\n".join([words.about(row), *said, *([f"Decided by {by}"] if by else [])])
    tag = "error" if row.verdict is Verdict.ERROR else "failure"
    Xml.SubElement(case, tag, message=xml_text(words.in_short(row)), type=str(row.verdict)).text = xml_text(details)


def _file(row: Result, place: locations.Run) -> str:
    location = row.expectation.location
    return locations.relative(location.file, place)[0] if location else "expectations"
