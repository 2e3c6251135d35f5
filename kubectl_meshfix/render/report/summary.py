"""What a report for people ends with: totals, what was not looked at, and the next command; where nothing was found, all of it."""

import re
from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.held import FLAGS
from kubectl_meshfix.render.report.withheld import without_istio
from kubectl_meshfix.render.text.terminal import Screen, Style, count, safe_line, suppressed_counts, wrapped
from kubectl_meshfix.report import Asked, Report, Unread
from kubectl_meshfix.rules.rule import Severity


def summary(report: Report, screen: Screen, next_step: str = "") -> str:
    """Totals, what was not looked at, and the next command to type."""
    lines = [wrapped(line, screen, "") for line in (*_totals(report, screen), *_gaps(report), *_asked(report.asked))]
    if next_step and any(row.is_fixable for row in report.active):
        lines.append(f"Next: {next_step}")
    return "\n".join(lines) + "\n"


def unread(report: Report, screen: Screen) -> str:
    """What was not looked at, a line each; empty where all of it was."""
    missing = _asked(report.asked) if report.asked and report.asked.missing else ()
    return "\n".join(wrapped(line, screen, "") for line in (*_gaps(report), *missing))


def _totals(report: Report, screen: Screen) -> Iterator[str]:
    active = report.active
    hidden = suppressed_counts(report)
    looked_at = count(sum(report.read.values()), "object")
    about_istio = without_istio(report)
    if not active and report.withheld and about_istio:
        yield about_istio
        return
    if not active:
        nothing = screen.paint(_nothing(report, looked_at), Style.ADDED) + (f" {hidden}." if hidden else "")
        yield f"{nothing}{_elsewhere(report)}{about_istio and f' {about_istio}'}"
        return
    by_severity = [(severity, sum(row.severity is severity for row in active)) for severity in Severity]
    parts = ", ".join(
        count(number, str(severity), "" if severity is not Severity.INFO else "info") for severity, number in by_severity if number
    )
    places = len({row.subject for row in active})
    tail = f"; {hidden}" if hidden else ""
    total = screen.paint(f"{count(len(active), 'finding')} in {count(places, 'object')}", Style.STRONG)
    yield f"{total} ({looked_at} read{safe_line(in_cluster(report))}): {parts}{tail}."
    fixable = [row for row in active if row.is_fixable]
    if fixable:
        kinds = ((safety, sum(row.fix is not None and row.fix.safety is safety for row in fixable)) for safety in Safety)
        shown = ", ".join(f"{number} {f'with {FLAGS[safety]}' if safety in FLAGS else safety}" for safety, number in kinds if number)
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
    if looked.is_empty and looked.namespace and not looked.named:
        return safe_line(f"Namespace {looked.namespace} has nothing to check ({read} read{far}).")
    if looked.named:
        return safe_line(f"{what} with {' '.join(looked.named)}{room} ({read} read{far}).")
    return safe_line(f"{what}{room} ({read}{far})." if room else f"{what} in {read}{far}.")


def in_cluster(report: Report) -> str:
    """The cluster in which manifests were judged, as the end of a clause; empty for all other reports."""
    source = report.source
    return f", checked in {f'context {source.context}' if source.context else source.server}" if source.is_in_cluster else ""


def _place(report: Report) -> str:
    source = report.source
    if source.kind == "files":
        files = "standard input" if source.files == ("-",) else count(len(source.files), "file")
        return f"{files}{in_cluster(report)}"
    if source.clusters:
        return f"contexts {', '.join(cluster.context for cluster in source.clusters)}"
    return f"context {source.context}" if source.context else source.server or "the cluster"


def _elsewhere(report: Report) -> str:
    looked = report.looked
    return "" if looked.is_everywhere or (looked.named and not looked.absent) else " Other namespaces: -A"


_FORBIDDEN = r'\S+ is forbidden: (User ".*") cannot (\S+) resource "[^"]*" in API group "[^"]*"( .*)?'
"""What an API server says of a kind that somebody may not list (`k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go`)."""


def _gaps(report: Report) -> Iterator[str]:
    """What was not looked at, a line each; kinds that the same person may not read in the same way share one."""
    groups: dict[tuple[str, ...], list[Unread]] = {}
    for number, gap in enumerate(report.gaps):
        refused = re.fullmatch(_FORBIDDEN, gap.reason)
        groups.setdefault(refused.groups("") if refused else (str(number),), []).append(gap)
    for said, gaps in groups.items():
        subjects = ", ".join(gap.subject for gap in gaps)
        if len(gaps) == 1:
            yield f"Not checked: {safe_line(subjects)}: {safe_line(gaps[0].reason)}"
        else:
            who, verb, where = said
            yield safe_line(f"Not checked, because {who} cannot {verb} them{where}: {subjects}.")
    if report.skipped_rules:
        yield f"Rules skipped: {', '.join(dict.fromkeys(skip.code for skip in report.skipped_rules))}."


def _asked(asked: Asked | None) -> Iterator[str]:
    """Whom the run asked itself, and what gave no answer, once a reason; or that there is somebody to ask."""
    if asked is None:
        return
    everyone = count(asked.of, "proxy", "proxies")
    if not asked.is_wanted:
        yield f"Not asked: istiod and {everyone}, whether they have this configuration. To ask them, add --proxies."
        return
    sample = {None: "", asked.proxies: ", a sample"}.get(asked.sample, f", a sample of {asked.sample}")
    proxies = everyone if asked.proxies == asked.of else f"{asked.proxies:,} of {everyone}"
    yield f"Asked: {count(asked.istiods, 'istiod')} and {proxies}{sample}."
    subjects: dict[str, list[str]] = {}
    for gap in asked.missing:
        subjects.setdefault(gap.reason, []).append(gap.subject)
    for reason, (first, *others) in subjects.items():
        yield safe_line(f"Not answered: {first}{f' and {len(others)} more' if others else ''}: {reason}")
