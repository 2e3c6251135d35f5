"""Which pods a request may arrive at: rows of the table, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import ENDPOINTS

_PASS, _FAIL, _WARN, _UNKNOWN = Status.PASS, Status.FAIL, Status.WARN, Status.UNKNOWN
_BUILDER = "pilot/pkg/xds/endpoints/endpoint_builder.go"
_KUBE_PROXY = "k8s.io/kubernetes/pkg/proxy"

SCALE = Check(id="replicas", stage=ENDPOINTS, question="Has the workload any pods?", source="k8s.io/api/apps/v1")
NO_REPLICAS = Outcome(SCALE, _WARN, "{workload} has 0 replicas, so it has no pods.")

TARGET_PORT = Check(
    id="targetPort", stage=ENDPOINTS, question="Have the pods the target port?",
    source="pilot/pkg/serviceregistry/kube/controller/util.go FindPort",
)  # fmt: skip
NO_TARGET_PORT = Outcome(TARGET_PORT, _WARN, "Pods of {workload} have no container port named {name}, so they are no endpoints.")

HEADLESS = Check(
    id="headless", stage=ENDPOINTS, question="Which port of the pods is called?", source="pilot/pkg/networking/core/cluster.go"
)
PORT_OF_SERVICE = Outcome(
    HEADLESS, _WARN, "The Service is headless: callers connect to port {port} of the pods, and no target port counts."
)

TOPOLOGY = Check(id="topology", stage=ENDPOINTS, question="Does the subset ask for a place?", source=_BUILDER)
PLACED = Outcome(TOPOLOGY, _UNKNOWN, "The subset asks for {labels}, which istiod adds to pods by their node; all pods are looked at.")

NODE = Check(id="internalTrafficPolicy", stage=ENDPOINTS, question="Is every node's pod used?", source=f"{_BUILDER} filterIstioEndpoint")
LOCAL = Outcome(NODE, _WARN, "With internalTrafficPolicy Local, only pods on the caller's node get the request.")

FOUND = Check(
    id="endpoints", stage=ENDPOINTS, question="Is there an endpoint that takes requests?", source=_BUILDER, is_gate=True, tells=True
)
READY = Outcome(FOUND, _PASS, "The request goes to {endpoints}.")
IF_READY = Outcome(FOUND, _PASS, "The request goes to {endpoints}, if the pods are ready.")
OUTSIDE = Outcome(FOUND, _PASS, "The request goes to {endpoints}, which is not in this mesh.")
NOT_READY = Outcome(FOUND, _FAIL, "No pod behind {host} is ready: {pods}.")
NONE = Outcome(FOUND, _FAIL, "No pod has the labels that {host} selects: {labels}.")
NONE_OF_SUBSET = Outcome(FOUND, _FAIL, "No pod behind {host} has the labels of subset {subset}: {labels}.")
NONE_LISTED = Outcome(FOUND, _FAIL, "No endpoint of {host} is listed for port {port}.")
NOT_SEEN = Outcome(FOUND, _UNKNOWN, "The pods behind {host} were not read; pods with {labels} are assumed.")
NOT_LISTED = Outcome(FOUND, _UNKNOWN, "{host} selects no pods, and its endpoints were not read.")

DIRECT = Check(id="direct", stage=ENDPOINTS, question="Who answers at the address that was called?", source=_KUBE_PROXY, is_gate=True)
POD = Outcome(DIRECT, _PASS, "{address} is the address of {pod}.")
SERVICE = Outcome(DIRECT, _PASS, "{host} is a Service: kube-proxy chooses one of its pods.")
NO_SUCH_PORT = Outcome(DIRECT, _FAIL, "{host} has no port {port}, so nobody answers there; its ports are {ports}.")
NOBODY = Outcome(DIRECT, _FAIL, "{host} has no pod, so nobody answers.")
ELSEWHERE = Outcome(DIRECT, _PASS, "{address} is not in this cluster.")

RETRY = Check(
    id="retry", stage=ENDPOINTS, question="Is a failed connection tried again elsewhere?",
    source="pilot/pkg/networking/core/route/retry/retry.go DefaultPolicy",
)  # fmt: skip
RETRIED = Outcome(RETRY, Status.WARN, "A connection to {servers} fails, and the proxy retries another endpoint.")
