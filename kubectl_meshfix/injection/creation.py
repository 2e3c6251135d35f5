"""The first two stages of the chain: what would become of a pod that is made now, whatever became of others."""

from enum import StrEnum

import msgspec

from kubectl_meshfix.chain.steps import Status, Step, Steps, Told, retold, told
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.injection.apiserver import WebhookMatch, all_pod_label_keys, matched, namespace_labels, see_others
from kubectl_meshfix.injection.checks.injector import TEMPLATE
from kubectl_meshfix.injection.early import InitCall, init_calls
from kubectl_meshfix.injection.injector import find_plane
from kubectl_meshfix.injection.modes import Membership
from kubectl_meshfix.injection.prediction import look_at, predict
from kubectl_meshfix.injection.proxy_ids import ids_of
from kubectl_meshfix.injection.reaching import CallPath, reach_injector, told_path
from kubectl_meshfix.injection.template import READ_VALUES, add_sidecar, validate_annotations
from kubectl_meshfix.injection.views import CreationView
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import PodTemplate


class CreationResult(StrEnum):
    """What the API server would answer to a pod's creation now."""

    INJECTED = "injected"
    BARE = "bare"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Creation(msgspec.Struct, frozen=True):
    """What would become of a pod made now.

    ``refused_by`` is the injector's step that refuses the pod altogether. ``cut_off`` are the init containers that need the network before
    the proxy runs, and have none; ``uncovered`` those that call before the proxy although the pod is to wait for it.
    """

    made: Membership
    path: CallPath = CallPath()
    refused_by: Step | None = None
    cut_off: tuple[InitCall, ...] = ()
    uncovered: tuple[InitCall, ...] = ()

    @property
    def result(self) -> CreationResult:
        """What that comes to."""
        if (self.path.broken and not self.path.opens) or self.refused_by:
            return CreationResult.REFUSED
        if isinstance(self.made.injected, Unknown):
            return CreationResult.UNKNOWN
        return CreationResult.INJECTED if self.made.injected and not self.path.broken else CreationResult.BARE


def create_pod(mesh: Mesh, namespace: str, template: PodTemplate) -> Steps[Creation]:
    """The first two stages, told step by step."""
    return (yield from retold(told_creation(mesh, namespace, template)))


def told_creation(mesh: Mesh, namespace: str, template: PodTemplate) -> Told[Creation]:
    """The same; worked out once for all pods that look alike."""
    memo: dict[CreationView, Told[Creation]] = mesh.memo("creations")
    view = CreationView(
        pod=look_at(mesh, namespace, template),
        label_keys=(keys := all_pod_label_keys(mesh)),
        label_values=tuple(map(template.labels.get, keys)),
        annotation_keys=READ_VALUES,
        annotation_values=tuple(map(template.annotations.get, READ_VALUES)),
        init_containers=tuple(container.name or "?" for container in template.spec.init_containers),
        containers=tuple(container.name or "?" for container in template.spec.containers),
        init_calls=init_calls(template.spec) if template.spec.init_containers else (),
    )
    if view not in memo:
        memo[view] = told(_create(mesh, view))
    return memo[view]


def _create(mesh: Mesh, view: CreationView) -> Steps[Creation]:
    ahead = yield from predict(mesh, view.pod)
    made = ahead.made
    labels = namespace_labels(mesh, view.pod.namespace)
    called = matched(mesh, labels, view.pod.labels)
    yield from see_others(mesh, labels, view.labels, called)
    if ahead.asked is None:
        return Creation(made)
    match, decision, sidecar = ahead.asked
    path = yield from reach_injector(mesh, _unreachable(mesh, called) or match)
    if sidecar is None:
        return Creation(made, path, decision.decided_by if decision.decided_by.outcome.check is TEMPLATE else None)
    refused = yield from validate_annotations(view.annotations)
    if refused is not None:
        return Creation(made, path, refused)
    plane = find_plane(mesh, match)
    start = yield from add_sidecar(plane, view, ids_of(plane, mesh.namespace(view.pod.namespace)), sidecar.native)
    return Creation(made, path, cut_off=start.cut_off, uncovered=start.uncovered)


def _unreachable(mesh: Mesh, called: tuple[WebhookMatch, ...]) -> WebhookMatch | None:
    """The first webhook whose call is known to fail."""
    return next((match for match in called if match.status is Status.PASS and told_path(mesh, match).value.broken), None)
