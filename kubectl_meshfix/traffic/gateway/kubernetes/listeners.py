"""Listeners of Kubernetes' Gateways as servers: which are programmed, and why others are not (`conversion.go buildListener`)."""

from collections.abc import Iterator, Sequence
from operator import itemgetter

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.mesh.protocols import parse
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.resources.gateway_api import CertificateRef, ClientTLSConfig, KubernetesGateway, Listener
from kubectl_meshfix.resources.istio_networking.gateways import ServerTLS
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway.certificates import holds_certificate
from kubectl_meshfix.traffic.gateway.kubernetes.admission import admits_namespace
from kubectl_meshfix.traffic.gateway.kubernetes.grants import Reference, granted
from kubectl_meshfix.traffic.gateway.servers import Server

_TERMINATE_MODE, _PROTOCOL_OPTION = "gateway.istio.io/tls-terminate-mode", "gateway.istio.io/listener-protocol"
_NETWORK, _GATEWAY_PORT = "topology.istio.io/network", "networking.istio.io/gatewayPort"
_HTTP_LIKE, _TLS_LIKE = frozenset({"HTTP", "HTTPS", "TLS"}), frozenset({"HTTPS", "TLS"})
_L4 = frozenset({"TCP", "UDP"})
_MOST_CERTIFICATES = 2


def servers(mesh: Mesh, gateway: KubernetesGateway, ports: Sequence[Sequence[int]]) -> Steps[tuple[Server, ...]]:
    """The servers that a Gateway's listeners become, in order. ``ports`` are the container ports of each; HBONE listeners have no part."""
    accepted: dict[object, tuple[int, Listener]] = {}
    made: list[Server] = []
    for position, listener in enumerate(gateway.spec.listeners):
        at = Where(gateway.ref, f"/spec/listeners/{position}")
        own, excluding = _classes(listener)
        if conflicting := [accepted[key] for key in excluding if key in accepted]:
            _, other = min(conflicting, key=itemgetter(0))
            yield step(check.CONFLICTED, at, other=other.name, port=listener.port)
            continue
        for key in own:
            accepted.setdefault(key, (position, listener))
        if listener.protocol == "HBONE" or not (yield from _is_programmed(mesh, gateway, listener, at)):
            continue
        made += (
            Server(
                gateway=gateway,
                at=at,
                number=listener.port,
                port=port,
                protocol=parse(listener.protocol),
                hosts=_hosts(mesh, gateway, listener),
                tls=_tls(gateway, listener),
                port_name="default",
                listener=listener,
            )
            for port in ports[position]
        )
    return tuple(made)


def _classes(listener: Listener) -> tuple[Sequence[object], Sequence[object]]:
    """What a listener is on its port, and what cannot be beside it there (`listener_conflict.go listenersDistinct`)."""
    port, protocol = listener.port, listener.protocol
    layer_4, layer_7, same = (port, "L4"), (port, "L7"), (port, "host", listener.hostname or "*")
    if protocol in _HTTP_LIKE:
        return (layer_7, same), (same, layer_4)
    if protocol in _L4:
        return (layer_4,), (layer_4, layer_7)
    return ((port, "protocol", protocol),), ((port, "protocol", protocol),)


def _is_programmed(mesh: Mesh, gateway: KubernetesGateway, listener: Listener, at: Where) -> Steps[bool]:
    """Whether istiod configures a listener at all; a step says why not (`controller.go GatewayConfigs`)."""
    if listener.protocol not in (*_HTTP_LIKE, "TCP"):
        yield step(check.NOT_SUPPORTED, at, protocol=listener.protocol)
        return False
    tls = listener.tls
    if tls is None:
        if listener.protocol in _TLS_LIKE:
            yield step(check.NO_TLS_SECTION, at, protocol=listener.protocol)
        return listener.protocol not in _TLS_LIKE
    if tls.mode != "Terminate" or tls.options.get(_TERMINATE_MODE) in ("ISTIO_SIMPLE", "ISTIO_MUTUAL"):
        return True
    if len(tls.certificate_refs) > _MOST_CERTIFICATES:
        yield step(check.TOO_MANY_CERTIFICATES, at)
        return False
    if any(_is_usable(mesh, gateway, ref) for ref in tls.certificate_refs):
        return True
    ref = next(iter(tls.certificate_refs), None)
    if ref is None:
        yield step(check.NO_CERTIFICATE_REF, at)
    elif not _is_secret(ref):
        yield step(check.NOT_A_SECRET, at, kind=ref.kind)
    elif _is_allowed(mesh, gateway, ref):
        yield step(check.SECRET_WITHOUT_KEYS, at, secret=f"{ref.namespace or gateway.namespace}/{ref.name}")
    else:
        yield step(check.NO_GRANT_FOR_SECRET, at, secret=f"{ref.namespace}/{ref.name}")
    return False


def _is_secret(ref: CertificateRef) -> bool:
    return (ref.group, ref.kind) == ("", "Secret")


def _is_usable(mesh: Mesh, gateway: KubernetesGateway, ref: CertificateRef) -> bool:
    """Whether a Gateway may use a Secret, and it holds a certificate, so far as that is known."""
    home = ref.namespace or gateway.namespace
    return _is_secret(ref) and _is_allowed(mesh, gateway, ref) and holds_certificate(mesh, home, ref.name) is not False


def _is_allowed(mesh: Mesh, gateway: KubernetesGateway, ref: CertificateRef) -> bool:
    home = ref.namespace or gateway.namespace
    return home == gateway.namespace or granted(mesh, Reference(gateway, "", "Secret", home, ref.name)) is not None


def _hosts(mesh: Mesh, gateway: KubernetesGateway, listener: Listener) -> tuple[str, ...]:
    """The hosts of a listener with the namespaces that it admits; ``~`` for none (`conversion.go buildHostnameMatch`).

    A namespace whose labels decide and were not read is taken to be admitted.
    """
    hostname, allowed = listener.hostname or "*", listener.allowed_routes.namespaces
    if allowed.origin != "Selector":
        return (hostname,) if allowed.origin == "All" else (f"{gateway.namespace}/{hostname}",)
    admitted = (
        name for name in _namespaces(mesh) if isinstance(found := admits_namespace(mesh, gateway, listener, name), Unknown) or found
    )
    return tuple(f"{name}/{hostname}" for name in admitted) or (f"~/{hostname}",)


def _namespaces(mesh: Mesh) -> tuple[str, ...]:
    """The namespaces that were read, or in which there is an object."""
    return mesh.cached(
        "namespaces with objects",
        lambda view: tuple(
            sorted({space.name for space in view.all(Namespace)} | {obj.namespace for obj in view.objects if obj.namespace})
        ),
    )


def _tls(gateway: KubernetesGateway, listener: Listener) -> ServerTLS | None:
    """TLS in the words of Istio's servers (`conversion.go buildTLS`)."""
    tls = listener.tls
    if tls is None:
        return None
    if tls.mode != "Terminate":
        return ServerTLS(mode="AUTO_PASSTHROUGH" if _passes_by_itself(gateway, listener) else "PASSTHROUGH")
    asked = tls.options.get(_TERMINATE_MODE, "")
    if asked == "ISTIO_MUTUAL":
        return ServerTLS(mode="ISTIO_MUTUAL")
    if asked == "ISTIO_SIMPLE":
        return ServerTLS(mode="SIMPLE", credential_name="builtin://")
    mode = asked if asked in ("MUTUAL", "OPTIONAL_MUTUAL") else next(_client_modes(gateway, listener), "SIMPLE")
    names = tuple(f"kubernetes-gateway://{ref.namespace or gateway.namespace}/{ref.name}" for ref in tls.certificate_refs)
    return ServerTLS(mode=mode, credential_names=names)


def _client_modes(gateway: KubernetesGateway, listener: Listener) -> Iterator[str]:
    """What the Gateway wants of its clients on a port, if it wants anything (`conversion.go resolveGatewayTLS`)."""
    frontend = gateway.spec.tls.frontend if gateway.spec.tls else None
    if frontend:
        own: ClientTLSConfig = next((item.tls for item in frontend.per_port if item.port == listener.port), frontend.default)
        if own.validation and own.validation.ca_certificate_refs:
            yield "OPTIONAL_MUTUAL" if own.validation.mode == "AllowInsecureFallback" else "MUTUAL"


def _passes_by_itself(gateway: KubernetesGateway, listener: Listener) -> bool:
    """Whether TLS goes on by its SNI alone, as between clusters (`pilot/pkg/serviceregistry/kube/conversion.go IsAutoPassthrough`)."""
    if listener.tls and listener.tls.options.get(_PROTOCOL_OPTION) == "auto-passthrough":
        return True
    return _NETWORK in gateway.labels and str(listener.port) == gateway.labels.get(_GATEWAY_PORT, "15443")
