"""What a caller's name leads to: rows of the table, with every sentence about it."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import ADDRESS

_DNS = "kubernetes/dns specification.md"

RESOLVER = Check(
    id="resolver", stage=ADDRESS, question="Who resolves names for the pod?", source="pkg/kubelet/network/dns/dns.go GetPodDNS",
)  # fmt: skip
CLUSTER_DNS = Outcome(RESOLVER, Status.PASS, "The cluster's DNS resolves names for the pod.", is_usual=True)
PROXY_DNS = Outcome(RESOLVER, Status.PASS, "The proxy's agent resolves names first, as DNS capture is on, and then the cluster's DNS.")
NODE_DNS = Outcome(RESOLVER, Status.UNKNOWN, "The pod uses the DNS of its node ({policy}), which seldom knows the cluster's Services.")
OWN_DNS = Outcome(RESOLVER, Status.UNKNOWN, "The pod names its DNS servers itself (dnsPolicy None); the cluster's is assumed.")

ALIAS = Check(id="externalName", stage=ADDRESS, question="Does the name stand for another one?", source=_DNS, tells=True)
STANDS_FOR = Outcome(ALIAS, Status.PASS, "{service} is an ExternalName, and stands for {name}.")
STANDS_FOR_ITSELF = Outcome(ALIAS, Status.FAIL, "{service} is an ExternalName that leads back to itself.")

NAME = Check(id="name", stage=ADDRESS, question="What does the name resolve to?", source=_DNS, is_gate=True, tells=True)
SERVICE = Outcome(NAME, Status.PASS, "{name} is {service}.")
HEADLESS = Outcome(NAME, Status.PASS, "{name} is {service}, a headless Service: the name resolves to its pods.")
WITHOUT_PODS = Outcome(NAME, Status.FAIL, "{name} is {service}, a headless Service without a ready pod, so the name does not resolve.")
POD = Outcome(NAME, Status.PASS, "{name} is a pod of {workload}, by {service}.")
SOME_POD = Outcome(NAME, Status.UNKNOWN, "{name} may be a pod behind {service}; no such pod was read.")
REGISTERED = Outcome(NAME, Status.PASS, "{name} is a host of {resource}, and the proxy's agent answers with its address in the mesh.")
ALIASED = Outcome(NAME, Status.PASS, "The pod's hostAliases say that {name} is {address}.")
EXTERNAL = Outcome(NAME, Status.PASS, "{name} is no Service of the cluster, so a DNS outside resolves it.")
LOCAL = Outcome(NAME, Status.PASS, "{name} is the pod itself.")
NO_SUCH_NAME = Outcome(NAME, Status.FAIL, "{name} does not resolve: {why}.")
NOT_READ = Outcome(NAME, Status.UNKNOWN, "Whether {name} resolves is not known: Services of namespace {namespace} were not read.")

GATEWAYS = Check(
    id="gatewayHost",
    stage=ADDRESS,
    question="Is the name a gateway's?",
    source="networking.istio.io/v1 Gateway servers[].hosts",
    of_each=True,
)
FROM_OUTSIDE = Outcome(GATEWAYS, Status.UNKNOWN, "{name} is a host of {gateway}; whether its DNS leads there, no object says.")
FROM_WITHIN = Outcome(GATEWAYS, Status.WARN, "{name} is a host of {gateway}: where its DNS leads there, that gateway answers.")

NUMBER = Check(id="ip", stage=ADDRESS, question="Whose address is it?", source="pilot/pkg/serviceregistry/kube/conversion.go", tells=True)
OF_SERVICE = Outcome(NUMBER, Status.PASS, "{address} is the address of {service}.")
OF_POD = Outcome(NUMBER, Status.PASS, "{address} is a pod of {workload}.")
OF_SERVICE_ENTRY = Outcome(NUMBER, Status.PASS, "{address} is an address of {resource}.")
OF_LOOPBACK = Outcome(NUMBER, Status.PASS, "{address} is the pod itself.")
OF_NOBODY = Outcome(NUMBER, Status.PASS, "{address} is no address of a Service or of a pod that was read.")
