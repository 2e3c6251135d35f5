"""Selectors that miss are corrected as a whole."""

from kubectl_meshfix.fixes.selector_typos import nearly_selected
from kubectl_meshfix.mesh.snapshot import Mesh
from tests.traffic.objects import deployment


def test_labels_are_corrected_together_or_not_at_all() -> None:
    """What comes out finds a workload; a key that no candidate has is no slip of the keyboard."""
    workloads = Mesh([deployment("checkout-backend", "shop", app="checkout", tier="backend")]).workloads

    assert nearly_selected({"app": "chekout", "tier": "backend"}, workloads) == {"app": "checkout", "tier": "backend"}
    assert nearly_selected({"application": "checkout"}, workloads) is None
    assert nearly_selected({"app": "orders"}, workloads) is None
