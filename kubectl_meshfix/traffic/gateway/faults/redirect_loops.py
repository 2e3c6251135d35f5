"""Servers that redirect to HTTPS, and get what was HTTPS in plain text from a load balancer or an Ingress before them."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.injection.redirection.settings import PROXY_CONFIG
from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.ports import Target
from kubectl_meshfix.mesh.protocols import Protocol, of_word
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.resources.networking import Ingress, IngressBackend
from kubectl_meshfix.traffic.gateway.applying import declared
from kubectl_meshfix.traffic.gateway.found import of_istio
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.gateway.ways_in import is_outward, listening_port, service_ports
from kubectl_meshfix.traffic.terms.parties import Party

_HTTPS_PORT = 443
_CERTIFICATES = ("alb.ingress.kubernetes.io/certificate-arn",)
_TRUSTED = "numTrustedProxies"


class Loop(msgspec.Struct, frozen=True):
    """A server whose redirects lead back to it, and the Service or Ingress that ends TLS before it; ``port`` is the Service's port."""

    server: Server
    before: Ref
    port: int


def loops(mesh: Mesh) -> Iterator[Loop]:
    """All of them (`pilot/pkg/networking/core/gateway.go`, Envoy's require_tls).

    A gateway that trusts a proxy before it takes the scheme from ``X-Forwarded-Proto``, and does not redirect what was HTTPS.
    """
    for gateway in mesh.all(Gateway):
        redirecting = [server for server in declared(gateway) if server.redirects and server.reads_plain_http]
        parties = [party for party in of_istio(mesh, gateway) if not _trusts(mesh, party)] if redirecting else []
        for server in redirecting:
            if found := next((loop for party in parties for loop in _before(mesh, party, server)), None):
                yield found


def _trusts(mesh: Mesh, party: Party) -> bool:
    if mesh_config(mesh, party.revision).default_config.gateway_topology.num_trusted_proxies:
        return True
    return bool(party.workload and _TRUSTED in party.workload.annotations.get(PROXY_CONFIG, ""))


def _before(mesh: Mesh, party: Party, server: Server) -> Iterator[Loop]:
    """A port for HTTPS of a Service for callers from outside that leads to the server, or an Ingress with certificates that does."""
    number = listening_port(mesh, party, server.number)
    leading = [target for target in service_ports(mesh, party) if target.number == number]
    for target in leading:
        if is_outward(target.service) and _is_for_https(target):
            yield Loop(server, target.service.ref, target.port.port)
    for target in leading:
        for ingress in mesh.within(Ingress, target.service.namespace):
            if _ends_tls(ingress) and any(_leads_to(backend, target) for backend in _backends(ingress)):
                yield Loop(server, ingress.ref, target.port.port)


def _is_for_https(target: Target) -> bool:
    return target.port.port == _HTTPS_PORT or of_word(target.port.name) is Protocol.HTTPS


def _ends_tls(ingress: Ingress) -> bool:
    return bool(ingress.spec.tls) or any(key in ingress.metadata.annotations for key in _CERTIFICATES)


def _backends(ingress: Ingress) -> Iterator[IngressBackend]:
    if ingress.spec.default_backend:
        yield ingress.spec.default_backend
    yield from (path.backend for rule in ingress.spec.rules if rule.http for path in rule.http.paths)


def _leads_to(backend: IngressBackend, target: Target) -> bool:
    service = backend.service
    return bool(
        service
        and service.name == target.service.name
        and (service.port.number == target.port.port or (service.port.name and service.port.name == target.port.name))
    )
