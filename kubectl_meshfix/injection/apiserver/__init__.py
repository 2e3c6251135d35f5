"""The first stage: which webhooks the API server calls for a new pod, and whether the calls can succeed."""

from kubectl_meshfix.injection.apiserver.call_path import INPUTS as CALL_INPUTS
from kubectl_meshfix.injection.apiserver.call_path import ROOT, CallPath, reach_injector, told_path
from kubectl_meshfix.injection.apiserver.calls import Calls, call_webhooks, see_others
from kubectl_meshfix.injection.apiserver.webhook import ENFORCER_KEY, WebhookMatch, format_requirement
from kubectl_meshfix.injection.apiserver.webhooks import (
    INPUTS,
    NamespaceLabels,
    all_pod_label_keys,
    is_assumed,
    match_injectors,
    matched,
    namespace_labels,
    only_revision,
    pod_label_keys,
    served_revisions,
)

__all__ = [
    "CALL_INPUTS", "ENFORCER_KEY", "INPUTS", "ROOT", "CallPath", "Calls", "NamespaceLabels", "WebhookMatch", "all_pod_label_keys",
    "call_webhooks", "format_requirement", "is_assumed", "match_injectors", "matched", "namespace_labels", "only_revision",
    "pod_label_keys", "reach_injector", "see_others", "served_revisions", "told_path",
]  # fmt: skip
