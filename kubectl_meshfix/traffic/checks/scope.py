"""What a client's proxy knows of the mesh: rows of the table, with every sentence about it."""

from kubectl_meshfix.chain.steps import Check, Outcome, Status
from kubectl_meshfix.traffic.stages import SCOPE

SELECTOR = Check(
    id="workloadSelector", stage=SCOPE, question="Does the Sidecar select the pods?",
    source="pilot/pkg/model/push_context.go doGetSidecarScope", of_each=True,
)  # fmt: skip
OF_OTHERS = Outcome(SELECTOR, Status.SKIPPED, "{sidecar} selects other pods.", word="other pods")

SIDECAR = Check(
    id="sidecar", stage=SCOPE, question="Which Sidecar does the proxy use?",
    source="pilot/pkg/model/push_context.go doGetSidecarScope, initSidecarScopes", tells=True,
)  # fmt: skip
NO_SIDECAR = Outcome(
    SIDECAR, Status.PASS, "No Sidecar is for {party}: the proxy knows all that is exported to namespace {namespace}.", is_usual=True
)
SELECTED = Outcome(SIDECAR, Status.PASS, "{sidecar} selects the pods, and the proxy uses it alone.")
OF_NAMESPACE = Outcome(SIDECAR, Status.PASS, "{sidecar} is for all other pods of namespace {namespace}, and the proxy uses it alone.")
OF_ROOT = Outcome(SIDECAR, Status.PASS, "Namespace {namespace} has no Sidecar for the pods, so the root namespace's {sidecar} is used.")
UNDECIDED = Outcome(
    SIDECAR, Status.UNKNOWN, "{sidecar} is one of several that fit. The oldest is used, and files do not say which one it is."
)

POLICY = Check(
    id="outboundTrafficPolicy", stage=SCOPE, question="May requests go to hosts that nobody registered?",
    source="pilot/pkg/model/sidecar.go initSidecarScopeInternalIndexes",
)  # fmt: skip
ALLOWS_ANY = Outcome(POLICY, Status.PASS, "Requests to hosts that nobody registered go through (ALLOW_ANY).", is_usual=True)
REGISTRY_ONLY = Outcome(POLICY, Status.PASS, "Requests to hosts that the proxy does not know are refused (REGISTRY_ONLY).", is_usual=True)

DISCOVERY = Check(
    id="discoverySelectors", stage=SCOPE, question="Does istiod read the host's object?",
    source="pkg/kube/namespace/filter.go; pkg/config/model.go LabelsInRevision",
)  # fmt: skip
NOT_DISCOVERED = Outcome(DISCOVERY, Status.WARN, "discoverySelectors leave namespace {namespace} out, so istiod does not know {resource}.")
OF_ANOTHER_REVISION = Outcome(DISCOVERY, Status.WARN, "{resource} is for revision {label}, so the istiod of {revision} does not read it.")
LABELS_UNKNOWN = Outcome(DISCOVERY, Status.UNKNOWN, "Whether discoverySelectors select namespace {namespace} depends on its labels.")

HOST = Check(
    id="host", stage=SCOPE, question="Does the proxy know the host?", source="pilot/pkg/model/sidecar.go selectServices", tells=True
)
KNOWN = Outcome(HOST, Status.PASS, "The proxy knows {host} by {resource}.", is_usual=True)
OF_SEVERAL = Outcome(HOST, Status.PASS, "Several objects register {host}; the proxy uses {resource}: {why}.")
OLDEST_OF_SEVERAL = Outcome(HOST, Status.UNKNOWN, "Several objects register {host}. The oldest is used, and files do not say which it is.")
IMPLIED = Outcome(
    HOST,
    Status.WARN,
    "{sidecar} does not import {host}. A VirtualService routes to it, so the proxy has a cluster for it, but no listener.",
)
NOT_EXPORTED = Outcome(HOST, Status.WARN, "{resource} is not exported to namespace {namespace}, so the proxy does not know {host}.")
NOT_IMPORTED = Outcome(HOST, Status.WARN, "{sidecar} does not import {host}, so the proxy does not know it.")
UNREAD = Outcome(HOST, Status.WARN, "The proxy does not know {host}.")
UNREGISTERED = Outcome(HOST, Status.PASS, "Nobody registers {host}.", is_usual=True)
