"""Which HTTP reaches the application: over HTTP/1.1 there is no gRPC."""

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.checks import server as check
from kubectl_meshfix.traffic.client.view import look
from kubectl_meshfix.traffic.destination.client_protocols import keeps_protocol
from kubectl_meshfix.traffic.server.accept import Chain
from kubectl_meshfix.traffic.server.declared_ports import declared_as
from kubectl_meshfix.traffic.terms.parties import Plane
from kubectl_meshfix.traffic.trace.way import Leg

_HTTP1 = HTTP_LIKE - {Protocol.HTTP2, Protocol.GRPC, Protocol.GRPC_WEB}


def carries_grpc(mesh: Mesh, leg: Leg, chain: Chain) -> Steps[bool]:
    """Whether a gRPC call reaches the application as HTTP/2 (`pilot/pkg/networking/core/cluster_builder.go setUpstreamProtocol`).

    The server's proxy goes by the port's protocol; where that says nothing, and where there is no such proxy, by what comes.
    """
    party = leg.endpoint.party
    at = Where(party.workload.ref, party.workload.template_path) if party.workload else None
    if not (leg.line.announces_http or (chain.is_captured and chain.is_http)) or keeps_protocol(mesh, leg.to.host):
        return True
    is_http2 = leg.line.is_http2
    if chain.is_captured and party.plane is Plane.SIDECAR:
        declared = declared_as(mesh, party, chain.port, look(mesh, party).sidecar)
        is_http2 = is_http2 if declared is None or declared.protocol is Protocol.UNSUPPORTED else declared.protocol not in _HTTP1
        at = declared.at if declared else at
    yield step(check.GETS_HTTP2 if is_http2 else check.GETS_HTTP1, at, port=chain.port)
    return is_http2
