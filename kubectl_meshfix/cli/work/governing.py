"""A team's settings, suppressions and baseline, applied to a report."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix import engine
from kubectl_meshfix.cli import console, environment
from kubectl_meshfix.cli.flags.options import SelectionFlags
from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.render.text.terminal import count, safe_line
from kubectl_meshfix.report import Baseline, Diagnosis, Report, in_order
from kubectl_meshfix.rules.input import stale_suppression
from kubectl_meshfix.rules.rule import Rule

if TYPE_CHECKING:
    from kubectl_meshfix.governance.baseline import Known
    from kubectl_meshfix.governance.config import Config
    from kubectl_meshfix.governance.run_coverage import RunCoverage


def run_coverage(
    report: Report, meshes: Meshes, rules: Sequence[Rule], selection: SelectionFlags, targets: Sequence[str], namespace: str | None
) -> "RunCoverage":
    """How much was read, so that what is missing in the report can be judged."""
    from kubectl_meshfix.governance import object_patterns  # noqa: PLC0415 -- few runs have settings or a baseline
    from kubectl_meshfix.governance.run_coverage import RunCoverage  # noqa: PLC0415

    paths = [Path(name).resolve() for name in selection.filename or ()]
    only_folders = selection.recursive and all(path.is_dir() for path in paths)
    unread = any(problem.level == "error" and not meshes.find(problem.resource) for problem in meshes.first.problems)
    skipped = {skip.code for skip in report.skipped_rules}
    return RunCoverage(
        ran=tuple(rule for rule in rules if rule.code not in skipped),
        namespace=namespace,
        is_partial=bool(
            targets or selection.selector or selection.revision or unread or (paths and not only_folders) or not report.speaks_of_istio
        ),
        folders=tuple(map(str, paths)),
        objects=tuple(name for obj in meshes.objects for name in object_patterns.names(obj.ref)),
    )


def with_settings(report: Report, config: "Config", rules: Sequence[Rule], looked: "RunCoverage") -> Report:
    """The report with the severities and suppressions of the settings, and findings about stale suppressions."""
    from kubectl_meshfix.governance import severity_overrides, suppressions  # noqa: PLC0415

    today = environment.now().date()
    rows, hits = suppressions.suppressed(report.findings, config, today)
    if any(rule.code == stale_suppression.RULE.code for rule in rules):
        rows += _stale(report, config, hits, today, looked)
    rows = severity_overrides.with_severities(rows, config.settings.severities)
    return msgspec.structs.replace(report, findings=in_order(rows), config=config.file)


def _stale(report: Report, config: "Config", hits: Sequence[int], today: date, looked: "RunCoverage") -> tuple[Diagnosis, ...]:
    from kubectl_meshfix.governance import suppressions  # noqa: PLC0415

    remarks = suppressions.stale_suppressions(config, hits, today, looked)
    return engine.diagnose(Snapshot(meshes=Meshes([Mesh((), problems=remarks)]), source=report.source), (stale_suppression.RULE,)).findings


def read_baseline(file: str) -> "Known | None":
    """The findings of a baseline, None where no file is named. Raises UsageError."""
    if not file:
        return None
    from kubectl_meshfix.governance import baseline  # noqa: PLC0415

    return baseline.read_baseline(file)


def without_known(report: Report, file: str, before: "Known", looked: "RunCoverage") -> Report:
    """The report without the findings that a baseline lists."""
    from kubectl_meshfix.governance import baseline  # noqa: PLC0415

    rows, left = baseline.without_known(report.findings, before, _named)
    return msgspec.structs.replace(report, findings=rows, baseline=Baseline(file=file, gone=baseline.gone(left, looked)))


def write_baseline(report: Report, file: str) -> "Known":
    """Write a baseline of all that is here now, and say what that changes. Raises UsageError and TargetError."""
    from kubectl_meshfix.governance import baseline  # noqa: PLC0415

    # what is stale in the settings is no debt of the mesh
    now = baseline.baseline_of((row for row in report.findings if row.code != stale_suppression.RULE.code), _named)
    come, gone = baseline.save(file, now)
    console.say(f"{safe_line(file)} now lists {count(sum(now.values()), 'finding')}: {come:,} new, {gone:,} gone.")
    return now


def report_settings(report: Report) -> None:
    """Say which settings and which baseline a report was made with."""
    if report.config:
        console.say(f"Settings: {safe_line(report.config)}")
    if report.baseline and report.baseline.gone:
        file = safe_line(report.baseline.file)
        gone = count(report.baseline.gone, "finding")
        console.say(f"{gone} in {file} {'is' if report.baseline.gone == 1 else 'are'} gone. To update the file: --write-baseline {file}")


def _named(file: str) -> str:
    """A file's name from the checkout's root, the same wherever a command is run in it."""
    from kubectl_meshfix.render.report.locations import Run, relative  # noqa: PLC0415 -- for baselines alone

    folder = Path.cwd()
    return relative(file, Run(folder=folder.as_posix(), root=environment.root(folder).as_posix()))[0]
