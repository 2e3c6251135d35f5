"""Proxies may follow a VirtualService and not know a host of it."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.traffic.client.out_of_sight import all_see, cut_off
from kubectl_meshfix.traffic.registry import Entry, registry
from tests.traffic.objects import gateway_pods, make, routes, service

PUBLIC: dict[str, Any] = {"gateways": ["public"]}


def known(mesh: Mesh, host: str) -> Entry:
    """The entry of a host."""
    (entry,) = registry(mesh).exact[host]
    return entry


@pytest.mark.parametrize(
    ("home", "export_to", "spec", "callers"),
    [
        ("shop", "", {}, set()),
        ("shop", ".", {}, set()),
        ("shop", "web", {}, set()),
        ("shop", "~", {}, {"shop"}),
        ("books", ".", {}, {"shop"}),
        ("books", "web", {}, {"shop"}),
        ("books", "web", {"exportTo": ["web"]}, set()),
        ("books", ".", {"exportTo": ["web", "books"]}, set()),
        ("books", ".", {"exportTo": ["web", "films"]}, {"web", "films"}),
        ("books", "ingress", PUBLIC, set()),
        ("books", ".", PUBLIC, {"ingress"}),
        ("ingress", "web", PUBLIC, {"ingress"}),
        ("books", ".", {"gateways": ["gone"]}, set()),
        ("books", "~", {"gateways": ["gone"]}, {"shop"}),
        ("books", ".", {"gateways": ["public", "mesh"]}, {"shop"}),
    ],
)
def test_sidecars_reach_all_services_of_their_own_namespace(home: str, export_to: str, spec: dict[str, Any], callers: set[str]) -> None:
    """Only istiod gives no endpoints of those that are for nobody; gateways reach what they see."""
    gateway = make(Gateway, "public", selector={"istio": "public"})
    bound = routes(**{"hosts": ["a"], **spec})
    mesh = Mesh([service("cart", home, export_to=export_to), gateway, gateway_pods("public", istio="public"), bound])

    assert cut_off(mesh, bound, known(mesh, f"cart.{home}.svc.cluster.local")) == callers


def test_a_serviceentry_for_nobody_has_endpoints_in_its_own_namespace() -> None:
    """Other than for a Service, istiod sends them."""
    bound = routes(hosts=["a"])
    mesh = Mesh([make(ServiceEntry, "api", hosts=["api.example.com"], exportTo=["~"]), bound])

    assert not cut_off(mesh, bound, known(mesh, "api.example.com"))


@pytest.mark.parametrize(
    ("export_to", "spec", "egress", "so"),
    [
        ("", {}, None, True),
        (".", {}, None, False),
        (".", {"exportTo": ["."]}, None, True),
        ("", {}, ("shop", ["./*", "books/*"]), True),
        ("", {}, ("shop", ["./*"]), False),
        ("", {}, ("web", ["./*"]), True),
        ("", {}, ("web", ["shop/*"]), False),
        ("", {"exportTo": ["."]}, ("web", ["shop/*"]), True),
        ("", {}, ("istio-system", ["./*", "shop/*"]), False),
        ("", {}, ("istio-system", ["*/*"]), True),
    ],
)
def test_a_sidecar_may_import_routes_without_their_host(
    export_to: str, spec: dict[str, Any], egress: tuple[str, list[str]] | None, so: bool
) -> None:
    """Who follows the VirtualService and does not know its host calls an address that is nobody's."""
    host = "cart.shop.svc.cluster.local" if export_to else "cart.books.svc.cluster.local"
    bound = routes(**{"hosts": [host], **spec})
    cart = service("cart", "shop" if export_to else "books", export_to=export_to)
    narrow = [make(Sidecar, "default", egress[0], egress=[{"hosts": egress[1]}])] if egress else []
    mesh = Mesh([cart, bound, *narrow])

    assert all_see(mesh, bound, known(mesh, host)) is so
