"""Gateways: rows of the table, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import GATEWAY

_MERGE, _BUILD = "pilot/pkg/model/gateway.go mergeGateways", "pilot/pkg/networking/core/gateway.go"
_LISTENER, _ATTACH = (
    "pilot/pkg/config/kube/gateway/conversion.go buildListener",
    "pilot/pkg/config/kube/gateway/conversion.go referenceAllowed",
)
_PASS, _FAIL, _WARN, _SKIPPED, _UNKNOWN = Status.PASS, Status.FAIL, Status.WARN, Status.SKIPPED, Status.UNKNOWN

WAY_IN = Check(
    id="wayIn", stage=GATEWAY, question="Which Service leads to the gateway?", source="pilot/pkg/model/gateway.go resolvePorts",
    is_gate=True,
)  # fmt: skip
OFFERED = Outcome(WAY_IN, _PASS, "{service} leads from port {port} to container port {target}.")
INWARD = Outcome(
    WAY_IN,
    _WARN,
    "{service} leads from port {port} to container port {target}, but is not reached from outside by itself: something else has to.",
)
MADE = Outcome(WAY_IN, _PASS, "Istiod makes {service} with the listeners' ports, {port} among them.")
MADE_INWARD = Outcome(WAY_IN, _WARN, "Istiod makes {service} with port {port}, but it is not reached from outside by itself.")
ON_NODE = Outcome(WAY_IN, _PASS, "The gateway's pods listen on port {port} of their node: container port {target}.")
NOT_OFFERED = Outcome(WAY_IN, _FAIL, "No Service of the gateway has port {port}. {services} has {ports}.")
NO_SERVICE = Outcome(WAY_IN, _FAIL, "No Service selects the pods of {workload}, so nobody outside can call them.")
SERVICE_NOT_READ = Outcome(WAY_IN, _UNKNOWN, "The gateway's Service is not known; it is taken to have port {port}.")

CLASS = Check(
    id="gatewayClass", stage=GATEWAY, question="Does Istio implement the Gateway's class?",
    source="pilot/pkg/config/kube/gatewaycommon/classinfo.go", is_gate=True,
)  # fmt: skip
OF_ISTIO = Outcome(CLASS, _PASS, "GatewayClass {name} is Istio's.")
CLASS_NOT_READ = Outcome(CLASS, _UNKNOWN, "GatewayClass {name} was not read; Istio's is assumed.")

APPLIES = Check(
    id="gateways", stage=GATEWAY, question="Which Gateways configure the pods?",
    source="pilot/pkg/model/push_context.go mergeGateways", of_each=True,
)  # fmt: skip
CONFIGURES = Outcome(APPLIES, _PASS, "{gateway} configures the pods.")
SELECTS_OTHERS = Outcome(APPLIES, _SKIPPED, "{gateway} is for other pods: its selector is {selector}.")
OTHER_NAMESPACE = Outcome(APPLIES, _SKIPPED, "{gateway} is in another namespace, and istiod's PILOT_SCOPE_GATEWAY_TO_NAMESPACE is on.")
NOT_BESIDE_KUBERNETES = Outcome(APPLIES, _SKIPPED, "{gateway} is ignored: the pods are of a Kubernetes Gateway in another namespace.")

SERVER = Check(id="server", stage=GATEWAY, question="Which servers listen on the port?", source=_MERGE, of_each=True)
LISTENS = Outcome(SERVER, _PASS, "It listens on container port {port} for {hosts}.")
OTHER_PORT = Outcome(SERVER, _SKIPPED, "It listens on another port: {port}.")
OTHER_ADDRESS = Outcome(SERVER, _SKIPPED, "It listens on address {bind} alone.")
PRIVILEGED = Outcome(SERVER, _SKIPPED, "It is skipped: port {port} is below 1024, and the pods are unprivileged.")
HOST_TAKEN = Outcome(SERVER, _SKIPPED, "It is skipped whole: {hosts} has a TLS server on this port already, {other}.")
PROTOCOL_TAKEN = Outcome(SERVER, _SKIPPED, "It is skipped: {protocol} cannot share port {port} with {theirs} of {other}.")
NAME_TAKEN = Outcome(SERVER, _SKIPPED, "It is skipped: the port name {name} is used twice in its Gateway.")
CONFLICTED = Outcome(SERVER, _SKIPPED, "It conflicts with listener {other} on port {port}, and is not programmed.")
NOT_SUPPORTED = Outcome(SERVER, _SKIPPED, "Istio supports no protocol {protocol}, so it is not programmed.")
NO_TLS_SECTION = Outcome(SERVER, _SKIPPED, "It is for {protocol} and has no tls, so it is not programmed.")
NO_CERTIFICATE_REF = Outcome(SERVER, _SKIPPED, "It names no certificate, so it is not programmed.")
TOO_MANY_CERTIFICATES = Outcome(SERVER, _SKIPPED, "It names more than two certificates, so it is not programmed.")
NO_GRANT_FOR_SECRET = Outcome(SERVER, _SKIPPED, "No ReferenceGrant lets it use Secret {secret}, so it is not programmed.")
SECRET_WITHOUT_KEYS = Outcome(SERVER, _SKIPPED, "Secret {secret} has no value for tls.crt and tls.key, so it is not programmed.")
NOT_A_SECRET = Outcome(SERVER, _SKIPPED, "Its certificate is no Secret but a {kind}, so it is not programmed.")

LISTENER = Check(id="listener", stage=GATEWAY, question="Does anything listen on the port?", source=_BUILD, is_gate=True)
LISTENING = Outcome(LISTENER, _PASS, "The gateway listens on container port {port}.")
NOTHING_LISTENS = Outcome(LISTENER, _FAIL, "No server of a Gateway listens on container port {port}.")
NOTHING_BUILT = Outcome(LISTENER, _FAIL, "The servers on container port {port} have no route, so the gateway does not listen there.")

CHAIN = Check(
    id="sni", stage=GATEWAY, question="Which server takes the connection?", source=f"{_BUILD}; filter_chain_manager_impl.cc", is_gate=True
)
BY_SNI = Outcome(CHAIN, _PASS, "The server for {name} takes TLS for {sni}.")
ANY_SNI = Outcome(CHAIN, _PASS, "It takes TLS for any name.")
PLAIN = Outcome(CHAIN, _PASS, "It takes plain text.")
NO_SNI_MATCHES = Outcome(CHAIN, _FAIL, "No server takes TLS for {sni}: there are {names}.")
NO_SNI = Outcome(CHAIN, _FAIL, "The caller's TLS names no host (an address has none), and every server is for a name: {names}.")
TLS_TO_HTTP = Outcome(CHAIN, _FAIL, "The server reads plain HTTP on this port, and the caller speaks TLS.")
PLAIN_TO_TLS = Outcome(CHAIN, _FAIL, "The port takes TLS alone, and the caller speaks plain text.")

READS = Check(id="reads", stage=GATEWAY, question="Can the server read what comes?", source=_BUILD, is_gate=True)
NOT_HTTP = Outcome(READS, _FAIL, "The server reads HTTP, and the caller speaks something else.")
NOT_OF_THE_MESH = Outcome(READS, _FAIL, "AUTO_PASSTHROUGH takes mutual TLS of the mesh alone, for a Service that it sees.")

OVERLAP = Check(id="overlap", stage=GATEWAY, question="Does Envoy accept the listener?", source="TestGatewayConflicts")
OVERLAPPING = Outcome(
    OVERLAP, _UNKNOWN, "Two servers on port {port} are for {names}. Envoy rejects the listener and keeps the last good one, or has none."
)

CERTIFICATE = Check(
    id="certificate", stage=GATEWAY, question="Has the server a certificate?",
    source="pilot/pkg/xds/sds.go; pilot/pkg/credentials/kube/secrets.go",
    is_gate=True,
)  # fmt: skip
IN_MESH = Outcome(CERTIFICATE, _PASS, "It shows the gateway's certificate of the mesh.")
IN_FILES = Outcome(CERTIFICATE, _PASS, "Secret {secret} holds a certificate and its key; they are taken to be good.")
WITHOUT_KEYS = Outcome(
    CERTIFICATE, _FAIL, "Secret {secret} has no value for tls.crt and tls.key (or cert and key), so no TLS handshake succeeds."
)
ELSEWHERE_IN_FILES = Outcome(
    CERTIFICATE,
    _UNKNOWN,
    "Secret {secret} is not in these files. They hold one of that name in {namespaces}, where the gateway does not look.",
)
SECRET_NOT_READ = Outcome(CERTIFICATE, _UNKNOWN, "Secret {secret} is not read; it is taken to hold a good certificate.")
FROM_FILE = Outcome(CERTIFICATE, _UNKNOWN, "Its certificate is a file in the pods, {file}; it is taken to be good.")
SECRET_ELSEWHERE = Outcome(
    CERTIFICATE, _FAIL, "credentialName {name} is of another namespace than the gateway's pods, {namespace}, and is denied."
)
NO_CREDENTIAL = Outcome(CERTIFICATE, _FAIL, "The server names no certificate, so no TLS handshake succeeds.")

CLIENT_CERTIFICATE = Check(
    id="clientCertificate", stage=GATEWAY, question="Does the server want a certificate of the caller?",
    source="pilot/pkg/networking/core/listener.go",
    is_gate=True,
)  # fmt: skip
OPTIONAL = Outcome(CLIENT_CERTIFICATE, _PASS, "A certificate of the caller is optional.")
SHOWN = Outcome(CLIENT_CERTIFICATE, _UNKNOWN, "It wants a certificate of the caller; the one that is shown is taken to be good.")
SHOWN_OF_MESH = Outcome(CLIENT_CERTIFICATE, _PASS, "It wants a certificate of the mesh, and the caller shows one: {identity}.")
NONE_SHOWN = Outcome(CLIENT_CERTIFICATE, _FAIL, "{mode} wants a certificate of the caller, and none is shown.")
MESH_EXPECTED = Outcome(CLIENT_CERTIFICATE, _FAIL, "The caller's proxy expects a certificate of the mesh, and the server shows another.")

VIRTUAL_SERVICE = Check(
    id="virtualService", stage=GATEWAY, question="Which VirtualServices does the server follow?",
    source="pilot/pkg/model/push_context.go VirtualServicesForGateway", of_each=True,
)  # fmt: skip
FOLLOWED = Outcome(VIRTUAL_SERVICE, _PASS, "It is for gateway {gateway}, hosts {hosts}.")
NAMES_OTHERS = Outcome(VIRTUAL_SERVICE, _SKIPPED, "It is for {gateways}, not for gateway {gateway}.")
SHORT_NAME = Outcome(
    VIRTUAL_SERVICE, _SKIPPED, 'Its gateway "{name}" means {meant}, not {gateway}: a bare name is one of its own namespace.'
)
MESH_ALONE = Outcome(VIRTUAL_SERVICE, _SKIPPED, "It names no gateway, so it is for sidecars alone.")
NOT_EXPORTED = Outcome(VIRTUAL_SERVICE, _SKIPPED, "It is not exported to {namespace}, where the gateway's pods are.")
NOT_ADMITTED = Outcome(VIRTUAL_SERVICE, _SKIPPED, "The server admits VirtualServices of other namespaces alone: {hosts}.")
NO_HOST_IN_COMMON = Outcome(VIRTUAL_SERVICE, _SKIPPED, "Its hosts, {theirs}, have nothing in common with those of the server, {hosts}.")
NO_SUCH_ROUTES = Outcome(VIRTUAL_SERVICE, _SKIPPED, "It has no {kind} route for this server.")
SNI_TAKEN = Outcome(VIRTUAL_SERVICE, _SKIPPED, "Its route for {names} is skipped: another one has these names on the port already.")
OF_KUBERNETES = Outcome(VIRTUAL_SERVICE, _SKIPPED, "It names a Kubernetes Gateway, which follows Gateway API's routes alone.")

ROUTE = Check(id="route", stage=GATEWAY, question="Which routes are attached to the listener?", source=_ATTACH, of_each=True)
ATTACHED = Outcome(ROUTE, _PASS, "It is attached to listener {listener}, hosts {hosts}.")
NO_SUCH_PORT = Outcome(ROUTE, _SKIPPED, "It asks for port {port}, and listener {listener} has {theirs}.")
NO_SUCH_SECTION = Outcome(ROUTE, _SKIPPED, "It asks for listener {section}, not for {listener}.")
NO_HOSTNAME = Outcome(ROUTE, _SKIPPED, "Its hostnames, {theirs}, have nothing in common with {hostname} of listener {listener}.")
NAMESPACE_NOT_ALLOWED = Outcome(
    ROUTE, _SKIPPED, "Listener {listener} does not admit routes of namespace {namespace}: allowedRoutes is {allowed}."
)
KIND_NOT_ALLOWED = Outcome(ROUTE, _SKIPPED, "Listener {listener} does not admit a {kind}.")
MORE_SPECIFIC = Outcome(ROUTE, _SKIPPED, "Its hosts are those of a more specific listener than {listener}.")
NAMESPACE_NOT_READ = Outcome(
    ROUTE, _UNKNOWN, "Whether listener {listener} admits namespace {namespace} depends on its labels; it is taken to."
)

GRANT = Check(
    id="referenceGrant", stage=GATEWAY, question="May the route use the backend?",
    source="pilot/pkg/config/kube/gateway/conversion.go buildDestination", of_each=True,
)  # fmt: skip
GRANTED = Outcome(GRANT, _PASS, "{grant} lets it use Service {service}.")
NOT_GRANTED = Outcome(GRANT, _WARN, "No ReferenceGrant in {namespace} lets it use Service {service}; its share of requests gets 500.")
GRANT_NOT_READ = Outcome(
    GRANT, _UNKNOWN, "Whether a ReferenceGrant in {namespace} lets it use Service {service} is not known; it is taken to."
)

HOST = Check(id="virtualHost", stage=GATEWAY, question="Which virtual host is for the Host header?", source=_BUILD, is_gate=True)
HOST_FOUND = Outcome(HOST, _PASS, "Host {host} is for virtual host {domain}.")
HOST_SHARED = Outcome(HOST, _PASS, "Host {host} is for virtual host {domain}. Routes of several objects are tried in turn: {objects}.")
AGE_UNKNOWN = Outcome(
    HOST, _UNKNOWN, "Host {host} is for virtual host {domain}, with routes of {objects}: the older is first. Names decide here."
)
HOST_MISSING = Outcome(HOST, _FAIL, "No route of this server is for host {host}: there are {domains}.")
NO_HOSTS = Outcome(HOST, _FAIL, "The server has no route at all.")

REDIRECT = Check(id="httpsRedirect", stage=GATEWAY, question="Are plain requests sent to HTTPS?", source=_BUILD)
REDIRECTED = Outcome(REDIRECT, _PASS, "httpsRedirect answers plain requests for {domain} with 301, whatever routes there are.")
MAYBE_TLS_BEFORE = Outcome(
    REDIRECT, _UNKNOWN, "X-Forwarded-Proto says https; unless the gateway trusts a proxy before it (numTrustedProxies), 301 is the answer."
)

TCP_ROUTE = Check(id="tcpRoute", stage=GATEWAY, question="Where does the connection go?", source=_BUILD, is_gate=True)
HANDED_ON = Outcome(TCP_ROUTE, _PASS, "The connection goes to {targets}.")
NO_WEIGHT = Outcome(TCP_ROUTE, _FAIL, "The route has no backend with a weight, so connections are closed.")

VERSION = Check(
    id="httpVersion", stage=GATEWAY, question="Does the gateway take the version of HTTP?",
    source="pilot/pkg/networking/core/gateway.go buildGatewayConnectionManager", is_gate=True,
)  # fmt: skip
TOO_OLD = Outcome(VERSION, _FAIL, "The gateway takes no HTTP/1.0 (PILOT_HTTP10 is off).")
