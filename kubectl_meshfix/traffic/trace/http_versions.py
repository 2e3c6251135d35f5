"""Which HTTP reaches the application: over HTTP/1.1 there is no gRPC."""

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.checks import server as check
from kubectl_meshfix.traffic.client.scoping.sidecars import chosen
from kubectl_meshfix.traffic.destination.destination_rules import rules_of_pod
from kubectl_meshfix.traffic.destination.subsets import home_of
from kubectl_meshfix.traffic.destination.traffic_policies import of_port, top_policy
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
    if not (leg.line.announces_http or (chain.is_captured and chain.is_http)):
        return True  # no proxy reads it as HTTP
    is_http2 = leg.line.is_http2
    if chain.is_captured and party.plane is Plane.SIDECAR and not _keeps_version(mesh, leg):
        declared = declared_as(mesh, party, chain.port, chosen(mesh, party).sidecar)
        is_http2 = is_http2 if declared is None or declared.protocol is Protocol.UNSUPPORTED else declared.protocol not in _HTTP1
        at = declared.at if declared else at
    yield step(check.GETS_HTTP2 if is_http2 else check.GETS_HTTP1, at, port=chain.port)
    return is_http2


def _keeps_version(mesh: Mesh, leg: Leg) -> bool:
    """Whether the server's proxy sends what it gets, as its own DestinationRule for the host may say (`buildInboundCluster`)."""
    party, host = leg.endpoint.party, leg.to.host
    rules = rules_of_pod(mesh, host, (party.namespace, party.labels), home_of(mesh, host, party.namespace))[0]
    policy = of_port(top_policy(rules), leg.to.port)
    pool = policy.settings.connection_pool if policy else None
    return pool is not None and pool.http.use_client_protocol
