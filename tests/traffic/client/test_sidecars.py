"""A Sidecar is for pods of its own namespace."""

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking import Sidecar
from kubectl_meshfix.traffic.client.sidecars import applies_to_nothing, selector
from tests.traffic.objects import deployment, make

CART = {"labels": {"app": "cart"}}


def test_a_sidecar_without_labels_is_for_all() -> None:
    """It never applies to nothing, whatever is there."""
    for sidecar in (make(Sidecar, "all"), make(Sidecar, "all", workloadSelector={})):
        assert not selector(sidecar)
        assert not applies_to_nothing(Mesh([], live=True), sidecar)


def test_a_sidecar_looks_no_further_than_its_namespace() -> None:
    """Not even from the root namespace, unlike a policy."""
    mesh = Mesh([deployment("cart", app="cart")], live=True)

    assert not applies_to_nothing(mesh, make(Sidecar, "cart", workloadSelector=CART))
    assert applies_to_nothing(mesh, make(Sidecar, "cart", "istio-system", workloadSelector=CART))
