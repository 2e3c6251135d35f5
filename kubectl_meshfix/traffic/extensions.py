"""EnvoyFilters and WasmPlugins on the way of a request. What they make of it is not evaluated here."""

from collections.abc import Collection, Iterator
from typing import Any

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_extensions import WasmPlugin
from kubectl_meshfix.resources.istio_networking.proxies import ConfigPatch, EnvoyFilter, PolicyTarget
from kubectl_meshfix.traffic.terms.parties import Party, Plane

ANY, OUTBOUND, INBOUND, GATEWAY = "ANY", "SIDECAR_OUTBOUND", "SIDECAR_INBOUND", "GATEWAY"
"""The contexts of a patch (`istio.io/api/networking/v1alpha3/envoy_filter.proto PatchContext`)."""

_WATCHING = ("istio.stats", "istio.stackdriver", "stats", "stackdriver", "access_log", "envoy.filters.http.grpc_stats")
"""Filters that count and log requests, and change none."""

_HARMLESS = frozenset({"BOOTSTRAP"})


def altering(mesh: Mesh, party: Party, context: str) -> Iterator[EnvoyFilter | WasmPlugin]:
    """The objects that may change what a proxy does with a request, in one of the contexts of a patch.

    They select pods as policies do: in their namespace, and from the root namespace in the whole mesh
    (`pilot/pkg/model/push_context.go EnvoyFilters`, `pilot/pkg/model/extensions.go`).
    """
    root = control_plane.root_namespace(mesh)
    for namespace in dict.fromkeys((root, party.namespace)):
        for patches in mesh.within(EnvoyFilter, namespace):
            labels = patches.spec.workload_selector.labels if patches.spec.workload_selector else {}
            if _attaches(party, patches.namespace, labels, patches.spec.target_refs) and any(
                _alters(patch, context) for patch in patches.spec.config_patches
            ):
                yield patches
        for plugin in mesh.within(WasmPlugin, namespace):
            labels = plugin.spec.selector.match_labels if plugin.spec.selector else {}
            targets = plugin.spec.target_refs or ((plugin.spec.target_ref,) if plugin.spec.target_ref else ())
            if context != OUTBOUND and _attaches(party, plugin.namespace, labels, targets):
                yield plugin


def _attaches(party: Party, namespace: str, labels: dict[str, str], targets: Collection[PolicyTarget]) -> bool:
    if targets:
        return party.plane in (Plane.GATEWAY, Plane.WAYPOINT) and any(
            target.kind == "Gateway" and party.gateway is not None and target.name == party.gateway.name and namespace == party.namespace
            for target in targets
        )
    return party.plane is not Plane.WAYPOINT and is_subset(labels, party.labels)


def _alters(patch: ConfigPatch, context: str) -> bool:
    asked = patch.match.get("context", ANY) if isinstance(patch.match, dict) else ANY
    return asked in (ANY, context) and patch.apply_to not in _HARMLESS and not _only_watches(patch)


def _only_watches(patch: ConfigPatch) -> bool:
    value: Any = patch.patch.value if patch.patch else None
    name = value.get("name", "") if isinstance(value, dict) else ""
    return isinstance(name, str) and name.startswith(_WATCHING)
