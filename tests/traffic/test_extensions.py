"""Which EnvoyFilters and WasmPlugins may change what a proxy does with a request."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_extensions import WasmPlugin
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.extensions import ANY, GATEWAY, INBOUND, OUTBOUND, altering
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from tests.traffic.objects import make

CATALOG = Party(plane=Plane.SIDECAR, namespace="shop", labels={"app": "catalog"})
EDGE = Party(plane=Plane.GATEWAY, namespace="shop", gateway=Ref("gateway.networking.k8s.io/v1", "Gateway", "shop", "edge"))
WAYPOINT = Party(plane=Plane.WAYPOINT, namespace="shop", gateway=Ref("gateway.networking.k8s.io/v1", "Gateway", "shop", "edge"))
TARGET = {"kind": "Gateway", "group": "gateway.networking.k8s.io", "name": "edge"}


def patches(context: str | None = None, namespace: str = "shop", value: Any = None, apply_to: str = "HTTP_FILTER", **spec: Any) -> Any:
    """An EnvoyFilter with one patch."""
    patch = {"applyTo": apply_to, "match": {"context": context} if context else {}, "patch": {"operation": "ADD", "value": value or {}}}
    return make(EnvoyFilter, "f", namespace, configPatches=[patch], **spec)


def plugin(namespace: str = "shop", **spec: Any) -> Any:
    """A WasmPlugin."""
    return make(WasmPlugin, "p", namespace, url="oci://x", **spec)


@pytest.mark.parametrize(
    ("item", "party", "contexts"),
    [
        (patches(), CATALOG, {OUTBOUND, INBOUND, GATEWAY}),
        (patches(ANY), CATALOG, {OUTBOUND, INBOUND, GATEWAY}),
        (patches("SIDECAR_OUTBOUND"), CATALOG, {OUTBOUND}),
        (patches("SIDECAR_INBOUND"), CATALOG, {INBOUND}),
        (patches("GATEWAY"), EDGE, {GATEWAY}),
        (patches(namespace="istio-system"), CATALOG, {OUTBOUND, INBOUND, GATEWAY}),
        (patches(namespace="other"), CATALOG, set()),
        (patches(workloadSelector={"labels": {"app": "catalog"}}), CATALOG, {OUTBOUND, INBOUND, GATEWAY}),
        (patches(workloadSelector={"labels": {"app": "cart"}}), CATALOG, set()),
        (patches(apply_to="BOOTSTRAP"), CATALOG, set()),
        (patches(value={"name": "istio.stats"}), CATALOG, set()),
        (patches(value={"name": "envoy.filters.http.lua"}), CATALOG, {OUTBOUND, INBOUND, GATEWAY}),
        (patches(value={"name": 7}), CATALOG, {OUTBOUND, INBOUND, GATEWAY}),
        (patches(), WAYPOINT, set()),
        (patches(targetRefs=[TARGET]), WAYPOINT, {OUTBOUND, INBOUND, GATEWAY}),
        (patches(targetRefs=[TARGET]), EDGE, {OUTBOUND, INBOUND, GATEWAY}),
        (patches(targetRefs=[TARGET]), CATALOG, set()),
        (patches(targetRefs=[{**TARGET, "name": "other"}]), EDGE, set()),
        (patches(targetRefs=[{**TARGET, "kind": "Service"}]), EDGE, set()),
        (patches(namespace="istio-system", targetRefs=[TARGET]), EDGE, set()),
        (patches(targetRefs=[TARGET]), Party(plane=Plane.GATEWAY, namespace="shop"), set()),
        (plugin(), CATALOG, {INBOUND, GATEWAY}),
        (plugin(selector={"matchLabels": {"app": "cart"}}), CATALOG, set()),
        (plugin(selector={"matchLabels": {"app": "catalog"}}), CATALOG, {INBOUND, GATEWAY}),
        (plugin(namespace="istio-system"), CATALOG, {INBOUND, GATEWAY}),
        (plugin(), WAYPOINT, set()),
        (plugin(targetRef=TARGET), WAYPOINT, {INBOUND, GATEWAY}),
        (plugin(targetRefs=[TARGET]), WAYPOINT, {INBOUND, GATEWAY}),
        (plugin(targetRefs=[TARGET], targetRef={**TARGET, "name": "other"}), WAYPOINT, {INBOUND, GATEWAY}),
    ],
)  # fmt: skip
def test_an_extension_alters_the_proxies_that_it_is_for(item: Any, party: Party, contexts: set[str]) -> None:
    """By namespace, labels or targets, and by the context of its patches; what only counts requests changes none."""
    assert {context for context in (OUTBOUND, INBOUND, GATEWAY) if list(altering(Mesh([item]), party, context))} == contexts


def test_the_contexts_of_a_patch_are_istios() -> None:
    """`istio.io/api/networking/v1alpha3/envoy_filter.proto PatchContext`."""
    assert (ANY, OUTBOUND, INBOUND, GATEWAY) == ("ANY", "SIDECAR_OUTBOUND", "SIDECAR_INBOUND", "GATEWAY")


def test_one_patch_of_several_is_enough() -> None:
    """A filter that only counts hides no other patch of the same object."""
    counting = {"applyTo": "HTTP_FILTER", "patch": {"operation": "ADD", "value": {"name": "istio.stats"}}}
    changing = {"applyTo": "HTTP_FILTER", "match": {"context": "ANY"}, "patch": {"operation": "REMOVE"}}

    assert not list(altering(Mesh([make(EnvoyFilter, "f", configPatches=[counting])]), CATALOG, INBOUND))
    assert list(altering(Mesh([make(EnvoyFilter, "f", configPatches=[counting, changing])]), CATALOG, INBOUND))
