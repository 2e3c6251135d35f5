"""The protocols with which routes send traffic to a Service's port."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols.evidence.witness import Strength, Witness
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.resources.gateway_api import BackendTLSPolicy, GRPCRoute, HTTPRoute, KubernetesGateway, TCPRoute, TLSRoute
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.networking import Ingress
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.route.targets import RouteKind, targets_of

Route = HTTPRoute | GRPCRoute | TCPRoute | TLSRoute


class Backend(msgspec.Struct, frozen=True):
    """A Service's port as a route names it, by number or name, or by neither, which means the only one; and the route's protocol.

    A gateway of Gateway API speaks it ``in_tls`` where a BackendTLSPolicy says so.
    """

    namespace: str
    service: str
    port: int | str | None
    protocol: Protocol
    text: str
    in_tls: Protocol | None = None


def to_port(mesh: Mesh, service: Service, port: ServicePort) -> Iterator[Witness]:
    """The evidence of routes to a port. A route may be unused, so it proves nothing."""
    backends = mesh.cached("backends by Service", _by_service).get((service.namespace, service.name), ())
    names = {port.port, port.name or port.port, *([None] if len(service.spec.ports) == 1 else [])}
    secured = mesh.cached("TLS policies by Service", _tls_policies).get((service.namespace, service.name), ())
    policies = sorted({policy for section, policy in secured if section in ("", port.name)})
    for backend in backends:
        if backend.port in names:
            protocol = (backend.in_tls if policies else None) or backend.protocol
            yield Witness(protocol=protocol, strength=Strength.CLAIM, text=backend.text)
    for policy in policies:
        yield Witness(protocol=Protocol.TLS, strength=Strength.CLAIM, text=f"{policy} makes gateways speak TLS to it")


def _tls_policies(mesh: Mesh) -> Mapping[tuple[str, str], list[tuple[str, str]]]:
    """For each Service the policies for it: the port's name, empty for all of its ports (`backend_policies.go`), and the policy."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for policy in mesh.all(BackendTLSPolicy):
        for target in policy.spec.target_refs:
            if (target.group, target.kind) == ("", "Service"):
                found.setdefault((policy.namespace, target.name), []).append((target.section_name, str(policy.ref)))
    return found


def _by_service(mesh: Mesh) -> Mapping[tuple[str, str], list[Backend]]:
    found: dict[tuple[str, str], list[Backend]] = {}
    for backend in (*_gateway_api(mesh), *_ingresses(mesh), *_virtual_services(mesh)):
        found.setdefault((backend.namespace, backend.service), []).append(backend)
    return found


# ---------------------------------------------------------------- Gateway API


def _gateway_api(mesh: Mesh) -> Iterator[Backend]:
    rows: tuple[tuple[Protocol, Iterable[Route]], ...] = (
        (Protocol.HTTP, mesh.all(HTTPRoute)),
        (Protocol.GRPC, mesh.all(GRPCRoute)),
        (Protocol.TCP, mesh.all(TCPRoute)),
        (Protocol.TLS, mesh.all(TLSRoute)),
    )
    for protocol, routes in rows:
        for route in routes:
            leaves_as = Protocol.TCP if isinstance(route, TLSRoute) and _ends_tls(mesh, route) else protocol
            in_tls = Protocol.HTTPS if protocol in HTTP_LIKE else Protocol.TLS
            for ref in (ref for rule in route.spec.rules for ref in rule.backend_refs):
                if (ref.group, ref.kind) == ("", "Service") and ref.port:
                    yield Backend(ref.namespace or route.namespace, ref.name, ref.port, leaves_as, f"{route.ref} routes to it", in_tls)
            for parent in route.spec.parent_refs:
                if (parent.group, parent.kind) == ("", "Service"):
                    place = parent.section_name or parent.port
                    yield Backend(parent.namespace or route.namespace, parent.name, place, protocol, f"{route.ref} is attached to it")


def _ends_tls(mesh: Mesh, route: TLSRoute) -> bool:
    """Whether a Gateway takes TLS off before a TLSRoute's connections reach the Service."""
    listeners = (
        (listener, parent)
        for parent in route.spec.parent_refs
        if (gateway := mesh.get(KubernetesGateway, parent.namespace or route.namespace, parent.name))
        for listener in gateway.spec.listeners
    )
    return any(
        listener.tls is not None
        and listener.tls.mode == "Terminate"
        and listener.protocol == "TLS"
        and parent.section_name in ("", listener.name)
        and parent.port in (None, listener.port)
        for listener, parent in listeners
    )


# ---------------------------------------------------------------- Ingress

_BACKENDS = {
    "HTTP": Protocol.HTTP,
    "HTTPS": Protocol.HTTPS,
    "GRPC": Protocol.GRPC,
    "GRPCS": Protocol.HTTPS,
    "FCGI": Protocol.TCP,
    "AUTO_HTTP": None,
}
"""What ingress-nginx speaks to a backend (`internal/ingress/annotations/backendprotocol`); AUTO_HTTP is whatever the caller speaks."""

_PASSES_TLS = "nginx.ingress.kubernetes.io/ssl-passthrough"
_NGINX = "nginx.ingress.kubernetes.io/backend-protocol"
_ALB = "alb.ingress.kubernetes.io/backend-protocol"
_ALB_VERSION = "alb.ingress.kubernetes.io/backend-protocol-version"


def _ingresses(mesh: Mesh) -> Iterator[Backend]:
    for ingress in mesh.all(Ingress):
        protocol, why = _spoken_by(ingress.metadata.annotations)
        backends = [path.backend for rule in ingress.spec.rules if rule.http for path in rule.http.paths]
        for backend in (*backends, *([ingress.spec.default_backend] if ingress.spec.default_backend else [])):
            if backend.service and protocol:
                port = backend.service.port
                yield Backend(
                    ingress.namespace, backend.service.name, port.name or port.number, protocol, f"{ingress.ref} routes to it{why}"
                )


def _spoken_by(annotations: Mapping[str, str]) -> tuple[Protocol | None, str]:
    """What an Ingress's controller speaks to the backends, and the annotation that says so; plain HTTP where none does."""
    if annotations.get(_PASSES_TLS) == "true":
        return Protocol.TLS, f" ({_PASSES_TLS})"
    version = annotations.get(_ALB_VERSION, "").upper()
    for key in (_NGINX, _ALB):
        word = annotations.get(key, "").strip().upper()
        if word:
            protocol = _BACKENDS.get(word)
            is_grpc = key == _ALB and version == "GRPC" and protocol is Protocol.HTTP
            return (Protocol.GRPC if is_grpc else protocol), f" ({key}: {word})"
    spoken = {"GRPC": Protocol.GRPC, "HTTP2": Protocol.HTTP2}.get(version, Protocol.HTTP)
    return spoken, f" ({_ALB_VERSION}: {version})" if version else ""


# ---------------------------------------------------------------- Istio


_PROTOCOLS: Mapping[RouteKind, Protocol] = {"http": Protocol.HTTP, "tls": Protocol.TLS, "tcp": Protocol.TCP}


def _virtual_services(mesh: Mesh) -> Iterator[Backend]:
    if not mesh.all(VirtualService):
        return
    from kubectl_meshfix.traffic.gateway.faults.usable_routes import no_gateway_uses  # noqa: PLC0415 -- many files have none

    for virtual_service in mesh.all(VirtualService):
        for kind, protocol in _PROTOCOLS.items():
            if not getattr(virtual_service.spec, kind) or no_gateway_uses(mesh, virtual_service, kind):
                continue
            named = (target for target in targets_of(mesh, virtual_service) if target.kind == kind and not target.is_mirror)
            for host, port in dict.fromkeys((target.host, target.port or None) for target in named):
                if found := hosts.service_of(host):
                    yield Backend(found[1], found[0], port, protocol, f"{virtual_service.ref} routes to it as {protocol}")
