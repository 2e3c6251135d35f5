"""A report with a line a finding, for grep, sort and the lists of errors that editors jump along."""

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.render.report.blocks import MARKS, SAFETIES
from kubectl_meshfix.render.report.groups import ordered
from kubectl_meshfix.render.report.order import Order
from kubectl_meshfix.render.text.field_path import field_path
from kubectl_meshfix.render.text.terminal import Screen, Style, safe_line
from kubectl_meshfix.report import Diagnosis, Report


def short(report: Report, screen: Screen, order: Order = Order.SEVERITY, *, show_suppressed: bool = False) -> str:
    """``FILE:LINE: ✗ CODE KIND NAMESPACE/NAME: message [safety]``; of a cluster the object and the field come first."""
    rows = ordered(report.findings if show_suppressed else report.active, order)
    return "".join(f"{_line(row, screen)}\n" for row in rows)


def _line(row: Diagnosis, screen: Screen) -> str:
    mark, style = MARKS[row.severity]
    rule = screen.paint(f"{mark} {row.code}", style)
    subject = safe_line(row.subject)
    if row.location:
        says = f"{safe_line(row.location.file)}:{row.location.line}: {rule} {screen.paint(subject, Style.STRONG)}: "
    else:
        says = f"{screen.paint(subject, Style.STRONG)} {safe_line(field_path(row.path))}".rstrip() + f": {rule} "
    word = "by hand" if row.fix and row.fix.safety is Safety.MANUAL else row.fix.safety if row.fix else ""
    fix = f" [{screen.paint(word, SAFETIES[row.fix.safety])}]" if row.fix else ""
    suppressed = f" (suppressed by {safe_line(row.suppressed.by)})" if row.suppressed else ""
    return f"{says}{safe_line(row.message)}{fix}{suppressed}"
