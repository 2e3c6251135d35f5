"""What is known to be absent: where all was read, or files speak for a namespace."""

import pytest

from kubectl_meshfix.mesh.coverage import Coverage, Refused
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


def test_files_that_name_no_namespace_speak_for_what_lies_beside_them() -> None:
    """An object that names none either is meant to be where they are; one that names the namespace may be anywhere in it."""
    placed, unplaced = (Service(metadata=metadata) for metadata in (Meta(name="cart", namespace="shop"), Meta(name="cart", home="shop")))
    askers = {"beside": Pod(metadata=Meta(name="a", home="shop")), "named": Pod(metadata=Meta(name="b", namespace="shop")), "nobody": None}

    def known(held: Service) -> dict[str, bool]:
        return {name: Mesh([held]).knows(kinds.SERVICE, "shop", asker) for name, asker in askers.items()}

    assert known(placed) == {"beside": True, "named": True, "nobody": True}
    assert known(unplaced) == {"beside": True, "named": False, "nobody": False}
    assert not Mesh([unplaced]).knows(kinds.SERVICE, "bank", askers["beside"])


def test_a_mesh_is_about_all_of_its_objects_unless_it_is_said() -> None:
    """Then about those alone."""
    cart, till = (Pod(metadata=Meta(name=name, namespace="shop")).ref for name in ("cart", "till"))

    assert [Mesh([], about=about).is_about(cart) for about in ((), (cart,), (till,), (cart, till))] == [True, True, False, True]


def test_what_lies_beside_a_copy_is_not_applied_with_the_rest() -> None:
    """Two of one file are there at one time, and two of others; not one of each."""
    cart, till, other = (Pod(metadata=Meta(name=name, namespace="shop")).ref for name in ("cart", "till", "other"))
    mesh = Mesh([], alternatives=[cart, till])

    assert [mesh.are_together(*pair) for pair in ((cart, till), (cart, other), (other, cart), (other, other))] == [True, False, False, True]


@pytest.mark.parametrize(
    ("coverage", "known"),
    [
        (Coverage(), {("shop", "cart"), ("shop", ""), ("", "")}),
        (Coverage(reason="forbidden"), set()),
        (Coverage(namespaces=frozenset({"shop"})), {("shop", "cart"), ("shop", "")}),
        (Coverage(namespaces=frozenset(), named=frozenset({("shop", "cart")})), {("shop", "cart")}),
        (Coverage(refused=(Refused("shop", "cart", "no"),)), set()),
        (Coverage(refused=(Refused("shop", "till", "no"),)), {("shop", "cart")}),
        (Coverage(refused=(Refused("bank", "cart", "no"),)), {("shop", "cart"), ("shop", "")}),
    ],
)
def test_what_was_asked_for_by_name_is_known_by_name(coverage: Coverage, known: set[tuple[str, str]]) -> None:
    """Of one that was refused nothing is known, neither by its name nor where any of its namespace, or any at all, would do."""
    places = [("shop", "cart"), ("shop", ""), ("", "")]
    mesh = Mesh([], live=True, coverage={kinds.SERVICE: coverage})

    assert {place for place in places if coverage.holds(*place)} == known
    assert {place for place in places if mesh.knows(kinds.SERVICE, place[0], name=place[1])} == known
    assert coverage.is_complete is (coverage == Coverage())


def test_why_an_object_was_not_read() -> None:
    """As the server said it, of the whole kind or of one object."""
    whole, one = Coverage(reason="forbidden"), Coverage(refused=(Refused("shop", "cart", "no"), Refused("shop", "till", "never")))

    assert [whole.why_unread("shop", name) for name in ("cart", "till", "other")] == ["forbidden"] * 3
    assert [one.why_unread("shop", name) for name in ("cart", "till", "other")] == ["no", "never", ""]
    assert one.why_unread("bank", "cart") == ""
