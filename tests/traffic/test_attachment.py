"""Istio's objects attach to pods where they look."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_extensions import WasmPlugin
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter, Sidecar
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, PeerAuthentication, RequestAuthentication, Telemetry
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic.attachment import Attaching, applies_to_nothing, attachment
from tests.traffic.objects import deployment, make, mesh_config

BY_SELECTOR = (AuthorizationPolicy, PeerAuthentication, RequestAuthentication, Telemetry, WasmPlugin)
BY_WORKLOAD = (Sidecar, EnvoyFilter)
TARGET = {"kind": "Gateway", "name": "public"}


def attaching(struct: type[Object], namespace: str = "shop", app: str = "cart", **spec: Any) -> Any:
    """An object that selects by ``app``."""
    labels = {"app": app}
    selector = {"workloadSelector": {"labels": labels}} if struct in BY_WORKLOAD else {"selector": {"matchLabels": labels}}
    return make(struct, "one", namespace, **{**selector, **spec})


def applies(mesh: Mesh, obj: Attaching) -> bool:
    """Whether it applies to some pod, or to whatever is there."""
    attached = attachment(mesh, obj)
    return attached is None or not applies_to_nothing(mesh, attached)


@pytest.mark.parametrize("struct", [*BY_SELECTOR, *BY_WORKLOAD])
def test_an_object_without_labels_is_for_all(struct: type[Object]) -> None:
    """It never applies to nothing, whatever is there."""
    empty: Any = {"workloadSelector" if struct in BY_WORKLOAD else "selector": {}}

    for obj in (make(struct, "all"), make(struct, "all", **empty)):
        assert attachment(Mesh([], live=True), obj) is None


@pytest.mark.parametrize("struct", [AuthorizationPolicy, RequestAuthentication, Telemetry, WasmPlugin, EnvoyFilter])
def test_an_object_with_targets_does_not_select(struct: type[Object]) -> None:
    """Labels beside them are ignored."""
    assert attachment(Mesh([], live=True), attaching(struct, targetRefs=[TARGET])) is None


@pytest.mark.parametrize("struct", [*BY_SELECTOR, *BY_WORKLOAD])
def test_an_object_selects_in_its_namespace(struct: type[Object]) -> None:
    """The labels count as its kind has them."""
    mesh = Mesh([deployment("cart", app="cart")], live=True)

    assert applies(mesh, attaching(struct))
    assert not applies(mesh, attaching(struct, app="gone"))
    assert not applies(mesh, attaching(struct, "web"))


@pytest.mark.parametrize("struct", [*BY_SELECTOR, EnvoyFilter])
def test_an_object_of_the_root_namespace_looks_everywhere(struct: type[Object]) -> None:
    """The mesh configuration says which namespace that is."""
    mesh = Mesh([deployment("cart", app="cart")], live=True)
    elsewhere = Mesh([deployment("cart", app="cart"), mesh_config("rootNamespace: roots")], live=True)

    assert applies(mesh, attaching(struct, "istio-system"))
    assert not applies(mesh, attaching(struct, "istio-system", "gone"))
    assert not applies(elsewhere, attaching(struct, "istio-system"))


def test_a_sidecar_looks_no_further_than_its_namespace() -> None:
    """Not even from the root namespace."""
    assert not applies(Mesh([deployment("cart", app="cart")], live=True), attaching(Sidecar, "istio-system"))
