"""Policies see a request as the proxy has rewritten it."""

import msgspec
import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic.policy.seen_requests import attributes, remote_ip
from kubectl_meshfix.traffic.terms.attributes import Claims
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.wire import Transport, Wire
from tests.traffic.objects import mesh_config
from tests.traffic.policy.policies import CART, CATALOG

GATEWAY = Party(plane=Plane.GATEWAY, namespace="ingress")
GET = Request(scheme=Scheme.HTTP, host="catalog.shop", port=8080, path="//a/../admin", headers=(("x-sub", "forged"), ("x-b", "c")))
WIRE = Wire(transport=Transport.ISTIO, is_http=True, identity=CART, sni="outbound_.80_._.catalog", source_ip="10.1.2.3")
TRUSTED = mesh_config("defaultConfig: {gatewayTopology: {numTrustedProxies: 2}}\n")


def test_paths_and_headers_are_those_that_the_proxy_made() -> None:
    """The path is normalised as the mesh says, headers of claims cannot be forged, and the authority has its port."""
    mesh = Mesh((mesh_config("pathNormalization: {normalization: MERGE_SLASHES}\n"),), live=True)
    claims = Claims(values={"sub": "me"}, set_headers={"x-sub": "me"}, removed_headers=("x-sub",))
    found = attributes(mesh, CATALOG, WIRE, GET, port=8080, is_http=True, claims=claims)

    assert (found.path, found.host, found.headers) == ("/admin", "catalog.shop:8080", (("x-b", "c"), ("x-sub", "me")))
    assert (found.identity, found.claims, found.sni) == (CART, {"sub": "me"}, WIRE.sni)


def test_a_connection_has_no_path() -> None:
    """On TCP only the connection is seen, and grpc is always a POST."""
    mesh = Mesh((), live=True)
    assert attributes(mesh, CATALOG, WIRE, GET, port=8080, is_http=False).path == ""
    grpc = msgspec.structs.replace(GET, scheme=Scheme.GRPC)
    assert attributes(mesh, CATALOG, WIRE, grpc, port=8080, is_http=True).method == "POST"


@pytest.mark.parametrize(
    ("server", "objects", "forwarded", "wanted"),
    [
        (CATALOG, (), "", "10.1.2.3"),
        (CATALOG, (), "1.1.1.1, 2.2.2.2", "2.2.2.2"),
        (GATEWAY, (), "1.1.1.1, 2.2.2.2", "10.1.2.3"),
        (GATEWAY, (TRUSTED,), "1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (GATEWAY, (TRUSTED,), "2.2.2.2", "10.1.2.3"),
    ],
)
def test_the_original_caller_is_found_by_x_forwarded_for(server: Party, objects: tuple[Object, ...], forwarded: str, wanted: str) -> None:
    """Sidecars believe its last entry, gateways as many as proxies before them are trusted."""
    request = msgspec.structs.replace(GET, headers=(("x-forwarded-for", forwarded),) if forwarded else ())

    assert remote_ip(Mesh(objects, live=True), server, request, "10.1.2.3") == wanted
