"""Who follows a VirtualService is told by what it is exported to and bound to."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking import Gateway
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.traffic.client.following import destinations_seen_from, exported_to, gateways_alone
from tests.traffic.objects import make, mesh_config, routes


@pytest.mark.parametrize(
    ("export_to", "followers", "seen_from"),
    [
        ([], {"*"}, {"shop"}),
        (["*"], {"*"}, {"shop"}),
        (["."], {"shop"}, {"shop"}),
        (["web"], {"web"}, {"web"}),
        (["~"], set(), set()),
    ],
)
def test_destinations_are_seen_from_where_a_virtual_service_applies(export_to: list[str], followers: set[str], seen_from: set[str]) -> None:
    """Where it applies everywhere, its own namespace stands for all."""
    mesh, bound = Mesh([]), routes(exportTo=export_to)

    assert exported_to(mesh, bound) == followers
    assert destinations_seen_from(mesh, bound) == seen_from


def test_the_mesh_configuration_says_who_follows_by_default() -> None:
    """``defaultVirtualServiceExportTo`` counts where a VirtualService says nothing."""
    mesh = Mesh([mesh_config("defaultVirtualServiceExportTo: ['.']")])

    assert exported_to(mesh, routes()) == {"shop"}
    assert exported_to(mesh, routes(exportTo=["*"])) == {"*"}


@pytest.mark.parametrize(
    ("spec", "namespaces"),
    [
        ({}, set()),
        ({"gateways": ["mesh", "public"]}, set()),
        ({"gateways": ["public"]}, {"ingress"}),
        ({"gateways": ["public", "auto"]}, {"ingress", "shop"}),
        ({"gateways": ["public", "gone"]}, set()),
    ],
)
def test_gateways_follow_alone_where_no_sidecar_does(spec: dict[str, Any], namespaces: set[str]) -> None:
    """One gateway whose pods are not known leaves all open."""
    gateways = (make(Gateway, "public", selector={"istio": "public"}), make(KubernetesGateway, "auto"))
    meta = {"labels": {"istio": "public"}, "annotations": {"inject.istio.io/templates": "gateway"}}
    mesh = Mesh([*gateways, make(Deployment, "public", "ingress", template={"metadata": meta})])

    assert gateways_alone(mesh, routes(**spec)) == namespaces
