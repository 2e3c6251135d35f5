"""Whether a server takes a connection, and what its proxy then reads."""

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.injection.early import EXCLUDE_INBOUND_PORTS
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.checks import server as check
from kubectl_meshfix.traffic.client.view import look
from kubectl_meshfix.traffic.inbound_capture import interception
from kubectl_meshfix.traffic.server.declared_ports import takes
from kubectl_meshfix.traffic.server.inbound import Chain, application_tls, by_proxy, place_of
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.terms.wire import Transport, Wire

__all__ = ["Chain", "accept"]


def accept(mesh: Mesh, endpoint: Endpoint, wire: Wire, request: Request) -> Steps[Chain | Failure]:
    """How a server takes a connection: by its proxy, or without one.

    Of pods in ambient this is the application's side alone; ztunnel takes the connection before.
    """
    party, port, at = endpoint.party, endpoint.port, place_of(endpoint.party)
    server = str(party) if party.workload or party.plane is not Plane.OUTSIDE else endpoint.address or "The server"
    match party.plane:
        case Plane.GATEWAY | Plane.WAYPOINT:
            yield step(check.IS_GATEWAY, at, server=server)
            return Chain(is_http=wire.is_http, port=port, identity=wire.identity)
        case Plane.SIDECAR:
            sidecar = look(mesh, party).sidecar
            if takes(mesh, party, port):
                yield step(check.CAPTURED, at, server=server, port=port)
                return (yield from by_proxy(mesh, endpoint, wire, request, sidecar))
            is_off = interception(mesh, party.revision, party.annotations) == "NONE"
            yield step(check.NOT_REDIRECTED if is_off else check.EXCLUDED, _excluding(party) or at, server=server, port=port)
        case _:
            yield step(check.NO_PROXY, at, server=server)
    if wire.transport is Transport.ISTIO:
        yield step(check.NO_TLS_THERE, at, server=server)
        return Failure.TLS_TO_PLAIN_TEXT
    yield from application_tls(at, wire, request)
    return Chain(is_http=wire.is_http, port=port, is_captured=False)


def _excluding(party: Party) -> Where | None:
    """The annotation that keeps a port from the proxy, in the workload's template."""
    if party.workload is None or EXCLUDE_INBOUND_PORTS not in party.annotations:
        return None
    return Where(party.workload.ref, party.workload.template_path + join("metadata", "annotations", EXCLUDE_INBOUND_PORTS))
