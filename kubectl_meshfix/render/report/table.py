"""A report for people: grouped by object, in the width of the terminal."""

from collections.abc import Iterator
from itertools import groupby

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.held import FLAGS
from kubectl_meshfix.mesh.problems import Location
from kubectl_meshfix.render.report.withheld import without_istio
from kubectl_meshfix.render.text.terminal import Screen, Style, beside, count, safe_line, suppressed_counts, wrapped
from kubectl_meshfix.report import Diagnosis, Report
from kubectl_meshfix.rules.rule import Severity

MARKS = {Severity.ERROR: ("✗", Style.ERROR), Severity.WARNING: ("!", Style.WARNING), Severity.INFO: ("i", Style.INFO)}


def table(report: Report, screen: Screen, *, wide: bool = False, show_suppressed: bool = False) -> str:
    """All active findings; ``wide`` adds the evidence, the names other tools have for them, and the commands."""
    shown = report.findings if show_suppressed else report.active
    blocks = [_block(list(rows), screen, wide) for _, rows in groupby(shown, key=lambda row: (row.subject, _file(row.location)))]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def summary(report: Report, screen: Screen, next_step: str = "") -> str:
    """Totals, what was not looked at, and the next command to type."""
    lines = [wrapped(line, screen, "") for line in (*_totals(report, screen), *_gaps(report))]
    if next_step and any(row.is_fixable for row in report.active):
        lines.append(f"Next: {next_step}")
    return "\n".join(lines) + "\n"


def _file(location: Location | None) -> str:
    return location.file if location else ""


def _block(rows: list[Diagnosis], screen: Screen, wide: bool) -> str:
    first = rows[0]
    title = screen.paint(safe_line(first.subject), Style.STRONG)
    place = first.location
    if place and first.resource.kind != "File":
        template = f" from {safe_line(place.template)}" if place.template else ""
        title = beside(title, f"{safe_line(place.file)}{template}", screen)
    for relation in sorted({row.managed_by.relation for row in rows if row.managed_by}):
        title = beside(title, safe_line(relation), screen)
    return "\n".join([title, *(line for row in rows for line in _lines(row, screen, wide))])


def _lines(row: Diagnosis, screen: Screen, wide: bool) -> Iterator[str]:
    mark, style = MARKS[row.severity]
    place = f"line {row.location.line}" if row.location else row.path
    yield beside(f"  {screen.paint(f'{mark} {row.code}', style)} {row.name}", safe_line(place), screen)
    yield wrapped(safe_line(row.message), screen, "    ")
    if row.suppressed:
        yield wrapped(
            f"suppressed by {safe_line(row.suppressed.by)}: {safe_line(row.suppressed.reason) or 'no reason given'}", screen, "    "
        )
    if wide:
        if row.aliases:
            yield wrapped(f"also known as {', '.join(row.aliases)}", screen, "    ")
        for piece in row.evidence:
            yield wrapped(f"· {safe_line(piece)}", screen, "    ")
    if row.fix:
        yield wrapped(f"→ {_label(row.fix.safety)}: {safe_line(row.fix.advice)}", screen, "    ")
        if row.fix.risk:
            yield wrapped(f"risk: {safe_line(row.fix.risk)}", screen, "      ")
        for command in row.fix.commands if wide else ():
            yield f"        {safe_line(command)}"


def _label(safety: Safety) -> str:
    return f"{safety} fix ({FLAGS[safety]})" if safety in FLAGS else "by hand" if safety is Safety.MANUAL else "safe fix"


def _totals(report: Report, screen: Screen) -> Iterator[str]:
    active = report.active
    hidden = suppressed_counts(report)
    looked_at = count(sum(report.read.values()), "object")
    about_istio = without_istio(report)
    if not active and report.withheld and about_istio:
        yield about_istio
        return
    if not active:
        yield (
            screen.paint(_nothing(report, looked_at), Style.ADDED)
            + (f" {hidden}." if hidden else "")
            + _elsewhere(report)
            + (f" {about_istio}" if about_istio else "")
        )
        return
    by_severity = [(severity, sum(row.severity is severity for row in active)) for severity in Severity]
    parts = ", ".join(
        count(number, str(severity), "" if severity is not Severity.INFO else "info") for severity, number in by_severity if number
    )
    places = len({row.subject for row in active})
    tail = f"; {hidden}" if hidden else ""
    yield f"{count(len(active), 'finding')} in {count(places, 'object')} ({looked_at} read): {parts}{tail}."
    fixable = [row for row in active if row.is_fixable]
    if fixable:
        kinds = ((safety, sum(row.fix is not None and row.fix.safety is safety for row in fixable)) for safety in Safety)
        shown = ", ".join(f"{number} {safety}" for safety, number in kinds if number)
        yield f"{len(fixable)} can be fixed for you ({shown})."
    held = sum(row.managed_by is not None for row in fixable)
    if held:
        objects, them = ("is for an object", "it") if held == 1 else ("are for objects", "them")
        yield f"{held} of these {objects} that another tool manages: apply leaves {them} out."
    if about_istio:
        yield about_istio


_NONE = {Severity.ERROR: "errors", Severity.WARNING: "errors or warnings", Severity.INFO: "problems"}


def _nothing(report: Report, looked_at: str) -> str:
    """What was looked at where nothing is wrong: ``No problems in namespace shop (36 objects of context lab).``"""
    looked = report.looked
    what = f"No {'new ' if report.baseline else ''}{_NONE[looked.least]}"
    read = f"{looked_at} of {_place(report)}"
    room = f" in namespace {looked.namespace}" if looked.namespace else ""
    far = ", as far as they could be read" if report.unreadable or report.skipped_rules else ""
    if looked.absent:
        return safe_line(f"There is no {' or '.join(looked.absent)}{room} ({read}).")
    if looked.named:
        return safe_line(f"{what} with {' '.join(looked.named)}{room} ({read} read{far}).")
    return safe_line(f"{what}{room} ({read}{far})." if room else f"{what} in {read}{far}.")


def _place(report: Report) -> str:
    source = report.source
    if source.kind == "files":
        return "standard input" if source.files == ("-",) else count(len(source.files), "file")
    if source.clusters:
        return f"contexts {', '.join(cluster.context for cluster in source.clusters)}"
    return f"context {source.context}" if source.context else source.server or "the cluster"


def _elsewhere(report: Report) -> str:
    looked = report.looked
    return "" if looked.is_everywhere or (looked.named and not looked.absent) else " Other namespaces: -A"


def _gaps(report: Report) -> Iterator[str]:
    for gap in report.gaps:
        yield f"Not checked: {safe_line(gap.subject)}: {safe_line(gap.reason)}"
    if report.skipped_rules:
        yield f"Rules skipped: {', '.join(dict.fromkeys(skip.code for skip in report.skipped_rules))}."
