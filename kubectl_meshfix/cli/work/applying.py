"""A plan shown, agreed to and carried out: on the manifests or on the cluster that it was made from."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix.cli import console, progress
from kubectl_meshfix.cli.flags.consent import Consent
from kubectl_meshfix.cli.flags.formats.plans import PlanFormat
from kubectl_meshfix.cli.work.journaled import change_cluster, rewrite_files
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.errors import ExitCode, TargetError, UsageError
from kubectl_meshfix.fixes.plan import Plan, Refusal, incomplete_fixes
from kubectl_meshfix.render.plan import terminal as shown
from kubectl_meshfix.render.plan.helm_templates import remarks
from kubectl_meshfix.render.plan.outlook import outlook
from kubectl_meshfix.render.report.withheld import without_istio
from kubectl_meshfix.render.text.terminal import Screen, count, safe_line
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.resources.meta import Object, Struct

if TYPE_CHECKING:
    from kubectl_meshfix.cli.work.diagnosing import Diagnosed
    from kubectl_meshfix.sources.kustomize.environments import Kustomized
    from kubectl_meshfix.targets.cluster import Preview
    from kubectl_meshfix.targets.files import FileEdits
    from kubectl_meshfix.targets.journal_entry import Where


ASK = "Ask for a role that may patch them (docs/rbac.md), or hand the change on: apply -o kustomize, or -o manifest."


@dataclasses.dataclass(frozen=True)
class Showing:
    """How a plan is shown: the format, what the two streams can show, and the flags that were given."""

    output: PlanFormat
    out: Screen
    err: Screen
    given: frozenset[str]

    def diffs(self, plan: Plan, texts: Sequence[str], manifests: Manifests | None = None, *, to_stderr: bool = False) -> None:
        """The changes, as diffs or as JSON patches; of manifests with the file of each."""
        if self.output is PlanFormat.JSON_PATCH and not to_stderr:
            from kubectl_meshfix.render.plan.document import plan_document  # noqa: PLC0415
            from kubectl_meshfix.render.text import machine  # noqa: PLC0415

            origins = manifests.origins if manifests else {}
            document = plan_document(plan, lambda ref: origins[ref.key].file if ref.key in origins else None)
            console.answer(machine.as_json(document))
        else:
            (console.say if to_stderr else console.answer)("".join(texts))

    def outlook(self, plan: Plan, refusals: Sequence[Refusal], *, only_looks: bool, is_live: bool) -> None:
        """How many objects change, what that does to pods, what was refused, and what waits for whom."""
        words = outlook(plan, refusals, self.err, self.given, dry_run=only_looks, is_live=is_live)
        (console.insist if refusals else console.conclude)(words)


def on_files(plan: Plan, found: "Diagnosed", manifests: Manifests, consent: Consent, showing: Showing) -> tuple[ExitCode, bool]:
    """Show and make the changes of manifests, and of what environments are built from; also whether any file was written."""
    from kubectl_meshfix.targets import files as file_target  # noqa: PLC0415 -- only for files

    edits = _prepared(plan, manifests, found.environments)
    is_written = False
    to_stdout = file_target.STDIN in manifests.texts and not consent.only_looks
    if to_stdout and len(manifests.texts) > 1:
        raise UsageError("Standard input cannot be mixed with files when fixes are made.", "Run apply twice, once for each.")
    screen = showing.err if to_stdout else showing.out
    diffs = [shown.file_diff(edit.file, edit.before, edit.after, edit.changes, screen) for edit in edits.edits]
    showing.diffs(plan, diffs, manifests, to_stderr=to_stdout)
    showing.outlook(plan, edits.refusals, only_looks=consent.only_looks, is_live=False)
    if found.report.withheld and (left_out := without_istio(found.report)):
        console.say(left_out)
    if words := remarks(found.report.active, {change.resource for edit in edits.edits for change in edit.changes}):
        console.say(words)
    if to_stdout:
        console.answer("".join(file_target.patched_texts(edits, manifests).values()))
    elif consent.only_looks:
        return ExitCode.FINDINGS if edits.edits else ExitCode.OK, False
    elif edits.edits and _may_be_written(edits) and consent.to(f"Rewrite {', '.join(edit.file for edit in edits.edits)}?"):
        rewrite_files(edits, manifests)
        is_written = True
    return ExitCode.ERROR if edits.refusals else ExitCode.OK, is_written


def say_what_came_to_light(made: Plan, left: Plan) -> None:
    """A change may let another rule look, and its fix was in no diff: say that there is more to do, and leave it to another run."""
    known = {change.resource: change.operations for change in made.changes}
    new = [change for change in left.changes if known.get(change.resource) != change.operations]
    if new:
        codes = ", ".join(sorted({proposal.code for change in new for proposal in change.proposals}))
        console.say(f"These changes let {count(len(new), 'object')} more be fixed ({codes}): run the same command again.")


def as_changed(made: "Sequence[Preview]") -> list[Object]:
    """The objects of a cluster as changes leave them."""
    from kubectl_meshfix.sources.decode import Misfit, decode  # noqa: PLC0415 -- only where something was changed

    wanted = [(kinds.of(item.change.resource.api_version, item.change.resource.kind), item.after) for item in made]
    found = (decode(after, kind.struct) for kind, after in wanted if kind)
    return [obj for obj in found if not isinstance(obj, Misfit)]


def _prepared(plan: Plan, manifests: Manifests, environments: "Kustomized | None") -> "FileEdits":
    """The new texts of manifests, and of what is built. A fix that changes objects of both kinds is made whole, or not at all."""
    from kubectl_meshfix.targets import files as file_target  # noqa: PLC0415 -- only for files

    if environments is None or not environments.parts:
        return file_target.prepare(plan, manifests)
    from kubectl_meshfix.targets.kustomize import planned  # noqa: PLC0415 -- only for kustomizations

    built = planned.prepare(plan, environments)
    halves = incomplete_fixes(plan.changes, {refusal.resource for refusal in built.refusals})
    out = {*environments.parts, *(refusal.resource for refusal in halves)}
    rest = msgspec.structs.replace(plan, changes=tuple(change for change in plan.changes if change.resource not in out))
    written = file_target.prepare(rest, manifests)
    others = tuple(refusal for refusal in halves if refusal.resource not in environments.parts)
    return file_target.FileEdits(edits=(*written.edits, *built.edits), refusals=(*written.refusals, *built.refusals, *others))


def _may_be_written(edits: "FileEdits") -> bool:
    """Raise TargetError before anything is asked where a file may not be, and tell what a person would not expect."""
    from kubectl_meshfix.targets import files as file_target  # noqa: PLC0415 -- only for files

    file_target.check(edits)
    for edit in edits.edits:
        if links := file_target.other_names(edit):
            console.say(f"{safe_line(edit.file)} has {count(links, 'other name')} (hard links), which will keep the old text.")
    return True


class Tried(Struct, frozen=True):
    """What a cluster said to a plan: the changes it would take, and what it refuses, whose ``lacks_right`` stops no other change."""

    accepted: "tuple[Preview, ...]"
    refusals: tuple[Refusal, ...]

    @property
    def are_refused(self) -> bool:
        """Whether the server refuses a change that the user has the right to make."""
        return any(not refusal.lacks_right for refusal in self.refusals)


def on_cluster(plan: Plan, api: Api, where: "Where", consent: Consent, showing: Showing) -> "tuple[ExitCode, Sequence[Preview]]":
    """Show and make the changes of a cluster; returns those that were made. Raises TargetError where none can be made."""
    tried = _tried(plan, api, consent)
    showing.diffs(plan, [shown.cluster_diff(item.before, item.after, item.change, showing.out) for item in tried.accepted])
    if consent.only_looks:
        return _looked(plan, tried, showing), ()
    showing.outlook(plan, tried.refusals, only_looks=False, is_live=True)
    _must_be_possible(tried)
    objects = count(len(tried.accepted), "object")
    if not tried.accepted or not consent.to(f"Change {objects} in {where.context or 'the cluster'}?"):
        return ExitCode.OK, ()
    change_cluster(tried.accepted, api, where, lambda item: _still_wanted(item, consent, showing))
    return ExitCode.FINDINGS if tried.refusals else ExitCode.OK, tried.accepted


def _tried(plan: Plan, api: Api, consent: Consent) -> Tried:
    """Each change on the object as it is now; of those to be made, none that is refused, and no half of a fix."""
    from kubectl_meshfix.targets import cluster as cluster_target  # noqa: PLC0415 -- only for a cluster

    with progress.steps("Trying", len(plan.changes)) as tell:
        previews = cluster_target.preview(plan, api, on_server=consent.on_server, tried=tell)
    if consent.only_looks:
        return Tried(accepted=previews.accepted, refusals=previews.refused)
    without_right = [refusal for refusal in previews.refused if refusal.lacks_right]
    halves = incomplete_fixes(plan.changes, {refusal.resource for refusal in without_right})
    left = {refusal.resource for refusal in (*without_right, *halves)}
    accepted = tuple(item for item in previews.accepted if item.change.resource not in left)
    return Tried(accepted=accepted, refusals=(*previews.refused, *halves))


def _looked(plan: Plan, tried: Tried, showing: Showing) -> ExitCode:
    """Say what would be done, and which of it no server has seen, because the user has no right to it."""
    showing.outlook(plan, [refusal for refusal in tried.refusals if not refusal.lacks_right], only_looks=True, is_live=True)
    if untried := [refusal for refusal in tried.refusals if refusal.lacks_right]:
        console.say("Worked out here and not tried on the server, because you have no right to change them:")
        for refusal in untried:
            console.say(safe_line(f"  {refusal.resource}: {refusal.reason}"))
    return ExitCode.ERROR if tried.are_refused else ExitCode.FINDINGS if tried.accepted else ExitCode.OK


def _must_be_possible(tried: Tried) -> None:
    if tried.are_refused:
        raise TargetError("The server refused a change, so none was made.", "Leave it out with --ignore CODE, or name the objects to fix.")
    if tried.refusals and not tried.accepted:
        raise TargetError("You may change none of these objects, so nothing was changed.", ASK)


def _still_wanted(item: "Preview", consent: Consent, showing: Showing) -> bool:
    """Show the change of an object that moved between the diff and its patch, as it is now, and ask whether to make it."""
    console.insist(f"{shown.kubectl_name(item.change.resource)} changed meanwhile; this is what would be done to it now:")
    console.insist(shown.cluster_diff(item.before, item.after, item.change, showing.err))
    return consent.yes or console.confirm("Go on?")
