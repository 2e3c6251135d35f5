"""What a caller's proxy sends to an endpoint: plain text, TLS, or the mesh's mutual TLS.

`pilot/pkg/networking/core/cluster_tls.go` sets up the cluster, `pilot/pkg/xds/endpoints/mtls_checker.go` marks the endpoints.
"""

import msgspec

from kubectl_meshfix.chain.steps import Outcome, Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.injection.labels import TUNNEL
from kubectl_meshfix.mesh.control_plane import mesh_config, plane_of_revision
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.go_bool import go_bool
from kubectl_meshfix.traffic.checks import tls as check
from kubectl_meshfix.traffic.destination.cluster import Cluster
from kubectl_meshfix.traffic.destination.identities import expected
from kubectl_meshfix.traffic.destination.service_endpoints import names
from kubectl_meshfix.traffic.peer_authentication import Accepted, MTLSMode, accepted
from kubectl_meshfix.traffic.registry import Resolution
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.wire import Transport, Wire


class _Sent(msgspec.Struct, frozen=True):
    """How a proxy sends, why, and the place that decides."""

    transport: Transport
    why: Outcome
    at: Where | None = None
    unknown: Unknown | None = None
    reason: str = ""


def wire(  # noqa: PLR0913 -- what one connection is made of
    mesh: Mesh,
    sender: Party,
    cluster: Cluster,
    endpoint: Endpoint,
    request: Request,
    *,
    all_endpoints: tuple[Endpoint, ...] | None = None,
    reads_http: bool | None = None,
) -> Steps[Wire]:
    """What the proxy of ``sender`` sends to an endpoint of a cluster.

    ``all_endpoints`` are those of the host and port, this one alone where it is None: where requests go to the address that was called,
    they decide together. ``reads_http`` says whether the proxy reads the request as HTTP, a gateway for one that took off the caller's
    TLS; where it is None, the port's protocol decides.
    """
    is_read = reads_http if reads_http is not None else request.is_http and cluster.port.protocol in (*HTTP_LIKE, Protocol.UNSUPPORTED)
    sent = _sent(mesh, sender, cluster, endpoint, (endpoint,) if all_endpoints is None else all_endpoints)
    server = names((endpoint,))
    carried = own_transport(request) if sent.transport is Transport.PLAIN and not is_read else sent.transport
    mode = cluster.tls.mode or "DISABLE" if cluster.tls else cluster.endpoint_tls or ""
    at = Where(endpoint.party.workload.ref) if endpoint.party.workload else None
    yield step(
        sent.why,
        sent.at or at,
        unknown=sent.unknown,
        server=server,
        transport=carried.value,
        mode=mode,
        host=cluster.entry.host,
        namespace=cluster.entry.namespace,
        reason=sent.reason,
    )
    config = mesh_config(mesh, sender.revision)
    expects = expected(mesh, sender, cluster) if sent.transport is Transport.ISTIO else frozenset()
    is_http2 = cluster.is_http2 or (request.is_http2 and (cluster.keeps_version or not is_read))
    return Wire(
        transport=carried,
        is_http=request.is_http or is_read,
        is_http2=is_http2,
        identity=sender.principal(config.trust_domain) if sent.transport in (Transport.ISTIO, Transport.HBONE) else "",
        sni=_sni(cluster, sent.transport, request) if not is_read or sent.transport is not Transport.PLAIN else "",
        by_proxy=sender.has_envoy,
        has_client_certificate=sent.transport is Transport.TLS and bool(cluster.tls) and mode == "MUTUAL",
        announces_http=is_read,
        expects=expects,
        expected_by=(sent.at.resource if sent.at else None) or cluster.entry.resource if expects else None,
    )


def plain_wire(sender: Party, request: Request, *, reads_http: bool = False) -> Wire:
    """What a caller without a proxy sends, or a proxy that passes on what it does not know: the application's own bytes.

    ``reads_http`` says that a proxy reads them as HTTP on their way.
    """
    return Wire(
        transport=own_transport(request),
        is_http=request.is_http,
        is_http2=request.is_http2,
        sni=request.server_name if request.scheme is Scheme.HTTPS else "",
        by_proxy=sender.has_envoy,
        source_ip=request.source_ip,
        announces_http=reads_http,
    )


def own_transport(request: Request) -> Transport:
    """How the application itself protects its request."""
    return Transport.TLS if request.scheme is Scheme.HTTPS else Transport.PLAIN


def _sent(mesh: Mesh, sender: Party, cluster: Cluster, endpoint: Endpoint, together: tuple[Endpoint, ...]) -> _Sent:
    if not sender.has_envoy:
        return _Sent(Transport.PLAIN, check.AS_IT_IS)
    asked = _asked(sender, cluster)
    if asked is not None:
        return asked if asked.transport is not Transport.ISTIO or not _is_tunnelled(mesh, sender, endpoint) else _tunnel()
    found = _automatic(mesh, sender, cluster, endpoint, together)
    is_tunnel = found.transport is Transport.PLAIN and _is_tunnelled(mesh, sender, endpoint)
    return _tunnel() if is_tunnel else found


def _asked(sender: Party, cluster: Cluster) -> _Sent | None:
    """What a DestinationRule asks for; None where it leaves that to istiod (`cluster_tls.go buildUpstreamClusterTLSContext`)."""
    tls, at = cluster.tls, cluster.tls_at
    if tls is None:
        return None
    match tls.mode:
        case "ISTIO_MUTUAL":
            return _Sent(Transport.ISTIO, check.BY_RULE, at)
        case "SIMPLE" | "MUTUAL":
            is_secret = tls.credential_name and not tls.credential_name.startswith("configmap://")
            if is_secret and sender.plane is Plane.SIDECAR and not cluster.is_for_some:
                return _Sent(Transport.PLAIN, check.NO_CREDENTIALS, at)
            if tls.mode == "MUTUAL" and not tls.credential_name and not (tls.client_certificate and tls.private_key):
                return _Sent(Transport.PLAIN, check.NO_FILES, at)
            return _Sent(Transport.TLS, check.BY_RULE, at)
        case _:
            return _Sent(Transport.PLAIN, check.BY_RULE, at)


def _automatic(mesh: Mesh, sender: Party, cluster: Cluster, endpoint: Endpoint, together: tuple[Endpoint, ...]) -> _Sent:
    """What istiod chooses where no rule sets ``tls`` (`pilot/pkg/model/push_context.go BestEffortInferServiceMTLSMode`)."""
    entry = cluster.entry
    if entry.is_external:
        return _Sent(Transport.PLAIN, check.EXTERNAL, Where(entry.resource, "/spec/location"))
    if not mesh_config(mesh, sender.revision).enable_auto_mtls:
        return _Sent(Transport.PLAIN, check.NOT_AUTO)
    if cluster.asks_endpoints and not (together and all(item.has_tls_label for item in together)):
        return _Sent(Transport.PLAIN, check.NOT_ALL_LABELLED, Where(entry.resource))
    of_namespace = accepted(mesh, entry.namespace, {})
    if of_namespace and of_namespace.mode is MTLSMode.DISABLE:
        return _Sent(Transport.PLAIN, check.NAMESPACE_DISABLED, _place(of_namespace))
    if cluster.resolution is Resolution.NONE:
        return _Sent(Transport.ISTIO, check.TO_ALL)
    if not endpoint.has_tls_label:
        return _Sent(Transport.PLAIN, check.UNLABELLED)
    if cluster.endpoint_tls is not None:
        return _Sent(Transport.ISTIO if cluster.endpoint_tls == "ISTIO_MUTUAL" else Transport.PLAIN, check.RULE_OF_ENDPOINTS)
    own = accepted(mesh, endpoint.party.namespace or entry.namespace, endpoint.party.labels, endpoint.port)
    if own is None or of_namespace is None:
        unknown = Unknown(kind=UnknownKind.UNREADABLE, of=kinds.PEER_AUTHENTICATION, settled_by="the PeerAuthentications")
        return _Sent(Transport.ISTIO, check.UNREAD, unknown=unknown)
    if own.mode is MTLSMode.DISABLE:
        return _Sent(Transport.PLAIN, check.SERVER_DISABLED, _place(own), reason=own.reason)
    return _Sent(Transport.ISTIO, check.AUTO)


def _is_tunnelled(mesh: Mesh, sender: Party, endpoint: Endpoint) -> bool:
    """Whether an endpoint gets HBONE: it is in ambient, or its sidecar takes it (`endpoint_builder.go supportTunnel`)."""
    if endpoint.has_tls_label:
        return False
    if endpoint.party.labels.get(TUNNEL) == "http" or endpoint.party.plane is Plane.WAYPOINT:
        return True
    plane = plane_of_revision(mesh, sender.revision)
    is_on = go_bool((plane.env or {}).get("PILOT_ENABLE_AMBIENT", "")) if plane and plane.env is not None else True
    return endpoint.party.plane is Plane.AMBIENT and is_on is True


def _tunnel() -> _Sent:
    return _Sent(Transport.HBONE, check.TUNNEL)


def _place(by: Accepted) -> Where | None:
    return Where(by.policy.ref, by.path) if by.policy else None


def _sni(cluster: Cluster, transport: Transport, request: Request) -> str:
    """The name in the proxy's own TLS (`pilot/pkg/model/context.go BuildDNSSrvSubsetKey`), else in the application's."""
    named = cluster.tls.sni if cluster.tls else ""
    match transport:
        case Transport.ISTIO:
            return named or f"outbound_.{cluster.port.number}_.{cluster.subset}_.{cluster.entry.host}"
        case Transport.TLS:
            return named or request.authority.partition(":")[0]
        case _:
            return request.server_name if request.scheme is Scheme.HTTPS else ""
