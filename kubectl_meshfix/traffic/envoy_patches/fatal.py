"""Patches after which Envoy refuses a listener: a filter behind the last one, no last one, or a filter without its type.

A refused listener keeps its old configuration, and a proxy that starts has none (`source/common/filter`, `checkTerminalFilterType` of
Envoy's `filter_config_discovery_impl.cc`). Where a filter is put, `pilot/pkg/networking/core/envoyfilter/listener_patch.go` says.
"""

from collections.abc import Iterator
from enum import Enum

import msgspec

from kubectl_meshfix.resources.istio_networking.proxies import ConfigPatch, EnvoyFilter
from kubectl_meshfix.traffic.envoy_patches.filters import (
    FILTER,
    HTTP_FILTER,
    NETWORK_FILTER,
    ROUTER,
    SUB_FILTER,
    TERMINAL,
    WAYPOINT,
    context,
    named,
    positioned,
)

INSERTS = frozenset({"ADD", "INSERT_FIRST", "INSERT_BEFORE", "INSERT_AFTER"})
"""The operations that bring a filter."""

_TYPED = ("typed_config", "typedConfig", "config_discovery", "configDiscovery")


class Fault(Enum):
    """Why Envoy refuses the listener."""

    AFTER_LAST = "after the last filter"
    """The filter follows the router, or the network filter that ends the chain."""
    LAST_REMOVED = "the last filter is removed"
    UNTYPED = "no type"
    """The filter has a name and no ``typed_config``, and Envoy finds none by name any more."""


class Fatal(msgspec.Struct, frozen=True):
    """A patch of an EnvoyFilter, by its number, and why Envoy refuses what it makes. ``last`` is the last filter, where that is known."""

    number: int
    fault: Fault
    last: str = ""


def fatal(envoy_filter: EnvoyFilter) -> Iterator[Fatal]:
    """The patches after which Envoy refuses each listener that they change."""
    patches = envoy_filter.spec.config_patches
    for number, patch in enumerate(patches):
        found = fault_of(patch)
        if found is Fault.UNTYPED or (found and not _makes_up(patch, patches[:number] + patches[number + 1 :])):
            yield Fatal(number, found, _last(patch))


def fault_of(patch: ConfigPatch) -> Fault | None:
    """Why Envoy refuses what one patch makes, where no other changes the same filters; None where it does not, and for waypoints."""
    operation = patch.patch.operation if patch.patch else ""
    if patch.apply_to not in (HTTP_FILTER, NETWORK_FILTER) or context(patch) == WAYPOINT:
        return None
    if operation == "REMOVE":
        return Fault.LAST_REMOVED if positioned(patch) and _last(patch) else None
    if operation in INSERTS and _is_untyped(patch):
        return Fault.UNTYPED
    if operation == "ADD" or (operation == "INSERT_AFTER" and not positioned(patch)):
        return Fault.AFTER_LAST
    return Fault.AFTER_LAST if operation == "INSERT_AFTER" and _last(patch) else None


def _last(patch: ConfigPatch) -> str:
    """The filter that ends the chain, where the match of a patch names it."""
    if patch.apply_to == HTTP_FILTER:
        return ROUTER if named(patch, SUB_FILTER) == ROUTER else ""
    name = named(patch, FILTER)
    return name if name in TERMINAL else ""


def _is_untyped(patch: ConfigPatch) -> bool:
    value = patch.patch.value if patch.patch else None
    return isinstance(value, dict) and not any(value.get(key) for key in _TYPED)


def _makes_up(patch: ConfigPatch, others: tuple[ConfigPatch, ...]) -> bool:
    """Whether other patches of the object may make the chain right again, or are about listeners of their own.

    One that takes the last filter away and one that brings another belong together.
    """
    operation = patch.patch.operation if patch.patch else ""
    wanted = INSERTS if operation == "REMOVE" else frozenset({"REMOVE"})
    done = {(other.apply_to, other.patch.operation) for other in others if other.patch}
    return bool(done & {("LISTENER", "ADD"), ("FILTER_CHAIN", "ADD"), *((patch.apply_to, each) for each in wanted)})
