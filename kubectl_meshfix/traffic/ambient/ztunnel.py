"""ztunnel: what it sends to a server, and what it lets in to a pod (`ztunnel src/proxy/{outbound,inbound,inbound_passthrough}.rs`)."""

from collections.abc import Sequence

import msgspec

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.injection.labels import TUNNEL
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.traffic.checks import ztunnel as checks
from kubectl_meshfix.traffic.peer_authentication import MTLSMode, accepted
from kubectl_meshfix.traffic.policy.attached import attached, unattached
from kubectl_meshfix.traffic.policy.authorization import unless_unread
from kubectl_meshfix.traffic.policy.enforcement import enforce
from kubectl_meshfix.traffic.policy.evaluation.layers import AUDIT, CUSTOM
from kubectl_meshfix.traffic.policy.evaluation.prepared import Layer
from kubectl_meshfix.traffic.terms.attributes import Attributes, Decision
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.wire import Transport, Wire


def send(mesh: Mesh, caller: Party, endpoint: Endpoint, request: Request) -> Steps[Wire]:
    """What ztunnel sends for a pod to an endpoint, without a waypoint between them.

    HBONE goes to pods in ambient and to sidecars that take it, and carries the caller's identity; all others get the application's bytes.
    """
    at = _at(endpoint.party)
    if takes_hbone(endpoint.party):
        identity = caller.principal(control_plane.mesh_config(mesh, caller.revision).trust_domain)
        yield step(checks.OVER_HBONE, at, server=str(endpoint.party), identity=identity)
        return _wire(request, Transport.HBONE, identity)
    is_sidecar = endpoint.party.plane is Plane.SIDECAR
    yield step(checks.PLAIN_TO_SIDECAR if is_sidecar else checks.IN_PLAIN_TEXT, at, server=str(endpoint.party))
    return _wire(request, Transport.TLS if _has_own_tls(request) else Transport.PLAIN, "")


def send_to_waypoint(mesh: Mesh, caller: Party, waypoint: Party, request: Request) -> Steps[Wire]:
    """What ztunnel sends to a waypoint: always HBONE, with the caller's identity."""
    identity = caller.principal(control_plane.mesh_config(mesh, caller.revision).trust_domain)
    yield step(checks.OVER_HBONE, _at(waypoint), server=str(waypoint), identity=identity)
    return _wire(request, Transport.HBONE, identity)


def takes_hbone(party: Party) -> bool:
    """Whether a pod takes HBONE: ztunnel does for it, or its own sidecar (`ambient/workloads.go setTunnelProtocol`)."""
    return party.plane in (Plane.AMBIENT, Plane.WAYPOINT) or (party.plane is Plane.SIDECAR and party.labels.get(TUNNEL) == "http")


def take(mesh: Mesh, endpoint: Endpoint, wire: Wire, sender: Party | None = None) -> Steps[tuple[Alternative[Decision], ...]]:
    """Whether the ztunnel of a pod lets a connection in: PeerAuthentications first, then what policies say of layer 4.

    ``sender`` is who sent it; behind a waypoint that is the waypoint, whose identity the policies see.
    """
    server = endpoint.party
    identity = wire.identity if wire.transport is Transport.HBONE else ""
    if sender and sender.plane is Plane.WAYPOINT and identity:
        yield step(checks.WAYPOINTS_IDENTITY, _at(server), server=str(server), identity=identity)
    refusal = yield from _strict(mesh, endpoint, identity)
    if refusal:
        return (Alternative(refusal),)
    for policy in unattached(mesh, server):
        yield step(checks.FOR_WAYPOINTS, Where(policy.ref, "/spec/targetRefs"), policy=str(policy.ref))
    policies = attached(mesh, AuthorizationPolicy, server)
    yield from _passed_over(policies)
    request = Attributes(
        is_http=False, identity=identity, source_ip=wire.source_ip, destination_ip=endpoint.address, port=endpoint.port, sni=wire.sni
    )
    decided = yield from enforce(mesh, policies, request, Layer.ZTUNNEL, ())
    bare = tuple(Alternative(msgspec.structs.replace(way.value, matched_policy=""), way.share, way.given) for way in decided)
    return (yield from unless_unread(mesh, server, (), bare))


def _strict(mesh: Mesh, endpoint: Endpoint, identity: str) -> Steps[Decision | None]:
    """A refusal of plain text where STRICT is in force, for which ztunnel has a policy of its own."""
    server = endpoint.party
    if identity:
        yield step(checks.AUTHENTICATED, _at(server), identity=identity)
        return None
    found = accepted(mesh, server.namespace, server.labels, endpoint.port)
    if found is None:
        unknown = Unknown(kind=UnknownKind.UNREADABLE, of=kinds.PEER_AUTHENTICATION, settled_by="the right to list them")
        yield step(checks.UNREAD, _at(server), unknown=unknown)
        return None
    at = Where(found.policy.ref, found.path) if found.policy else _at(server)
    if found.mode is not MTLSMode.STRICT:
        yield step(checks.LET_IN, at, reason=found.reason)
        return None
    yield step(checks.SHUT_OUT, at, reason=found.reason)
    return Decision(failure=Failure.NO_FILTER_CHAIN, at=at)


def _passed_over(policies: Sequence[AuthorizationPolicy]) -> Steps[None]:
    for policy in policies:
        if policy.spec.action in (CUSTOM, AUDIT):
            yield step(checks.NOT_AT_LAYER_4, Where(policy.ref, "/spec/action"), policy=str(policy.ref), action=policy.spec.action)


def _wire(request: Request, transport: Transport, identity: str) -> Wire:
    return Wire(
        transport=transport,
        is_http=request.is_http,
        is_http2=request.is_http2,
        identity=identity,
        sni=request.server_name if _has_own_tls(request) else "",
        source_ip=request.source_ip,
    )


def _has_own_tls(request: Request) -> bool:
    return request.scheme is Scheme.HTTPS


def _at(party: Party) -> Where | None:
    return Where(party.workload.ref, party.workload.template_path) if party.workload else None
