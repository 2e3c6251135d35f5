"""What is known to be absent: where all was read, or files speak for a namespace."""

import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod, Service
from kubectl_meshfix.resources.meta import Meta

POD = Pod(metadata=Meta(name="cart-1", namespace="shop"))


@pytest.mark.parametrize(
    ("coverage", "known"),
    [
        (Coverage(), True),
        (Coverage(reason="forbidden"), False),
        (Coverage(namespaces=frozenset({"shop"})), True),
        (Coverage(namespaces=frozenset({"bank"})), False),
    ],
)
def test_a_cluster_is_known_where_it_was_read(coverage: Coverage, known: bool) -> None:
    """What may not be read, or not in this namespace, may be there; what nobody mentioned was read whole."""
    mesh = Mesh([], live=True, coverage={kinds.SERVICE: coverage})

    assert mesh.knows(kinds.SERVICE, "shop") is known
    assert mesh.knows(kinds.POD, "shop")


def test_what_files_leave_out_is_not_known_over_a_cluster() -> None:
    """Files that are laid over a cluster may hold more of a kind in a namespace than this mesh of them."""
    files = Mesh([POD], left_out=[(kinds.SERVICE, "shop")])
    mesh = files.on_cluster(Mesh([], live=True), [POD])

    assert [mesh.knows(kinds.SERVICE, namespace) for namespace in ("shop", "bank", "")] == [False, True, False]
    assert mesh.knows(kinds.POD, "shop")


def test_files_speak_of_the_namespaces_that_they_hold_something_of() -> None:
    """A kind in one namespace says nothing of another, nor another kind; what was left out is not known."""
    rows = [Service(metadata=Meta(name="cart", namespace="shop"))]
    part = Mesh(rows, left_out=[(kinds.SERVICE, "bank")])

    assert Mesh(rows).knows(kinds.SERVICE, "shop")
    assert Mesh(rows).knows(kinds.SERVICE)
    assert not Mesh(rows).knows(kinds.SERVICE, "bank")
    assert not Mesh(rows).knows(kinds.POD)
    assert part.knows(kinds.SERVICE, "shop")
    assert not part.knows(kinds.SERVICE)
    assert (part.holds_all(kinds.SERVICE, "bank"), part.holds_all(kinds.SERVICE), part.holds_all(kinds.POD)) == (False, False, True)
