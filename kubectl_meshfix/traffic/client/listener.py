"""Which listener of the caller's proxy takes its connection (`listener.go`; Envoy: exact address, all addresses, virtualOutbound)."""

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, SERVER_FIRST_NUMBERS, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.checks import listener as check
from kubectl_meshfix.traffic.client import chains
from kubectl_meshfix.traffic.client.bindings import candidates, own_binding, shared_by
from kubectl_meshfix.traffic.client.chains import Chain
from kubectl_meshfix.traffic.client.proxy_settings import takes_http_1_0, uses_automatic_addresses, waits_for_the_client
from kubectl_meshfix.traffic.client.scoping.scope import Egress
from kubectl_meshfix.traffic.client.view import View, policy_at
from kubectl_meshfix.traffic.terms.addresses import Address, AddressKind
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.listeners import HTTPListener, Listener, Passthrough, TCPListener
from kubectl_meshfix.traffic.terms.request import Request, Scheme

_OWN_PORT = 15001


def listener(mesh: Mesh, view: View, address: Address, request: Request) -> Steps[Listener | Failure]:
    """What the caller's proxy does with a connection that it got: reads HTTP, hands bytes to one host, or passes it through.

    BLOCKED is a connection that REGISTRY_ONLY closes, and HANGS one in which proxy and server wait for each other's client.
    """
    port = request.port
    if address.kind is AddressKind.LOOPBACK:
        return (yield from _socket(mesh, view, request))
    is_http = request.is_http and (request.version != "1.0" or takes_http_1_0(mesh, view.party))
    own = chains.build(
        view, port, lambda egress: candidates(mesh, view, egress, port, address), own_binding(mesh, address), is_shared=False
    )
    if own:
        yield from _kept_out(own, address, port)
        return (yield from _own(view, own, request, is_http=is_http))
    shared = _shared(mesh, view, port)
    if shared is None:
        return (yield from _nobodys(mesh, view, address, request))
    yield from _kept_out(shared, address, port)
    chosen = yield from _range(shared, address, request)
    if chosen is None and request.scheme is Scheme.HTTPS:
        chosen = _by_name(shared.tcp, request.server_name, ranged=False)
    if chosen:
        name = request.server_name
        if chosen.ranges:
            at, called = Where(chosen.entry.resource, "/spec/addresses"), address.address or address.name
            yield step(check.SHARED_RANGE, at, port=port, resource=str(chosen.entry.resource), address=called)
        else:
            yield step(check.SHARED_SNI, Where(chosen.entry.resource), port=port, name=name, resource=str(chosen.entry.resource))
        return TCPListener(entry=chosen.entry, port=chosen.port)
    if is_http and shared.has_http:
        by = tuple(str(entry.resource) for entry in shared.http[:8])
        yield step(check.SHARED_HTTP, evidence=by, port=port)
        return HTTPListener(port=port)
    if shared.has_http and (failure := (yield from _sniffed(view, request))):
        return failure
    if general := next((chain for chain in shared.tcp if not chain.sni and not chain.ranges), None):
        yield step(check.SHARED_TCP, Where(general.entry.resource), port=port, resource=str(general.entry.resource))
        return TCPListener(entry=general.entry, port=general.port)
    if shared.has_http:
        yield step(check.NOT_HTTP, port=port, bytes=_bytes(request))
    else:
        yield step(check.NO_LISTENER, port=port)
    return (yield from _unregistered(mesh, view))


def _shared(mesh: Mesh, view: View, port: int) -> chains.Listener | None:
    """The listener of a port for all addresses. It is made once for all proxies that know the same."""
    automatic = uses_automatic_addresses(mesh, view.party)
    memo, key = mesh.memo("shared listeners"), (view.scope.key, port, automatic)
    if key not in memo:
        memo[key] = chains.build(
            view,
            port,
            lambda egress: egress.by_port.get(port, ()),
            lambda entry: shared_by(entry, uses_automatic_addresses=automatic),
            is_shared=True,
        )
    found: chains.Listener | None = memo[key]
    return found


def socket_egress(view: View, port: int, mode: str) -> Egress | None:
    """The egress entry whose listener on a port of the pod itself is a real socket: with interception or capture mode NONE."""
    for egress in view.scope.egress:
        is_here = egress.listener.bind in ("", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 -- read, not listened on
        is_real = mode == "NONE" or egress.listener.capture_mode == "NONE"
        if is_real and is_here and (egress.port == port or (not egress.port and port in egress.by_port)):
            return egress
    return None


def _socket(mesh: Mesh, view: View, request: Request) -> Steps[Listener | Failure]:
    """A connection to a socket of the proxy on the pod's loopback address."""
    port = request.port
    egress = socket_egress(view, port, "NONE")
    if egress is None:
        return (yield from _nobodys(mesh, view, Address(kind=AddressKind.LOOPBACK), request))
    at = Where(view.sidecar.ref, f"/spec/egress/{egress.position}") if view.sidecar else None
    entries = [(entry, protocol) for entry in egress.by_port.get(port, ()) if (protocol := chains.protocol_of(egress, entry, port))]
    if (egress.listener.port and egress.listener.port.protocol.lower() in HTTP_LIKE) or any(found in HTTP_LIKE for _, found in entries):
        if request.is_http and request.version == "1.0" and not takes_http_1_0(mesh, view.party):
            yield step(check.TOO_OLD, at)
            return Failure.HTTP_1_0
        yield step(check.SOCKET, at, port=port)
        return HTTPListener(port=port) if request.is_http else Failure.NOT_HTTP
    yield step(check.SOCKET, at, port=port)
    return TCPListener(entry=entries[0][0], port=port) if entries else Failure.BLOCKED


def _own(view: View, own: chains.Listener, request: Request, *, is_http: bool) -> Steps[Listener | Failure]:
    chain = own.tcp[0]
    at, port, resource = Where(chain.entry.resource), chain.port, str(chain.entry.resource)
    if is_http and own.has_http:
        yield step(check.OWN_HTTP, at, port=port, resource=resource)
        return HTTPListener(port=port, entry=chain.entry)
    if own.has_http and (failure := (yield from _sniffed(view, request))):
        return failure
    if own.has_http:
        yield step(check.OWN_OTHER, at, port=port, resource=resource)
    else:
        yield step(check.OWN_TCP, at, port=port, resource=resource, protocol=chain.protocol.value)
    return TCPListener(entry=chain.entry, port=port)


def _range(shared: chains.Listener, address: Address, request: Request) -> Steps[Chain | None]:
    """The chain that takes an address by its range: the longest prefix, and among equal ones that of the SNI; HTTP does not change that."""
    ranged = [chain for chain in shared.tcp if chain.ranges]
    if not ranged:
        return None
    if not address.address:
        theirs = next((chain for chain in ranged if address.host == chain.entry.host), None)
        if theirs is None and address.kind in (AddressKind.EXTERNAL, AddressKind.UNKNOWN):
            unknown = Unknown(kind=UnknownKind.RUNTIME, of=f"the address of {address.name}", settled_by=CLUSTER)
            resource = ranged[0].entry.resource
            yield step(check.RANGE_UNKNOWN, Where(resource, "/spec/addresses"), unknown=unknown, resource=str(resource), name=address.name)
        return theirs
    longest = max(chains.is_in(address.address, chain.ranges) for chain in ranged)
    if longest < 0:
        return None
    found = [chain for chain in ranged if chains.is_in(address.address, chain.ranges) == longest]
    return _by_name(found, request.server_name, ranged=True) or next((chain for chain in found if not chain.sni), None)


def _by_name(found: list[Chain] | tuple[Chain, ...], server_name: str, *, ranged: bool) -> Chain | None:
    """The chain of the server name that TLS asks for: an exact host before wildcards, and of these the longest."""
    fitting = [chain for chain in found if bool(chain.ranges) is ranged and chains.speaks_for(chain, server_name)]
    return max(fitting, key=lambda chain: (not chain.sni.startswith("*"), len(chain.sni)), default=None)


def _sniffed(view: View, request: Request) -> Steps[Failure | None]:
    """What waiting for the client's first bytes does to a connection that is not known to be HTTP or TLS."""
    if request.scheme is not Scheme.TCP or not waits_for_the_client(view.config):
        return None
    if request.port in SERVER_FIRST_NUMBERS:
        yield step(check.HANGS, port=request.port)
        return Failure.HANGS
    yield step(check.MAY_HANG)
    return None


def _nobodys(mesh: Mesh, view: View, address: Address, request: Request) -> Steps[Passthrough | Failure]:
    port = request.port
    if port == _OWN_PORT:
        yield step(check.OF_PROXY, port=port)
        return Failure.BLOCKED
    called = address.entry.port(port) if address.entry else None
    if address.entry and called and called.protocol is Protocol.UDP:
        yield step(check.UDP, Where(address.entry.resource), port=port, resource=str(address.entry.resource))
    else:
        yield step(check.NO_LISTENER, port=port)
    return (yield from _unregistered(mesh, view))


def _unregistered(mesh: Mesh, view: View) -> Steps[Passthrough | Failure]:
    at = policy_at(mesh, view)
    if view.allows_any:
        yield step(check.PASSES, at)
        return Passthrough(is_http=False)
    yield step(check.BLOCKED, at)
    return Failure.BLOCKED


def _kept_out(found: chains.Listener, address: Address, port: int) -> Steps[None]:
    for entry, other in found.kept_out:
        if entry.host != address.host:
            continue
        at, one, two = Where(entry.resource), str(entry.resource), str(other.resource)
        if entry.created and other.created:
            yield step(check.KEPT_OUT, at, port=port, resource=one, other=two)
        else:
            unknown = Unknown(kind=UnknownKind.RUNTIME, of=entry.resource, settled_by=CLUSTER)
            yield step(check.KEPT_OUT_UNKNOWN, at, unknown=unknown, port=port, resource=one, other=two)


def _bytes(request: Request) -> str:
    return "TLS" if request.scheme is Scheme.HTTPS else "HTTP/1.0" if request.is_http else "TCP"
