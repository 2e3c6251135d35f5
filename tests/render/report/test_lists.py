"""What reports for people say first, what they say once, and on how many lines."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from kubectl_meshfix.cli.main import app
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.mesh.problems import Location
from kubectl_meshfix.render.report.groups import grouped
from kubectl_meshfix.render.report.html import html
from kubectl_meshfix.render.report.order import Order
from kubectl_meshfix.render.report.short import short
from kubectl_meshfix.render.report.statistics import side_by_side, statistics
from kubectl_meshfix.render.report.table import MANY, table
from kubectl_meshfix.render.text.field_path import field_path
from kubectl_meshfix.render.text.terminal import Screen, columns, plain
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.rule import Severity
from tests.render.eight_shops import write_eight_shops
from tests.render.findings import RUN, everything, finding, report

TWO_SCREENS = 110
"""Lines."""


def run(*arguments: str) -> str:
    """What ``diagnose`` prints."""
    return CliRunner().invoke(app, ["diagnose", *arguments]).stdout


def of(name: str, code: str = "MF101", severity: Severity = Severity.WARNING, message: str = "", **changes: Any) -> Diagnosis:
    """A finding about a Service of that name in the namespace shop."""
    text = message or "The port declares no protocol."
    return finding(resource=Ref("v1", "Service", "shop", name), code=code, severity=severity, message=text, **changes)


def test_two_hundred_findings_fit_on_two_screens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of some two hundred findings has no more than 110 lines of 120 columns, and names each rule and every count."""
    write_eight_shops(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    rows = run("-f", ".", "-R", "-q", "-o", "short").splitlines()
    lines = run("-f", ".", "-R").splitlines()

    assert len(rows) > 150
    assert len(lines) <= TWO_SCREENS
    assert {code for line in lines for code in re.findall(r"MF\d{3}", line)} == {re.findall(r"MF\d{3}", row)[0] for row in rows}
    assert f"{len(rows)} findings in " in lines[-3]
    assert max(map(columns, lines)) <= 120


def test_errors_come_first() -> None:
    """Errors, then warnings, then information, each by object; where objects are to come first, the order is the report's own."""
    rows = report(of("a", "MF101"), of("a", "MF102", Severity.ERROR), of("b", "MF202", Severity.INFO), of("b", "MF103", Severity.ERROR))

    assert re.findall(r"MF\d{3}", table(rows, Screen())) == ["MF102", "MF103", "MF101", "MF202"]
    assert re.findall(r"MF\d{3}", table(rows, Screen(), Order.OBJECT)) == ["MF101", "MF102", "MF202", "MF103"]
    assert re.findall(r"MF\d{3}", short(rows, Screen(), Order.OBJECT)) == ["MF101", "MF102", "MF202", "MF103"]


def test_the_same_of_several_objects_is_told_once() -> None:
    """The first is told in full, the others by object and place; the name of the object may stand in the message."""
    rows = [of(name, message=f"Service {name} is odd.", location=Location(f"{name}.yaml", 7, 1)) for name in ("cart", "till", "desk")]
    text = table(report(*rows), Screen())

    assert text.count("is odd.") == 1
    assert "    the same: Service shop/till  till.yaml:7\n    the same: Service shop/desk  desk.yaml:7\n" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"message": "Another."},
        {"severity": Severity.ERROR},
        {"code": "MF102"},
        {"fix": None},
        {"fix": Fix(summary="Name it.", safety=Safety.UNSAFE)},
    ],
)
def test_what_differs_is_told_apart(changes: dict[str, object]) -> None:
    """Findings with another rule, severity, message or fix are not the same."""
    first = of("cart")
    other = msgspec.structs.replace(of("till"), **changes)

    assert len(grouped([first, other])) == 2
    assert len(grouped([first, of("till")])) == 1


def test_a_name_within_a_word_is_no_name() -> None:
    """The object "to" does not make "to" and "into" alike."""
    assert len(grouped([of("to", message="Routes into a."), of("from", message="Routes infrom a.")])) == 2


def test_many_findings_name_what_differs() -> None:
    """Findings that differ in a quoted value or a number are one paragraph, which names the other values."""
    rows = [of(f"s{number}", message=f'Port {80 + number % 2} "web" declares none.') for number in range(MANY + 1)]
    text = table(report(*rows), Screen(width=120))

    assert 'Port 80 "web" declares none. Likewise: 81 "web".' in text
    assert "21 Services: shop/s0, shop/s1, " in text


def test_fixes_that_declare_other_protocols_are_told_apart() -> None:
    """A paragraph shows one fix: others may differ from it in names and numbers, and not in what they declare."""

    def row(name: str, port: int, new: str) -> Diagnosis:
        fix = Fix(summary=f'Rename port {port} to "{new}".', safety=Safety.UNSAFE)
        return msgspec.structs.replace(of(name, message=f"Port {port} declares none."), fix=fix)

    rows = [row("a", 443, "https-a"), row("b", 8443, "https-b"), row("c", 6379, "redis-c"), row("d", 80, "redis")]

    assert [len(group) for group in grouped(rows, also_by_values=True)] == [2, 2]


def test_one_object_in_several_files_is_named_by_file() -> None:
    """Copies of an object have one name, so the files are what tells them apart."""
    rows = [of("cart", location=Location(f"env-{number}.yaml", 7, 1)) for number in range(MANY + 1)]

    assert "21 places: env-0.yaml:7, env-1.yaml:7, " in table(report(*rows), Screen(width=120))


def test_information_is_a_line_a_rule() -> None:
    """Beside what is worse; alone it is told in full, and so it is with -o wide."""
    infos = [of(f"s{number}", "MF202", Severity.INFO, message="No version.") for number in range(5)]
    text = table(report(of("cart"), *infos), Screen())

    assert "i MF202 undeclared-port-protocol: 5 Services: shop/s0, shop/s1, shop/s2, shop/s3, shop/s4\nIn full: -o wide.\n" in text
    assert "No version." not in text
    assert "No version." in table(report(*infos), Screen())
    assert table(report(of("cart"), *infos), Screen(), wide=True).count("No version.") == 5


@pytest.mark.parametrize("width", [40, 80, 120])
def test_lists_fit(width: int) -> None:
    """However narrow the screen, a list is cut where it ends and says how many are left out."""
    rows = [of(f"s-{number}") for number in range(100)]
    lines = plain(table(report(*rows), Screen(width=width, color=True))).splitlines()
    (names,) = [line for line in lines if "100 Services" in line]

    assert columns(names) <= width
    shown = names.count("shop/s-")
    assert f"({100 - shown} more)" in names


def test_a_short_line_says_where_first() -> None:
    """A file and a line, or on a cluster the object and the field as people write it; then rule, message and safety."""
    fix = Fix(summary="Rename it.", safety=Safety.UNSAFE, risk="Odd.")
    file = report(of("cart", fix=fix))
    cluster = report(of("cart", location=None, path="/spec/ports/0/name", fix=None), context="lab")

    assert short(file, Screen()) == "cart.yaml:7: ! MF101 Service shop/cart: The port declares no protocol. [unsafe]\n"
    assert short(cluster, Screen()) == "Service shop/cart .spec.ports[0].name: ! MF101 The port declares no protocol.\n"


def test_short_is_a_line_a_finding_whatever_it_holds() -> None:
    """A name or message of several lines stays on one, and colours change no letter."""
    text = short(everything(), Screen())

    assert len(text.splitlines()) == len(everything().active)
    assert plain(short(everything(), Screen(color=True))) == text


def test_statistics_count_each_rule() -> None:
    """A line a rule with its findings and the fixable ones, errors first, then the most frequent."""
    fixable = Fix(summary="Rename it.", safety=Safety.SAFE)
    rows = [of("a"), of("b", fix=fixable), of("c", "MF102", Severity.ERROR), of("d", "MF103")]

    assert [line.split() for line in statistics(rows, Screen()).splitlines()] == [
        ["COUNT", "RULE", "FIXABLE"],
        ["1", "✗", "MF102", "undeclared-port-protocol", "-"],
        ["2", "!", "MF101", "undeclared-port-protocol", "1"],
        ["1", "!", "MF103", "undeclared-port-protocol", "-"],
    ]
    assert statistics([], Screen()) == ""


@pytest.mark.parametrize("width", [20, 80, 120, 400])
def test_counts_stand_side_by_side_where_they_fit(width: int) -> None:
    """Each rule is there once, in lines that fit, unless one alone is wider."""
    rows = [of("a", f"MF{number}") for number in range(100, 120)]
    lines = side_by_side(rows, Screen(width=width)).splitlines()

    assert sorted(code for line in lines for code in re.findall(r"MF\d{3}", line)) == [f"MF{number}" for number in range(100, 120)]
    assert max(map(columns, lines)) <= max(width, 34)


def test_counting_is_for_people(tmp_path: Path) -> None:
    """--statistics with a format for programs is refused before anything is read."""
    with pytest.raises(UsageError, match="counts for people"):
        CliRunner().invoke(app, ["diagnose", "-f", str(tmp_path), "--statistics", "-o", "json"], catch_exceptions=False)


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("", ""),
        ("/spec/ports/0/name", ".spec.ports[0].name"),
        ("/metadata/labels/pod-security.kubernetes.io~1enforce", '.metadata.labels["pod-security.kubernetes.io/enforce"]'),
        ("/data/a~0b", '.data["a~b"]'),
        ('/data/a"b\\c', '.data["a\\"b\\\\c"]'),
    ],
)
def test_paths_as_people_write_them(pointer: str, path: str) -> None:
    """Words after dots, positions and all else in brackets, as jq and kubectl take them."""
    assert field_path(pointer) == path


def test_a_namespace_counts_under_its_own_name() -> None:
    """In HTML a finding about a Namespace is one of that namespace, whose name is a link, and errors come first."""
    rows = [of("a"), finding(1, resource=Ref("v1", "Namespace", None, "shop")), of("b", severity=Severity.ERROR)]
    page = html(report(*rows), RUN)

    assert 'data-words="shop">shop</a></th>' in page
    assert '<td class="number">3</td>' in page[page.index("By namespace") :]
    assert "(no namespace)" not in page
    assert page.index("<h2>Service shop/b ") < page.index("<h2>Service shop/a ")
