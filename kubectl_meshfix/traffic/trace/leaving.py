"""How a request leaves its caller: past the proxy, through its routes, over ztunnel, or not at all."""

import msgspec

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Step, Where, step
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.ambient.waypoint import waypoint_for
from kubectl_meshfix.traffic.checks.address import FROM_OUTSIDE, FROM_WITHIN
from kubectl_meshfix.traffic.client.address import Address, AddressKind, resolve
from kubectl_meshfix.traffic.client.capture import captured
from kubectl_meshfix.traffic.client.listener import listener
from kubectl_meshfix.traffic.client.view import told_view
from kubectl_meshfix.traffic.gateway.named_hosts import gateways_for
from kubectl_meshfix.traffic.responses import Caller
from kubectl_meshfix.traffic.route.l4 import tcp_targets
from kubectl_meshfix.traffic.route.virtual_hosts import virtual_host
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.listeners import HTTPListener, Passthrough, TCPListener
from kubectl_meshfix.traffic.terms.parties import Plane
from kubectl_meshfix.traffic.terms.routes import Target, VirtualHost
from kubectl_meshfix.traffic.trace.answers import Destination, Hop
from kubectl_meshfix.traffic.trace.itself import itself
from kubectl_meshfix.traffic.trace.routing import Sender, by_rules, straight, to_targets, to_waypoint
from kubectl_meshfix.traffic.trace.way import Onward, Way, choosing, failed, shared, taking, tell, undecided, with_steps


def leave(way: Way, hop: Hop) -> Onward:
    """Every way on from a pod, or from a caller outside of the mesh."""
    steps = list(hop.steps)
    address = tell(resolve(way.mesh, hop.party, way.request), steps)
    if isinstance(address, Failure):
        yield failed(way, with_steps(hop, steps), address)
        return
    own = itself(way, with_steps(hop, steps), address)
    if own is None:
        yield from _out_of_pod(way, hop, address, steps)
        return
    yield own
    if own.share < 1 and own.to.party and own.to.party.workload:
        others = msgspec.structs.replace(address, without=own.to.party.workload.ref)
        yield from shared(_out_of_pod(way, hop, others, steps), 1 - own.share)


def _out_of_pod(way: Way, hop: Hop, address: Address, steps: list[Step]) -> Onward:
    """Every way on to an address that is not the caller's own."""
    is_captured = tell(captured(way.mesh, hop.party, address, way.request), steps)
    told = with_steps(hop, steps)
    if address.kind is AddressKind.EXTERNAL and address.entry is None and (meant := gateways_for(way.mesh, way.request.host)):
        told = with_steps(hop, [*steps, *(_of_gateway(way, hop, gateway) for gateway in meant)])
        if hop.party.plane is Plane.OUTSIDE:
            yield undecided(told, _led_by_dns(way), Destination(host=way.request.host, port=way.request.port))
            return
    if hop.party.plane is Plane.AMBIENT:
        yield from _over_ztunnel(way._replace(answers=Caller.TCP_PROXY), told, address)
        return
    if is_captured is not False:
        yield from shared(_captured(way, told, address), given=taking(is_captured, is_so=True))
    if is_captured is not True:
        yield from shared(straight(way, told, address), given=taking(is_captured, is_so=False))


def _of_gateway(way: Way, hop: Hop, gateway: Ref) -> Step:
    is_outside = hop.party.plane is Plane.OUTSIDE
    unknown = _led_by_dns(way) if is_outside else None
    return step(FROM_OUTSIDE if is_outside else FROM_WITHIN, Where(gateway), unknown=unknown, name=way.request.host, gateway=str(gateway))


def _led_by_dns(way: Way) -> Unknown:
    return Unknown(kind=UnknownKind.RUNTIME, of=f"the DNS of {way.request.host}", settled_by="the trace of a gateway")


def _over_ztunnel(way: Way, hop: Hop, address: Address) -> Onward:
    """Through the waypoint of the host or pod, where it has one; else straight."""
    target = address.pod if address.is_pod and address.pod else address.entry
    if target is None:
        yield from straight(way, hop, address)
        return
    steps = list(hop.steps)
    found = tell(waypoint_for(way.mesh, hop.party, target), steps)
    told = with_steps(hop, steps)
    for alternative in found:
        if alternative.value is None:
            yield from shared(straight(way, told, address), alternative.share, alternative.given)
        else:
            to = Destination(host=address.host or way.request.host, port=way.request.port)
            leg = to_waypoint(way, told, alternative.value, address, to)
            yield from shared([leg], alternative.share, alternative.given)


def _captured(way: Way, hop: Hop, address: Address) -> Onward:
    steps = list(hop.steps)
    view = tell(told_view(way.mesh, hop.party, address.host), steps)
    taken = tell(listener(way.mesh, view, address, way.request), steps)
    told = choosing(with_steps(hop, steps), address=address, listener=None if isinstance(taken, Failure) else taken, request=way.request)
    match taken:
        case Failure() as failure:
            yield failed(way._replace(answers=Caller.TCP_PROXY), told, failure)
        case HTTPListener() as http:
            yield from _by_host(way._replace(answers=Caller.HTTP_PROXY), Sender(told, view, http.port, address), http, address)
        case TCPListener() as tcp:
            yield from _by_bytes(way._replace(answers=Caller.TCP_PROXY), Sender(told, view, tcp.port, address), tcp, address)
        case Passthrough(is_http=is_http):
            answers = Caller.HTTP_PROXY if is_http else Caller.TCP_PROXY
            yield from _passed_through(way._replace(answers=answers), Sender(told, view, way.request.port, address), address)


def _passed_through(way: Way, sender: Sender, address: Address) -> Onward:
    """What nobody registered: to the address that was called, or to the proxy that the Sidecar names for it."""
    proxy, sidecar = sender.view.egress_proxy, sender.view.sidecar
    if proxy is None or sidecar is None:
        yield from straight(way, sender.hop, address)
        return
    at = Where(sidecar.ref, "/spec/outboundTrafficPolicy/egressProxy")
    number = proxy.port.number if proxy.port else 0
    target = Target(host=hosts.fqdn(proxy.host, sidecar.namespace), port=number, subset=proxy.subset, at=at)
    yield from to_targets(way, sender, (Alternative(target),))


def _by_host(way: Way, sender: Sender, http: HTTPListener, address: Address) -> Onward:
    steps = list(sender.hop.steps)
    for found in tell(virtual_host(way.mesh, sender.view, http, way.request), steps):
        told = sender.having(steps)
        match found.value:
            case Failure() as failure:
                onward: Onward = iter([failed(way, told.hop, failure, reads_http=True)])
            case Passthrough():
                onward = _passed_through(way, told, address)
            case VirtualHost(rules=rules):
                onward = by_rules(way, told, rules)
        yield from shared(onward, found.share, found.given)


def _by_bytes(way: Way, sender: Sender, tcp: TCPListener, address: Address) -> Onward:
    steps = list(sender.hop.steps)
    found = tell(tcp_targets(way.mesh, sender.view, tcp, way.request), steps)
    told = sender.having(steps)
    match found:
        case Failure() as failure:
            yield failed(way, told.hop, failure)
        case Passthrough():
            yield from _passed_through(way, told, address)
        case targets:
            yield from to_targets(way, told, targets)
