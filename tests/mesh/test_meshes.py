"""Several meshes of one input answer as one."""

from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.sources.manifest_meshes import from_texts

SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}}"


def test_a_kind_is_held_where_any_mesh_holds_it() -> None:
    """Copies in two folders make two meshes; what stands beside one of them alone is there all the same."""
    config_map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}}"
    meshes = from_texts({"a/a.yaml": SERVICE, "b/a.yaml": SERVICE, "b/b.yaml": config_map})[0].meshes

    assert len(meshes) == 2
    assert meshes.hold_any([kinds.CONFIG_MAP])
    assert not meshes.hold_any([kinds.POD])


def test_one_mesh_is_itself() -> None:
    """There is at least one; where it is the only one, nothing else may hold its objects."""
    mesh = Mesh([])

    assert list(Meshes([mesh])) == [mesh]
    assert list(Meshes([]).objects) == []


def test_two_of_a_kind_are_in_one_mesh() -> None:
    """Copies in two folders are one object twice; a second object beside one of them makes two."""
    other = SERVICE.replace("cart", "till")
    copies, beside = (from_texts({"a/a.yaml": SERVICE, "b/a.yaml": SERVICE, **more})[0].meshes for more in ({}, {"b/b.yaml": other}))

    assert (len(copies), len(beside)) == (2, 2)
    assert [meshes.hold_two(kinds.SERVICE) for meshes in (copies, beside)] == [False, True]
    assert not beside.hold_two(kinds.POD)
