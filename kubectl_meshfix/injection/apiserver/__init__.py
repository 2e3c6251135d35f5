"""The first stage: which webhooks the API server calls for a new pod."""

from kubectl_meshfix.injection.apiserver.calls import Calls, call_webhooks, see_others
from kubectl_meshfix.injection.apiserver.revisions import revisions_of, served_revisions
from kubectl_meshfix.injection.apiserver.webhook import ENFORCER_KEY, Candidate, WebhookMatch, format_requirement
from kubectl_meshfix.injection.apiserver.webhooks import (
    NamespaceLabels,
    all_pod_label_keys,
    called_by_name,
    find_candidate,
    injectors,
    is_assumed,
    match_injectors,
    matched,
    namespace_labels,
    pod_label_keys,
)

__all__ = [
    "ENFORCER_KEY", "Calls", "Candidate", "NamespaceLabels", "WebhookMatch",
    "all_pod_label_keys", "call_webhooks", "called_by_name", "find_candidate", "format_requirement", "injectors", "is_assumed",
    "match_injectors", "matched", "namespace_labels", "pod_label_keys", "revisions_of", "see_others", "served_revisions",
]  # fmt: skip
