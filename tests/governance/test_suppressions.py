"""Suppressions: what they silence, until when, and what is said of those that are stale."""

from datetime import date

import pytest

from kubectl_meshfix.governance.config import Config, parse_settings
from kubectl_meshfix.governance.run_coverage import RunCoverage
from kubectl_meshfix.governance.severity_overrides import with_severities
from kubectl_meshfix.governance.suppressions import stale_suppressions, suppressed
from tests.governance.findings import looked, report, rows, service

TODAY = date(2026, 11, 22)


def config(resource: str = "Service shop/cart", code: str = "MF101", expires: str = "") -> Config:
    """Settings with one suppression."""
    day = f", expires: {expires}" if expires else ""
    return parse_settings(f"suppressions: [{{code: {code}, resource: '{resource}', reason: a fax{day}}}]", "team.yaml")


def remark(said: Config, extent: RunCoverage, *manifests: str) -> str:
    """What is said of the one suppression after a run; empty for nothing."""
    _, hits = suppressed(rows(*manifests), said, TODAY)
    return " ".join(problem.reason for problem in stale_suppressions(said, hits, TODAY, extent))


@pytest.mark.parametrize("code", ["MF101", "mf1", "undeclared-port-protocol", "IST0118"])
@pytest.mark.parametrize("resource", ["Service shop/cart", "Service shop/*", "* shop/cart", "Service *", "*", "Service shop/c[ab]rt"])
def test_what_is_meant_is_silenced(code: str, resource: str) -> None:
    """A finding is silenced with the reason given, by any name of its rule and any pattern of its object's name in reports."""
    (row,) = suppressed(rows(service()), config(resource, code), TODAY)[0]

    assert row.suppressed
    assert (row.suppressed.by, row.suppressed.reason) == ("config", "a fax")


@pytest.mark.parametrize(
    ("code", "resource"),
    [("MF102", "Service shop/cart"), ("MF101", "Service shop/car"), ("MF101", "Service shop/cart-*"), ("MF101", "Pod *")],
)
def test_nothing_else_is_silenced(code: str, resource: str) -> None:
    """Another rule or another object's name leaves a finding alone."""
    assert suppressed(rows(service()), config(resource, code), TODAY)[0][0].suppressed is None


@pytest.mark.parametrize(("expires", "holds"), [("2026-11-21", False), ("2026-11-22", True), ("2026-11-23", True)])
def test_the_last_day_counts(expires: str, holds: bool) -> None:
    """A suppression holds up to and on the day it names; from the next on the finding counts again and the settings' place is named."""
    said = config(expires=expires)
    (row,), hits = suppressed(rows(service()), said, TODAY)

    assert bool(row.suppressed) is holds
    found = list(stale_suppressions(said, hits, TODAY, looked("Service shop/cart")))
    assert [problem.location.line for problem in found if problem.location] == ([] if holds else [1])
    assert all("expired on 2026-11-21: 1 finding counts again." in problem.reason for problem in found)
    assert [problem.evidence for problem in found] == ([] if holds else [("its reason: a fax",)])


def test_an_annotation_goes_first() -> None:
    """What the object itself says stays what it says; the suppression is not called idle for it."""
    manifest = service(annotations='{"meshfix.io/ignore": "MF101: an old till"}')
    (row,), hits = suppressed(rows(manifest), config(), TODAY)

    assert row.suppressed
    assert row.suppressed.by == "meshfix.io/ignore"
    assert hits == [1]


def test_idle_where_its_objects_were_looked_at() -> None:
    """A suppression whose objects were read and have no such finding any more is said to be idle."""
    assert "finds nothing there" in remark(config(), looked("Service shop/cart"), service("cart", ("http", 80)))


def test_idle_where_no_object_is_called_so() -> None:
    """A pattern that names nothing that was read is said to be idle."""
    assert "no object that was read has this name" in remark(config("Service shop/cat"), looked("Service shop/cart"), service())


@pytest.mark.parametrize(
    "extent",
    [
        looked("Service shop/cart", is_partial=True),
        looked("Service shop/cart", namespace="other"),
        looked("Service shop/cart", without="MF101"),
        looked("Service shop/till", folders=("/nowhere",)),
    ],
    ids=["single files", "another namespace", "the rule did not look", "its objects may be in another folder"],
)
def test_who_looked_at_a_part_calls_nothing_idle(extent: RunCoverage) -> None:
    """A run that could have missed what a suppression is for says nothing of it."""
    assert remark(config(), extent, service("cart", ("http", 80))) == ""


def test_one_namespace_is_the_whole_of_its_own_suppressions() -> None:
    """A team that looks at its namespace hears of idle suppressions there, and not of those that may be about others."""
    extent = looked("Service shop/cart", namespace="shop")

    assert remark(config(), extent, service("cart", ("http", 80)))
    assert not remark(config("* */cart"), extent, service("cart", ("http", 80)))


def test_the_most_telling_word_gives_the_severity() -> None:
    """A rule's own name counts more than a prefix, and a long prefix more than a short one."""
    found = report(service("cart", ("fax", 80), ("udp-sync", 81))).findings

    said = {"MF": "error", "MF1": "info", "IST0118": "error"}
    assert {row.code: str(row.severity) for row in with_severities(found, said)} == {"MF101": "error", "MF102": "info"}
    assert {row.code: str(row.severity) for row in with_severities(found, {})} == {"MF101": "warning", "MF102": "error"}
