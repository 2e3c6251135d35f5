"""What a gateway makes of a connection: the port, the servers on it, TLS, and the routes that it is for."""

from collections.abc import Sequence

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway import by_sni, following
from kubectl_meshfix.traffic.gateway.applying import servers
from kubectl_meshfix.traffic.gateway.certificates import shown_by_server, wanted_of_caller
from kubectl_meshfix.traffic.gateway.chains import Chain, Connecting, chains, choose, overlapping
from kubectl_meshfix.traffic.gateway.kubernetes import attachment, classes
from kubectl_meshfix.traffic.gateway.merging import kept
from kubectl_meshfix.traffic.gateway.names import bare
from kubectl_meshfix.traffic.gateway.rules import refused_backends, unusable
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.gateway.virtual_hosts import virtual_host
from kubectl_meshfix.traffic.gateway.ways_in import way_in
from kubectl_meshfix.traffic.route.domains import host_of
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.gateways import GatewayRoute
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.routes import Target
from kubectl_meshfix.traffic.terms.wire import Transport, Wire

_FIRST_UNPRIVILEGED = 1024


def serve(mesh: Mesh, gateway: Party, request: Request, wire: Wire | None = None, port: int = 0) -> Steps[GatewayRoute | Failure]:
    """Which route of a gateway a request is for, or why the gateway does not take the connection.

    A caller from outside comes as it is: ``request.port`` is that of the gateway's Service, and its TLS is its own. For one whose proxy
    made the connection ``wire`` tells what that is, and ``port`` is the container port that it goes to.
    """
    yield from _class(mesh, gateway)
    reached = port or (yield from way_in(mesh, gateway, request.port))
    if isinstance(reached, Failure):
        return reached
    host, caller = host_of(request.authority), _connecting(request, wire)
    everything = yield from servers(mesh, gateway, host)
    here = yield from _on_port(gateway, everything, reached, host)
    if not here:
        yield step(check.NOTHING_LISTENS, port=reached)
        return Failure.REFUSED
    built = yield from chains(mesh, gateway, here)
    if not built:
        yield from _told_routes(mesh, gateway, here, caller.sni or host)
        yield step(check.NOTHING_BUILT, here[0].at, port=reached)
        return Failure.REFUSED
    yield step(check.LISTENING, here[0].at, port=reached)
    yield from overlapping(built, reached)
    chain = yield from choose(built, caller)
    if isinstance(chain, Failure):
        yield from _told_routes(mesh, gateway, [server for server in here if server.passes_tls], caller.sni or host)
        return chain
    return (yield from _route(mesh, gateway, chain, request, wire, caller))


def _route(  # noqa: PLR0913, PLR0917 -- who calls, and how
    mesh: Mesh, gateway: Party, chain: Chain, request: Request, wire: Wire | None, caller: Connecting
) -> Steps[GatewayRoute | Failure]:
    server, identity = chain.server, ""
    if server.terminates:
        if failure := (yield from shown_by_server(mesh, server, gateway.namespace)):
            return failure
        shown = yield from wanted_of_caller(mesh, server, request, wire)
        if isinstance(shown, Failure):
            return shown
        identity = shown
    if server.tls and server.tls.mode == "AUTO_PASSTHROUGH":
        passed = yield from by_sni.targets(mesh, server, gateway.namespace, caller.sni, wire)
        if isinstance(passed, Failure):
            return passed
        return _answer(chain, server, passed, caller, "")
    if chain.connections:
        yield from _told_routes(mesh, gateway, (server,), caller.sni)
        targets = yield from _usable(mesh, server, chain.connections.targets, chain.connections.at)
        return _answer(chain, server, targets, caller, identity)
    if request.scheme is Scheme.TCP:
        yield step(check.NOT_HTTP, server.at)
        return Failure.NOT_HTTP
    host = host_of(request.authority)
    yield from _told_routes(mesh, gateway, chain.servers, host)
    found = yield from virtual_host(mesh, gateway, chain.servers, host, is_tls=caller.is_tls)
    if isinstance(found, Failure):
        return _answer(chain, server, found, caller, identity)
    if found.host.has_https_redirect:
        yield step(check.REDIRECTED, found.server.at, domain=found.host.domain)
        if "https" in request.header("x-forwarded-proto"):
            unknown = Unknown(kind=UnknownKind.OPAQUE, of="numTrustedProxies of the gateway", settled_by=CLUSTER)
            yield step(check.MAYBE_TLS_BEFORE, Where(found.server.at.resource), unknown=unknown)
    return _answer(chain, found.server, found.host, caller, identity)


def _answer(chain: Chain, server: Server, route: object, caller: Connecting, identity: str) -> GatewayRoute:
    is_http = chain.connections is None and server.reads_http
    return GatewayRoute(
        route=route,  # type: ignore[arg-type]
        port=server.port,
        number=server.number,
        at=server.at,
        is_http=is_http,
        is_tls=caller.is_tls,
        is_tls_terminated=caller.is_tls and server.terminates,
        sni=caller.sni if caller.is_tls else "",
        identity=identity,
    )


def _connecting(request: Request, wire: Wire | None) -> Connecting:
    if wire:
        is_tls = wire.transport in (Transport.TLS, Transport.ISTIO)
        return Connecting(is_tls, wire.sni if is_tls else "")
    is_tls = request.scheme is Scheme.HTTPS or bool(request.sni)
    return Connecting(is_tls, request.server_name if is_tls else "")


def _class(mesh: Mesh, gateway: Party) -> Steps[None]:
    """Whether Istio configures a Kubernetes Gateway is not known for classes of others that were not read."""
    found = mesh.get(KubernetesGateway, gateway.namespace, gateway.gateway.name) if gateway.gateway else None
    if found and gateway.gateway == found.ref:
        at, name = Where(found.ref, "/spec/gatewayClassName"), found.spec.gateway_class_name
        controller = classes.controller(mesh, found)
        if controller is None:
            unknown = Unknown(
                kind=UnknownKind.UNREADABLE if mesh.live else UnknownKind.NOT_IN_FILES, of=f"GatewayClass {name}", settled_by=CLUSTER
            )
            yield step(check.CLASS_NOT_READ, at, unknown=unknown, name=name)
        else:
            yield step(check.OF_ISTIO, at, name=name)


def _on_port(gateway: Party, everything: Sequence[Server], port: int, host: str) -> Steps[tuple[Server, ...]]:
    """The servers that listen on a container port, and why others do not: those that are merged away, and those for the host elsewhere."""
    here: list[Server] = []
    for server in everything:
        if server.port == port:
            here.append(server)
        elif any(hosts.matches(bare(name).lower(), host) for name in server.hosts):
            yield step(check.OTHER_PORT, server.at, port=_ports(server))
    if port < _FIRST_UNPRIVILEGED and _is_unprivileged(gateway):
        for server in here:
            yield step(check.PRIVILEGED, server.at, port=port)
        return ()
    merged = yield from kept(here)
    listening: list[Server] = []
    for server in merged:
        is_hidden = server.is_on_loopback or any(other.is_on_all_addresses for other in merged)
        if server.is_on_all_addresses or not is_hidden:
            yield step(check.LISTENS, server.at, port=port, hosts=", ".join(map(bare, server.hosts)))
            listening.append(server)
        else:
            yield step(check.OTHER_ADDRESS, server.at, bind=server.bind)
    return tuple(listening)


def _ports(server: Server) -> str:
    return str(server.number) if server.number == server.port else f"{server.number}, which is container port {server.port}"


def _is_unprivileged(gateway: Party) -> bool:
    """Whether istiod takes the pods for unprivileged (`pilot/pkg/model/proxy.go IsUnprivileged`)."""
    variables = (var for container in gateway.spec.containers for var in container.env)
    return any(var.name == "ISTIO_META_UNPRIVILEGED_POD" and var.value == "true" for var in variables)


def _told_routes(mesh: Mesh, gateway: Party, asked: Sequence[Server], host: str) -> Steps[None]:
    """Which routes the servers follow, and why others are not for them."""
    if asked:
        kind = "http" if asked[0].reads_http else "tls" if asked[0].passes_tls else "tcp"
        yield from following.told_each(mesh, asked, gateway.namespace, host, kind)
        yield from attachment.told_each(mesh, asked, host)


def _usable(
    mesh: Mesh, server: Server, found: tuple[Alternative[Target], ...], at: Where
) -> Steps[tuple[Alternative[Target], ...] | Failure]:
    """The targets of a connection; those that a route of Gateway API may not use have no cluster."""
    if not found:
        yield step(check.NO_WEIGHT, at)
        return Failure.NO_CLUSTER
    refused: set[Where] = set()
    for item in attachment.attached(mesh, server) if server.listener else ():
        if item.route.ref == at.resource:
            refused = yield from refused_backends(mesh, item.route)
    yield step(check.HANDED_ON, at, targets=", ".join(_named(each.value) for each in found))
    return tuple(each._replace(value=unusable(each.value)) if each.value.at in refused else each for each in found)


def _named(target: Target) -> str:
    return f"{target.host}:{target.port}" if target.port else target.host
