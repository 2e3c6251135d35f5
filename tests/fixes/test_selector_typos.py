"""Selectors that miss are corrected as a whole."""

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.selector_typos import labelled, nearly_selected, select
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Ref
from tests.traffic.objects import deployment


def test_labels_are_corrected_together_or_not_at_all() -> None:
    """What comes out finds a workload; a key that no candidate has is no slip of the keyboard."""
    workloads = Mesh([deployment("checkout-backend", "shop", app="checkout", tier="backend")]).workloads

    assert nearly_selected({"app": "chekout", "tier": "backend"}, workloads) == {"app": "checkout", "tier": "backend"}
    assert nearly_selected({"application": "checkout"}, workloads) is None
    assert nearly_selected({"app": "orders"}, workloads) is None


def test_each_value_that_is_wrong_is_replaced() -> None:
    """One by one where the keys are the same, else the whole selector; each is tested before."""
    ref = Ref("v1", "Service", "shop", "cart")
    labels = {"app": "crat", "tier": "web"}
    one = select(ref, ("spec", "selector"), labels, {"app": "cart", "tier": "web"}, "Risk.")
    whole = select(ref, ("spec", "selector"), labels, {"app": "cart"}, "Risk.")

    assert [(item.op, item.path, item.value) for item in one.patches[0].operations] == [
        ("test", "/spec/selector/app", "crat"),
        ("replace", "/spec/selector/app", "cart"),
    ]
    assert [(item.op, item.path, item.value) for item in whole.patches[0].operations] == [
        ("test", "/spec/selector", labels),
        ("replace", "/spec/selector", {"app": "cart"}),
    ]
    assert (one.summary, whole.summary) == ("Select app=cart, tier=web.", "Select app=cart.")
    assert (one.safety, one.risk, one.patches[0].resource) == (Safety.UNSAFE, "Risk.", ref)


def test_labels_are_one_or_several() -> None:
    """As a sentence needs it."""
    assert [labelled({"app": "cart"}), labelled({"app": "cart", "tier": "web"})] == ["label app=cart", "labels app=cart, tier=web"]


def test_labels_are_those_of_one_workload() -> None:
    """Each value may be one that some workload has; all of them have to be one's."""
    both = Mesh([deployment("a", "shop", app="checkout", tier="web"), deployment("b", "shop", app="orders", tier="backend")]).workloads

    assert nearly_selected({"app": "chekout", "tier": "web"}, both) == {"app": "checkout", "tier": "web"}
    assert nearly_selected({"app": "chekout", "tier": "backend"}, both) is None
