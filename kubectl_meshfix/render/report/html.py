"""A report as one HTML file: where it hurts first, then every finding by object, with the chain drawn where it is about injection."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from kubectl_meshfix.render.chain.html import drawn
from kubectl_meshfix.render.chain.signs import outcome
from kubectl_meshfix.render.report.locations import Mark, Run, reported_location, with_marks
from kubectl_meshfix.render.report.summary import in_cluster
from kubectl_meshfix.render.text.field_path import field_path
from kubectl_meshfix.render.text.page import bulleted, command, form, page, text
from kubectl_meshfix.render.text.terminal import count
from kubectl_meshfix.report import Diagnosis, Report
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.rule import Severity

SIGNS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFO: "i"}
PLURALS = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.INFO: "Info"}
UNREAD = '<td colspan="3" class="number sign error">not checked</td>'
MOST = 10
"""Rows of a summary."""


def html(report: Report, run: Run) -> str:
    """All findings grouped by object, suppressed ones at the end of each group, with a filter where scripts may run."""
    groups = len({row.subject for row in report.findings})
    return page(f"kubectl-meshfix: {_found(report)}", _header(report, run), _main(report, run), groups=groups)


def _found(report: Report) -> str:
    return f"{count(len(report.active), 'finding')} in {count(sum(report.read.values()), 'object')}"


def _header(report: Report, run: Run) -> Iterator[str]:
    source = report.source
    if source.clusters:
        where = f"{count(len(source.clusters), 'cluster')}: {', '.join(cluster.context for cluster in source.clusters)}"
    elif source.kind == "cluster":
        where = f"{source.context or 'cluster'} ({source.server})"
    else:
        where = f"{count(len(source.files), 'file')}{in_cluster(report)}"
    active = report.active
    totals = Counter(row.severity for row in active)
    yield f"<h1>{_found(report)}</h1>"
    yield f'<p class="faint">{text(where)}, <time>{run.finished.strftime("%Y-%m-%d %H:%M")} UTC</time></p>'
    yield '<ul class="tiles">'
    for level in Severity:
        yield _tile(totals[level], f'<span aria-hidden="true">{SIGNS[level]}</span> {PLURALS[level]}', level if totals[level] else "none")
    yield _tile(sum(row.is_fixable for row in active), "Fixable", "fixable")
    yield _tile(len(report.findings) - len(active), "Suppressed", "suppressed")
    yield "</ul>"


def _tile(number: int, name: str, kind: str) -> str:
    return f'<li class="{kind}"><strong>{number:,}</strong> {name}</li>'


def _main(report: Report, run: Run) -> Iterator[str]:
    yield from _gaps(report)
    if not report.findings:
        yield "<p>No problems found.</p>"
        return
    yield from _summaries(report)
    boxes = [(str(level), PLURALS[level], True) for level in Severity]
    yield form("Filter the findings", [*boxes, ("suppressed", "Suppressed", False)], fixable=True)
    chains = {item.target.key: item for item in run.chains}
    summaries = {rule.code: rule.summary for rule in RULES}
    for subject, rows in _by_object(report, run):
        resource = rows[0][0].resource
        yield "<section data-group>"
        yield f'<h2>{text(subject)} <span class="faint">{text(resource.api_version)}</span></h2>'
        for row, mark in rows:
            yield from _finding(row, mark, summaries.get(row.code, ""), report, run)
        if item := chains.get(resource.key):
            yield f'<details class="how"><summary>How its pods get a sidecar: {outcome(item)}</summary>'
            yield from drawn(item, 4)
            yield "</details>"
        yield "</section>"


def _by_object(report: Report, run: Run) -> list[tuple[str, list[tuple[Diagnosis, Mark]]]]:
    """The findings of each object, the worst first and suppressed ones last; objects in the order of their worst finding."""
    pairs = groupby(with_marks(report, run), key=lambda pair: (pair[0].subject, pair[0].resource.copy))
    groups = [(subject, sorted(rows, key=lambda pair: _badness(pair[0]))) for (subject, _), rows in pairs]
    return sorted(groups, key=lambda group: _badness(group[1][0][0]))


def _badness(row: Diagnosis) -> tuple[bool, int]:
    return row.suppressed is not None, row.severity.rank


def _namespace(row: Diagnosis) -> str:
    """The namespace that a finding is about: a Namespace is about itself."""
    ref = row.resource
    return ref.namespace or (ref.name if ref.kind == "Namespace" else "(no namespace)")


def _summaries(report: Report) -> Iterator[str]:
    rules = Counter(f"{row.code} {row.name}" for row in report.active)
    places = Counter(_namespace(row) for row in report.active)
    yield '<div class="summaries">'
    yield from _clusters(report)
    yield from _summary("By rule", rules)
    yield from _summary("By namespace", places)
    yield "</div>"


def _clusters(report: Report) -> Iterator[str]:
    """Every cluster with its findings by severity, the worst first: also those without any, and those that could not be read."""
    if not report.source.clusters:
        return
    found = Counter((row.cluster, row.severity) for row in report.active)
    totals = {one.context: tuple(found[one.context, severity] for severity in Severity) for one in report.source.clusters}
    yield "<div><table><caption>By cluster</caption><tbody>"
    for one in sorted(report.source.clusters, key=lambda one: (one.error is None, *(-total for total in totals[one.context]), one.context)):
        name = text(one.context)
        link = name if one.error else f'<a href="#content" data-words="{name}">{name}</a>'
        numbers = "".join(
            f'<td class="number sign {severity if total else "none"}" title="{PLURALS[severity]}">{SIGNS[severity]} {total:,}</td>'
            for severity, total in zip(Severity, totals[one.context], strict=True)
        )
        yield f'<tr><th scope="row">{link}</th>{UNREAD if one.error else numbers}</tr>'
    yield "</tbody></table></div>"


def _summary(title: str, totals: Counter[str]) -> Iterator[str]:
    """The most frequent names with a bar each; a name is a link that searches for its first word."""
    if not totals:
        return
    yield f"<div><table><caption>{title}</caption><tbody>"
    highest = max(totals.values())
    for name, number in sorted(totals.items(), key=lambda row: (-row[1], row[0]))[:MOST]:
        rect = f'<rect width="{100 * number / highest:.1f}" height="8"/>'
        bar = f'<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{rect}</svg>'
        link = (
            f'<a href="#content" data-words="{text(next(iter(name.split()), ""))}">{text(name)}</a>'
            if not name.startswith("(")
            else text(name)
        )
        yield f'<tr><th scope="row">{link}</th><td>{bar}</td><td class="number">{number:,}</td></tr>'
    yield "</tbody></table>"
    if len(totals) > MOST:
        yield f'<p class="faint">and {count(len(totals) - MOST, "more", "more")}</p>'
    yield "</div>"


def _finding(row: Diagnosis, mark: Mark, summary: str, report: Report, run: Run) -> Iterator[str]:
    kind = "suppressed" if row.suppressed else str(row.severity)
    fixable = " data-fixable" if row.is_fixable else ""
    where = reported_location(row, mark, report, run)
    at = f"{where.path}:{where.region.line}" if where.is_real else field_path(row.path)
    yield f'<article class="{kind}" data-kind="{kind}"{fixable}>'
    yield (
        f'<h3><span class="status"><span aria-hidden="true">{SIGNS[row.severity]}</span> {row.severity}</span> '
        f'<span title="{text(summary)}">{row.code} {text(row.name)}</span></h3>'
    )
    yield f'<p class="faint"><code>{text(at)}</code></p>' if at else ""
    yield f"<p>{text(row.message)}</p>"
    if row.suppressed:
        yield f"<p>Suppressed by <code>{text(row.suppressed.by)}</code>: {text(row.suppressed.reason or 'no reason given')}</p>"
    if row.fix:
        yield f'<p class="fix"><strong>Fix ({row.fix.safety}):</strong> {text(row.fix.advice)}</p>'
        yield f'<p class="risk"><strong>Risk:</strong> {text(row.fix.risk)}</p>' if row.fix.risk else ""
    yield from _details(row)
    yield "</article>"


def _details(row: Diagnosis) -> Iterator[str]:
    yield "<details><summary>Evidence and more</summary>"
    if row.evidence:
        yield bulleted(row.evidence)
    if row.fix and row.fix.commands:
        yield command("\n".join(row.fix.commands))
    aliases = f" Also known as {text(', '.join(row.aliases))}." if row.aliases else ""
    yield f"<p>The rule&#x27;s page: <code>{text(row.docs)}</code>.{aliases}</p>"
    yield "</details>"


def _gaps(report: Report) -> Iterator[str]:
    if not report.gaps and not report.skipped_rules:
        return
    yield '<section class="gaps" aria-labelledby="gaps"><h2 id="gaps">Not checked</h2>'
    yield "<p>What could not be read was not checked.</p><ul>"
    yield from (f"<li>{text(gap.subject)}: {text(gap.reason)}</li>" for gap in report.gaps)
    yield from (f"<li>{skip.code} was skipped: {text(skip.reason)}</li>" for skip in report.skipped_rules)
    yield "</ul></section>"
