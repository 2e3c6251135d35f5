"""What a trace reads."""

from kubectl_meshfix.injection.inputs import INPUTS as MEMBERSHIP_INPUTS
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind

INPUTS: tuple[Kind, ...] = tuple(
    dict.fromkeys(
        (
            *kinds.WORKLOADS,
            kinds.NAMESPACE,
            kinds.SERVICE,
            kinds.ENDPOINT_SLICE,
            kinds.VIRTUAL_SERVICE,
            kinds.DESTINATION_RULE,
            kinds.SERVICE_ENTRY,
            kinds.WORKLOAD_ENTRY,
            kinds.SIDECAR,
            kinds.PROXY_CONFIG,
            kinds.GATEWAY,
            kinds.ENVOY_FILTER,
            kinds.WASM_PLUGIN,
            kinds.AUTHORIZATION_POLICY,
            kinds.PEER_AUTHENTICATION,
            kinds.REQUEST_AUTHENTICATION,
            kinds.KUBERNETES_GATEWAY,
            kinds.GATEWAY_CLASS,
            kinds.REFERENCE_GRANT,
            kinds.HTTP_ROUTE,
            kinds.GRPC_ROUTE,
            kinds.TCP_ROUTE,
            kinds.TLS_ROUTE,
            kinds.GATEWAY_CLASS,
            kinds.REFERENCE_GRANT,
            kinds.PROXY_CONFIG,
            *control_plane.INPUTS,
            *MEMBERSHIP_INPUTS,
        )
    )
)
"""The kinds that decide on a request. Any of them may be missing or unreadable; the trace then says so.

Of a cluster, Endpoints are not read: its EndpointSlices hold what they say (kube-controller-manager's mirroring controller).
"""
