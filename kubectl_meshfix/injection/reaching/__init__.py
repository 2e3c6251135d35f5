"""Whether the API server's calls of webhooks reach istiod, and which revisions can be called."""

from kubectl_meshfix.injection.reaching.call_path import CallPath, path_of, reach_injector, told_path
from kubectl_meshfix.injection.reaching.revisions import only_revision, reachable_revisions
from kubectl_meshfix.injection.reaching.roots import Root, longest_roots
from kubectl_meshfix.injection.reaching.trust import ROOT
from kubectl_meshfix.injection.reaching.validators import CHECKED, Unchecked, asks_for_any, unchecked, validating_webhooks

__all__ = [
    "CHECKED", "ROOT", "CallPath", "Root", "Unchecked", "asks_for_any", "longest_roots", "only_revision", "path_of", "reach_injector",
    "reachable_revisions", "told_path", "unchecked", "validating_webhooks",
]  # fmt: skip
