"""Which of them comes first in an injected pod, the application or the proxy."""

import json

import pytest

from kubectl_meshfix.injection.template.sidecar import app_waits
from kubectl_meshfix.mesh.control_plane import control_plane
from tests.injection.installations import decoded, injector, istiod, mesh


@pytest.mark.parametrize(
    ("value", "mesh_wide", "own", "waits"),
    [
        (False, False, None, False),
        (True, False, None, True),
        (False, True, None, True),
        (False, False, "holdApplicationUntilProxyStarts: true", True),
        (False, True, "holdApplicationUntilProxyStarts: false", False),
        (True, True, "holdApplicationUntilProxyStarts: false", True),
        (False, True, "concurrency: 2", True),
        (False, True, "holdApplicationUntilProxyStarts: later", True),
        (False, False, "- a", False),
    ],
)
def test_whether_the_application_waits(value: bool, mesh_wide: bool, own: str | None, waits: bool) -> None:
    """The chart's value adds to the mesh's default, for which only a boolean of the pod's own stands in."""
    settings = json.dumps({"defaultConfig": {"holdApplicationUntilProxyStarts": mesh_wide}})
    data = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "istio", "namespace": "istio-system"}, "data": {"mesh": settings}}
    values = {"global": {"proxy": {"holdApplicationUntilProxyStarts": value}}}
    plane = control_plane(mesh(istiod(), injector(values=values), decoded(data)), "default")

    assert app_waits(plane, {} if own is None else {"proxy.istio.io/config": own}) is waits
    assert not app_waits(None, {})
