"""Plans: fixes that join, fixes that contradict, fixes that wait."""

from kubectl_meshfix.documents.patch import Operation, patched
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.fixes.held import ByHand, DoesNotFit, NeedsFlag
from kubectl_meshfix.fixes.managed_by import Manager
from kubectl_meshfix.fixes.plan import Choice, Proposal, Refusal, incomplete_fixes, make_plan
from kubectl_meshfix.resources.meta import Ref
from tests.fixes.proposals import CART, EVERYTHING, proposal


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
    """Two fixes that want different things are a choice; neither is made, not even where it would fit."""
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

    assert (len(plan.changes), len(plan.held)) == (0, 0)
    (choice,) = plan.choices
    assert [(item.code, choice.pick(item)) for item in choice.proposals] == [("A", "--ignore B"), ("B", "--ignore A")]


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
    assert {held.proposal.code: held.because for held in plan.held} == {
        "B": NeedsFlag(flag="--restart"),
        "C": NeedsFlag(flag="--unsafe"),
        "D": ByHand(why=None),
    }


def test_what_someone_manages_waits_unless_it_is_asked_for() -> None:
    """Nobody has to say that it be held back."""
    fixes = [proposal("A", Operation("add", "/a", 1))]
    helm = Manager(name="Helm release shop/cart", undoes="reverts it", remedy="change the chart")

    assert not make_plan(fixes, frozenset({Safety.SAFE}), lambda _: helm).changes
    assert make_plan(fixes, frozenset({Safety.SAFE}), lambda _: helm, even_if_managed=True).changes


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


SERVICE = Ref("v1", "Service", "shop", "cart")


def test_a_choice_leaves_the_rest_alone() -> None:
    """What contradicts nobody is made, and only what hangs together is one choice; a third that contradicts one of two is in it."""
    plan = make_plan(
        [
            proposal("A", Operation("replace", "/a", "x")),
            proposal("B", Operation("replace", "/a", "y")),
            proposal("C", Operation("remove", "/a")),
            proposal("D", Operation("add", "/d", 1)),
            proposal("E", Operation("replace", "/a", "x"), ref=SERVICE),
        ],
        EVERYTHING,
    )

    assert [[item.code for item in choice.proposals] for choice in plan.choices] == [["A", "B", "C"]]
    assert {change.resource.kind: [item.code for item in change.proposals] for change in plan.changes} == {
        "Deployment": ["D"],
        "Service": ["E"],
    }


def test_taking_away_contradicts_changing_what_is_in_it() -> None:
    """A fix that removes a map and one that changes a key of it cannot both be made, in either order."""
    removal, change = proposal("A", Operation("remove", "/m")), proposal("B", Operation("replace", "/m/k", 1))

    assert make_plan([removal, change], EVERYTHING).choices
    assert make_plan([change, removal], EVERYTHING).choices


def test_one_port_speaks_one_protocol() -> None:
    """A name and an appProtocol that say different protocols contradict each other; on other ports, or saying the same, they do not."""
    name = proposal("A", Operation("replace", "/spec/ports/0/name", "http-web"), ref=SERVICE)

    def other(place: int, protocol: str) -> Proposal:
        return proposal("B", Operation("add", f"/spec/ports/{place}/appProtocol", protocol), ref=SERVICE)

    assert make_plan([name, other(0, "tcp")], EVERYTHING).choices
    assert not make_plan([name, other(1, "tcp")], EVERYTHING).choices
    assert not make_plan([name, other(0, "http")], EVERYTHING).choices


def test_what_waits_for_a_flag_contradicts_nobody() -> None:
    """A fix that is not made anyway leaves the other free."""
    plan = make_plan(
        [proposal("A", Operation("replace", "/a", 1)), proposal("B", Operation("replace", "/a", 2), safety=Safety.UNSAFE)],
        frozenset({Safety.SAFE}),
    )

    assert [held.because for held in plan.held] == [NeedsFlag(flag="--unsafe")]
    assert len(plan.changes) == 1
    assert not plan.choices


def test_fixes_of_one_rule_are_told_apart_by_their_objects() -> None:
    """Where codes do not tell which, the object does; where nothing does, no words are made up."""
    fixes = [proposal("A", Operation("replace", "/a", value)) for value in (1, 2)]
    elsewhere = Proposal(code="A", resource=SERVICE, fix=fixes[1].fix)

    (choice,) = make_plan([fixes[0], elsewhere], EVERYTHING).choices
    assert [choice.pick(item) for item in choice.proposals] == ["deployment/cart", "service/cart"]
    (choice,) = make_plan(fixes, EVERYTHING).choices
    assert [choice.pick(item) for item in choice.proposals] == ["", ""]


def test_thirty_ports_are_one_change() -> None:
    """Thirty fixes of one Service are one patch, whatever their number."""
    ports = [proposal("A", Operation("replace", f"/spec/ports/{port}/name", f"http-{port}"), ref=SERVICE) for port in range(30)]

    plan = make_plan(ports, EVERYTHING)

    assert len(plan.changes) == 1
    assert len(plan.changes[0].operations) == 30
    assert not plan.choices


def test_a_fix_of_which_a_part_is_refused_is_refused_whole() -> None:
    """What belongs to a refused change is refused with it, and what belongs to that; what stands alone is made."""

    def across(code: str, *refs: Ref) -> Proposal:
        patches = tuple(Patch(resource=ref, operations=(Operation("add", f"/{code}", 1),)) for ref in refs)
        return Proposal(code=code, resource=refs[0], fix=Fix(summary=code, safety=Safety.SAFE, patches=patches))

    entry, other = Ref("networking.k8s.io/v1", "Ingress", "shop", "entry"), Ref("v1", "Service", "shop", "other")
    plan = make_plan([across("A", SERVICE, entry), across("B", SERVICE, CART), across("C", other)], EVERYTHING)

    assert {refusal.resource for refusal in incomplete_fixes(plan.changes, {entry})} == {SERVICE, CART}
    assert incomplete_fixes(plan.changes, {other}) == ()


def test_a_contradiction_is_settled_by_words_for_diagnose() -> None:
    """By leaving out the other rules, by naming the object where the rules are the same, and by nothing where neither tells them apart."""
    till = Ref("v1", "Service", "shop", "till")
    one, same, elsewhere, other, another, third = (
        proposal(code, Operation("replace", "/name", code), ref=ref)
        for code, ref in (("A", CART), ("A", CART), ("A", till), ("C", CART), ("B", CART), ("B", till))
    )

    assert Choice(CART, (one, other, another)).pick(one) == "--ignore B,C"
    assert Choice(CART, (one, elsewhere)).pick(one) == "deployment/cart"
    assert Choice(CART, (one, elsewhere)).pick(elsewhere) == "service/till"
    assert Choice(CART, (one, same)).pick(one) == ""
    assert Choice(CART, (one, elsewhere, third)).pick(one) == "deployment/cart"
    assert Choice(CART, (one, same, elsewhere)).pick(one) == ""


def test_who_is_refused_may_still_have_the_right() -> None:
    """A refusal is of the change unless it is said to be of the user."""
    assert not Refusal(CART, "the server says no").lacks_right


def test_items_that_are_added_to_a_list_are_all_added() -> None:
    """Two fixes that each append to one list contradict each other as little as two tests of one place do."""
    appended = [Operation("add", "/list/-", text) for text in "ab"]
    tests = [Operation("test", "/name", "web"), Operation("test", "/other", 1)]

    plan = make_plan([proposal("A", tests[0], appended[0]), proposal("B", tests[1], appended[1])], EVERYTHING)

    assert patched({"name": "web", "other": 1, "list": []}, plan.changes[0].operations)["list"] == ["a", "b"]


def test_fixes_that_rely_on_different_things_are_a_choice() -> None:
    """Of two that want one place to hold different values at most one can be made."""
    rows = [(Operation("test", "/name", name), Operation("add", f"/{name}", 1)) for name in ("web", "api")]

    plan = make_plan([proposal("A", *rows[0]), proposal("B", *rows[1])], EVERYTHING)

    assert plan.changes == ()
    assert [len(choice.proposals) for choice in plan.choices] == [2]


def test_of_three_edits_that_fit_in_pairs_the_third_may_not_fit() -> None:
    """Each two of these texts can be joined, all three cannot: the last waits, and the plan says for which."""
    texts = ("a\nb\nb\n", "c\na\nb\n", "a\na\nb\n")
    before = Operation("test", "/data/x", "a\nb\n")
    fixes = [proposal(f"MF95{number}", before, Operation("replace", "/data/x", text)) for number, text in enumerate(texts)]

    plan = make_plan(fixes, EVERYTHING)

    assert not plan.choices
    assert [item.code for item in plan.changes[0].proposals] == ["MF950", "MF951"]
    assert [(item.proposal.code, item.because) for item in plan.held] == [("MF952", DoesNotFit(codes=("MF950", "MF951")))]
