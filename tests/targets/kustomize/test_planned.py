"""A plan's changes as edits of files, and what of them is refused."""

import os
from pathlib import Path

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.fixes.plan import Plan, Proposal, Refusal, make_plan
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.kustomize.environments import read_environments
from kubectl_meshfix.targets.files import FileEdits
from kubectl_meshfix.targets.kustomize.placing import ELSEWHERE, OTHER_PART
from kubectl_meshfix.targets.kustomize.planned import prepare
from tests.sources.kustomize.shop import needs_kubectl, write

pytestmark = needs_kubectl

CART, ADMIN, NONE = (Ref("v1", "Service", "staging", name) for name in ("cart-rc", "cart-admin-rc", "none"))
STAGE = Operation("replace", "/metadata/labels/stage", "final")
DEBUG = Operation("replace", "/spec/ports/2/name", "tcp-debug")
ADMIN_PORT = Operation("replace", "/spec/ports/0/name", "http-admin")


def fix(*patches: tuple[Ref, Operation | None]) -> Proposal:
    """A fix of a rule; what has no operation changes nothing there."""
    made = tuple(Patch(resource=ref, operations=(one,) if one else ()) for ref, one in patches)
    return Proposal(code="MF102", resource=patches[0][0], fix=Fix(summary="Rename it.", safety=Safety.SAFE, patches=made))


def prepared(folder: Path, *proposals: Proposal) -> tuple[Plan, FileEdits]:
    """The edits for fixes of the staging environment."""
    found = read_environments([str(write(folder) / "staging"), str(folder / "base")])
    found.parts |= {
        Ref("v1", part.built.identity.kind, part.built.identity.namespace, part.built.identity.name): part for part in found.objects
    }
    plan = make_plan(proposals, frozenset(Safety))
    return plan, prepare(plan, found)


def files(folder: Path, edits: FileEdits) -> list[tuple[str, list[Ref], bool]]:
    """Each file with the objects that change in it, and whether it is new."""
    return [(os.path.relpath(edit.file, folder), [change.resource for change in edit.changes], edit.is_new) for edit in edits.edits]


def test_each_object_has_its_own_part_of_a_fix(tmp_path: Path) -> None:
    """What a fix does to another object is not done to it, and objects that kustomize does not build are left to others."""
    proposal = fix((CART, DEBUG), (ADMIN, ADMIN_PORT), (NONE, DEBUG))

    plan, edits = prepared(tmp_path, proposal)

    assert edits.refusals == ()
    assert files(tmp_path, edits) == [
        ("base/services.yaml", [ADMIN], False),
        ("staging/meshfix-service-cart.yaml", [CART], True),
        ("staging/kustomization.yaml", [CART], False),
    ]
    assert [change.resource for change in plan.changes] == [ADMIN, CART, NONE]
    assert all(edit.is_built_from and change.proposals == (proposal,) for edit in edits.edits for change in edit.changes)
    assert (tmp_path / "base/services.yaml").read_text() == edits.edits[0].before
    assert "http-admin" in edits.edits[0].after
    assert edits.edits[1].before == ""


def test_what_is_refused_is_told_with_the_rule(tmp_path: Path) -> None:
    """For each object of a fix; of another fix of the same object nothing is refused."""
    _, edits = prepared(tmp_path, fix((CART, STAGE), (ADMIN, ADMIN_PORT)), fix((CART, DEBUG)))

    assert edits.refusals == (
        Refusal(resource=ADMIN, reason=f"MF102: {OTHER_PART}"),
        Refusal(resource=CART, reason=f"MF102: {ELSEWHERE}"),
    )
    assert files(tmp_path, edits) == [("staging/meshfix-service-cart.yaml", [CART], True), ("staging/kustomization.yaml", [CART], False)]
    assert [len(change.proposals) for change in edits.edits[0].changes] == [1]


def test_nothing_to_do_is_no_edit(tmp_path: Path) -> None:
    """Neither for objects that are not built nor for a patch that does nothing."""
    assert prepared(tmp_path, fix((NONE, DEBUG)), fix((CART, None)))[1] == FileEdits(edits=(), refusals=())
    assert prepared(tmp_path)[1] == FileEdits(edits=(), refusals=())
