"""The first stage: which webhooks the API server calls for a new pod, and whether the calls can succeed."""

from kubectl_meshfix.injection.apiserver.call_path import CallPath, path_of, reach_injector, told_path
from kubectl_meshfix.injection.apiserver.calls import Calls, call_webhooks, see_others
from kubectl_meshfix.injection.apiserver.revisions import only_revision, reachable_revisions, served_revisions
from kubectl_meshfix.injection.apiserver.roots import Root, longest_roots
from kubectl_meshfix.injection.apiserver.trust import ROOT
from kubectl_meshfix.injection.apiserver.validators import CHECKED, Unchecked, asks_for_any, unchecked, validating_webhooks
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
    "CHECKED", "ENFORCER_KEY", "ROOT", "CallPath", "Calls", "Candidate", "NamespaceLabels", "Root", "Unchecked", "WebhookMatch",
    "all_pod_label_keys", "asks_for_any",
    "call_webhooks", "called_by_name", "find_candidate", "format_requirement", "injectors", "is_assumed", "longest_roots",
    "match_injectors", "matched", "namespace_labels", "only_revision", "path_of", "pod_label_keys", "reach_injector", "reachable_revisions",
    "see_others", "served_revisions", "told_path", "unchecked", "validating_webhooks",
]  # fmt: skip
