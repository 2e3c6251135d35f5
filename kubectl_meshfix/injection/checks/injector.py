"""The injector's checks: rows of the table, with every sentence about them."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.injection.labels import INJECT
from kubectl_meshfix.injection.stages import INJECTOR

_REQUIRED = "pkg/kube/inject/inject.go injectRequired"
_NATIVE = "pkg/kube/inject/webhook.go DetectNativeSidecar"
_PASS, _FAIL, _WARN, _SKIPPED, _UNKNOWN = Status.PASS, Status.FAIL, Status.WARN, Status.SKIPPED, Status.UNKNOWN

CONFIG_MAP = Check(
    id="configMap", stage=INJECTOR, question="Was the injector's configuration read?", source="pilot/pkg/bootstrap/sidecarinjector.go"
)
NOBODY_CALLED = Outcome(CONFIG_MAP, _SKIPPED, "No webhook takes the pod, so no injector is asked.")
IN_ORDER = Outcome(CONFIG_MAP, _PASS, "{config_map} is in order.")
BROKEN = Outcome(CONFIG_MAP, _WARN, "{config_map} is broken. A running istiod keeps the configuration it had; its next start fails.")
NOT_READ = Outcome(CONFIG_MAP, _UNKNOWN, "ConfigMap {config_map} was not read ({reason}); the chart's configuration is assumed.")
NOT_AMONG_FILES = Outcome(CONFIG_MAP, _SKIPPED, "ConfigMap {config_map} is not in these files; the chart's configuration is assumed.")
VALUES_UNREADABLE = Outcome(CONFIG_MAP, _FAIL, "The key values of the injector's ConfigMap cannot be read.")
NEWER_CHART = Outcome(CONFIG_MAP, _FAIL, "The injector's ConfigMap is of a newer chart than istiod.")

HOST_NETWORK = Check(id="hostNetwork", stage=INJECTOR, question="Has the pod a network of its own?", source=_REQUIRED, is_gate=True)
OWN_NETWORK = Outcome(HOST_NETWORK, _PASS, "The pod has a network of its own.")
ON_HOST = Outcome(HOST_NETWORK, _FAIL, "A pod on the host's network is never injected, so its calls are plain text.")

IGNORED = Check(
    id="ignoredNamespaces", stage=INJECTOR, question="Does Istio inject into the namespace?", source=f"{_REQUIRED}; IgnoredNamespaces",
    is_gate=True,
)  # fmt: skip
NOT_IGNORED = Outcome(IGNORED, _PASS, "Namespace {namespace} is not one that Istio leaves alone.")
NEVER_INJECTED = Outcome(IGNORED, _FAIL, "Istio never injects into namespace {namespace}.")

VALUE = Check(id=INJECT, stage=INJECTOR, question="What does the pod itself ask for?", source=_REQUIRED, is_gate=True)
SAYS_NOTHING = Outcome(VALUE, _PASS, f"The pod has no value for {INJECT}.")
PASSED_OVER = Outcome(VALUE, _WARN, 'The {where} {value} is ignored by this istiod: only "true" and "false" count.')
ASKS = Outcome(VALUE, _PASS, "The {where} {value} asks for injection.")
REFUSES = Outcome(VALUE, _FAIL, "The {where} {value} refuses injection.")
TAKEN_FOR_NO = Outcome(VALUE, _FAIL, "The {where} {value} refuses injection: this istiod takes the value for no.")

NEVER = Check(
    id="neverInjectSelector", stage=INJECTOR, question="Does neverInjectSelector leave the pod alone?", source=_REQUIRED, is_gate=True
)
NEVER_MATCHES = Outcome(NEVER, _FAIL, "neverInjectSelector selects the pod by {selector}.")
NEVER_DEAD = Outcome(NEVER, _WARN, "neverInjectSelector has items that select no pod: {items}.")
NEVER_SILENT = Outcome(NEVER, _PASS, "neverInjectSelector does not select the pod.")

ALWAYS = Check(id="alwaysInjectSelector", stage=INJECTOR, question="Does alwaysInjectSelector select the pod?", source=_REQUIRED)
ALWAYS_MATCHES = Outcome(ALWAYS, _PASS, "alwaysInjectSelector selects the pod by {selector}.")
ALWAYS_DEAD = Outcome(ALWAYS, _WARN, "alwaysInjectSelector has items that select no pod: {items}.")
ALWAYS_SILENT = Outcome(ALWAYS, _PASS, "alwaysInjectSelector does not select the pod.")

POLICY = Check(id="policy", stage=INJECTOR, question="What is the injector's policy?", source=_REQUIRED, is_gate=True, tells=True)
DECIDED_BEFORE = Outcome(POLICY, _PASS, "The injector's policy is {policy}, and the pod has decided already.")
ENABLED = Outcome(POLICY, _PASS, "The injector's policy is enabled.")
DISABLED = Outcome(POLICY, _FAIL, "The injector's policy is disabled, so a pod that asks for nothing gets no sidecar.")
NO_POLICY = Outcome(POLICY, _FAIL, 'The injector\'s policy "{policy}" is not valid, so no pod is injected.')
POLICY_UNKNOWN = Outcome(POLICY, _UNKNOWN, "The injector's configuration is broken, and a running istiod keeps the one it had.")

TEMPLATE = Check(
    id="templates", stage=INJECTOR, question="Has the injector the pod's templates?", source="pkg/kube/inject/inject.go RunTemplate",
    is_gate=True,
)  # fmt: skip
TEMPLATES_THERE = Outcome(TEMPLATE, _PASS, "The injector has the templates of the pod.")
TEMPLATES_MISSING = Outcome(TEMPLATE, _FAIL, "The injector has no template {names}, so the pod is refused.")
TEMPLATE_NOT_FOUND = Outcome(TEMPLATE, _FAIL, "The pod asks for an injection template that does not exist.")
TEMPLATE_FAILS = Outcome(TEMPLATE, _FAIL, "An injection template makes a pod that is not valid.")

ANNOTATIONS = Check(
    id="annotations", stage=INJECTOR, question="Are the values of the pod's annotations valid?",
    source="pkg/kube/inject/validate.go validateAnnotations", is_gate=True,
)  # fmt: skip
VALID = Outcome(ANNOTATIONS, _PASS, "The injector takes the values of the pod's annotations.")
REFUSED = Outcome(ANNOTATIONS, _FAIL, 'The injector refuses the annotation {name}="{value}", which is not {wanted}.')
DOUBTFUL = Outcome(ANNOTATIONS, _WARN, 'Injection fails on the annotation {name}="{value}", which is not {wanted}.')
VALUE_REFUSED = Outcome(ANNOTATIONS, _FAIL, "The injector refuses the value of an annotation.")

DENIED = Check(
    id="denied", stage=INJECTOR, question="Did the injector refuse the pod?", source="pkg/kube/inject/webhook.go toAdmissionResponse"
)
DENIED_OTHERWISE = Outcome(DENIED, _FAIL, "The injector refuses the pod.")

NATIVE_SIDECAR = Check(id="nativeSidecar", stage=INJECTOR, question="Is the sidecar a native one?", source=_NATIVE, tells=True)
OTHER_TEMPLATES = Outcome(NATIVE_SIDECAR, _PASS, "The templates {templates} make no native sidecar.")
OWN_TEMPLATES = Outcome(NATIVE_SIDECAR, _UNKNOWN, "Whether the templates {templates} make a native sidecar is not known.")
ANNOTATED = Outcome(NATIVE_SIDECAR, _PASS, "The annotation {annotation} makes the sidecar a native one.")
ANNOTATED_ORDINARY = Outcome(NATIVE_SIDECAR, _PASS, "The annotation {annotation} makes the sidecar an ordinary container.")
TOO_OLD = Outcome(NATIVE_SIDECAR, _PASS, "Istio {version} has no native sidecars.")
SET = Outcome(NATIVE_SIDECAR, _PASS, "Istiod's {setting} makes the sidecar a native one.")
SET_ORDINARY = Outcome(NATIVE_SIDECAR, _PASS, "Istiod's {setting} makes the sidecar an ordinary container.")
OFF_BY_DEFAULT = Outcome(
    NATIVE_SIDECAR, _PASS, "The sidecar is an ordinary container: Istio {version} makes no native one unless {env} is set."
)
KUBELETS_NEW = Outcome(NATIVE_SIDECAR, _PASS, "Every kubelet is at least 1.{oldest}, so the sidecar is a native one.")
KUBELET_OLD = Outcome(
    NATIVE_SIDECAR, _PASS, "Node {node} runs kubelet 1.{minor}, older than 1.{oldest}, so the sidecar is an ordinary container."
)
NODES_UNREAD = Outcome(NATIVE_SIDECAR, _UNKNOWN, "Whether the sidecar is a native one depends on the kubelets, and no nodes were read.")

ORDER = Check(
    id="containerOrder", stage=INJECTOR, question="Does the proxy start before the application?",
    source="pkg/kube/inject/webhook.go reorderPod",
)  # fmt: skip
PROXY_FIRST = Outcome(ORDER, _PASS, "The proxy starts before all other containers, the pod's own init containers included.")
APP_WAITS = Outcome(ORDER, _PASS, "The application waits for the proxy.")
INIT_DOES_NOT_WAIT = Outcome(
    ORDER, _WARN, "The application waits for the proxy, but holdApplicationUntilProxyStarts does not cover init containers ({containers})."
)
APP_DOES_NOT_WAIT = Outcome(ORDER, _PASS, "The application does not wait for the proxy, so its first calls may fail.")

CNI = Check(
    id="cni", stage=INJECTOR, question="Who redirects the pod's traffic?",
    source="manifests/charts/istio-control/istio-discovery/files/injection-template.yaml",
)  # fmt: skip
NOT_REDIRECTED = Outcome(CNI, _PASS, "The interception mode is NONE, so no traffic is redirected to the proxy.")
INIT_WITHOUT_NETWORK = Outcome(
    CNI, _WARN, "The CNI agent redirects traffic before the proxy starts, so these init containers have no network: {containers}."
)
INIT_EXEMPT = Outcome(CNI, _PASS, "The node's CNI agent redirects traffic, but not the calls of these init containers: {containers}.")
INIT_IN_PLAIN_TEXT = Outcome(
    CNI,
    _PASS,
    "istio-init redirects traffic when the pod's own init containers have ended, so calls of these are plain text: {containers}.",
)
BY_AGENT = Outcome(CNI, _PASS, "The node's CNI agent redirects traffic, and istio-validation checks that it did.")
BY_INIT = Outcome(CNI, _PASS, "There is no CNI agent: istio-init redirects traffic, with NET_ADMIN and NET_RAW.")
