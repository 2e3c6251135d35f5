"""Whether a caller's connection enters its proxy: rows of the table, with every sentence about it.

A connection that does not is no failure: the request goes on in plain text, and none of the mesh's routes applies to it.
"""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import CAPTURE

_RUN = "tools/istio-iptables/pkg/capture/run.go Run"
_TEMPLATE = "manifests/charts/istio-control/istio-discovery/files/injection-template.yaml"
_BYPASS = "bypasses the proxy"

PROXY = Check(
    id="proxy", stage=CAPTURE, question="Has the caller a sidecar?", source="pkg/kube/inject/inject.go injectRequired", is_gate=True
)
ON_HOST = Outcome(PROXY, Status.WARN, "The caller is on its node's network, and such pods have no sidecar.", word=_BYPASS)
NO_PROXY = Outcome(PROXY, Status.WARN, "The caller has no sidecar: it sends plain text, and no route of the mesh applies.", word=_BYPASS)
BY_ZTUNNEL = Outcome(PROXY, Status.PASS, "The caller has no sidecar; ztunnel takes its connections.")

MODE = Check(id="interceptionMode", stage=CAPTURE, question="Are connections redirected at all?", source=_TEMPLATE, is_gate=True)
NOT_REDIRECTED = Outcome(
    MODE, Status.WARN, "The interception mode is NONE, so the connection does not enter the proxy: it is plain text.", word=_BYPASS
)
PROXYS_SOCKET = Outcome(MODE, Status.PASS, "Port {port} of the pod itself is a listener of its proxy ({sidecar}).")

INTERFACE = Check(id="excludeInterfaces", stage=CAPTURE, question="Does the connection use an interface that is redirected?", source=_RUN)
EXCLUDED_INTERFACE = Outcome(
    INTERFACE, Status.WARN, "The pod's interface {name} is in excludeInterfaces, so nothing is redirected.", word=_BYPASS
)

RULES = Check(id="redirection", stage=CAPTURE, question="Does the proxy get the connection?", source=_RUN, is_gate=True, tells=True)
PORT_EXCLUDED = Outcome(
    RULES, Status.WARN, "Port {port} is in excludeOutboundPorts ({value}), so the call bypasses the proxy.", word=_BYPASS
)
OWN_ADDRESS = Outcome(RULES, Status.WARN, "The pod calls its own address {address}, which its proxy does not take.", word=_BYPASS)
AS_PROXY_USER = Outcome(RULES, Status.WARN, "The caller runs as user {id}, the proxy's own, so its calls bypass the proxy.", word=_BYPASS)
AS_PROXY_GROUP = Outcome(RULES, Status.WARN, "The caller runs as group {id}, the proxy's own, so its calls bypass the proxy.", word=_BYPASS)
GROUP_EXCLUDED = Outcome(RULES, Status.WARN, "proxyMetadata leaves out the group of the calling process ({value}).", word=_BYPASS)
RANGE_EXCLUDED = Outcome(
    RULES, Status.WARN, "{address} is in excludeOutboundIPRanges ({value}), so the call bypasses the proxy.", word=_BYPASS
)
IN_NO_RANGE = Outcome(
    RULES, Status.WARN, "{address} is in none of includeOutboundIPRanges ({value}), so the call bypasses the proxy.", word=_BYPASS
)
NO_RANGES = Outcome(RULES, Status.WARN, "includeOutboundIPRanges is empty, so the call bypasses the proxy.", word=_BYPASS)
PORT_INCLUDED = Outcome(RULES, Status.PASS, "Port {port} is in includeOutboundPorts ({value}), so the proxy gets the call.")
RANGE_INCLUDED = Outcome(
    RULES, Status.PASS, "{address} is in includeOutboundIPRanges ({value}), so the proxy gets the call.", is_usual=True
)
ALL = Outcome(RULES, Status.PASS, "The proxy gets all calls of the pod but those that are excluded.", is_usual=True)
UNDECIDED = Outcome(RULES, Status.UNKNOWN, "Whether the proxy gets the call depends on {what} ({value}), which is not known.")
