"""The API server's checks: rows of the table, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.injection.stages import APISERVER

_WEBHOOK = "k8s.io/apiserver/pkg/admission/plugin/webhook/generic/webhook.go ShouldCallHook"
_CALL = "k8s.io/apiserver/pkg/util/webhook/client.go"
_CHART = "manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml"
_PASS, _FAIL, _WARN, _SKIPPED, _UNKNOWN = Status.PASS, Status.FAIL, Status.WARN, Status.SKIPPED, Status.UNKNOWN
_NO_MATCH = "no match"

# ---------------------------------------------------------------- which webhooks are called

INSTALLATION = Check(id="installation", stage=APISERVER, question="Were the injector's webhooks read?", source=_CHART)
READ = Outcome(INSTALLATION, _PASS, "The injector's webhooks were read: {count}, in {configurations}.")
UNREADABLE = Outcome(INSTALLATION, _UNKNOWN, "The webhooks could not be read ({reason}); the webhooks of Istio's chart are assumed.")
NOT_IN_FILES = Outcome(INSTALLATION, _UNKNOWN, "No webhook of the injector is in these files; the webhooks of Istio's chart are assumed.")

LABEL_PLACE = Check(id="labelPlace", stage=APISERVER, question="Is the label on the pods, where the webhooks look for it?", source=_WEBHOOK)
LABEL_OUTSIDE = Outcome(LABEL_PLACE, _WARN, "The label {label} is on the {kind}, not on its pod template, so the label is ignored.")

IGNORED = Check(id="ignoredLabels", stage=APISERVER, question="Does another label take precedence?", source=_CHART)
REVISION_IGNORED = Outcome(IGNORED, _WARN, "The {whose} label {label} is ignored: the namespace label {other} takes precedence.")
AMBIENT_IGNORED = Outcome(IGNORED, _WARN, "The {whose} label {label} is ignored: ambient leaves pods with a sidecar out.")

WEBHOOKS = Check(
    id="webhooks", stage=APISERVER, question="Does a webhook of the injector take the pod?", source=_WEBHOOK, is_gate=True, tells=True
)
NAMESPACE_SELECTS = Outcome(WEBHOOKS, _PASS, "The namespace label {label} selects revision {revision}.")
POD_SELECTS = Outcome(WEBHOOKS, _PASS, "The pod label {label} selects revision {revision}.")
ALL_SELECTED = Outcome(WEBHOOKS, _PASS, "Revision {revision} injects into every namespace.")
LABELS_UNKNOWN = Outcome(
    WEBHOOKS, _UNKNOWN, "Whether a webhook takes the pod depends on the labels of namespace {namespace}, which were not read."
)
UNPLACED = Outcome(
    WEBHOOKS,
    _UNKNOWN,
    "Whether a webhook takes the pod depends on the labels of its namespace, which these files do not hold.",
)
ONLY_EVALUATED = Outcome(WEBHOOKS, _UNKNOWN, "Whether webhook {webhook} takes the pod depends on CEL, which only the API server evaluates.")
NOT_INSTALLED = Outcome(WEBHOOKS, _FAIL, "No webhook of Istio's injector is installed.")
CHANGED = Outcome(WEBHOOKS, _FAIL, "No webhook takes the pod, because the selectors or rules of a webhook were changed.")
NAMESPACE_REFUSES = Outcome(WEBHOOKS, _FAIL, "The namespace label {label} keeps every webhook away; no pod label changes that.")
POD_REFUSES = Outcome(WEBHOOKS, _FAIL, "The pod label {label} keeps every webhook away.")
NO_DEFAULT = Outcome(WEBHOOKS, _FAIL, "The namespace label {label} selects no webhook: no revision is the default one (served: {served}).")
NAMESPACE_UNSERVED = Outcome(WEBHOOKS, _FAIL, "No webhook serves revision {revision}, which the namespace asks for (served: {served}).")
POD_UNSERVED = Outcome(WEBHOOKS, _FAIL, "No webhook serves revision {revision}, which the pod asks for (served: {served}).")
DEFAULT_UNSERVED = Outcome(
    WEBHOOKS, _FAIL, "The pod label {label} asks for the default revision, and no webhook serves that (served: {served})."
)
ANNOTATION_ONLY = Outcome(WEBHOOKS, _FAIL, "The annotation {annotation} is not seen by the webhooks; as a label of the pod it would be.")
OTHER_VALUE = Outcome(WEBHOOKS, _FAIL, 'The pod label {key} is "{value}", and only "true" asks for injection.')
NOBODY_ASKS = Outcome(WEBHOOKS, _FAIL, "Neither the namespace nor the pod has a label that asks for injection.")

CALLED_CHECK = Check(id="called", stage=APISERVER, question="Is this webhook called for the pod?", source=_WEBHOOK, of_each=True)
CALLED = Outcome(CALLED_CHECK, _PASS, "Webhook {webhook} takes the pod (revision {revision}).")

NAMESPACE_SELECTOR = Check(
    id="namespaceSelector", stage=APISERVER, question="Does the webhook select the namespace?", source=_WEBHOOK, of_each=True, is_gate=True
)
NAMESPACE_MATCHES = Outcome(NAMESPACE_SELECTOR, _PASS, "Webhook {webhook} selects the namespace by {wanted}.")
EVERY_NAMESPACE = Outcome(NAMESPACE_SELECTOR, _PASS, "Webhook {webhook} selects every namespace.")
NAMESPACE_DIFFERS = Outcome(
    NAMESPACE_SELECTOR, _FAIL, "Webhook {webhook} selects namespaces by {wanted}; the namespace has {actual}.", _NO_MATCH
)
NAMESPACE_ENFORCED = Outcome(
    NAMESPACE_SELECTOR,
    _FAIL,
    "Webhook {webhook} selects namespaces by {wanted}, which AKS's admissions enforcer added; the namespace has {actual}.",
    _NO_MATCH,
)
NAMESPACE_UNKNOWN = Outcome(
    NAMESPACE_SELECTOR, _UNKNOWN, "Webhook {webhook} selects namespaces by {wanted}; the namespace's labels are not known."
)

OBJECT_SELECTOR = Check(
    id="objectSelector", stage=APISERVER, question="Does the webhook select the pod?", source=_WEBHOOK, of_each=True, is_gate=True
)
POD_MATCHES = Outcome(OBJECT_SELECTOR, _PASS, "Webhook {webhook} selects the pod by {wanted}.")
EVERY_POD = Outcome(OBJECT_SELECTOR, _PASS, "Webhook {webhook} selects every pod.")
POD_DIFFERS = Outcome(OBJECT_SELECTOR, _FAIL, "Webhook {webhook} selects pods by {wanted}; the pod has {actual}.", _NO_MATCH)

RULES = Check(id="rules", stage=APISERVER, question="Do the webhook's rules cover new pods?", source=_WEBHOOK, of_each=True, is_gate=True)
COVERED = Outcome(RULES, _PASS, "A rule of webhook {webhook} covers new pods.")
NOT_COVERED = Outcome(RULES, _FAIL, "No rule of webhook {webhook} covers new pods.", _NO_MATCH)

MATCH_POLICY = Check(
    id="matchPolicy", stage=APISERVER, question="Is the pod matched in another API version?", source=_WEBHOOK, of_each=True
)
ONE_VERSION = Outcome(MATCH_POLICY, _SKIPPED, "Pods exist in one API version, so matchPolicy has no effect.")

MATCH_CONDITIONS = Check(
    id="matchConditions", stage=APISERVER, question="Do the webhook's CEL conditions hold?", source=_WEBHOOK, of_each=True, is_gate=True
)
NO_CONDITIONS = Outcome(MATCH_CONDITIONS, _PASS, "Webhook {webhook} has no matchConditions.")
CEL = Outcome(MATCH_CONDITIONS, _UNKNOWN, "Webhook {webhook} has matchConditions in CEL, which only the API server evaluates.")

DEACTIVATED = Check(id="deactivated", stage=APISERVER, question="Was the configuration switched off?", source="istioctl/pkg/util/common.go")
REPLACED = Outcome(DEACTIVATED, _SKIPPED, "{configuration} is deactivated; {other} replaces it.", _NO_MATCH)
SWITCHED_OFF = Outcome(DEACTIVATED, _SKIPPED, "{configuration} is deactivated, as `istioctl tag set` does.", _NO_MATCH)

DUPLICATES = Check(id="duplicates", stage=APISERVER, question="Does only one webhook inject?", source=_WEBHOOK)
INJECTED_AGAIN = Outcome(DUPLICATES, _WARN, "{count} webhooks of the injector take the pod and inject it one after the other, {last} last.")
INJECTED_TWICE = Outcome(DUPLICATES, _FAIL, "The pod is injected twice.")

OTHER_WEBHOOKS = Check(id="otherWebhooks", stage=APISERVER, question="Which other webhooks see the pod?", source=_WEBHOOK)
OTHERS = Outcome(OTHER_WEBHOOKS, _PASS, "Other webhooks see the pod too: {count}. What they change is not predicted.")
OTHER_REFUSES = Outcome(OTHER_WEBHOOKS, _FAIL, "Another webhook, {webhook}, refuses the pod.")
OTHER_REFUSES_INJECTED = Outcome(OTHER_WEBHOOKS, _FAIL, "Webhook {webhook} refuses what injection adds to the pod.")
OTHER_UNREACHED = Outcome(OTHER_WEBHOOKS, _FAIL, "Another webhook, {webhook}, could not be called.")

POLICIES = Check(
    id="admissionPolicies", stage=APISERVER, question="Do the API server's own policies admit the pod?",
    source="k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go",
)  # fmt: skip
POLICY_REFUSES = Outcome(POLICIES, _FAIL, "ValidatingAdmissionPolicy {policy} refuses the pod.")
POLICY_REFUSES_INJECTED = Outcome(POLICIES, _FAIL, "ValidatingAdmissionPolicy {policy} refuses what injection adds to the pod.")

# ---------------------------------------------------------------- the call to istiod

SERVICE = Check(id="service", stage=APISERVER, question="Does the webhook's Service exist?", source=_CALL, is_gate=True)
FILES_ONLY = Outcome(SERVICE, _SKIPPED, "Files do not tell whether istiod answers.")
NO_SERVICE = Outcome(SERVICE, _PASS, "The API server calls {url}, without a Service.")
SERVICE_THERE = Outcome(SERVICE, _PASS, "Service {service} exists.")
SERVICE_MISSING = Outcome(
    SERVICE, _FAIL, "Service {service} does not exist, and {configuration} calls it: revision {revision} seems to be uninstalled."
)
SERVICE_DELETED = Outcome(
    SERVICE, _FAIL, "Service {service} does not exist, and {configuration} calls it; its istiod, {deployment}, is there."
)
SERVICE_UNREAD = Outcome(SERVICE, _UNKNOWN, "Service {service} was not read: {reason}.")
SERVICE_NOT_FOUND = Outcome(SERVICE, _FAIL, "The Service that the injector's webhook calls does not exist.")

PORT = Check(id="servicePort", stage=APISERVER, question="Does the Service have the webhook's port?", source=_CALL, is_gate=True)
PORT_THERE = Outcome(PORT, _PASS, "Service {service} has port {port}.")
PORT_MISSING = Outcome(PORT, _FAIL, "Service {service} has no port {port}, which the webhook calls; it has {ports}.")
PORT_NOT_FOUND = Outcome(PORT, _FAIL, "The Service of the injector's webhook lacks the port that is called.")

ENDPOINTS = Check(id="endpoints", stage=APISERVER, question="Does the Service lead to a ready istiod?", source=_CALL, is_gate=True)
READY = Outcome(ENDPOINTS, _PASS, "Service {service} leads to {addresses}.")
NONE_READY = Outcome(ENDPOINTS, _FAIL, "Service {service} leads to no ready istiod; {count} of its pods are not ready.")
NO_ENDPOINTS = Outcome(ENDPOINTS, _FAIL, "Service {service} leads to no pod.")
ENDPOINTS_UNREAD = Outcome(ENDPOINTS, _UNKNOWN, "Where Service {service} leads was not read: {reason}.")
NO_READY_ISTIOD = Outcome(ENDPOINTS, _FAIL, "No istiod is ready behind the injector's webhook.")

ISTIOD = Check(id="istiod", stage=APISERVER, question="Does istiod run?", source="pilot/pkg/bootstrap/sidecarinjector.go")
RUNS = Outcome(ISTIOD, _PASS, "{deployment} has {ready} ready pods, of version {version}.")
SERVES = Outcome(ISTIOD, _PASS, "{deployment} serves.")
ELSEWHERE = Outcome(ISTIOD, _PASS, "No Deployment of this istiod was found; istiod may run elsewhere.")
NOT_SEEN = Outcome(ISTIOD, _UNKNOWN, "No Deployment of this istiod was found; whether istiod runs elsewhere is not known.")
SCALED_DOWN = Outcome(ISTIOD, _FAIL, "{deployment} is scaled to 0.")
NO_POD_READY = Outcome(ISTIOD, _FAIL, "No pod of {deployment} is ready.")
DOES_NOT_INJECT = Outcome(ISTIOD, _FAIL, "Istiod answers, but does not inject (404).")
NOT_ISTIOD = Outcome(ISTIOD, _FAIL, "Something else than istiod answers the injector's webhook.")

CA_BUNDLE = Check(
    id="caBundle", stage=APISERVER, question="Does the API server trust istiod's certificate?", source="pkg/webhooks/webhookpatch.go"
)
PUBLIC_ROOTS = Outcome(CA_BUNDLE, _PASS, "The caBundle is empty: the API server trusts its own roots.")
MESH_ROOT = Outcome(CA_BUNDLE, _PASS, "The caBundle holds the mesh's root certificate.")
VALID = Outcome(CA_BUNDLE, _PASS, "The caBundle is a valid certificate; the mesh's root was not read.")
EMPTY = Outcome(CA_BUNDLE, _FAIL, "The caBundle is empty, so the API server does not trust istiod; {configuration} has {label}.")
NOT_FILLED_IN = Outcome(
    CA_BUNDLE, _FAIL, "The caBundle is empty, so the API server does not trust istiod: {configuration} has no label {key}."
)
NOT_A_CERTIFICATE = Outcome(CA_BUNDLE, _FAIL, "The caBundle holds no certificate ({problem}).")
EXPIRED = Outcome(CA_BUNDLE, _FAIL, "The certificate in the caBundle has expired ({authority}).")
NOT_YET = Outcome(CA_BUNDLE, _FAIL, "The certificate in the caBundle is not valid yet ({authority}).")
ANOTHER_ROOT = Outcome(
    CA_BUNDLE, _FAIL, "The caBundle does not hold the mesh's root certificate ({root}), so the API server does not trust istiod."
)
CERTIFICATE_EXPIRED = Outcome(CA_BUNDLE, _FAIL, "Istiod's certificate has expired, or is not valid yet.")
CERTIFICATE_NAME = Outcome(CA_BUNDLE, _FAIL, "The webhook calls istiod by a name that its certificate does not have.")
NOT_TRUSTED = Outcome(CA_BUNDLE, _FAIL, "The API server does not trust istiod's certificate.")

NETWORK = Check(id="network", stage=APISERVER, question="Does the API server reach istiod's address?", source=_CALL)
TOO_SLOW = Outcome(NETWORK, _FAIL, "The API server does not reach istiod in time.")
NOT_ALLOWED = Outcome(NETWORK, _FAIL, "The API server may not call istiod's address, which is outside of its network.")

HTTP_PROXY = Check(id="proxy", stage=APISERVER, question="Does an HTTP proxy stand between the API server and istiod?", source=_CALL)
PROXIED = Outcome(HTTP_PROXY, _FAIL, "A proxy stands between the API server and istiod.")

CALL = Check(id="call", stage=APISERVER, question="Was istiod called?", source=_CALL)
CALL_FAILED = Outcome(CALL, _FAIL, "The API server could not call istiod.")

FAILURE_POLICY = Check(
    id="failurePolicy",
    stage=APISERVER,
    question="What happens to the pod if the call fails?",
    source="k8s.io/apiserver/pkg/admission/plugin/webhook/mutating/dispatcher.go",
)
CLOSED = Outcome(FAILURE_POLICY, _PASS, "If the call fails, the pod is not created and its maker reports FailedCreate.")
OPEN = Outcome(FAILURE_POLICY, _PASS, "If the call fails, the pod is created without a sidecar, and no event says so.")
OPEN_NOW = Outcome(FAILURE_POLICY, _WARN, "While the call fails, pods are created without a sidecar, and no event says so.")
