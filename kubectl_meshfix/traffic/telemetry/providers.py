"""Which providers a Telemetry's settings use, and whether these can do what they are to do (`pilot/pkg/model/telemetry.go`)."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

import msgspec

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.control_plane import ControlPlane, control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_policy import AccessLogging, Metrics, Telemetry, Tracing
from kubectl_meshfix.resources.mesh_config import ExtensionProvider, MeshConfig
from kubectl_meshfix.traffic.attachment import targets
from kubectl_meshfix.traffic.telemetry.merging import LOGS, METRICS, TRACES, labels, namespace_wide

_ABLE: Mapping[str, frozenset[str]] = {
    LOGS: frozenset({"envoyFileAccessLog", "envoyHttpAls", "envoyTcpAls", "envoyOtelAls", "stackdriver"}),
    TRACES: frozenset({"zipkin", "datadog", "skywalking", "opentelemetry", "stackdriver"}),
    METRICS: frozenset({"prometheus", "stackdriver"}),
}
"""The types of providers for each kind of setting (`telemetry_logging.go`, `pilot/pkg/networking/core/tracing.go`)."""

REMOVED = frozenset({"lightstep", "opencensus"})
"""Types of providers that the API still has, and for which istiod configures nothing."""

Item = AccessLogging | Tracing | Metrics


class Fault(Enum):
    """Why a setting has no effect."""

    FILTER_ALONE = "a filter without providers"
    NO_PROVIDER = "no provider"
    UNKNOWN = "no such provider"
    UNABLE = "a provider of another type"
    TRACING_OFF = "no provider, which turns tracing off"


class Idle(msgspec.Struct, frozen=True):
    """A setting without effect: its field, its number, and of a provider its number and what the mesh configuration says of it.

    ``is_certain`` is False where the mesh configuration was not read. ``inherits`` says whether providers are inherited.
    """

    fault: Fault
    field: str
    number: int
    name: str = ""
    provider_number: int = 0
    provider: ExtensionProvider | None = None
    is_certain: bool = True
    inherits: bool = False


def idle(mesh: Mesh, telemetry: Telemetry) -> Iterator[Idle]:
    """The settings of a Telemetry that have no effect."""
    configs = _configs(mesh)
    yield from _logs(mesh, telemetry, configs)
    yield from _tracing(mesh, telemetry, configs)
    spec = telemetry.spec
    found: tuple[tuple[str, Sequence[Item]], ...] = ((LOGS, spec.access_logging), (TRACES, spec.tracing), (METRICS, spec.metrics))
    for field, items in found:
        for number, item in enumerate(items):
            for place, ref in enumerate(item.providers):
                if configs and (fault := _fault(configs, field, ref.name)):
                    yield Idle(fault, field, number, ref.name, place, _named(configs[0], ref.name))


def names(mesh: Mesh, field: str) -> list[str]:
    """The providers that can be used for a kind of setting; not stackdriver, which is there without being set up."""
    able = _ABLE[field] - {"stackdriver"}
    return [item.name for config in _configs(mesh)[:1] for item in config.extension_providers if item.kind in able]


def _configs(mesh: Mesh) -> list[MeshConfig]:
    """The mesh configurations of all control planes; none where one of them was not read."""
    planes = control_planes(mesh)
    return [plane.mesh_config for plane in planes] if planes and all(map(_is_read, planes)) else []


def _is_read(plane: ControlPlane) -> bool:
    return plane.mesh_config_map is not None and not plane.problems


def _named(config: MeshConfig, name: str) -> ExtensionProvider | None:
    return next((item for item in config.extension_providers if item.name.lower() == name.lower()), None)


def _fault(configs: Sequence[MeshConfig], field: str, name: str) -> Fault | None:
    """What is wrong with a provider in all of the mesh's configurations."""
    found = [_named(config, name) for config in configs]
    if not any(found):
        return Fault.UNKNOWN
    return Fault.UNABLE if all(item and item.kind and item.kind not in _ABLE[field] for item in found) else None


def _logs(mesh: Mesh, telemetry: Telemetry, configs: Sequence[MeshConfig]) -> Iterator[Idle]:
    """Items that name no provider: they take those of the item before, of the level above, or the mesh's default ones.

    A filter counts in the item that names the provider alone (`mergeLogs`).
    """
    if not telemetry.spec.access_logging:
        return
    inherits = any(config.default_providers.access_logging for config in configs) or LOGS in _provided_above(mesh, telemetry)
    for number, item in enumerate(telemetry.spec.access_logging):
        if item.providers:
            inherits = True
        elif item.filter and not item.disabled:
            yield Idle(Fault.FILTER_ALONE, LOGS, number, inherits=inherits)
        elif not inherits and not item.disabled:
            yield Idle(Fault.NO_PROVIDER, LOGS, number, is_certain=bool(configs))


def _tracing(mesh: Mesh, telemetry: Telemetry, configs: Sequence[MeshConfig]) -> Iterator[Idle]:
    """Settings of tracing without any provider, which turn off what the mesh configuration turns on (`Tracing`)."""
    items = telemetry.spec.tracing
    has_provider = any(item.providers for item in items) or bool(items and TRACES in _provided_above(mesh, telemetry))
    is_meant = any(item.disable_span_reporting for item in items)
    if items and configs and not has_provider and not is_meant and not any(config.default_providers.tracing for config in configs):
        yield Idle(Fault.TRACING_OFF, TRACES, 0)


def _provided_above(mesh: Mesh, telemetry: Telemetry) -> frozenset[str]:
    """The fields for which the settings that a Telemetry starts from name providers: the root namespace's, and its own namespace's."""
    root = control_plane.root_namespace(mesh)
    found = _provided(mesh, root) if telemetry.namespace != root else frozenset[str]()
    return found | _provided(mesh, telemetry.namespace) if labels(telemetry) or targets(telemetry.spec) else found


def _provided(mesh: Mesh, namespace: str) -> frozenset[str]:
    """The fields for which Telemetries for a whole namespace name providers."""
    memo: dict[str, frozenset[str]] = mesh.memo("fields with providers of whole namespaces")
    items = namespace_wide(mesh, namespace)
    if namespace not in memo:
        fields = ((field, having) for item in items for field, having in ((LOGS, item.spec.access_logging), (TRACES, item.spec.tracing)))
        memo[namespace] = frozenset(field for field, having in fields if any(one.providers for one in having))
    return memo[namespace]
