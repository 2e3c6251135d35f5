"""Plans: fixes that join, fixes that contradict, fixes that wait."""

from kubectl_meshfix.documents.patch import Operation, patched
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.fixes.plan import Proposal, make_plan
from kubectl_meshfix.resources.meta import Ref

CART = Ref("apps/v1", "Deployment", "shop", "cart")
EVERYTHING = frozenset(Safety)


def proposal(code: str, *operations: Operation, safety: Safety = Safety.SAFE, ref: Ref = CART) -> Proposal:
    """A fix of one object."""
    return Proposal(code=code, resource=ref, fix=Fix(summary=code, safety=safety, patches=(Patch(resource=ref, operations=operations),)))


def test_two_fixes_create_one_missing_map() -> None:
    """Fixes that each create the labels create them once, with both keys."""
    plan = make_plan(
        [
            proposal("A", Operation("add", "/metadata", {"labels": {"app": "cart"}})),
            proposal("B", Operation("add", "/metadata", {"labels": {"version": "v1"}, "annotations": {"a": "b"}})),
        ],
        EVERYTHING,
    )

    assert len(plan.changes) == 1
    after = patched({}, plan.changes[0].operations)
    assert after == {"metadata": {"labels": {"app": "cart", "version": "v1"}, "annotations": {"a": "b"}}}
    assert [item.code for item in plan.changes[0].proposals] == ["A", "B"]


def test_the_same_fix_twice_is_one() -> None:
    """Two findings with the same repair make one operation."""
    rename = (Operation("test", "/name", "web"), Operation("replace", "/name", "http-web"))

    plan = make_plan([proposal("A", *rename), proposal("B", *rename)], EVERYTHING)

    assert plan.changes[0].operations == rename


def test_contradicting_fixes_are_not_settled_by_a_guess() -> None:
    """The second of two fixes that want different things is held back whole, with the reason."""
    other = Ref("v1", "Service", "shop", "cart")
    second = Proposal(
        code="B",
        resource=CART,
        fix=Fix(
            summary="B",
            safety=Safety.SAFE,
            patches=(
                Patch(resource=other, operations=(Operation("add", "/x", 1),)),
                Patch(resource=CART, operations=(Operation("replace", "/name", "tcp"),)),
            ),
        ),
    )

    plan = make_plan([proposal("A", Operation("replace", "/name", "http")), second], EVERYTHING)

    assert [change.resource for change in plan.changes] == [CART]
    assert [held.proposal.code for held in plan.held] == ["B"]
    assert "contradicts" in plan.held[0].reason


def test_a_fix_waits_for_its_flag() -> None:
    """What was not asked for is held back under the flag that frees it; manual fixes always are."""
    fixes = [
        proposal("A", Operation("add", "/a", 1)),
        proposal("B", Operation("add", "/b", 1), safety=Safety.RESTART),
        proposal("C", Operation("add", "/c", 1), safety=Safety.UNSAFE),
        proposal("D", safety=Safety.MANUAL),
    ]

    plan = make_plan(fixes, frozenset({Safety.SAFE}))

    assert [operation.path for operation in plan.changes[0].operations] == ["/a"]
    assert {held.proposal.code: held.flag for held in plan.held} == {"B": "--restart", "C": "--unsafe", "D": ""}


def test_tests_come_first() -> None:
    """All tests speak of the object as it was read, so they stand before the first change."""
    plan = make_plan(
        [
            proposal("A", Operation("test", "/a", 1), Operation("replace", "/a", 2)),
            proposal("B", Operation("test", "/a", 1), Operation("add", "/b", 2)),
        ],
        EVERYTHING,
    )

    assert patched({"a": 1}, plan.changes[0].operations) == {"a": 2, "b": 2}


def test_two_edits_of_one_text_are_one() -> None:
    """Fixes that change other lines of a ConfigMap's text are made together."""
    text = "never:\n  []\nkeep: 1\nalways:\n- {}\n"
    once, twice = text.replace("[]", "- a"), text.replace("- {}", "- b")

    plan = make_plan(
        [
            proposal("A", Operation("test", "/data/config", text), Operation("replace", "/data/config", once)),
            proposal("B", Operation("test", "/data/config", text), Operation("replace", "/data/config", twice)),
        ],
        EVERYTHING,
    )

    assert not plan.held
    after = patched({"data": {"config": text}}, plan.changes[0].operations)
    assert after == {"data": {"config": "never:\n  - a\nkeep: 1\nalways:\n- b\n"}}
