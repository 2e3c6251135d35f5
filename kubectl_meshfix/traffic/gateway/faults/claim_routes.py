"""Routes by claims of a token, at gateways where nothing checks tokens."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.claims import claim_path
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.istio_policy import RequestAuthentication
from kubectl_meshfix.traffic.gateway.found import of_istio
from kubectl_meshfix.traffic.gateway_names import MESH, resolve
from kubectl_meshfix.traffic.policy.attached import attached


class ByClaim(msgspec.Struct, frozen=True):
    """A match of a VirtualService by a claim, and a gateway (``namespace/name``) without RequestAuthentication for its pods.

    ``namespace`` is that of the pods.
    """

    virtual_service: VirtualService
    route: int
    match: int
    header: str
    gateway: str
    namespace: str


def without_authentication(mesh: Mesh) -> Iterator[ByClaim]:
    """The first match of each VirtualService by a claim of which no pod of its gateway knows any (`pkg/jwt/routing.go`)."""
    for virtual_service in mesh.all(VirtualService):
        found = next(_by_claim(virtual_service), None)
        for name in virtual_service.spec.gateways if found else ():
            key = resolve(name, virtual_service.namespace)
            gateway = mesh.get(Gateway, *key)
            if name == MESH or found is None or gateway is None:
                continue
            parties = tuple(of_istio(mesh, gateway))
            if parties and not any(attached(mesh, RequestAuthentication, party) for party in parties):
                yield ByClaim(virtual_service, *found, "/".join(key), parties[0].namespace)
                break


def _by_claim(virtual_service: VirtualService) -> Iterator[tuple[int, int, str]]:
    for i, route in enumerate(virtual_service.spec.http):
        for j, match in enumerate(route.match):
            yield from ((i, j, header) for header in match.headers if claim_path(header))
