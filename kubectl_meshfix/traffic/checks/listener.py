"""Which listener of a client's proxy takes a connection: rows of the table, with every sentence about it."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import LISTENER

_BUILD = "pilot/pkg/networking/core/listener.go buildSidecarOutboundListener"

CONFLICT = Check(id="conflict", stage=LISTENER, question="Has another host the same listener?", source=_BUILD, of_each=True)
KEPT_OUT = Outcome(CONFLICT, Status.WARN, "{resource} and the older {other} share port {port}; {other} gets the connections.")
KEPT_OUT_UNKNOWN = Outcome(CONFLICT, Status.UNKNOWN, "{resource} and {other} share port {port}; the older one gets the connections.")

CHOSEN = Check(id="listener", stage=LISTENER, question="Which listener takes the connection?", source=_BUILD, tells=True)
OWN_TCP = Outcome(CHOSEN, Status.PASS, "Port {port} of {resource} is {protocol}: bytes go on as they are, and HTTP routes do not apply.")
OWN_HTTP = Outcome(
    CHOSEN, Status.PASS, "Port {port} of {resource} declares no protocol. It is read as HTTP, and the Host header has no effect."
)
OWN_OTHER = Outcome(CHOSEN, Status.PASS, "Port {port} of {resource} declares no protocol, and this is not HTTP: bytes go on as they are.")
SHARED_HTTP = Outcome(
    CHOSEN, Status.PASS, "The proxy reads HTTP on port {port}, whatever the address is; the Host header decides.", is_usual=True
)
SHARED_TCP = Outcome(CHOSEN, Status.PASS, "{resource} has no address, so on port {port} it gets what is for no other host.")
SHARED_RANGE = Outcome(CHOSEN, Status.PASS, "{address} is in the addresses of {resource}, which gets its connections on port {port}.")
SHARED_SNI = Outcome(CHOSEN, Status.PASS, "TLS asks for {name}, a host of {resource} on port {port}.")
SOCKET = Outcome(CHOSEN, Status.PASS, "Port {port} is a socket of the proxy itself.")
NOT_HTTP = Outcome(CHOSEN, Status.PASS, "Port {port} is for HTTP, and {bytes} is not read as such: no route applies.")
NO_LISTENER = Outcome(CHOSEN, Status.PASS, "No host that the proxy knows has a listener for port {port} of this address.")
UDP = Outcome(CHOSEN, Status.WARN, "Port {port} of {resource} is read as UDP because of its name, so the proxy has no listener for it.")
OF_PROXY = Outcome(CHOSEN, Status.FAIL, "Port {port} is the proxy's own, which closes such connections.")
TOO_OLD = Outcome(CHOSEN, Status.FAIL, "The proxy refuses HTTP/1.0.")

SNIFFING = Check(
    id="sniffing", stage=LISTENER, question="Does the proxy wait for the client's first bytes?", source="Envoy's HTTP inspector",
    is_gate=True,
)  # fmt: skip
HANGS = Outcome(SNIFFING, Status.FAIL, "On port {port} servers speak first, and the proxy waits for the client: both wait forever.")
MAY_HANG = Outcome(SNIFFING, Status.PASS, "The proxy waits for the client's first bytes; where the server speaks first, both wait forever.")

RANGES = Check(id="addresses", stage=LISTENER, question="Is the address in a range that a ServiceEntry lists?", source=_BUILD)
RANGE_UNKNOWN = Outcome(RANGES, Status.UNKNOWN, "{resource} takes all connections to its ranges, and the address of {name} is not known.")

UNREGISTERED = Check(
    id="passthrough", stage=LISTENER, question="May the connection go to an address that nobody registered?",
    source="pilot/pkg/networking/core/listener_builder.go buildOutboundCatchAllNetworkFiltersOnly", is_gate=True,
)  # fmt: skip
PASSES = Outcome(UNREGISTERED, Status.PASS, "The connection goes on to the address that was called (PassthroughCluster).")
BLOCKED = Outcome(UNREGISTERED, Status.FAIL, "REGISTRY_ONLY lets the proxy close the connection (BlackHoleCluster).")
