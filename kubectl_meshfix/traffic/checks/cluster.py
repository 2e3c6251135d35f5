"""Where a route leads: rows of the table about hosts, ports, subsets and DestinationRules, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import CLUSTER

_CLUSTERS = "pilot/pkg/networking/core/cluster.go buildOutboundClusters"
_DESTINATION = "pilot/pkg/networking/core/route/route.go GetDestinationCluster"
_PASS, _FAIL, _WARN, _UNKNOWN = Status.PASS, Status.FAIL, Status.WARN, Status.UNKNOWN

ALIAS = Check(id="alias", stage=CLUSTER, question="Does the host stand for another one?", source=_DESTINATION)
RESOLVED = Outcome(ALIAS, _PASS, "{host} is an ExternalName Service: the request goes to {target}.")
LOST = Outcome(
    ALIAS, _FAIL, "{host} is an ExternalName Service without a port {port}, so the proxy does not resolve it, and it has no cluster."
)

HOST = Check(id="host", stage=CLUSTER, question="Does the caller's proxy know the host?", source=_CLUSTERS, is_gate=True)
IN_SCOPE = Outcome(HOST, _PASS, "{host} is {resource}.", is_usual=True)
HIDDEN = Outcome(HOST, _FAIL, "{host} is {resource}, which the caller's proxy does not see: exportTo or a Sidecar hides it.")
UNREGISTERED = Outcome(HOST, _FAIL, "No Service or ServiceEntry registers {host}.")
NOT_IN_FULL = Outcome(HOST, _FAIL, "Nothing registers {host}, and Istio completes no name that has a dot. The Service is {meant}.")
UNUSABLE = Outcome(HOST, _FAIL, "The route names a backend that it may not use, or of a kind that has no cluster.")
NOT_READ = Outcome(HOST, _UNKNOWN, "No Service or ServiceEntry that was read registers {host}.")

PORT = Check(id="port", stage=CLUSTER, question="Has the host the port?", source=_DESTINATION, is_gate=True)
OF_ROUTE = Outcome(PORT, _PASS, "The route sends to port {port}.", is_usual=True)
OF_CALL = Outcome(PORT, _PASS, "The route names no port: the one that was called is taken, {port}.", is_usual=True)
ONLY_ONE = Outcome(PORT, _PASS, "The route names no port: the host has only {port}.", is_usual=True)
MISSING = Outcome(PORT, _FAIL, "{host} has no port {port}; its ports are {ports}.")
MISSING_OF_CALL = Outcome(
    PORT, _FAIL, "The route names no port, so the one that was called is taken; {host} has no port {port}, its ports are {ports}."
)

RULE = Check(
    id="destinationRule", stage=CLUSTER, question="Which DestinationRule is in force?",
    source="pilot/pkg/model/push_context.go destinationRule", tells=True,
)  # fmt: skip
NO_RULE = Outcome(RULE, _PASS, "No DestinationRule is in force for {host}.", is_usual=True)
IN_FORCE = Outcome(RULE, _PASS, "{rules} is in force for {host}.")
MERGED = Outcome(RULE, _PASS, "{rules} are in force for {host}, merged into one.")

ORDER = Check(
    id="ruleOrder", stage=CLUSTER, question="Is it known which DestinationRule is older?",
    source="pilot/pkg/model/push_context.go sortConfigBySelectorAndCreationTime",
)  # fmt: skip
UNORDERED = Outcome(
    ORDER, _UNKNOWN, "Which of {rules} is older is not known, and it decides what is in force; the order of their names is assumed."
)

SUBSET = Check(
    id="subset", stage=CLUSTER, question="Is the subset defined?",
    source="pilot/pkg/networking/core/cluster_builder.go applyDestinationRule", is_gate=True,
)  # fmt: skip
DEFINED = Outcome(SUBSET, _PASS, "Subset {subset} is for pods with {labels}.")
UNDEFINED = Outcome(SUBSET, _FAIL, "No DestinationRule in force for {host} defines subset {subset}.")
RULES_NOT_READ = Outcome(SUBSET, _UNKNOWN, "No DestinationRule that was read defines subset {subset} of {host}; others may.")

SOURCE = Check(id="sources", stage=CLUSTER, question="Has a host of type DNS any endpoint?", source=_CLUSTERS, is_gate=True)
EMPTY = Outcome(SOURCE, _FAIL, "{resource} is of type DNS and has no such endpoint, so the proxy gets no cluster for it.")

LIMITS = Check(
    id="connectionPool", stage=CLUSTER, question="Is the number of requests limited?",
    source="pilot/pkg/networking/core/cluster_traffic_policy.go applyConnectionPool",
)  # fmt: skip
LIMITED = Outcome(LIMITS, _WARN, "connectionPool limits connections or requests: under load, some get 503 UO.")

EJECTION = Check(
    id="outlierDetection", stage=CLUSTER, question="Are endpoints left out after failures?",
    source="pilot/pkg/networking/core/cluster_traffic_policy.go applyOutlierDetection",
)  # fmt: skip
EJECTS = Outcome(EJECTION, _WARN, "outlierDetection leaves endpoints out after failures; which ones, only the proxy knows.")
