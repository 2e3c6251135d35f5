"""A report as one HTML file: nothing is loaded, and nothing that a cluster wrote becomes markup."""

import base64
import hashlib
import html as markup
from collections.abc import Iterator
from importlib import resources
from itertools import groupby

from kubectl_meshfix import __version__
from kubectl_meshfix.engine import Diagnosis, Report
from kubectl_meshfix.render.places import Mark, Run, marked, place
from kubectl_meshfix.render.text import count, safe
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.rule import Severity

Pair = tuple[Diagnosis, Mark]

SIGNS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFO: "i"}
PLURALS = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "info"}


def html(report: Report, run: Run) -> str:
    """All findings grouped by object, suppressed ones at the end of each group, with a filter where scripts may run."""
    style, script = (resources.files(__package__).joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    title = f"kubectl-meshfix: {_found(report)}"
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_text(title)}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            '<a class="skip" href="#findings">To the findings</a>',
            *_header(report, run),
            '<main id="findings">',
            *([FORM] if report.findings else []),
            *_groups(report, run),
            *_gaps(report),
            "</main>",
            f'<footer class="faint">kubectl-meshfix {__version__}</footer>',
            f"<script>{script}</script>" if report.findings else "",
            "</body>",
            "</html>",
            "",
        ]
    )


FORM = """<form hidden role="search" aria-label="Narrow the findings">
<label>Search <input type="search" name="words" autocomplete="off"></label>
<label><input type="checkbox" name="severity" value="error" checked> Errors</label>
<label><input type="checkbox" name="severity" value="warning" checked> Warnings</label>
<label><input type="checkbox" name="severity" value="info" checked> Info</label>
<label><input type="checkbox" name="severity" value="suppressed"> Suppressed</label>
<label><input type="checkbox" name="fixable"> Only fixable</label>
<output class="faint" aria-live="polite"></output>
</form>"""


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _text(text: str) -> str:
    return markup.escape(safe(text))


def _found(report: Report) -> str:
    active = report.active
    return f"{count(len(active), 'finding')} in {count(sum(report.read.values()), 'object')}"


def _header(report: Report, run: Run) -> Iterator[str]:
    source = report.source
    where = f"{source.context or 'cluster'} ({source.server})" if source.kind == "cluster" else count(len(source.files), "file")
    active = report.active
    totals = ", ".join(f"{sum(row.severity is level for row in active)} {PLURALS[level]}" for level in Severity)
    fixable = sum(row.is_fixable for row in active)
    yield "<header>"
    yield f"<h1>{_found(report)}</h1>"
    yield f"<p>{totals}. {fixable} can be fixed for you, {len(report.findings) - len(active)} suppressed.</p>"
    yield f'<p class="faint">{_text(where)}, <time>{run.finished.strftime("%Y-%m-%d %H:%M")} UTC</time></p>'
    yield "</header>"


def _groups(report: Report, run: Run) -> Iterator[str]:
    summaries = {rule.code: rule.summary for rule in RULES}
    if not report.findings:
        yield "<p>Nothing was found.</p>"
    for number, (subject, pairs) in enumerate(groupby(marked(report, run), key=lambda pair: pair[0].subject)):
        rows = sorted(pairs, key=lambda pair: pair[0].suppressed is not None)
        yield f'<section data-group aria-labelledby="object-{number}">'
        yield f'<h2 id="object-{number}">{_text(subject)} <span class="faint">{_text(rows[0][0].resource.api_version)}</span></h2>'
        for row, mark in rows:
            yield from _finding(row, mark, summaries.get(row.code, ""), report, run)
        yield "</section>"


def _finding(row: Diagnosis, mark: Mark, summary: str, report: Report, run: Run) -> Iterator[str]:
    kind = "suppressed" if row.suppressed else str(row.severity)
    fixable = " data-fixable" if row.is_fixable else ""
    where = place(row, mark, report, run)
    at = f"{where.path}:{where.region.line}" if where.is_real else row.path
    yield f'<article class="{kind}" data-severity="{kind}"{fixable}>'
    yield (
        f'<h3><span class="severity"><span aria-hidden="true">{SIGNS[row.severity]}</span> {row.severity}</span> '
        f'<span title="{_text(summary)}">{row.code} {_text(row.name)}</span></h3>'
    )
    yield f'<p class="faint"><code>{_text(at)}</code></p>' if at else ""
    yield f"<p>{_text(row.message)}</p>"
    if row.suppressed:
        yield f"<p>Suppressed by <code>{_text(row.suppressed.by)}</code>: {_text(row.suppressed.reason or 'no reason given')}</p>"
    if row.fix:
        yield f'<p class="fix"><strong>Fix ({row.fix.safety}):</strong> {_text(row.fix.summary)}</p>'
    yield from _details(row)
    yield "</article>"


def _details(row: Diagnosis) -> Iterator[str]:
    commands = "\n".join(row.fix.commands) if row.fix else ""
    yield "<details><summary>Evidence and more</summary>"
    if row.evidence:
        yield f"<ul>{''.join(f'<li>{_text(piece)}</li>' for piece in row.evidence)}</ul>"
    if commands:
        yield f'<pre tabindex="0">{_text(commands)}</pre>'
    aliases = f" Also known as {_text(', '.join(row.aliases))}." if row.aliases else ""
    yield f"<p>The rule&#x27;s page: <code>{_text(row.docs)}</code>.{aliases}</p>"
    yield "</details>"


def _gaps(report: Report) -> Iterator[str]:
    if not report.unreadable and not report.skipped_rules:
        return
    yield '<section aria-labelledby="gaps"><h2 id="gaps">Not checked</h2><ul>'
    yield from (f"<li>{_text(gap.subject)}: {_text(gap.reason)}</li>" for gap in report.unreadable)
    yield from (f"<li>{skip.code} was skipped: {_text(skip.reason)}</li>" for skip in report.skipped_rules)
    yield "</ul></section>"
