"""Which revision is the default one, by the two objects that say so.

The webhook configuration `istio-revision-tag-default`, or that of the revision `default`, says whose sidecars pods get that name no
revision. `istiod-default-validator` says which istiod checks objects that name none. `istioctl tag set default` writes both; a chart with
`defaultRevision` only the second (`pkg/revisions/tag_watcher.go IsMine`, which warns of the two of them).
"""

from typing import NamedTuple

from kubectl_meshfix.injection.apiserver import Candidate
from kubectl_meshfix.injection.reaching import path_of, validating_webhooks
from kubectl_meshfix.mesh.control_plane import DEFAULT_REVISION, serving_revision, tags
from kubectl_meshfix.mesh.snapshot import Mesh

DEFAULT_VALIDATOR = "istiod-default-validator"


class Split(NamedTuple):
    """The webhook by which a revision checks all objects, while pods that name none get another: ``injecting``."""

    candidate: Candidate
    checking: str
    injecting: str


def split_default(mesh: Mesh) -> Split | None:
    """Two revisions that are the default one, each for one purpose; None where there is one, or the call to either fails."""
    injecting = tags(mesh).get(DEFAULT_REVISION)
    if not injecting:
        return None
    for item in validating_webhooks(mesh):
        checking = serving_revision(item.configuration, item.webhook)
        if item.configuration.name == DEFAULT_VALIDATOR and checking != injecting and path_of(mesh, item).value.broken is None:
            return Split(item, checking, injecting)
    return None
