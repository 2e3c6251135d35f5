"""Which requests may be treated differently once a sniffed port declares a protocol, and who else reads the declaration."""

from collections.abc import Iterator

from kubectl_meshfix.injection.membership import in_mesh, membership
from kubectl_meshfix.injection.proxy import has_proxy, is_gateway
from kubectl_meshfix.mesh.control_plane import ControlPlane, control_plane, control_planes
from kubectl_meshfix.mesh.ports import container_port, together
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols import references, risks
from kubectl_meshfix.port_protocols.evidence import Inference, Witness, pods
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod, Service, ServicePort
from kubectl_meshfix.resources.gateway_api import GRPCRoute, HTTPRoute, KubernetesGateway, ParentRef, TCPRoute, TLSRoute
from kubectl_meshfix.resources.go_bool import go_bool
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Key

ROUTES: tuple[Kind, ...] = (kinds.HTTP_ROUTE, kinds.GRPC_ROUTE, kinds.TCP_ROUTE, kinds.TLS_ROUTE)


def risk_of_declaring(mesh: Mesh, service: Service, port: ServicePort, inference: Inference) -> str:
    """Which requests may be treated differently once a sniffed port declares the inferred protocol; empty where none can.

    None can where there is no mesh, and a protocol that is proven. Else the traffic has to have been counted, nobody may call by another
    name, and a probe has to show that HTTP is answered as HTTP/1.1, in which the proxy forwards it.
    """
    protocol = inference.protocol
    if protocol is None or (inference.is_proven and has_no_mesh(mesh)):
        return ""
    also = ""
    if protocol in HTTP_LIKE and is_called_by_other_names(mesh, service, port):
        also = risks.OTHER_HOSTS
    elif protocol in HTTP_LIKE and service.spec.cluster_ip == "None":
        also = risks.POD_ADDRESSES
    if inference.is_measured:
        if protocol in HTTP_LIKE and _has_clients_with_sidecars(mesh, service):
            also = risks.OTHER_HOSTS
        is_http1 = protocol is not Protocol.HTTP or _answers_http1(mesh, service, port)
        return risks.of_measured("" if is_http1 else risks.ONLY_HTTP2, also)
    return risks.of_declaring(protocol, takes_http10=takes_http10(mesh, service), also=also)


def _answers_http1(mesh: Mesh, service: Service, port: ServicePort) -> bool:
    """Whether all pods behind a port have an httpGet probe on it; kubelet speaks HTTP/1.1."""
    behind = mesh.workloads_selected(service.spec.selector, service.namespace) if service.spec.selector else ()
    places = ((workload, container_port(port, workload.spec)) for workload in behind)
    probed = [number is not None and any(map(_is_http_probe, pods.probes(workload, number))) for workload, number in places]
    return bool(probed) and all(probed)


def _is_http_probe(witness: Witness) -> bool:
    return witness.protocol is Protocol.HTTP


def has_no_mesh(mesh: Mesh) -> bool:
    """Whether all pods of a cluster are known, none of them has Istio's proxy, and no control plane would give them one."""
    mesh.require(kinds.POD)
    is_known = mesh.live and mesh.coverage(kinds.POD).is_complete and not control_planes(mesh)
    return is_known and mesh.cached("no Envoy", lambda whole: not any(has_proxy(pod.spec) for pod in whole.all(Pod)))


def is_called_by_other_names(mesh: Mesh, service: Service, port: ServicePort) -> bool:
    """Whether requests may come with a Host header that does not name the Service, or one that shares its container port.

    Of those that share it, none is declared without the others: the server's proxy uses the protocol of the oldest.

    A sniffed port's virtual host takes any (`pilot/pkg/networking/core/httproute.go getVirtualHostsForSniffedServicePort`);
    a declared HTTP port's takes the Service's names, and other requests leave as unknown traffic.
    """
    memo: dict[int, bool] = mesh.memo("ports of one container port that others lead to")
    found = together(mesh, service, port)
    key = id(found)  # it is kept as long as its answer
    if key not in memo:
        memo[key] = any(_is_exposed(mesh, other) for other, _ in found)
    return memo[key] or _is_exposed(mesh, service)


def _is_exposed(mesh: Mesh, service: Service) -> bool:
    """Whether others lead to a Service and keep their callers' Host headers, or may. Services of one selector all ask about each other."""
    memo: dict[Key, bool] = mesh.memo("services that others lead to")
    if service.ref.key not in memo:
        memo[service.ref.key] = bool(
            references.exposing(mesh, service) or references.unread(mesh, service, references.EXPOSING) or is_behind_others(mesh, service)
        )
    return memo[service.ref.key]


def _has_clients_with_sidecars(mesh: Mesh, service: Service) -> bool:
    """Whether proxies counted calls to a Service that may be those of sidecars: their applications choose the Host header.

    A gateway and a waypoint counts too, but knows by its routes which Service it calls, whatever the header.
    """
    rows = mesh.measured.get((service.namespace, service.name), frozenset())
    if not any(row.reporter == "source" for row in rows):
        return False
    if not mesh.live:
        return True
    callers = mesh.cached("workloads with sidecars", _with_sidecars)
    behind = mesh.workloads_selected(service.spec.selector, service.namespace) if service.spec.selector else ()
    own = {workload.ref.key for workload in behind}
    return any(key not in own for key in callers)


def _with_sidecars(mesh: Mesh) -> frozenset[Key]:
    return frozenset(workload.ref.key for workload in mesh.workloads if not is_gateway(workload) and in_mesh(mesh, workload))


def takes_http10(mesh: Mesh, service: Service) -> bool:
    """Whether the servers' proxies take HTTP/1.0: every istiod that may configure them has PILOT_HTTP10.

    (`pilot/pkg/networking/core/listener_inbound.go buildSidecarInboundHTTPOpts`)
    """
    planes = set(_revisions(mesh, service))
    return bool(planes) and all(plane.env and go_bool(plane.env.get("PILOT_HTTP10", "")) for plane in _planes(mesh, planes))


def _revisions(mesh: Mesh, service: Service) -> Iterator[str | None]:
    """The revisions of the pods behind a Service; None where it is not known, or no pods were read."""
    workloads = mesh.workloads_selected(service.spec.selector, service.namespace) if service.spec.selector else ()
    yield from (membership(mesh, workload).revision for workload in workloads)
    if not workloads:
        yield None


def _planes(mesh: Mesh, revisions: set[str | None]) -> tuple[ControlPlane, ...]:
    """The control planes of revisions, all there are where one is not known; an unknown one stands for an istiod without settings."""
    if None in revisions:
        return control_planes(mesh) or (ControlPlane(revision="", namespace=""),)
    return tuple(control_plane(mesh, name) or ControlPlane(revision=name, namespace="") for name in revisions if name)


def reads_app_protocol(mesh: Mesh, service: Service) -> bool:
    """Whether something else than Istio reads a Service's ``appProtocol``, or may.

    Azure's load balancers take the protocol of their health checks from it (`cloud-provider-azure`, "Custom Load Balancer health
    probe"), and gateways of other classes what they speak to the pods (Gateway API, GEP-1911); some refuse a word they do not know.
    """
    return service.spec.type == "LoadBalancer" or is_behind_others(mesh, service)


def is_behind_others(mesh: Mesh, service: Service) -> bool:
    """Whether gateways of other classes than Istio's send requests to a Service, or may, because routes could not be read."""
    mesh.require(*ROUTES, kinds.KUBERNETES_GATEWAY)
    is_unread = any(not mesh.coverage(kind).is_complete for kind in ROUTES)
    others = mesh.cached("Services behind gateways of others", _behind_others)
    return is_unread or (service.namespace, service.name) in others


def _behind_others(mesh: Mesh) -> frozenset[tuple[str, str]]:
    routes: tuple[HTTPRoute | GRPCRoute | TCPRoute | TLSRoute, ...] = (
        *mesh.all(HTTPRoute),
        *mesh.all(GRPCRoute),
        *mesh.all(TCPRoute),
        *mesh.all(TLSRoute),
    )
    return frozenset(
        (ref.namespace or route.namespace, ref.name)
        for route in routes
        if any(_is_of_others(mesh, parent, route.namespace) for parent in route.spec.parent_refs)
        for rule in route.spec.rules
        for ref in rule.backend_refs
    )


def _is_of_others(mesh: Mesh, parent: ParentRef, namespace: str) -> bool:
    """Whether a route's parent may be a gateway of another class than Istio's."""
    if parent.kind == "Service":
        return False
    gateway = mesh.get(KubernetesGateway, parent.namespace or namespace, parent.name)
    return gateway is None or not gateway.spec.gateway_class_name.startswith("istio")
