"""What a sidecar does with a connection that comes to one of its pods' ports."""

from kubectl_meshfix.chain.steps import Outcome, Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.mesh.control_plane import mesh_config, plane_of_revision
from kubectl_meshfix.mesh.protocols import Protocol, parse
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.go_bool import go_bool
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.resources.mesh_config import MeshConfig
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.checks import server as check
from kubectl_meshfix.traffic.peer_authentication import MTLSMode, accepted
from kubectl_meshfix.traffic.server.declared_ports import Declared, Reading, declarations, ingress_of, is_order_known
from kubectl_meshfix.traffic.server.filter_chains import Taken, chain
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.wire import Transport, Wire

_OWN_PORT = 15006
"""Where the proxy listens for all that is redirected to it; who calls it is cut off."""

_SERVER_FIRST_PORTS = frozenset({25, 3306})
_SERVER_FIRST = frozenset({Protocol.MYSQL})

_REFUSALS: dict[Failure, Outcome] = {
    Failure.NO_FILTER_CHAIN: check.REFUSES_PLAIN_TEXT,
    Failure.NO_CERTIFICATE: check.WANTS_CERTIFICATE,
    Failure.BAD_CERTIFICATE: check.WANTS_CERTIFICATE,
    Failure.TLS_REFUSED: check.TAKES_NO_TLS,
    Failure.TLS_TO_HTTP: check.TAKES_NO_TLS,
    Failure.TLS_TO_PLAIN_TEXT: check.NO_TLS_BEHIND,
    Failure.NOT_HTTP: check.UNREADABLE,
}
_BY_MODE = (check.REFUSES_PLAIN_TEXT, check.WANTS_CERTIFICATE)
_BY_READING = (check.TAKES_NO_TLS, check.UNREADABLE, check.TOO_OLD)
"""Refusals for what a PeerAuthentication asks for, and for how the port is declared."""


class Chain(Struct, frozen=True):
    """What a server takes a connection with. ``identity`` is the caller's, empty where the server learns none.

    Where it is not captured, no proxy sees it, and no policy applies. ``port`` is the container's. ``application`` is where the proxy sends
    what it took, as ``127.0.0.1:PORT`` or ``unix://PATH``; empty for the pod's own address. ``failure`` is what ends it there, once the
    policies let it through.
    """

    is_http: bool
    port: int
    identity: str = ""
    is_captured: bool = True
    application: str = ""
    failure: Failure | None = None


def by_proxy(mesh: Mesh, endpoint: Endpoint, wire: Wire, request: Request, sidecar: Sidecar | None) -> Steps[Chain | Failure]:
    """What becomes of a captured connection: a filter chain takes it, or none does."""
    party, port = endpoint.party, endpoint.port
    config = mesh_config(mesh, party.revision)
    if port == _OWN_PORT:
        yield step(check.OWN, place_of(party), port=port)
        return Failure.REFUSED
    declared = yield from _declared(mesh, party, port, sidecar)
    reading = declared.reading if declared else Reading.SNIFFED
    mode, by_policy = yield from _mode(mesh, party, port)
    failure = _before(declared, mode, wire, request, config)
    is_old = request.version == "1.0" and request.is_http and not wire.announces_http
    taken = failure or chain(reading, mode, wire, is_http_1_0=is_old)
    if isinstance(taken, Taken):
        taken = _in_http(mesh, party, taken, request, is_old=is_old)
    identity = party.principal(config.trust_domain)
    if isinstance(taken, Taken) and taken.is_terminated and identity and wire.expects and identity not in wire.expects:
        yield step(check.ANOTHER, place_of(party), identity=identity, resource=str(wire.expected_by))
        return Failure.BAD_CERTIFICATE
    if isinstance(taken, Failure):
        outcome = _outcome(taken, wire)
        domain = wire.identity.partition("/")[0]
        at = (by_policy if outcome in _BY_MODE else declared.at if declared and outcome in _BY_READING else None) or place_of(party)
        yield step(outcome, at, transport=wire.transport.value, server=str(party), domain=domain)
        return Chain(is_http=False, port=port, failure=taken) if taken is Failure.TLS_TO_PLAIN_TEXT else taken
    read = "HTTP" if taken.is_http else "TCP"
    yield step(check.TAKEN, place_of(party), transport=wire.transport.value, reading=read)
    if not taken.is_terminated:
        yield from application_tls(place_of(party), wire, request)
    application = yield from _application(config, sidecar, party, port, is_declared=declared is not None)
    return Chain(
        is_http=taken.is_http, port=port, identity=wire.identity if taken.is_terminated else "", is_captured=True, application=application
    )


def _declared(mesh: Mesh, party: Party, port: int, sidecar: Sidecar | None) -> Steps[Declared | None]:
    """What a container port is declared as: by the Sidecar alone where it has an ingress, else by the oldest Service."""
    sniffed = Reading.SNIFFED.value
    if sidecar and sidecar.spec.ingress:
        found = ingress_of(sidecar, port)
        if not found:
            yield step(check.NOT_IN_SIDECAR, Where(sidecar.ref, "/spec/ingress"), owner=str(sidecar.ref), port=port, reading=sniffed)
            return None
        listener, at = found
        declared = Declared(parse(listener.port.protocol), at)
        reading = declared.reading.value
        yield step(check.OF_SIDECAR, at, owner=str(sidecar.ref), port=port, protocol=declared.protocol.value, reading=reading)
        return declared
    all_of_them = declarations(mesh, party, port)
    if not all_of_them:
        yield step(check.UNDECLARED, place_of(party), port=port, reading=sniffed)
        return None
    first = all_of_them[0]
    if not is_order_known(all_of_them):
        unknown = Unknown(kind=UnknownKind.RUNTIME, of="the age of Services", settled_by=CLUSTER)
        owners = " and ".join(dict.fromkeys(str(item.at.resource) for item in all_of_them))
        yield step(check.UNORDERED, first.at, unknown=unknown, owners=owners, port=port)
    word = first.protocol.value if first.protocol is not Protocol.UNSUPPORTED else "nothing that Istio knows"
    yield step(check.DECLARED, first.at, owner=str(first.at.resource), port=port, protocol=word, reading=first.reading.value)
    return first


def _mode(mesh: Mesh, party: Party, port: int) -> Steps[tuple[MTLSMode, Where | None]]:
    """What the server accepts, and the place that says so."""
    found = accepted(mesh, party.namespace, party.labels, port)
    if found is None:
        unknown = Unknown(kind=UnknownKind.UNREADABLE, of=kinds.PEER_AUTHENTICATION, settled_by="the PeerAuthentications")
        yield step(check.NOT_READ, place_of(party), unknown=unknown)
        return MTLSMode.PERMISSIVE, None
    if not found.policy:
        yield step(check.ACCEPTS, place_of(party), mode=found.mode.value)
        return found.mode, None
    at = Where(found.policy.ref, found.path)
    yield step(check.BY_POLICY, at, mode=found.mode.value, policy=str(found.policy.ref))
    return found.mode, at


def _before(declared: Declared | None, mode: MTLSMode, wire: Wire, request: Request, config: MeshConfig) -> Failure | None:
    """What ends a connection before a chain is found: a peer of another mesh, or a server that speaks first behind an inspector."""
    domain = wire.identity.partition("/")[0]
    if wire.transport is Transport.ISTIO and domain and domain not in (config.trust_domain, *config.trust_domain_aliases):
        return Failure.BAD_CERTIFICATE
    is_first = request.scheme is Scheme.TCP and declared is not None and _speaks_first(declared, request)
    is_inspected = mode is not MTLSMode.DISABLE or (declared is not None and declared.reading is Reading.SNIFFED)
    waits = config.protocol_detection_timeout in ("", "0", "0s")
    return Failure.HANGS if is_first and is_inspected and waits and wire.transport is Transport.PLAIN else None


def _speaks_first(declared: Declared, request: Request) -> bool:
    """Whether a server is known to speak first: SMTP and MySQL do (`conversion.go wellKnownPorts`)."""
    return declared.protocol in _SERVER_FIRST or request.port in _SERVER_FIRST_PORTS


def _in_http(mesh: Mesh, party: Party, taken: Taken, request: Request, *, is_old: bool) -> Taken | Failure:
    """What a chain for HTTP refuses as such."""
    if not taken.is_http:
        return taken
    plane = plane_of_revision(mesh, party.revision)
    takes_old = plane is not None and go_bool((plane.env or {}).get("PILOT_HTTP10", "")) is True
    if is_old and not takes_old and mesh_config(mesh, party.revision).default_config.proxy_metadata.get("ISTIO_META_HTTP10") != "1":
        return Failure.HTTP_1_0
    return taken if request.authority else Failure.NO_HOST


def _outcome(failure: Failure, wire: Wire) -> Outcome:
    match failure:
        case Failure.HANGS:
            return check.BOTH_WAIT
        case Failure.HTTP_1_0:
            return check.TOO_OLD
        case Failure.NO_HOST:
            return check.NAMELESS
        case Failure.BAD_CERTIFICATE if wire.transport is Transport.ISTIO:
            return check.FOREIGN
        case _:
            return _REFUSALS[failure]


def application_tls(at: Where | None, wire: Wire, request: Request) -> Steps[None]:
    """Where a proxy adds TLS of its own for the application, nobody knows whether the application speaks it."""
    if wire.transport is Transport.TLS and request.scheme is not Scheme.HTTPS:
        unknown = Unknown(kind=UnknownKind.RUNTIME, of="whether the application speaks TLS", settled_by="a request")
        yield step(check.MAY_SPEAK_TLS, at, unknown=unknown)


def _application(config: MeshConfig, sidecar: Sidecar | None, party: Party, port: int, *, is_declared: bool) -> Steps[str]:
    """Where the proxy sends what it took (`pilot/pkg/networking/core/cluster.go buildInboundClusters`).

    What nobody declares goes to the address that was called.
    """
    found = ingress_of(sidecar, port)
    if found and found[0].default_endpoint:
        listener, at = found
        address = listener.default_endpoint
        yield step(check.TO_ENDPOINT, Where(at.resource, at.path + join("defaultEndpoint")), address=address)
        return "" if address.startswith(("0.0.0.0:", "[::]:")) else address
    if is_declared and config.inbound_traffic_policy.mode == "LOCALHOST":
        yield step(check.TO_LOCALHOST, place_of(party), port=port)
        return f"127.0.0.1:{port}"
    yield step(check.TO_POD, place_of(party), port=port)
    return ""


def place_of(party: Party) -> Where | None:
    """The template of the server's pods."""
    return Where(party.workload.ref, party.workload.template_path) if party.workload else None
