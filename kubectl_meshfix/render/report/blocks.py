"""One finding in full, under the object that it is about; what says the same of other objects is a list below it."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.fixes.held import FLAGS
from kubectl_meshfix.render.report.groups import Group
from kubectl_meshfix.render.text.field_path import field_path
from kubectl_meshfix.render.text.terminal import Screen, Style, beside, painted, safe_line, wrapped
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.rules.rule import Severity

MARKS = {Severity.ERROR: ("✗", Style.ERROR), Severity.WARNING: ("!", Style.WARNING), Severity.INFO: ("i", Style.INFO)}

SAFETIES = {Safety.SAFE: Style.GOOD, Safety.RESTART: Style.WARNING, Safety.UNSAFE: Style.WARNING, Safety.MANUAL: Style.STRONG}
"""How the word for a fix's safety looks."""


def blocks(groups: Iterable[Group], screen: Screen, *, wide: bool) -> Iterator[str]:
    """A block an object, with the findings that stand next to each other."""
    for _, found in groupby(groups, key=lambda group: (group[0].subject, _file(group[0]))):
        yield _block(list(found), screen, wide)


def place(row: Diagnosis) -> str:
    """``cart.yaml:7``, or on a cluster the field: ``.spec.ports[0].name``."""
    return f"{row.location.file}:{row.location.line}" if row.location else field_path(row.path)


def fix_line(fix: Fix, screen: Screen, indent: str, *, is_short: bool = False) -> str:
    """What to do: the words for how safe that is have a colour of their own. A short one leaves out the flag, and why it is by hand."""
    by_hand = fix.safety is Safety.MANUAL
    label = "by hand" if by_hand else fix.safety if is_short else f"{fix.safety} fix"
    flag = f" ({FLAGS[fix.safety]})" if fix.safety in FLAGS and not is_short else ""
    text = fix.summary if is_short else fix.advice
    return painted(safe_line(text), screen, indent, Style.ADDED, (f"→ {label}{flag}: ", SAFETIES[fix.safety]))


def _file(row: Diagnosis) -> str:
    return row.location.file if row.location else ""


def _block(groups: list[Group], screen: Screen, wide: bool) -> str:
    rows = [group[0] for group in groups]
    first = rows[0]
    title = screen.paint(safe_line(first.subject), Style.STRONG)
    location = first.location
    if location and first.resource.kind != "File":
        template = f" from {safe_line(location.template)}" if location.template else ""
        title = beside(title, f"{safe_line(location.file)}{template}", screen)
    for relation in sorted({row.managed_by.relation for row in rows if row.managed_by}):
        title = beside(title, safe_line(relation), screen)
    return "\n".join([title, *(line for group in groups for line in _lines(group, screen, wide))])


def _lines(group: Group, screen: Screen, wide: bool) -> Iterator[str]:
    row, *others = group
    mark, style = MARKS[row.severity]
    at = f"line {row.location.line}" if row.location else field_path(row.path)
    yield beside(f"  {screen.paint(f'{mark} {row.code}', style)} {row.name}", safe_line(at), screen)
    yield wrapped(safe_line(row.message), screen, "    ")
    if row.suppressed:
        reason = safe_line(row.suppressed.reason) or "no reason given"
        yield wrapped(f"suppressed by {safe_line(row.suppressed.by)}: {reason}", screen, "    ")
    if wide:
        if row.aliases:
            yield wrapped(f"also known as {', '.join(row.aliases)}", screen, "    ")
        for piece in row.evidence:
            yield wrapped(f"· {safe_line(piece)}", screen, "    ")
    if row.fix:
        yield fix_line(row.fix, screen, "    ")
        if row.fix.risk:
            yield painted(safe_line(row.fix.risk), screen, "      ", Style.FAINT, ("risk: ", Style.FAINT))
        for command in row.fix.commands if wide else ():
            yield f"        {safe_line(command)}"
    for other in others:
        yield beside(f"    the same: {safe_line(other.subject)}", safe_line(place(other)), screen, "      ")
