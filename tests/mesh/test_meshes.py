"""Several meshes of one input answer as one."""

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
