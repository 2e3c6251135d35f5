"""The order in which EnvoyFilters patch a proxy (`pilot/pkg/model/push_context.go EnvoyFilters`, `sortEnvoyFilters`).

By priority, then those of the root namespace, then by age, then by name.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.proxies import ConfigPatch, EnvoyFilter
from kubectl_meshfix.traffic.envoy_patches.fatal import INSERTS
from kubectl_meshfix.traffic.envoy_patches.filters import (
    CONNECTION_MANAGER,
    FILTER,
    HTTP_FILTER,
    IN_LISTENER,
    NETWORK_FILTER,
    SUB_FILTER,
    TERMINAL,
    Place,
    named,
    value_name,
)

_ABOUT_ANOTHER = frozenset({"INSERT_BEFORE", "INSERT_AFTER", "REPLACE", "REMOVE"})
"""Operations that are carried out in order; filters are merged with what is there in the end (`listener_patch.go mergeHTTPFilter`)."""
_HTTP = ("router", "cors", "fault", "rbac", "jwt_authn", "ext_authz", "grpc_stats", "grpc_web", "lua", "wasm")
_ISTIOS = frozenset(
    {*(f"envoy.filters.http.{name}" for name in _HTTP), CONNECTION_MANAGER, *TERMINAL, "envoy.filters.network.rbac", "istio.alpn"}
)
"""Filters that istiod itself brings, so that no EnvoyFilter has to come first."""


class Dependent(msgspec.Struct, frozen=True):
    """A patch, by its number, about a filter that only ``other`` brings.

    ``is_first`` says whether it is applied before that one, so that it finds nothing; None where their ages decide, and nobody knows them.
    """

    number: int
    filter: str
    other: EnvoyFilter
    is_first: bool | None


def dependents(mesh: Mesh, envoy_filter: EnvoyFilter) -> Iterator[Dependent]:
    """The patches of an EnvoyFilter about filters of another one, which may be applied too early."""
    brought = mesh.cached("EnvoyFilters by the filters they bring", _brought)
    own = {value_name(patch) for patch in envoy_filter.spec.config_patches if _brings(patch)}
    for number, patch in enumerate(envoy_filter.spec.config_patches):
        name = named(patch, _place(patch)) if patch.patch and patch.patch.operation in _ABOUT_ANOTHER else ""
        others = [item for item in brought.get((patch.apply_to, name), ()) if _meet(mesh, envoy_filter, item)]
        if name in own or name in _ISTIOS or not others:
            continue
        last = min(others, key=lambda item: _is_first(mesh, envoy_filter, item) is not False)
        is_first = _is_first(mesh, envoy_filter, last)
        if is_first is not False:
            yield Dependent(number, name, last, is_first)


def _place(patch: ConfigPatch) -> Place:
    return {HTTP_FILTER: SUB_FILTER, NETWORK_FILTER: FILTER}.get(patch.apply_to, IN_LISTENER)


def _brings(patch: ConfigPatch) -> bool:
    return bool(patch.patch and patch.patch.operation in INSERTS)


def _brought(mesh: Mesh) -> Mapping[tuple[str, str], list[EnvoyFilter]]:
    found: dict[tuple[str, str], list[EnvoyFilter]] = defaultdict(list)
    for item in mesh.all(EnvoyFilter):
        for patch in item.spec.config_patches:
            if _brings(patch) and (name := value_name(patch)):
                found[patch.apply_to, name].append(item)
    return found


def _meet(mesh: Mesh, one: EnvoyFilter, other: EnvoyFilter) -> bool:
    """Whether two EnvoyFilters may patch the same proxy."""
    root = control_plane.root_namespace(mesh)
    if one.ref == other.ref or (one.namespace != other.namespace and root not in (one.namespace, other.namespace)):
        return False
    labels, others = (item.spec.workload_selector.labels if item.spec.workload_selector else {} for item in (one, other))
    return all(others.get(key, value) == value for key, value in labels.items())


def _is_first(mesh: Mesh, one: EnvoyFilter, other: EnvoyFilter) -> bool | None:
    """Whether one EnvoyFilter patches before another; None where only their ages would tell."""
    if one.spec.priority != other.spec.priority:
        return one.spec.priority < other.spec.priority
    if one.namespace != other.namespace:
        return one.namespace == control_plane.root_namespace(mesh)
    ages = [item.metadata.creation_timestamp for item in (one, other)]
    if not all(ages):
        return None
    return (ages[0], one.name) < (ages[1], other.name)
