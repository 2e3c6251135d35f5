"""What the server's proxy takes: rows of the table, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import SERVER

_PASS, _FAIL, _WARN, _UNKNOWN = Status.PASS, Status.FAIL, Status.WARN, Status.UNKNOWN
_INBOUND = "pilot/pkg/networking/core/listener_inbound.go"

PROXY = Check(
    id="serverProxy", stage=SERVER, question="Does a proxy take the connection?", source="tools/istio-iptables/pkg/capture/run.go"
)
NO_PROXY = Outcome(PROXY, _PASS, "{server} has no proxy: what is sent reaches the application.")
ITSELF = Outcome(PROXY, _PASS, "{server} calls itself: such a connection does not reach its own proxy.")
IS_GATEWAY = Outcome(PROXY, _PASS, "{server} is a gateway: PeerAuthentication has no effect on it.")
CAPTURED = Outcome(PROXY, _PASS, "Port {port} of {server} is redirected to its proxy.")
EXCLUDED = Outcome(
    PROXY, _WARN, "Port {port} of {server} is not redirected to its proxy: what is sent reaches the application, and no policy applies."
)
NOT_REDIRECTED = Outcome(
    PROXY, _WARN, "interceptionMode NONE redirects nothing: what is sent to port {port} of {server} reaches the application."
)

PORT = Check(id="serverPort", stage=SERVER, question="How does the proxy read the port?", source=f"{_INBOUND} buildInboundChainConfigs")
DECLARED = Outcome(PORT, _PASS, "{owner} declares port {port} as {protocol}: the proxy reads {reading}.")
OF_SIDECAR = Outcome(PORT, _PASS, "The ingress of {owner} declares port {port} as {protocol}: the proxy reads {reading}.")
NOT_IN_SIDECAR = Outcome(PORT, _PASS, "The ingress of {owner} does not list port {port}: the proxy reads {reading}.")
UNDECLARED = Outcome(PORT, _PASS, "No Service leads to port {port}: the proxy reads {reading}.")
OWN = Outcome(PORT, _FAIL, "Port {port} is the proxy's own, which closes such connections.")

AGE = Check(
    id="serviceOrder", stage=SERVER, question="Is it known which Service is older?", source=f"{_INBOUND} getFilterChainsByServicePort"
)
UNORDERED = Outcome(AGE, _UNKNOWN, "{owners} declare port {port} differently, and the oldest counts; the order of their names is assumed.")

MODE = Check(
    id="peerAuthentication", stage=SERVER, question="What does the server accept?",
    source="pilot/pkg/security/authn/policy_applier.go ComposePeerAuthentication", tells=True,
)  # fmt: skip
ACCEPTS = Outcome(MODE, _PASS, "The server's mTLS mode is {mode}.")
BY_POLICY = Outcome(MODE, _PASS, "The server's mTLS mode is {mode}, by {policy}.")
NOT_READ = Outcome(MODE, _UNKNOWN, "PeerAuthentications that may decide were not read; PERMISSIVE is assumed.")

CHAIN = Check(
    id="filterChain", stage=SERVER, question="Does the server's proxy take what is sent?",
    source="pilot/pkg/networking/core/filterchain_options.go", is_gate=True, tells=True,
)  # fmt: skip
TAKEN = Outcome(CHAIN, _PASS, "The server takes {transport}, and reads {reading}.")
REFUSES_PLAIN_TEXT = Outcome(CHAIN, _FAIL, "The server accepts mutual TLS alone, and plain text is sent.")
WANTS_CERTIFICATE = Outcome(
    CHAIN, _FAIL, "The server accepts the mesh's mutual TLS alone, and the caller shows no certificate of the mesh."
)
TAKES_NO_TLS = Outcome(CHAIN, _FAIL, "The server's proxy takes no such TLS on an HTTP port, and {transport} is sent.")
NO_TLS_BEHIND = Outcome(CHAIN, _FAIL, "{transport} reaches the application, which speaks no such TLS.")
NO_TLS_THERE = Outcome(CHAIN, _FAIL, "{server} has no proxy that takes the mesh's mutual TLS, and the caller sends it.")
UNREADABLE = Outcome(CHAIN, _FAIL, "The proxy reads the port as HTTP, and something else is sent.")
TOO_OLD = Outcome(CHAIN, _FAIL, "The proxy takes no HTTP/1.0, and answers 426.")
NAMELESS = Outcome(CHAIN, _FAIL, "The request has no Host header, and the proxy answers 400.")
BOTH_WAIT = Outcome(CHAIN, _FAIL, "The server speaks first, and its proxy waits for the caller's first bytes: both wait.")
ANOTHER = Outcome(CHAIN, _FAIL, "The server shows the certificate of {identity}, and the caller expects one of {resource}: it hangs up.")
FOREIGN = Outcome(CHAIN, _FAIL, "The caller is of trust domain {domain}, which the server's mesh does not trust.")

APPLICATION_TLS = Check(id="applicationTLS", stage=SERVER, question="Does the application speak TLS?", source="DestinationRule tls.mode")
MAY_SPEAK_TLS = Outcome(APPLICATION_TLS, _UNKNOWN, "TLS reaches the application; whether it speaks TLS, no object says.")

VERSION = Check(
    id="httpVersion", stage=SERVER, question="Does the application get gRPC's HTTP/2?",
    source="pilot/pkg/networking/core/cluster_builder.go setUpstreamProtocol", is_gate=True,
)  # fmt: skip
GETS_HTTP2 = Outcome(VERSION, _PASS, "Port {port} of the application gets HTTP/2.")
GETS_HTTP1 = Outcome(VERSION, _FAIL, "Proxies send HTTP/1.1 to port {port} of the application, over which gRPC calls fail.")

APPLICATION = Check(
    id="application", stage=SERVER, question="Where does the proxy send the request?", source="pilot/pkg/networking/core/cluster.go"
)
TO_POD = Outcome(APPLICATION, _PASS, "The proxy sends it to the pod's address, port {port}.", is_usual=True)
TO_LOCALHOST = Outcome(APPLICATION, _PASS, "inboundTrafficPolicy LOCALHOST makes the proxy send it to 127.0.0.1:{port}.")
TO_ENDPOINT = Outcome(APPLICATION, _PASS, "defaultEndpoint makes the proxy send it to {address}.")
