"""Objects of any kind, as a server or a file has them."""

from typing import Any

from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.sources.decode import decode


def made(api: str, kind: str, spec: dict[str, Any], *, name: str = "cart", namespace: str = "shop", **rest: Any) -> Object:
    """An object of a spec; ``annotations``, ``labels`` and ``owners`` are its own, all else stands beside the spec."""
    row = kinds.of(api, kind)
    assert row
    names = {"annotations": "annotations", "labels": "labels", "owners": "ownerReferences"}
    own = {field: rest.pop(key) for key, field in names.items() if key in rest}
    obj = decode(
        {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace, **own}, "spec": spec, **rest}, row.struct
    )
    assert isinstance(obj, Object)
    return obj
