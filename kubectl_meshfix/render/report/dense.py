"""Many findings on few lines: what says the same of several objects is a paragraph with a list, what is only information a line a rule."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from kubectl_meshfix.render.report.blocks import MARKS, fix_line, place
from kubectl_meshfix.render.report.groups import Group, by_rule, labels, other_values
from kubectl_meshfix.render.text.terminal import NARROWEST, Screen, Style, beside, columns, count, plain, safe_line, wrapped
from kubectl_meshfix.report import Diagnosis

MOST = 4
"""Values that are named of those in which the findings of a paragraph differ."""


def paragraphs(groups: Iterable[Group], screen: Screen) -> Iterator[str]:
    """What is wrong, with which objects, what it does, and what to do. Risks and evidence are left to the longer forms."""
    for group in groups:
        first = group[0]
        if len(group) == 1:
            yield beside(_joined(_head(first, screen), safe_line(first.subject), screen), safe_line(place(first)), screen)
        else:
            yield _listed(_head(first, screen), group, screen)
        yield wrapped(safe_line(f"{first.message}{_others(group)}"), screen, "  ")
        if first.suppressed:
            yield wrapped(f"suppressed by {safe_line(first.suppressed.by)}", screen, "  ")
        if first.fix:
            yield fix_line(first.fix, screen, "  ", is_short=True)


def lines(rows: Iterable[Diagnosis], screen: Screen) -> Iterator[str]:
    """A line a rule, with as many of the objects as it has room for."""
    for group in by_rule(rows):
        yield _listed(_head(group[0], screen), group, screen)


def _head(row: Diagnosis, screen: Screen) -> str:
    mark, style = MARKS[row.severity]
    return f"{screen.paint(f'{mark} {row.code}', style)} {row.name}:"


def _joined(head: str, text: str, screen: Screen) -> str:
    """Both on one line, or on two where it has no room."""
    gap = " " if columns(plain(f"{head} {text}")) <= max(screen.width, NARROWEST) else "\n    "
    return f"{head}{gap}{screen.paint(text, Style.STRONG)}"


def _others(group: Group) -> str:
    found = other_values(group)
    more = f", … ({len(found) - MOST} more)" if len(found) > MOST else ""
    return f" Likewise: {', '.join(found[:MOST])}{more}." if found else ""


def _listed(head: str, group: Group, screen: Screen) -> str:
    """The objects of a group on one line: how many, each kind once, and the names that there is room for."""
    found = labels(group)
    kinds, names = {kind for kind, _ in found}, [name.rpartition("/") for _, name in found]
    if len(found) > 1 and len(kinds) == 1 and all(where and last == names[0][2] for where, _, last in names):
        many, words = f"{_count(len(found), kinds)} {safe_line(names[0][2])} in ", [safe_line(where) for where, _, _ in names]
    else:
        many, words = "" if len(found) == 1 else f"{_count(len(found), kinds)}: ", list(_words(found))
    width = max(screen.width, NARROWEST) - columns(many)
    beside_head = width - columns(plain(head)) - 1
    is_roomy = beside_head >= min(columns(", ".join(words)), columns(words[0]) + len(f", … ({len(words)} more)"))
    return _joined(head, f"{many}{_fitting(words, beside_head if is_roomy else width - 4)}", screen)


def _words(found: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The names, each new kind before the first of its own; no kind where all share it and it is counted."""
    is_one_kind = len({kind for kind, _ in found}) == 1 and len(found) > 1
    for kind, rows in groupby(found, key=lambda label: label[0]):
        for number, (_, name) in enumerate(rows):
            yield safe_line(f"{kind} {name}" if kind and number == 0 and not is_one_kind else name)


def _fitting(words: Sequence[str], room: int) -> str:
    """The first words that fit, at least one, and how many there are beside."""
    text = ", ".join(words)
    if columns(text) <= room:
        return text
    room -= len(f", … ({len(words)} more)")
    shown, used = 1, columns(words[0])
    while shown < len(words) - 1 and (used := used + 2 + columns(words[shown])) <= room:
        shown += 1
    return ", ".join(words[:shown]) + (f", … ({len(words) - shown} more)" if shown < len(words) else "")


def _count(number: int, kinds: set[str]) -> str:
    (kind,) = kinds if len(kinds) == 1 else ("object",)
    if not kind:
        return count(number, "place")
    plural = f"{kind[:-1]}ies" if kind.endswith(("cy", "ry")) else f"{kind}es" if kind.endswith("s") else ""
    return count(number, kind, plural)
