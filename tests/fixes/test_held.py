"""What holds a fix back: the same answer for diagnose, for the plan, for people and for programs."""

from typing import Any

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.effects.effect import Consequence, Effect
from kubectl_meshfix.fixes.fix import REPLACED, Fix, Patch, Safety, manual
from kubectl_meshfix.fixes.held import EVEN_IF_MANAGED, EVERYWHERE, FLAGS, Because, ByHand, DoesNotFit, ManagedBy, NeedsFlag, why_held
from kubectl_meshfix.fixes.managed_by import Manager, nobody
from kubectl_meshfix.fixes.plan import Held, Plan, Proposal, make_plan
from kubectl_meshfix.render.plan.document import plan_document
from kubectl_meshfix.render.plan.outlook import outlook
from kubectl_meshfix.render.text.terminal import Screen
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.rules.workloads import missing_app_label
from kubectl_meshfix.sources.decode import decode
from tests.rules.asking import fix, only

CART = Ref("apps/v1", "Deployment", "shop", "cart")
HELM = Manager(
    name="Helm release shop/cart", undoes="reverts the change with its next upgrade", remedy="make the change in the chart's values"
)
APP = Manager(name="App web", undoes="created it and would revert the change", remedy="make the change in App web", is_maker=True)
RISK = "Requests without a Host header will get 404."
ROLLS = Consequence(resource=CART, effect=Effect.ROLLS, text="Deployment shop/cart replaces its 2 pods.", pods=2)


def change(safety: Safety = Safety.SAFE, risk: str | None = None, path: str = "/x") -> Fix:
    """A fix with a patch."""
    return Fix(summary="Set x.", safety=safety, risk=risk, patches=(Patch(CART, (Operation("add", path, 1),)),))


def said(*held: Held) -> str:
    """The plan's last words on what is held back, on one line."""
    return " ".join(outlook(Plan(changes=(), held=held), (), Screen(width=200), (), dry_run=False).split())


def row(held: Held) -> dict[str, Any]:
    """The same for programs."""
    (found,) = plan_document(Plan(changes=(), held=(held,)))["held"]
    return dict(found)


def held(because: Because, repair: Fix | None = None, *consequences: Consequence) -> Held:
    """A fix of one object that is held back."""
    return Held(proposal=Proposal(code="MF101", resource=CART, fix=repair or change()), because=because, consequences=consequences)


def test_why_a_fix_is_held() -> None:
    """By hand comes before a missing flag, and that before a manager; a maker holds it whatever is allowed."""
    only_safe = frozenset({Safety.SAFE})

    assert why_held(manual("Decide.", why="Both are right."), lambda _: HELM) == ByHand(why="Both are right.")
    assert why_held(change(Safety.RESTART), lambda _: HELM, only_safe) == NeedsFlag(flag="--restart")
    assert why_held(change(Safety.UNSAFE), nobody, only_safe) == NeedsFlag(flag="--unsafe")
    assert why_held(change(Safety.UNSAFE), lambda _: HELM) == ManagedBy(manager=HELM)
    assert why_held(change(), lambda _: HELM, even_if_managed=True) is None
    assert why_held(change(), lambda _: APP, even_if_managed=True) == ManagedBy(manager=APP)
    assert why_held(change(), nobody) is None


@pytest.mark.parametrize(
    ("because", "flag", "reason", "managed_by"),
    [
        (NeedsFlag(flag="--unsafe"), "--unsafe", None, None),
        (ManagedBy(manager=HELM), "--even-if-managed", None, "Helm release shop/cart"),
        (ManagedBy(manager=APP), None, "App web created it and would revert the change; make the change in App web.", "App web"),
        (ByHand(why="Both are right."), None, "Both are right.", None),
        (ByHand(why=None), None, "It has to be done by hand.", None),
        (DoesNotFit(codes=("MF101", "MF303")), None, "It cannot be joined with the fix of MF101 and MF303.", None),
    ],
)
def test_programs_are_told_why(because: Because, flag: str | None, reason: str | None, managed_by: str | None) -> None:
    """Either a flag frees a fix or a reason stands in its way; who manages the object is said in both cases."""
    found = row(held(because))

    assert (found["flag"], found["reason"], found["managedBy"]) == (flag, reason, managed_by)


@pytest.mark.parametrize(
    ("because", "words"),
    [
        (NeedsFlag(flag="--unsafe"), "Held back until --unsafe is given: MF101 Deployment shop/cart: Set x."),
        (ManagedBy(manager=HELM), "Held back until --even-if-managed is given:"),
        (
            ManagedBy(manager=HELM),
            "Helm release shop/cart reverts the change with its next upgrade; make the change in the chart's values.",
        ),
        (ManagedBy(manager=APP), "App web created it and would revert the change; make the change in App web."),
        (ByHand(why="Both are right."), "To be done by hand: MF101 Deployment shop/cart: Set x. Both are right."),
        (DoesNotFit(codes=("MF303",)), "It cannot be joined with the fix of MF303: run apply again afterwards."),
    ],
)
def test_people_are_told_why(because: Because, words: str) -> None:
    """The heading says what a fix waits for, and the line below it what is to be said of it alone."""
    assert words in said(held(because))


def test_what_someone_else_would_undo_is_said_as_a_reason() -> None:
    """A Deployment that an App makes is changed by hand, and the reason is data, not a part of the summary."""
    owner = {"apiVersion": "example.com/v1", "kind": "App", "name": "web", "controller": True}
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "ownerReferences": [owner]},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web:v1"}]}}},
    }
    workload = decode(document, Deployment)
    assert isinstance(workload, Deployment)
    found = fix(only(missing_app_label.RULE, workload))

    plan = make_plan([Proposal(code="MF201", resource=workload.ref, fix=found)], frozenset(Safety))
    (one,) = plan_document(plan)["held"]

    assert one["reason"] == "App web would undo a change of the Deployment: make the change there."
    assert "undo" not in one["summary"]


def test_a_shared_consequence_is_told_once() -> None:
    """Three fixes of one workload replace its pods once, and the plan says so once, below the last of them."""
    words = said(*(held(NeedsFlag(flag="--restart"), change(Safety.RESTART, REPLACED), ROLLS) for _ in range(3)))

    assert words.count("Set x.") == 3
    assert words.count(ROLLS.text) == 1
    assert words.endswith(ROLLS.text)


def test_a_risk_stands_below_its_fix() -> None:
    """What a fix risks is told to people and to programs; that pods are replaced the consequences tell better."""
    unsafe = held(NeedsFlag(flag="--unsafe"), change(Safety.UNSAFE, RISK))
    restart = held(NeedsFlag(flag="--restart"), change(Safety.RESTART, REPLACED), ROLLS)

    assert f"Set x. risk: {RISK}" in said(unsafe)
    assert "risk:" not in said(restart)
    assert (row(unsafe)["risk"], row(restart)["risk"]) == (RISK, REPLACED)


def test_a_plan_counts_what_needs_a_flag() -> None:
    """A dry run says of how many fixes each flag decides; those that were given are not asked for again."""
    fixes = [change(), change(Safety.RESTART, REPLACED, "/y"), change(Safety.UNSAFE, RISK, "/z"), change(Safety.UNSAFE, RISK, "/a")]
    plan = make_plan([Proposal(code=f"MF10{number}", resource=CART, fix=item) for number, item in enumerate(fixes)], frozenset(Safety))

    assert "Of 4 fixes, 1 needs --restart and 2 need --unsafe." in outlook(plan, (), Screen(), (), dry_run=True)
    assert "Of 4 fixes, 2 need --unsafe." in outlook(plan, (), Screen(), {"--restart"}, dry_run=True)
    assert plan_document(plan)["patches"][0]["risks"] == [REPLACED, RISK]


def test_who_made_an_object_is_named_before_who_manages_another() -> None:
    """No flag helps against a maker, so that is what a fix of several objects waits for."""
    other = Ref("v1", "Service", "shop", "cart")
    both = Fix(summary="Set x.", safety=Safety.SAFE, patches=tuple(Patch(ref, (Operation("add", "/x", 1),)) for ref in (CART, other)))

    def managers(ref: Ref) -> Manager:
        return HELM if ref == CART else APP

    assert why_held(both, managers) == ManagedBy(manager=APP)
    assert why_held(both, managers, even_if_managed=True) == ManagedBy(manager=APP)
    assert why_held(both, lambda _: HELM) == ManagedBy(manager=HELM)
    assert why_held(both, lambda _: HELM, even_if_managed=True) is None
    assert why_held(both, nobody) is None


def test_flags_have_their_names() -> None:
    """As the command line has them."""
    assert (EVERYWHERE, EVEN_IF_MANAGED) == ("-A", "--even-if-managed")
    assert FLAGS == {Safety.RESTART: "--restart", Safety.UNSAFE: "--unsafe"}
