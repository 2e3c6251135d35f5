"""The first two stages of the chain: what would become of a pod that is made now, whatever became of others."""

from enum import StrEnum
from typing import NamedTuple

from kubectl_meshfix.chain.checks import Check, Status
from kubectl_meshfix.injection.apiserver.call_path import FAILURE_POLICY, call_path, first_failure
from kubectl_meshfix.injection.apiserver.report import candidate, matching
from kubectl_meshfix.injection.apiserver.webhook import Verdict
from kubectl_meshfix.injection.apiserver.webhooks import injector_verdicts, namespace_labels
from kubectl_meshfix.injection.injector.annotations import ANNOTATIONS, READ
from kubectl_meshfix.injection.injector.decision import TEMPLATE
from kubectl_meshfix.injection.injector.report import decision_of, injecting
from kubectl_meshfix.injection.membership import Membership, equivalence_key, predicted
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import PodTemplate


class CreationResult(StrEnum):
    """What the API server would answer to a pod's creation now."""

    INJECTED = "injected"
    BARE = "bare"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Creation(NamedTuple):
    """What would become of a pod made now: the checks of the first two stages, and the way to the injector."""

    made: Membership
    apiserver: tuple[Check, ...]
    path: tuple[Check, ...]
    injector: tuple[Check, ...]

    @property
    def refused_by(self) -> Check | None:
        """The injector's check that refuses the pod altogether."""
        refusing = (check for check in self.injector if check.name in (ANNOTATIONS, TEMPLATE) and check.status is Status.FAIL)
        return next(refusing, None)

    @property
    def opens(self) -> bool:
        """Whether a failing call lets the pod through as it is."""
        return any(f"{FAILURE_POLICY}: Ignore" in check.evidence for check in self.path)

    @property
    def prospect(self) -> CreationResult:
        """What these checks come to."""
        if self.path and first_failure(self.path) and not self.opens:
            return CreationResult.REFUSED
        if self.refused_by:
            return CreationResult.REFUSED
        if self.made.injected is None:
            return CreationResult.UNKNOWN
        return CreationResult.INJECTED if self.made.injected and not first_failure(self.path) else CreationResult.BARE


def predict_creation(mesh: Mesh, namespace: str, template: PodTemplate) -> Creation:
    """The first two stages; worked out once for all pods that differ in nothing that matters."""
    memo: dict[object, Creation] = mesh.memo("creations")
    spec = template.spec
    key = (
        equivalence_key(mesh, namespace, template),
        tuple(sorted((name, template.annotations[name]) for name in READ & template.annotations.keys())),
        tuple(container.name for container in (*spec.init_containers, None, *spec.containers) if container),
        len(spec.init_containers),
    )
    if key not in memo:
        memo[key] = _foresee(mesh, namespace, template)
    return memo[key]


def _foresee(mesh: Mesh, namespace: str, template: PodTemplate) -> Creation:
    labels = namespace_labels(mesh, namespace)
    called = [verdict for verdict in injector_verdicts(mesh, labels, template.labels) if verdict.status is not Status.FAIL]
    injecting_ones = (verdict for verdict in reversed(called) if decision_of(mesh, verdict, namespace, template).injects)
    last = next(injecting_ones, called[-1] if called else None)
    cut = next((verdict for verdict in called if verdict.status is Status.PASS and first_failure(_path(mesh, verdict))), last)
    return Creation(
        made=predicted(mesh, namespace, template),
        apiserver=matching(mesh, labels, template.labels),
        path=_path(mesh, cut) if cut else (),
        injector=injecting(mesh, last, namespace, template),
    )


def _path(mesh: Mesh, verdict: Verdict) -> tuple[Check, ...]:
    memo: dict[object, tuple[Check, ...]] = mesh.memo("call paths")
    found = candidate(mesh, verdict)
    key = (verdict.configuration, verdict.webhook)
    if key not in memo:
        memo[key] = call_path(mesh, *found) if found else ()
    return memo[key]
