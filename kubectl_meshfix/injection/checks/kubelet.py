"""The checks of what became of the pods, or of why there are none: rows of the table, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.injection.labels import DATAPLANE_MODE
from kubectl_meshfix.injection.stages import KUBELET

_PASS, _FAIL, _WARN, _SKIPPED, _UNKNOWN = Status.PASS, Status.FAIL, Status.WARN, Status.SKIPPED, Status.UNKNOWN
_KUBELET = "k8s.io/kubernetes/pkg/kubelet/status"

PODS = Check(
    id="pods", stage=KUBELET, question="Are there pods, and if not, why?",
    source="k8s.io/kubernetes/pkg/controller/controller_utils.go FailedCreatePodReason", tells=True,
)  # fmt: skip
MANIFEST = Outcome(PODS, _SKIPPED, "Manifests do not show what became of the pods.")
NOT_IN_FILES = Outcome(PODS, _SKIPPED, "The files hold no pods of {workload}.")
NAMESPACE = Outcome(PODS, _SKIPPED, "The namespace is judged by a pod that has no labels of its own.")
SCALED_TO_NOTHING = Outcome(PODS, _SKIPPED, "There are no pods: {workload} is scaled to 0.")
SUSPENDED = Outcome(PODS, _SKIPPED, "There are no pods: {workload} is suspended.")
NO_JOB = Outcome(PODS, _SKIPPED, "There are no pods: no Job of {workload} exists.")
ONE_POD = Outcome(PODS, _PASS, "Pod {pod} exists, {phase}.")
SEVERAL_PODS = Outcome(PODS, _PASS, "Of {count} pods, {having} have the proxy; pod {pod} is judged here.")
NOT_CREATED = Outcome(PODS, _FAIL, "No pod can be created: {cause}.")
NOT_CREATED_ANY_MORE = Outcome(PODS, _FAIL, "No further pod can be created (older ones: {count}): {cause}.")
TRIED_AGAIN = Outcome(
    PODS, _WARN, "The last pod could not be created, and what refused it has been corrected: its controller tries again within 17 minutes."
)
PODS_UNREAD = Outcome(PODS, _UNKNOWN, "The pods could not be read: {reason}.")
EVENTS_UNREAD = Outcome(PODS, _UNKNOWN, "There are no pods, and why is not known: {reason}.")
UNEXPLAINED = Outcome(PODS, _UNKNOWN, "There are no pods, and no condition or event says why; events are kept for an hour.")

PROXY = Check(id="istio-proxy", stage=KUBELET, question="Has the pod the proxy?", source="pkg/kube/inject/inject.go", tells=True)
PROXY_IN_TEMPLATE = Outcome(PROXY, _PASS, "The proxy is among the containers already.")
PROXY_THERE = Outcome(PROXY, _PASS, "Pod {pod} has the proxy.")
NO_PROXY_EXPECTED = Outcome(PROXY, _SKIPPED, "Pod {pod} has no proxy, as predicted.")
PROXY_MISSING = Outcome(
    PROXY, _FAIL, "Pod {pod} has no proxy and nothing that was read says why; the webhooks may have changed, or the call failed."
)

DATAPLANE = Check(
    id=DATAPLANE_MODE, stage=KUBELET, question="Does ambient redirect the pod?", source="cni/pkg/util/enablement_selector.go Matches"
)
AMBIENT_NAMESPACE = Outcome(DATAPLANE, _PASS, f"The namespace label {DATAPLANE_MODE}=ambient sends the pod's traffic to ztunnel.")
AMBIENT_POD = Outcome(DATAPLANE, _PASS, f"The pod label {DATAPLANE_MODE}=ambient sends the pod's traffic to ztunnel.")
NOT_ENROLLED = Outcome(DATAPLANE, _WARN, "Pod {pod} is not enrolled in ambient yet: the CNI agent of its node has not redirected it.")

ENROLLED = Outcome(DATAPLANE, _PASS, "Pod {pod} is enrolled in ambient: ztunnel carries its traffic.")

WAYPOINT = Check(
    id="waypoint", stage=KUBELET, question="Can the waypoint that labels ask for be used?",
    source="pilot/pkg/serviceregistry/ambient/waypoints.go fetchWaypointForTarget",
)  # fmt: skip
WAYPOINT_USED = Outcome(WAYPOINT, _PASS, "Waypoint {waypoint}, which {owner} names, is ready.")
WAYPOINT_UNJUDGED = Outcome(WAYPOINT, _SKIPPED, "Files do not tell whether waypoint {waypoint}, which {owner} names, is ready.")
WAYPOINT_UNREAD = Outcome(WAYPOINT, _UNKNOWN, "Waypoint {waypoint}, which {owner} names, was not read: {reason}.")
WAYPOINT_MISSING = Outcome(WAYPOINT, _WARN, "There is no waypoint {waypoint}, which {owner} names: requests do not pass through it.")
WAYPOINT_NOT_READY = Outcome(WAYPOINT, _WARN, "Waypoint {waypoint} has never been ready: requests do not pass through it.")
WAYPOINT_NOT_PROGRAMMED = Outcome(WAYPOINT, _WARN, "Waypoint {waypoint} is not programmed, so requests through it may fail: {message}.")
WAYPOINT_NOT_ADMITTED = Outcome(WAYPOINT, _WARN, "Waypoint {waypoint} does not admit {owner}: requests do not pass through it.")
WAYPOINT_OF_OTHERS = Outcome(WAYPOINT, _WARN, "Waypoint {waypoint} is not for the traffic of {owner}, which does not pass through it.")

AGE = Check(id="age", stage=KUBELET, question="Was the pod made after what injects it?", source="k8s.io/apiserver/pkg/admission")
OLDER_THAN_WEBHOOKS = Outcome(AGE, _FAIL, "The pod is older than the webhooks of {configuration}, and only new pods are injected.")
OLDER_THAN_LABEL = Outcome(AGE, _FAIL, "The pod is older than the namespace's label: it was made {span} before {label} was set.")

LABELS = Check(id="labels", stage=KUBELET, question="Has the pod the labels of its template?", source="k8s.io/apiserver/pkg/admission")
NEWER_TEMPLATE = Outcome(LABELS, _FAIL, "The pod's own labels do not ask for injection; its template has changed since: {cause}.")
ADDED_LATE = Outcome(
    LABELS, _FAIL, "The pod has {labels} and its template in {owner} has not: a later webhook or a person added that, too late."
)

FAILED_OPEN = Check(
    id="failedOpen", stage=KUBELET, question="Does a failing call let pods through?",
    source="k8s.io/apiserver/pkg/admission/plugin/webhook/mutating/dispatcher.go",
)  # fmt: skip
STILL_OPEN = Outcome(FAILED_OPEN, _FAIL, "{configuration} lets pods through without a sidecar while its call fails: {cause}.")
WAS_OPEN = Outcome(
    FAILED_OPEN, _FAIL, "{configuration} lets pods through without a sidecar when its call fails; only the API server's log says so."
)

AUTO = Check(id="imageAuto", stage=KUBELET, question="Was the image auto replaced?", source="pkg/kube/inject/inject.go", is_gate=True)
NOT_REPLACED = Outcome(
    AUTO, _FAIL, "Container {container} still has the image auto, which only the injector replaces: the pod cannot start."
)

SANDBOX = Check(id="sandbox", stage=KUBELET, question="Was the pod's network set up?", source="cni/pkg/plugin/plugin.go")
AGENT_FAILS = Outcome(SANDBOX, _FAIL, "The node's CNI agent fails to set up the pod's network, so no container starts.")

ROOT = Check(
    id="istio-ca-root-cert", stage=KUBELET, question="Is the mesh's root certificate in the namespace?",
    source="pilot/pkg/serviceregistry/kube/controller/namespacecontroller.go",
)  # fmt: skip
ROOT_MISSING = Outcome(ROOT, _FAIL, "ConfigMap istio-ca-root-cert, which istiod writes, is not in {namespace}, so no container starts.")

INIT = Check(id="istio-init", stage=KUBELET, question="Did istio-init redirect the traffic?", source="tools/istio-iptables")
INIT_DONE = Outcome(INIT, _PASS, "istio-init has ended without an error.")
INIT_NOT_PULLED = Outcome(INIT, _FAIL, "The image of istio-init cannot be pulled, so the pod does not start.")
INIT_FAILS = Outcome(
    INIT, _FAIL, "istio-init fails ({code}), so the pod does not start: NET_ADMIN, NET_RAW or the node's iptables may be missing."
)

VALIDATION = Check(
    id="istio-validation", stage=KUBELET, question="Did the CNI agent redirect the traffic?", source="tools/istio-iptables/pkg/constants"
)
VALIDATION_DONE = Outcome(VALIDATION, _PASS, "istio-validation has ended without an error.")
VALIDATION_NOT_PULLED = Outcome(VALIDATION, _FAIL, "The image of istio-validation cannot be pulled, so the pod does not start.")
RULES_ABSENT = Outcome(
    VALIDATION, _FAIL, "istio-validation ended with exit code 126: the node's CNI agent has not redirected the pod's traffic."
)
VALIDATION_FAILS = Outcome(VALIDATION, _FAIL, "istio-validation fails ({code}), so the pod does not start.")

OWN_INIT = Check(
    id="initContainers", stage=KUBELET, question="Do the pod's own init containers end?", source="k8s.io/kubernetes/pkg/kubelet/kuberuntime"
)
INIT_CUT_OFF = Outcome(
    OWN_INIT, _FAIL, "Init container {container} fails ({code}): its calls are redirected to the proxy, which has not started yet."
)
INIT_REFUSED = Outcome(
    OWN_INIT,
    _FAIL,
    "Init container {container} fails ({code}), so the pod does not start; its calls are plain text, which STRICT servers refuse.",
)
INIT_FAILS_OTHERWISE = Outcome(OWN_INIT, _WARN, "Init container {container} fails ({code}), so the pod does not start.")

PROBES = Check(id="probes", stage=KUBELET, question="Do kubelet's probes reach the application?", source="pkg/kube/inject/app_probe.go")
PROBES_CLOSED = Outcome(
    PROBES, _FAIL, "The probes of container {container} are not rewritten, and the proxy closes their connections, as with STRICT mTLS."
)
PROBES_DIRECT = Outcome(
    PROBES, _WARN, "Container {container} is {state}; its probes are not rewritten, and STRICT mTLS refuses them on port {port}."
)

COMPLETION = Check(id="completion", stage=KUBELET, question="Can the pod end?", source=_KUBELET)
NEVER_ENDS = Outcome(COMPLETION, _FAIL, "Every container but the proxy has ended; the proxy, an ordinary container, keeps the pod running.")

READINESS = Check(id="readiness", stage=KUBELET, question="Is the proxy ready?", source=_KUBELET)
IS_READY = Outcome(READINESS, _PASS, "The proxy is ready.")
NOT_READY = Outcome(READINESS, _FAIL, "The proxy runs and is not ready: it has no configuration from istiod.")
NOT_RUNNING = Outcome(READINESS, _FAIL, "The proxy does not run: {reason}.")

ISTIOD = Check(
    id="istiod", stage=KUBELET, question="Has the proxy what istiod sends?", source="pilot/pkg/xds/debug.go SyncStatus", on_request=True
)
IN_FORCE = Outcome(ISTIOD, _PASS, "{istiod} sends the proxy its configuration, and the proxy has acknowledged all of it.")
TAKING = Outcome(ISTIOD, _PASS, "{istiod} sends the proxy its configuration, and has just sent new {what}.")
UNACKNOWLEDGED = Outcome(ISTIOD, _WARN, "The proxy has not answered for {span} to the {what} that {istiod} sent.")
CONFIGURATION_REFUSED = Outcome(
    ISTIOD, _FAIL, "The proxy refuses the {what} that {istiod} sends, and keeps the old ones. Envoy says: {words}."
)
UNCONNECTED = Outcome(ISTIOD, _FAIL, "The proxy is connected to no istiod that answered.")
SAYS_UNCONNECTED = Outcome(ISTIOD, _WARN, "The proxy says that it is connected to no istiod, and not every istiod answered.")
UNHEARD = Outcome(ISTIOD, _UNKNOWN, "Whether the proxy has what istiod sends is not known: {reason}.")

CERTIFICATE = Check(
    id="certificate",
    stage=KUBELET,
    question="Is the proxy's certificate valid?",
    source="security/pkg/nodeagent/cache/secretcache.go rotateTime",
)
CERTIFICATE_VALID = Outcome(CERTIFICATE, _PASS, "The proxy's certificate ends in {span}.")
CERTIFICATE_LATE = Outcome(CERTIFICATE, _WARN, "The proxy's certificate ends in {span} and was not renewed. Then requests with mTLS fail.")
CERTIFICATE_OVER = Outcome(CERTIFICATE, _FAIL, "The proxy's certificate has ended and was not renewed. Requests with mTLS fail.")
CERTIFICATE_UNASKED = Outcome(CERTIFICATE, _UNKNOWN, "How long the proxy's certificate is valid is not known: {reason}.")

PROXY_UID = Check(id="proxyUID", stage=KUBELET, question="Is the proxy's user its own?", source="tools/istio-iptables/pkg/capture/run.go")
SHARED_UID = Outcome(
    PROXY_UID, _FAIL, "Container {container} runs as user {user}, which is the proxy's, so its traffic bypasses the proxy."
)

REVISION = Check(
    id="revision", stage=KUBELET, question="Is the proxy of today's revision?", source="pkg/kube/inject/inject.go SidecarInjectionStatus"
)
SAME_REVISION = Outcome(REVISION, _PASS, "The proxy is of revision {revision}, as in a new pod.")
OLD_REVISION = Outcome(REVISION, _WARN, "The proxy is of revision {revision}; a new pod gets revision {wanted}.")

IMAGE = Check(id="image", stage=KUBELET, question="Is the proxy of today's version?", source="pkg/kube/inject/webhook.go")
OLD_IMAGE = Outcome(IMAGE, _WARN, "The proxy is of version {version}; a new pod gets {wanted}.")

POD_SECURITY = Check(id="podSecurity", stage=KUBELET, question="Does Pod Security admit the pod?", source="k8s.io/pod-security-admission")
POD_SECURITY_REFUSES = Outcome(POD_SECURITY, _FAIL, "Pod Security refuses what injection adds to the pod.")

POD_SECURITY_REFUSES_OWN = Outcome(POD_SECURITY, _FAIL, "Pod Security refuses the pod, and not for what injection adds.")

SECURITY_CONTEXT = Check(
    id="securityContextConstraints", stage=KUBELET, question="Do OpenShift's constraints admit the pod?",
    source="github.com/openshift/apiserver-library-go/pkg/securitycontextconstraints",
)  # fmt: skip
CONSTRAINTS_REFUSE = Outcome(SECURITY_CONTEXT, _FAIL, "OpenShift's security context constraints refuse the injected pod.")
CONSTRAINTS_REFUSE_OWN = Outcome(
    SECURITY_CONTEXT, _FAIL, "OpenShift's security context constraints refuse the pod, and not for what injection adds."
)

NATIVE = Check(
    id="nativeSidecar", stage=KUBELET, question="Is the native sidecar still one?", source="k8s.io/kubernetes/pkg/apis/core/validation"
)
RESTART_POLICY_LOST = Outcome(NATIVE, _FAIL, "Another webhook, built on an old API, removes restartPolicy from the native sidecar.")

QUOTA = Check(
    id="quota", stage=KUBELET, question="Is there quota for the proxy?", source="k8s.io/apiserver/pkg/admission/plugin/resourcequota"
)
OVER_QUOTA = Outcome(QUOTA, _FAIL, "With the proxy's resources, the pod goes over the namespace's quota.")
OVER_QUOTA_ALONE = Outcome(QUOTA, _FAIL, "The pod goes over the namespace's quota.")

LIMIT_RANGE = Check(
    id="limitRange",
    stage=KUBELET,
    question="Does the LimitRange admit the proxy?",
    source="k8s.io/kubernetes/plugin/pkg/admission/limitranger",
)
OUT_OF_RANGE = Outcome(LIMIT_RANGE, _FAIL, "The namespace's LimitRange refuses the proxy's resources.")
OUT_OF_RANGE_ALONE = Outcome(LIMIT_RANGE, _FAIL, "The namespace's LimitRange refuses the pod's resources.")

SERVICE_ACCOUNT = Check(
    id="serviceAccount", stage=KUBELET, question="Does the ServiceAccount exist?",
    source="k8s.io/kubernetes/plugin/pkg/admission/serviceaccount",
)  # fmt: skip
NO_SERVICE_ACCOUNT = Outcome(SERVICE_ACCOUNT, _FAIL, "The pod's ServiceAccount does not exist.")

CREATION = Check(id="creation", stage=KUBELET, question="Does the API server create the pod?", source="k8s.io/apiserver/pkg/admission")
REFUSED_OTHERWISE = Outcome(CREATION, _FAIL, "The API server refuses the pod.")
