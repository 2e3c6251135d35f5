"""What a plan does to each object, and in which order."""

import pytest

from kubectl_meshfix.documents.patch import Operation, patched
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.fixes.held import NeedsFlag
from kubectl_meshfix.fixes.plan import Proposal, make_plan
from kubectl_meshfix.resources.meta import Ref
from tests.fixes.proposals import CART, EVERYTHING, proposal


def test_items_of_one_list_are_removed_from_the_last_on() -> None:
    """Each fix counts the items as they were before all of them, however many there are, and whichever comes first."""
    items = [{"a": number} for number in range(12)]
    gone = (2, 0, 11, 10)
    fixes = [proposal("MF950", Operation("test", f"/spec/{at}", items[at]), Operation("remove", f"/spec/{at}")) for at in gone]

    (change,) = make_plan(fixes, frozenset(Safety)).changes

    assert patched({"spec": items}, change.operations)["spec"] == [item for number, item in enumerate(items) if number not in gone]


def test_a_fix_that_changes_an_object_twice_is_named_once() -> None:
    """Its patches are one change, and one proposal of it."""
    patches = tuple(Patch(resource=CART, operations=(Operation("add", path, 1),)) for path in ("/a", "/b"))
    one = Proposal(code="A", resource=CART, fix=Fix(summary="A", safety=Safety.SAFE, patches=patches))

    (change,) = make_plan([one], EVERYTHING).changes

    assert [item.path for item in change.operations] == ["/a", "/b"]
    assert change.proposals == (one,)


@pytest.mark.parametrize(
    ("operations", "order"),
    [
        ((Operation("remove", "/a/1"), Operation("remove", "/a/2"), Operation("add", "/b", 1)), ["/b", "/a/2", "/a/1"]),
        ((Operation("remove", "/a/\u0661"), Operation("add", "/b", 1)), ["/a/\u0661", "/b"]),
        ((Operation("remove", "/a/x"), Operation("add", "/b", 1)), ["/a/x", "/b"]),
        ((Operation("remove", "/ports/80"), Operation("add", "/ports/81", 1), Operation("add", "/b", 1)), ["/ports/80", "/ports/81", "/b"]),
        ((Operation("remove", "/a/0"), Operation("add", "/ports/81", 1)), ["/ports/81", "/a/0"]),
        ((Operation("remove", "/a/0"), Operation("add", "/b", 1), Operation("test", "/b", 0)), ["/b", "/b", "/a/0"]),
    ],
)
def test_items_go_last_and_keys_in_their_order(operations: tuple[Operation, ...], order: list[str]) -> None:
    """A number is an item's place, unless something is added beside it at a number: then both are keys of a map."""
    (change,) = make_plan([proposal("A", *operations)], EVERYTHING).changes

    assert [item.path for item in change.operations] == order


def test_objects_are_in_the_order_of_their_names() -> None:
    """By namespace, kind and name, those of no namespace first; whichever was found first."""
    refs = [
        Ref("v1", "Service", "shop", "b"),
        Ref("v1", "Service", "shop", "a"),
        Ref("apps/v1", "Deployment", "shop", "z"),
        Ref("v1", "Service", "bank", "z"),
        Ref("v1", "Namespace", None, "shop"),
    ]
    plan = make_plan([proposal("A", Operation("add", "/a", 1), ref=ref) for ref in refs], EVERYTHING)

    assert [change.resource for change in plan.changes] == refs[::-1]


def test_a_fix_of_another_namespace_waits_for_all_of_them() -> None:
    """A Namespace is its own; what has none is beyond any."""
    refs = [
        Ref("v1", "Service", "shop", "cart"),
        Ref("v1", "Service", "bank", "cart"),
        Ref("v1", "Namespace", None, "shop"),
        Ref("v1", "Namespace", None, "bank"),
        Ref("v1", "Node", None, "shop"),
    ]
    fixes = [proposal(f"MF95{number}", Operation("add", "/a", 1), ref=ref) for number, ref in enumerate(refs)]

    plan = make_plan(fixes, EVERYTHING, only_in="shop")

    assert [change.proposals[0].code for change in plan.changes] == ["MF952", "MF950"]
    assert {item.proposal.code: item.because for item in plan.held} == dict.fromkeys(("MF951", "MF953", "MF954"), NeedsFlag(flag="-A"))
    assert len(make_plan(fixes, EVERYTHING).changes) == 5
