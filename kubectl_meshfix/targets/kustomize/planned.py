"""A plan's changes of built objects as edits of files."""

from collections.abc import Iterable, Sequence

import msgspec

from kubectl_meshfix.fixes.plan import Change, Plan, Proposal, Refusal
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.kustomize.environments import Kustomized
from kubectl_meshfix.targets.files import FileEdit, FileEdits
from kubectl_meshfix.targets.kustomize.options import Wanted
from kubectl_meshfix.targets.kustomize.placing import Placed, place


def prepare(plan: Plan, kustomized: Kustomized) -> FileEdits:
    """The edits for those of a plan's changes whose objects kustomize builds; nothing is written but in a temporary copy.

    Changes of other objects are not looked at. Of an object with several fixes some may be made and others be refused.
    """
    wanted: list[Wanted] = []
    owners: list[tuple[Change, Proposal]] = []
    fixes: dict[int, int] = {}
    for change in plan.changes:
        part = kustomized.parts.get(change.resource)
        if part is None:
            continue
        for proposal in change.proposals:
            operations = tuple(one for patch in proposal.fix.patches if patch.resource == change.resource for one in patch.operations)
            fix = fixes.setdefault(id(proposal), len(fixes))
            if operations:
                wanted.append(Wanted(environment=part.environment, built=part.built, operations=operations, fix=fix))
                owners.append((change, proposal))
    if not wanted:
        return FileEdits(edits=(), refusals=())
    placed = place(wanted, kustomized.builds.built, kustomized.origins, kustomized.may_write)
    return FileEdits(edits=tuple(_edits(placed, owners)), refusals=tuple(_refusals(placed, owners)))


def _edits(placed: Placed, owners: Sequence[tuple[Change, Proposal]]) -> Iterable[FileEdit]:
    for edit in placed.edits:
        changes: dict[Ref, list[Proposal]] = {}
        whole = {change.resource: change for change, _ in owners}
        for index in edit.wanted:
            change, proposal = owners[index]
            changes.setdefault(change.resource, []).append(proposal)
        yield FileEdit(
            file=edit.file,
            before=edit.before or "",
            after=edit.after,
            changes=tuple(msgspec.structs.replace(whole[ref], proposals=tuple(made)) for ref, made in changes.items()),
            is_new=edit.before is None,
            is_built_from=True,
        )


def _refusals(placed: Placed, owners: Sequence[tuple[Change, Proposal]]) -> Iterable[Refusal]:
    for index, reason in sorted(placed.refused.items()):
        change, proposal = owners[index]
        yield Refusal(resource=change.resource, reason=f"{proposal.code}: {reason}")
