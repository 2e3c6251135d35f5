"""Ports whose declared protocol is not what their pods speak, and what becomes of traffic then.

| declared | the pods speak | what happens | source |
|---|---|---|---|
| any HTTP | TLS | the server's proxy sends plain HTTP, and refuses connections in which a client sends TLS | `filterchain_options.go` |
| the same, no sidecar | TLS | proxies of clients send TLS past the host's routes, and plain HTTP to the pods | `listener_builder.go` |
| any HTTP | TLS, says a route | the server's proxy closes the connections of that route | `filterchain_options.go` |
| http | gRPC alone | proxies send HTTP/1.1, over which there is no gRPC | `cluster_builder.go setUpstreamProtocol` |
| grpc | HTTP/1.1 | proxies send HTTP/2, which the server may speak as well, or not | the same |
| https, tls | HTTP or gRPC without TLS | bytes pass as they are: no HTTP routes, retries, metrics, path rules | `instance.go IsTCP` |
| tcp, redis, … | HTTP or gRPC | the same | the same |
| http2 | HTTP/1.1 | nothing is wrong: servers of HTTP/2 without TLS speak both | |
| tcp, redis, … | TLS | nothing is wrong: bytes pass as they are | |
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

import msgspec

from kubectl_meshfix.injection.membership import Mode, membership
from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.ports import protocols_beside
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.port_protocols import evidence
from kubectl_meshfix.port_protocols.evidence import KINDS as EVIDENCE
from kubectl_meshfix.port_protocols.evidence import Strength, Witness, pods, routes
from kubectl_meshfix.port_protocols.evidence.measured_traffic import grpc_counted
from kubectl_meshfix.port_protocols.shared_ports import is_alike
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.destination.client_protocols import keeps_protocol, originates_tls, upgrades_to_http2

KINDS: tuple[Kind, ...] = (*EVIDENCE, kinds.DESTINATION_RULE)
"""Kinds that decide."""

_HTTP1 = frozenset({Protocol.HTTP, Protocol.HTTP_PROXY})
_TLS = frozenset({Protocol.HTTPS, Protocol.TLS})
_INBOUND = ("traffic.sidecar.istio.io/includeInboundPorts", "traffic.sidecar.istio.io/excludeInboundPorts")


class Effect(Enum):
    """What becomes of traffic."""

    TLS_FAILS = "plain HTTP is sent to a server of TLS, and TLS is refused"
    TLS_UNROUTED = "TLS is not routed by the proxies of clients"
    TLS_ROUTE_FAILS = "the server's proxy refuses the TLS of a route"
    GRPC_FAILS = "gRPC is sent over HTTP/1.1"
    GRPC_ROUTE_FAILS = "gRPC of a route is sent over HTTP/1.1"
    HTTP1_MAY_FAIL = "HTTP/2 is sent to a server that may speak HTTP/1.1 alone"
    OPAQUE_TLS = "HTTP is handled as TLS"
    OPAQUE_TCP = "HTTP is handled as TCP"


class Contradiction(msgspec.Struct, frozen=True):
    """A declared protocol against what the pods speak, by what the witnesses say of it.

    ``spoken`` is what to declare. ``is_injected`` says whether new pods get a sidecar, ``is_passed_on`` whether they are in ambient without
    a waypoint, where only clients with a sidecar go by what is declared.
    """

    declared: Protocol
    spoken: Protocol
    effect: Effect
    witnesses: tuple[Witness, ...]
    is_injected: bool
    is_passed_on: bool


def contradiction(mesh: Mesh, service: Service, port: ServicePort) -> Contradiction | None:
    """The contradiction about a Service's port; None where nothing disproves what it declares.

    Where Services give the container port different protocols, or none, that comes first (MF103, MF101).
    """
    verdict = protocols.verdict(port)
    declared, decided_by = verdict.protocol, verdict.decided_by
    if decided_by not in ("name", "appProtocol") or declared in (Protocol.UNSUPPORTED, Protocol.UDP) or service.spec.type == "ExternalName":
        return None
    override = mesh.overrides.protocol(service, port)
    if override and override.protocol is declared:
        return None
    places = evidence.places(mesh, service, port)
    proofs = _proofs(mesh, service, port, places)
    found = _by_proof(mesh, service, port, declared, proofs, places) if proofs else _by_route(mesh, service, port, declared)
    if found is None or _is_disputed(mesh, service, port, declared):
        return None
    injected = _injected(mesh, places)
    if not proofs and (not injected or any(key in item.annotations for item in injected for key in _INBOUND)):
        return None  # no proxy of the server is in the way of what a route sends
    spoken, effect, witnesses = found
    if effect is Effect.TLS_FAILS and not injected:
        effect = Effect.TLS_UNROUTED
    spoken = override.protocol if override else spoken
    return Contradiction(declared, spoken, effect, tuple(witnesses), bool(injected), _is_passed_on(mesh, service, places))


Found = tuple[Protocol, Effect, Sequence[Witness]]
Places = Sequence[tuple[Workload, int]]


def _by_proof(  # noqa: PLR0913, PLR0917 -- the port, and what is known of it
    mesh: Mesh, service: Service, port: ServicePort, declared: Protocol, proofs: Sequence[Witness], places: Places
) -> Found | None:
    """What proofs contradict, where they agree with each other: a port may speak HTTP/1.1 and gRPC, but not TLS and plain text."""
    shown, host = {witness.protocol for witness in proofs}, hosts.fqdn(service.name, service.namespace)
    if shown == {Protocol.HTTPS} and declared in HTTP_LIKE:
        is_called_by_tls = originates_tls(mesh, host) or any(_by_tls(routes.to_port(mesh, service, port)))
        return None if is_called_by_tls and not _injected(mesh, places) else (Protocol.HTTPS, Effect.TLS_FAILS, proofs)
    counted = [witness for witness in proofs if witness.strength is Strength.MEASURED]
    if declared in _HTTP1 and (shown == {Protocol.GRPC} or (counted and shown <= HTTP_LIKE)):
        spoken = Protocol.GRPC if shown == {Protocol.GRPC} else Protocol.HTTP2
        is_carried = keeps_protocol(mesh, host) or (upgrades_to_http2(mesh, host) and not _injected(mesh, places))
        return None if is_carried else (spoken, Effect.GRPC_FAILS, counted or proofs)
    if shown == {Protocol.HTTP} and declared is Protocol.GRPC:
        return Protocol.HTTP, Effect.HTTP1_MAY_FAIL, proofs
    if Protocol.HTTPS in shown or declared in HTTP_LIKE:
        return None
    spoken = Protocol.GRPC if shown == {Protocol.GRPC} else Protocol.HTTP if shown == {Protocol.HTTP} else Protocol.HTTP2
    return spoken, Effect.OPAQUE_TLS if declared in _TLS else Effect.OPAQUE_TCP, proofs


def _by_route(mesh: Mesh, service: Service, port: ServicePort, declared: Protocol) -> Found | None:
    """What a route cannot get through the server's proxy; it proves that one of the two is wrong."""
    found = _unique(routes.to_port(mesh, service, port))
    if declared in HTTP_LIKE and (by_tls := list(_by_tls(found))):
        return by_tls[0].protocol, Effect.TLS_ROUTE_FAILS, by_tls
    grpc = [witness for witness in found if witness.protocol is Protocol.GRPC]
    if declared in _HTTP1 and grpc and not keeps_protocol(mesh, hosts.fqdn(service.name, service.namespace)):
        return Protocol.GRPC, Effect.GRPC_ROUTE_FAILS, grpc
    return None


def _by_tls(witnesses: Iterable[Witness]) -> Iterator[Witness]:
    return (witness for witness in witnesses if witness.protocol in _TLS)


def _proofs(mesh: Mesh, service: Service, port: ServicePort, places: Places) -> Sequence[Witness]:
    of_pods = _proofs_of_pods(mesh, places)
    counted = tuple(grpc_counted(mesh, service, port, {number for _, number in places})) if mesh.measured else ()
    return _unique((*of_pods, *counted)) if counted else of_pods


def _proofs_of_pods(mesh: Mesh, places: Places) -> Sequence[Witness]:
    """The proofs of the pods behind a port: the same for all Services of one selector."""
    memo: dict[int, Sequence[Witness]] = mesh.memo("proofs of pods")
    key = id(places)  # they are kept as long as their answer
    if key not in memo:
        memo[key] = _unique(witness for workload, number in places for witness in pods.probes(workload, number))
    return memo[key]


def _injected(mesh: Mesh, places: Places) -> Sequence[Workload]:
    """Those of the workloads behind a port whose pods get a sidecar: the same for all Services of one selector."""
    memo: dict[int, Sequence[Workload]] = mesh.memo("workloads of places with a sidecar")
    key = id(places)  # they are kept as long as their answer
    if key not in memo:
        memo[key] = [workload for workload, _ in places if membership(mesh, workload).injected is True]
    return memo[key]


def _is_passed_on(mesh: Mesh, service: Service, places: Places) -> bool:
    """Whether nothing but ztunnel is in front of the pods, which reads no HTTP."""
    from kubectl_meshfix.mesh.waypoints import USE_WAYPOINT, named_by  # noqa: PLC0415 -- for what is wrong alone

    space = mesh.namespace(service.namespace)
    labels = service.labels if USE_WAYPOINT in service.labels or space is None else space.labels
    is_ambient = bool(places) and all(membership(mesh, workload).mode is Mode.AMBIENT for workload, _ in places)
    return is_ambient and named_by(labels, service.namespace) is None


def _unique(witnesses: Iterable[Witness]) -> list[Witness]:
    return list({witness.text: witness for witness in witnesses}.values())


def _is_disputed(mesh: Mesh, service: Service, port: ServicePort, declared: Protocol) -> bool:
    """Whether another Service port of the same container port declares what proxies handle differently."""
    others = protocols_beside(mesh, service, port)
    known = {Protocol.UNSUPPORTED, Protocol.UDP, declared}
    return any(other not in known and not is_alike(declared, other) for other in others)
