"""Where providers of telemetry send to, and whether that is registered (`pilot/pkg/model/telemetry_logging.go LookupCluster`)."""

from collections.abc import Iterator
from typing import NamedTuple

from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_policy import Telemetry
from kubectl_meshfix.resources.mesh_config import ExtensionProvider
from kubectl_meshfix.traffic.absence import is_unregistered
from kubectl_meshfix.traffic.registry import registry
from kubectl_meshfix.traffic.telemetry.providers import Item

AUTHORIZERS = ("envoyExtAuthzHttp", "envoyExtAuthzGrpc")


class Unreachable(NamedTuple):
    """A provider that is used and whose host nobody registers, or only namespaces that it does not name; of several it has to name one."""

    provider: ExtensionProvider
    host: str
    namespaces: tuple[str, ...]


def unreachable(mesh: Mesh, plane: ControlPlane) -> Iterator[Unreachable]:
    """The providers of logs and traces of a mesh configuration that istiod cannot configure for want of a host."""
    used = mesh.cached("providers that Telemetries name", _used)
    default = plane.mesh_config.default_providers
    named = used | {name.lower() for name in (*default.access_logging, *default.tracing, *default.metrics)}
    for provider in plane.mesh_config.extension_providers:
        if provider.kind in AUTHORIZERS or not provider.service or provider.name.lower() not in named:
            continue
        home, slash, host = provider.service.rpartition("/")
        namespaces = tuple(sorted({entry.namespace for entry in registry(mesh).exact.get(host, ())}))
        if namespaces and (home not in namespaces if slash else len(namespaces) > 1):
            yield Unreachable(provider, host, namespaces)
        elif not namespaces and ("." not in host or is_unregistered(mesh, host, plane.namespace)):
            yield Unreachable(provider, host, ())


def registered(mesh: Mesh) -> list[str]:
    """The hosts that are registered."""
    return sorted(registry(mesh).exact)


def _used(mesh: Mesh) -> frozenset[str]:
    return frozenset(ref.name.lower() for item in mesh.all(Telemetry) for each in _items(item) for ref in each.providers)


def _items(telemetry: Telemetry) -> tuple[Item, ...]:
    spec = telemetry.spec
    return (*spec.access_logging, *spec.tracing, *spec.metrics)
