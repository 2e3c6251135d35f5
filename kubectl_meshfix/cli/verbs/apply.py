"""``apply``: the fixes, shown as a diff first."""

import contextlib
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags import waiting
from kubectl_meshfix.cli.flags.consent import Consent
from kubectl_meshfix.cli.flags.fitting import measures_in_cluster, must_suit_source, names_cluster
from kubectl_meshfix.cli.flags.formats.plans import EXPORTS, PlanFormat
from kubectl_meshfix.cli.flags.manner import MannerFlags
from kubectl_meshfix.cli.flags.options import ConnectionFlags, RuleFlags, SelectionFlags
from kubectl_meshfix.cli.flags.permission import Permission
from kubectl_meshfix.cli.flags.waiting import WaitFlags
from kubectl_meshfix.errors import ExitCode, MeshfixError, UsageError
from kubectl_meshfix.fixes.effects import consequences
from kubectl_meshfix.fixes.managed_by import nobody, of_mesh
from kubectl_meshfix.resources.api import Api

if TYPE_CHECKING:
    from kubectl_meshfix.cli.work.diagnosing import Diagnosed
    from kubectl_meshfix.report import Report
    from kubectl_meshfix.targets.journal_entry import Where


FORMATS = (
    "Output format. kustomize (a component with patches), manifest (whole objects) and helm-values (for Istio's own ConfigMaps) print "
    "the changes for a repository, and nothing is changed."
)


def apply(
    connection: ConnectionFlags,
    permission: Permission,
    consent: Consent,
    patience: WaitFlags,
    selection: SelectionFlags,
    choice: RuleFlags,
    manner: MannerFlags,
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="TYPE[/NAME]|FILE", help="What to fix: deploy, deploy/cart, svc,vs …, or manifests, as with -f."),
    ] = None,
    output: Annotated[PlanFormat, typer.Option("-o", "--output", help=FORMATS)] = PlanFormat.DIFF,
) -> None:
    """Fix what diagnose finds: show the changes as a diff, ask, then patch the cluster or rewrite the files of -f.

    Without flags, only safe fixes are made: nothing that works today behaves differently, and nothing restarts. The API server
    checks every change of a cluster in a dry run first; if it refuses one, none is made. With -f, the fixes are written into the
    manifests, and every byte that is not part of a fix stays; "-f -" writes the fixed manifests to standard output.

    Before the first change, all changes are recorded in a journal in your state folder, so that "kubectl meshfix undo" can take
    them back, even after a crash, a lost connection or Ctrl-C. Objects are changed one after the other. A run that stops halfway
    says what it has changed; you can run it again or take it back. If somebody else changes an object after the diff was shown,
    their change is not overwritten: the object is read and shown again. Requests to an overloaded server are repeated a few times.

    The diff does not show these effects: pods that --restart replaces may fail to start (--wait watches them and says why, but
    takes nothing back); proxies receive a change a moment later; Helm, Argo CD, Flux or an operator may undo a change of an object
    that it manages.

    The exit code is 0 if everything was changed, or if you answered no; 1 with --dry-run if there is something to change, and with
    --wait if a rollout did not finish or a finding remains; 2 if a change failed. More in docs/safety.md.
    """
    from kubectl_meshfix.cli.work import applying  # noqa: PLC0415 -- asking for help loads no rule
    from kubectl_meshfix.cli.work.diagnosing import run_diagnosis, with_changes  # noqa: PLC0415
    from kubectl_meshfix.cli.work.exporting import exported  # noqa: PLC0415
    from kubectl_meshfix.cli.work.governing import report_settings  # noqa: PLC0415
    from kubectl_meshfix.cli.work.naming import named  # noqa: PLC0415
    from kubectl_meshfix.cli.work.planning import planned  # noqa: PLC0415

    manner.begin()
    words, selection = named("apply", targets or (), selection)
    must_suit_source(connection, selection, reaches_cluster=measures_in_cluster(choice))
    patience.must_make_sense(selection.filename or ())
    if selection.filename:
        consent.must_suit_files(in_cluster=names_cluster(connection), prints=output in EXPORTS)
    found = run_diagnosis(words, connection, selection, choice, also=consequences.KINDS)
    showing = applying.Showing(output, manner.screen(), manner.screen(sys.stderr), permission.given)
    managers = nobody if found.manifests or output in EXPORTS else of_mesh(found.meshes.first)
    report_settings(found.report)
    plan = planned(found, managers, permission, everything=consent.only_looks)
    if output in EXPORTS:
        text, refusals = exported(found, plan, output)
        console.answer(text)
        showing.outlook(plan, refusals, only_looks=True, is_live=False)
        raise typer.Exit(ExitCode.ERROR if refusals else ExitCode.OK)
    if found.manifests:
        code, is_written = applying.on_files(plan, found, found.manifests, consent, showing)
        if is_written:
            with contextlib.suppress(MeshfixError):  # flags may name what was renamed; the files are written all the same
                after = run_diagnosis(words, connection, selection, choice)
                applying.say_what_came_to_light(plan, planned(after, nobody, permission, everything=False))
        raise typer.Exit(code)
    code, changed = applying.on_cluster(plan, _api(found), _where(found), consent, showing)
    if changed:
        after = with_changes(found, applying.as_changed(changed))
        applying.say_what_came_to_light(plan, planned(after, of_mesh(after.meshes.first), permission, everything=False))
    if patience.wait and changed:
        end = patience.deadline()
        is_out = waiting.wait_for_rollouts(changed, _api(found), end)
        look = partial(_again, words, connection, selection, choice)
        is_gone = waiting.wait_for_findings_to_go([item.change for item in changed], look, end if is_out else 0.0)
        code = code if is_out and is_gone else ExitCode.FINDINGS
    raise typer.Exit(code)


def _again(targets: Sequence[str], connection: ConnectionFlags, selection: SelectionFlags, choice: RuleFlags) -> "Report":
    from kubectl_meshfix.cli.work.diagnosing import run_diagnosis  # noqa: PLC0415

    return run_diagnosis(targets, connection, selection, choice).report


def _where(found: "Diagnosed") -> "Where":
    """The cluster that was read: how it was reached, and what it is by its namespace kube-system."""
    from kubectl_meshfix.targets.journal_entry import CLUSTER_NAMESPACE, Where  # noqa: PLC0415 -- only where something may change

    source, namespace = found.report.source, found.meshes.first.namespace(CLUSTER_NAMESPACE)
    uid = (namespace.metadata.uid or "") if namespace else ""
    return Where(kind="cluster", context=source.context or "", server=source.server or "", cluster=uid)


def _api(found: "Diagnosed") -> Api:
    if found.api is None:
        raise UsageError("No cluster was read, so there is nothing to change.")
    return found.api
