"""What a proxy that was asked has itself, beside what the objects say: rows of the table, with every sentence about it."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import PROXY

_PASS, _WARN, _UNKNOWN = Status.PASS, Status.WARN, Status.UNKNOWN
_LISTENERS = "pilot/pkg/networking/core/listener.go"
_ENVOY = "envoy/admin/v3/config_dump.proto"

CONFIGURATION = Check(
    id="configuration", stage=PROXY, question="Has the proxy what the objects say?", source="istio.io/docs/ops/diagnostic-tools/proxy-cmd",
    tells=True,
)  # fmt: skip
SAME = Outcome(CONFIGURATION, _PASS, "The proxy of {pod} has what is predicted: {parts}.")
NOT_ASKED = Outcome(CONFIGURATION, _UNKNOWN, "The proxy of {pod} was not asked: {reason}.")
NOBODY_ASKED = Outcome(CONFIGURATION, _UNKNOWN, "No pod of {workload} is ready, so no proxy was asked.")

LISTENER = Check(id="listener", stage=PROXY, question="Does its listener take the connection in the same way?", source=_LISTENERS)
LISTENER_SAME = Outcome(LISTENER, _PASS, "Listener {listener} {reads}.", is_usual=True)
LISTENER_DIFFERS = Outcome(LISTENER, _WARN, "Listener {listener} of {pod} {reads}; predicted is one that {wanted}.")
LISTENER_ABSENT = Outcome(LISTENER, _WARN, "{pod} has no listener for port {port}; predicted is one that {wanted}.")
LISTENER_UNKNOWN = Outcome(LISTENER, _UNKNOWN, "Which listener of {pod} takes port {port} depends on the address that is called.")

ROUTE = Check(
    id="route", stage=PROXY, question="Does its first route that matches do the same?", source="pilot/pkg/networking/core/httproute.go"
)
ROUTE_SAME = Outcome(ROUTE, _PASS, "The proxy's route {does}.", is_usual=True)
ROUTE_DIFFERS = Outcome(ROUTE, _WARN, "The route of {pod} {does}; predicted is one that {wanted}.")
ROUTES_ABSENT = Outcome(ROUTE, _WARN, "{pod} has no route configuration {name}; predicted is a route that {wanted}.")
ROUTE_OPAQUE = Outcome(ROUTE, _UNKNOWN, "Which route of {pod} matches is not evaluated: {what}.")

CLUSTER = Check(id="cluster", stage=PROXY, question="Has it the same clusters?", source="pilot/pkg/networking/core/cluster.go")
CLUSTER_SAME = Outcome(CLUSTER, _PASS, "The proxy has {found}.", is_usual=True)
CLUSTER_ABSENT = Outcome(CLUSTER, _WARN, "{pod} has no cluster {cluster}, which is predicted.")
CLUSTER_EXTRA = Outcome(CLUSTER, _WARN, "{pod} has cluster {cluster}; predicted is none.")

ENDPOINTS = Check(
    id="endpoints", stage=PROXY, question="Has it the same endpoints, and are they healthy?",
    source="pilot/pkg/xds/endpoints/endpoint_builder.go",
)  # fmt: skip
ENDPOINTS_SAME = Outcome(ENDPOINTS, _PASS, "The proxy's endpoints are {found}.", is_usual=True)
ENDPOINTS_DIFFER = Outcome(ENDPOINTS, _WARN, "{pod} has, for {cluster}, {has}; predicted: {wanted}.")
UNHEALTHY = Outcome(ENDPOINTS, _WARN, "{pod} sends nothing to {endpoints} of {cluster}: they are unhealthy for it.")

TLS = Check(id="tls", stage=PROXY, question="Does it send the same TLS?", source="pilot/pkg/networking/core/cluster_tls.go")
TLS_SAME = Outcome(TLS, _PASS, "The proxy sends {found}.", is_usual=True)
TLS_DIFFERS = Outcome(TLS, _WARN, "{pod} sends {has} to {server}; predicted is {wanted}.")

INBOUND = Check(
    id="inbound", stage=PROXY, question="Does the server's listener take it in the same way?",
    source="pilot/pkg/networking/core/listener_inbound.go",
)  # fmt: skip
INBOUND_SAME = Outcome(INBOUND, _PASS, "The proxy's listener {does} on port {port}.", is_usual=True)
INBOUND_DIFFERS = Outcome(INBOUND, _WARN, "{pod} {does} on port {port}; predicted is one that {wanted}.")
INBOUND_ABSENT = Outcome(INBOUND, _WARN, "{pod} has no listener {listener}.")

CAUSE = Check(id="cause", stage=PROXY, question="Why do they differ?", source=_ENVOY, of_each=True)
REFUSED = Outcome(CAUSE, _WARN, "The proxy refused the newest configuration: {error}.")
STALE = Outcome(CAUSE, _WARN, "istiod says {sync} of {type} for this proxy.")
DISCONNECTED = Outcome(CAUSE, _WARN, "The proxy has no connection to istiod, so it keeps what it had.")
NO_ISTIOD = Outcome(CAUSE, _WARN, "No pod of {istiod} is ready, so proxies get nothing new.")
YOUNGER = Outcome(CAUSE, _WARN, "{object} was written at {written}; what the proxy has of it is of {taken}.")
PATCHED = Outcome(CAUSE, _WARN, "{object} changes this proxy, and may have changed this.")
OTHER_VERSION = Outcome(CAUSE, _WARN, "The proxy is of version {proxy}, its istiod of {istiod}.")
UNEXPLAINED = Outcome(CAUSE, _UNKNOWN, "Nothing that was read explains it. If it stays so, the prediction is wrong: please report it.")
