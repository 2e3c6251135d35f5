"""What istiod refuses in the mesh configuration, in a proxy's part of it, and in the configuration of networks.

No webhook looks at them: they are texts in a ConfigMap and in an annotation, and istiod says what is wrong in its log.
"""

from kubectl_meshfix.validation.mesh_config import shape, values
from kubectl_meshfix.validation.violation import Fields, Violations


def mesh_config(fields: Fields) -> Violations:
    """What is wrong with a mesh configuration (`pkg/config/mesh/mesh.go ApplyMeshConfig`); paths are inside of it."""
    yield from shape.of("MeshConfig", fields)
    yield from values.of_mesh(fields)


def proxy_config(fields: Fields) -> Violations:
    """What is wrong with the annotation proxy.istio.io/config (`pkg/kube/inject/validate.go validateProxyConfig`)."""
    yield from shape.of("ProxyConfig", fields)
    yield from values.of_proxy(fields)


def mesh_networks(fields: Fields) -> Violations:
    """What is wrong with the configuration of networks (`pkg/config/mesh/mesh.go ParseMeshNetworks`)."""
    yield from shape.of("MeshNetworks", fields)
    yield from values.of_networks(fields)
